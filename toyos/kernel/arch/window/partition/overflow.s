# Overflow in variant `partition`: the process is in the last window but one of its part. All of its windows are
# spilled, the current one with them, as it is a caller's now, and the instruction is done, but with the lowest window
# as the new one: its ins are the caller's outs, all else is zero.

.include "window.inc"

.equ WSAVE_SHIFT, 20            # the instruction's upper bits are the number that is added to sp

.text

# Jumped to by window_trap: tp = PCB, t2 = window, t0 and t1 free.
.globl window_overflow
window_overflow:
        sw      ra, P_RA(tp)
        sw      sp, P_SP(tp)
        sw      a0, P_A0(tp)
        sw      a1, P_A1(tp)
        sw      a2, P_A2(tp)
        sw      a3, P_A3(tp)
        sw      a4, P_A4(tp)
        sw      a5, P_A5(tp)
        mv      t0, t2
1:      own_to_stack
        addi    t1, t0, PART_WINDOWS - 2
        beq     t1, t2, 2f
        addi    t0, t0, -1
        csrw    cwp, t0
        j       1b

2:      lw      isp, P_SP(tp)           # in the lowest window
        lw      ira, P_RA(tp)
        lw      i0, P_A0(tp)
        lw      i1, P_A1(tp)
        lw      i2, P_A2(tp)
        lw      i3, P_A3(tp)
        lw      i4, P_A4(tp)
        lw      i5, P_A5(tp)
        lw      t0, P_PC(tp)
        lw      t1, 0(t0)               # it was just executed, so it can be read
        addi    t0, t0, SYSCALL_LENGTH
        csrw    sepc, t0
        srai    t1, t1, WSAVE_SHIFT
        add     sp, isp, t1
        li      ra, 0
        li      a0, 0
        li      a1, 0
        li      a2, 0
        li      a3, 0
        li      a4, 0
        li      a5, 0
        li      l0, 0
        li      l1, 0
        li      l2, 0
        li      l3, 0
        li      l4, 0
        li      l5, 0
        li      l6, 0
        li      l7, 0
        j       window_done
