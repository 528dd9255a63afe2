    .macro three first, second=a1, third:req
    add \first, \second, \third
    .endm
    three a0, , a2
    three a0, third=a3
    three third=a4, first=t0, second=t1
    three a0 s1 a2
    .macro count n, rest:vararg
    li a0, \n
    .ifnb \rest
    count \rest
    .endif
    .endm
    count 1, 2, 3, 4
    .macro unique
label\@: j label\@
    .word \@
    .endm
    unique
    unique
    .macro define name, value
    \name\()_field = \value
    .endm
    define alpha, 12
    li a0, alpha_field
    .rept 3
    addi a0, a0, 1
    .rept 2
    nop
    .endr
    .endr
    .irp reg, a0, a1, s5
    sw \reg, 4(sp)
    .endr
    .irp reg a0 a1
    mv \reg, zero
    .endr
    .irpc digit, 0123
    li t0, \digit
    .endr
    .macro early n
    .if \n > 2
    nop
    .exitm
    .endif
    li a0, \n
    .endm
    early 1
    early 3
    .macro outer x
    .macro inner_\x y
    li a0, \x + \y
    .endm
    inner_\x 4
    .endm
    outer 5
    inner_5 6
    .macro text s
    .asciz "\s"
    .balign 4
    .endm
    text "hello world"
    text hello
    .purgem text
