# Overflow in variant `flush`: the file is full of this process's windows, and its oldest gives way.

.include "window.inc"

.text

# Jumped to by window_trap: tp = PCB, t2 = window, t0 and t1 free. stval is the barrier, above it is the oldest.
.globl window_overflow
window_overflow:
        csrr    t0, stval
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
        wim_only t0, t1
        csrw    cwp, t2
        j       window_done
