# fib: Fibonacci's number by doubly recursive calls, as deep as its argument: the calls of a program that does little else.

.include "common.inc"
.include "../../marks.inc"

.equ N, 15                      # 1973 calls, 15 deep

.globl at_call                           # the host counts calls by it

.text

proc main
        begin
        li      a0, N
        call    fib
        end
        li      a0, 0
endp

# fib(n) -> Fibonacci's number
# s0 = n, s1 = fib(n - 1)
proc fib, args=1
at_call:
        mv      s0, a0
        li      t0, 2
        bltu    a0, t0, 1f
        addi    a0, a0, -1
        call    fib
        mv      s1, a0
        addi    a0, s0, -2
        call    fib
        add     a0, a0, s1
1:
endp
