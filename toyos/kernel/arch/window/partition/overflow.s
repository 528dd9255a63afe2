# Overflow in variant `partition`: the process is in the last window but one of its part. All of its windows are spilled,
# the current one with them, as it is a caller's now, and the instruction is done, but with the lowest window as the new
# one: its ins are the caller's outs, all else is zero.

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
        bltz    sp, overflow_refused    # SUM would open the kernel's pages too
        bltz    t1, overflow_refused
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

2:      lw      x24, P_X + 4 * 2(tp)    # in the lowest window
        lw      x25, P_X + 4 * 1(tp)
        lw      x26, P_X + 4 * 10(tp)
        lw      x27, P_X + 4 * 11(tp)
        lw      x28, P_X + 4 * 12(tp)
        lw      x29, P_X + 4 * 13(tp)
        lw      x30, P_X + 4 * 14(tp)
        lw      x31, P_X + 4 * 15(tp)
        lw      t0, P_PC(tp)
        lw      t1, 0(t0)               # it was just executed, so it can be read
        addi    t0, t0, SYSCALL_LENGTH
        csrw    sepc, t0
        srai    t1, t1, WSAVE_SHIFT
        add     sp, x24, t1
        li      ra, 0
        li      a0, 0
        li      a1, 0
        li      a2, 0
        li      a3, 0
        li      a4, 0
        li      a5, 0
        li      x8, 0
        li      x9, 0
        li      x18, 0
        li      x19, 0
        li      x20, 0
        li      x21, 0
        li      x22, 0
        li      x23, 0
        j       window_done
