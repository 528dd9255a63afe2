# length(a0 = string) -> a0: its length without the end.
        .globl  length, count
length: movl    a0, a1
1:      movzbl  (a0)+, t0
        bnez    t0, 1b
        incl    a1
        sub     a0, a0, a1
        incl    count
        ret
        .data
count:  .word   0
