# Overflow in variant `flush`: the file is full of this process's windows, and its oldest gives way.

.include "window.inc"

.text

# Jumped to by window_trap: tp = PCB, t2 = window, t0 and t1 free. stval is the barrier, above it is the oldest.
.globl window_overflow
window_overflow:
        csrr    t0, stval
        window_above t0
        csrw    cwp, t0
        own_to_stack
        sw      t0, P_BARRIER(tp)
        wim_only t0, t1
        csrw    cwp, t2
        j       window_done
