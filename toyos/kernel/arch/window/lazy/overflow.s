# Overflow in variant `lazy`: a window must give way, this process's oldest or somebody else's.

.include "window.inc"

.text

# Jumped to by window_trap: tp = PCB, t2 = window, t0 and t1 free. stval is a barrier, above it is an oldest window.
.globl window_overflow
window_overflow:
        csrr    t0, stval
        lw      t1, P_BARRIER(tp)
        bne     t0, t1, 1f
        window_above t0
        csrw    cwp, t0
        addi    t1, sp, -WINDOW_BYTES
        bltz    sp, overflow_refused    # SUM does not close the kernel's pages
.globl overflow_access
overflow_access:
        each_own sw, t1
.globl overflow_access_end
overflow_access_end:
        sw      t0, P_BARRIER(tp)
        li      t1, 1
        sll     t0, t1, t0
        csrs    wim, t0
        csrr    t0, stval
        sll     t0, t1, t0
        csrc    wim, t0
        csrw    cwp, t2
        j       window_done

# The window is another process's: its stack is not within reach here. The way of other traps, but not to `trap`.
1:      li      t0, SSTATUS_SUM
        csrc    sstatus, t0
        lw      t0, P_TP(tp)
        csrw    sscratch, t0
        lw      t2, P_T2(tp)
        lw      t1, P_T1(tp)
        save_process
        csrr    a0, stval
        j       windows_make_room
