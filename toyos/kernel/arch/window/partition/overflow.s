# Overflow in variant `partition`: the process is in the last window but one of its part. All of its windows are
# spilled, the current one with them, as it is a caller's now, and the instruction is done, but with the lowest window
# as the new one: its ins are the caller's outs, all else is zero.

.include "window.inc"

.equ WSAVE_SHIFT, 20            # the instruction's upper bits are the number that is added to sp

.text

# Jumped to by window_trap: tp = PCB, t2 = window, t0 and t1 free.
.globl window_overflow
window_overflow:
        sw      ra, P_X + 4 * 1(tp)
        sw      sp, P_X + 4 * 2(tp)
        sw      a0, P_X + 4 * 10(tp)
        sw      a1, P_X + 4 * 11(tp)
        sw      a2, P_X + 4 * 12(tp)
        sw      a3, P_X + 4 * 13(tp)
        sw      a4, P_X + 4 * 14(tp)
        sw      a5, P_X + 4 * 15(tp)
        mv      t0, t2
1:      addi    t1, sp, -WINDOW_BYTES
        bltz    sp, overflow_refused    # SUM does not close the kernel's pages
.globl overflow_access
overflow_access:
        each_own sw, t1
.globl overflow_access_end
overflow_access_end:
        addi    t1, t0, PART_WINDOWS - 2
        beq     t1, t2, 2f
        addi    t0, t0, -1
        csrw    cwp, t0
        j       1b

2:      lw      isp, P_X + 4 * 2(tp)    # in the lowest window
        lw      ira, P_X + 4 * 1(tp)
        lw      i0, P_X + 4 * 10(tp)
        lw      i1, P_X + 4 * 11(tp)
        lw      i2, P_X + 4 * 12(tp)
        lw      i3, P_X + 4 * 13(tp)
        lw      i4, P_X + 4 * 14(tp)
        lw      i5, P_X + 4 * 15(tp)
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
