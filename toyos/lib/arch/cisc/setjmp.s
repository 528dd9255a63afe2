# setjmp.s: a jump out of procedures (setjmp.inc), `cisc` mode: the address to
# return to, sp as it is after the return, and the registers that survive calls.
# Leaves.

.text

# setjmp(place) -> 0, or what longjmp gives
.globl setjmp
setjmp:
        movl    (sp), (a0)+
        moval   4(sp), (a0)+
        movl    s0, (a0)+
        movl    s1, (a0)
        clrl    a0
        rsb

# longjmp(place, value): does not come back to its caller
.globl longjmp
longjmp:
        movl    (a0)+, t0
        movl    (a0)+, sp
        movl    (a0)+, s0
        movl    (a0), s1
        movl    a1, a0
        bnel    a0, $0, 1f
        movl    $1, a0
1:      jmp     (t0)
