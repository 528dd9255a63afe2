# The sum 1 + .. + 5 by a procedure that calls itself: a step over its call must not end in a deeper one.

.include "common.inc"

.text

proc main
        li      a0, 5
        call    sum_to
        la      t0, answer
        sw      a0, 0(t0)
        call    leaf
        call    getpid
        li      a0, 0
endp

# sum_to(n) -> n + .. + 1
proc sum_to, args=1, frame=16
        mv      s0, a0
        sw      a0, 0(sp)
        beqz    a0, 1f
        addi    a0, a0, -1
        call    sum_to
        add     a0, a0, s0
1:
endp

# leaf() -> 7
.globl leaf
leaf:   li      a0, 7
        ret

.bss
.balign 4
.globl answer
answer: .space  4
