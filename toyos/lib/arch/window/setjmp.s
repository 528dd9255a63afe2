# setjmp.s: a jump out of procedures (setjmp.inc), `window` mode: the registers of the window that setjmp is called in.
# Those of its callers are in windows or on the stack; longjmp has the kernel put them all on the stack, so that the
# windows of the procedures that it leaves are forgotten, and a return from here on finds the right ones. Leaves.

.include "syscall.inc"
.include "common.inc"

.text

.macro each_kept instruction
        \instruction ra, 0(t0)
        \instruction sp, 4(t0)
        \instruction l0, 8(t0)
        \instruction l1, 12(t0)
        \instruction l2, 16(t0)
        \instruction l3, 20(t0)
        \instruction l4, 24(t0)
        \instruction l5, 28(t0)
        \instruction l6, 32(t0)
        \instruction l7, 36(t0)
        \instruction isp, 40(t0)
        \instruction ira, 44(t0)
        \instruction i0, 48(t0)
        \instruction i1, 52(t0)
        \instruction i2, 56(t0)
        \instruction i3, 60(t0)
        \instruction i4, 64(t0)
        \instruction i5, 68(t0)
.endm

# setjmp(place) -> 0, or what longjmp gives
.globl setjmp
setjmp:
        mv      t0, a0
        each_kept sw
        li      a0, 0
        ret

# longjmp(place, value): does not come back to its caller
.globl longjmp
longjmp:
        mv      t0, a0
        syscall SYS_window_flush
        each_kept lw
        seqz    a0, a1
        add     a0, a0, a1
        ret
