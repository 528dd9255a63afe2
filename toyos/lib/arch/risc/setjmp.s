# setjmp.s: a jump out of procedures (setjmp.inc), `risc` mode: sp, the return address and the registers that survive
# calls, those included that only compiled programs use. Leaves.

.text

.macro each_kept instruction
        \instruction ra, 0(a0)
        \instruction sp, 4(a0)
        \instruction s0, 8(a0)
        \instruction s1, 12(a0)
        \instruction s2, 16(a0)
        \instruction s3, 20(a0)
        \instruction s4, 24(a0)
        \instruction s5, 28(a0)
        \instruction s6, 32(a0)
        \instruction s7, 36(a0)
        \instruction s8, 40(a0)
        \instruction s9, 44(a0)
        \instruction s10, 48(a0)
        \instruction s11, 52(a0)
.endm

# setjmp(place) -> 0, or what longjmp gives
.globl setjmp
setjmp:
        each_kept sw
        li      a0, 0
        ret

# longjmp(place, value): does not come back to its caller
.globl longjmp
longjmp:
        each_kept lw
        seqz    a0, a1
        add     a0, a0, a1
        ret
