    .struct 0
first: .skip 4
second: .skip 2
    .align 2
third: .zero 8
size:
    .text
    lw a0, second(a1)
    lw a1, third+4(a2)
    li a2, size
    .word first, second, third, size
