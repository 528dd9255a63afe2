# leaf: a loop that calls a procedure which calls nobody: the most usual call of all.

.include "common.inc"
.include "../../marks.inc"

.equ CALLS, 1000

.globl at_call                           # the host counts calls by it

.text

# s0 = calls left, s1 = sum
proc main
        begin
        li      s0, CALLS
        li      s1, 0
1:      mv      a0, s0
        mv      a1, s1
        call    sum
        mv      s1, a0
        addi    s0, s0, -1
        bnez    s0, 1b
        end
        li      a0, 0
endp

# sum(a, b) -> a + b, as a compiler would make it that saves what the convention asks for
proc sum, args=2
at_call:
        add     a0, a0, a1
endp
