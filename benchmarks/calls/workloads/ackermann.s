# ackermann: deep and shallow at once: the depth goes up and down by hundreds of calls.

.include "common.inc"
.include "../../marks.inc"

.globl at_call                           # the host counts calls by it

.text

proc main
        begin
        li      a0, 2
        li      a1, 12
        call    ackermann
        end
        li      a0, 0
endp

# ackermann(m, n) -> n+1 if m is 0; ackermann(m-1, 1) if n is 0; else ackermann(m-1, ackermann(m, n-1))
# s0 = m
proc ackermann, args=2
at_call:
        mv      s0, a0
        beqz    a0, 2f
        beqz    a1, 1f
        addi    a1, a1, -1
        call    ackermann
        mv      a1, a0
        addi    a0, s0, -1
        call    ackermann
        return
1:      li      a1, 1
        addi    a0, s0, -1
        call    ackermann
        return
2:      addi    a0, a1, 1
endp
