# Each addressing mode, each kind of operand without a specifier, and common assembly beside native instructions.
        .equ    SIZE, 24
start:  movl    $SIZE, a0               # short literal
        movl    $1000, a0               # immediate of 16 bits
        addl3   a0, (a1), 4(sp)
        movl    (a1)+, -(sp)
        cvtbl   SIZE*8(a0), t0
        movb    text[t0], (a1)          # indexed, relative
        movl    *$0x10000000, a2        # absolute
        movl    table, a2
        moval   table+4, a3
        pushr   a0-a3/s0
        calls   s0/s1, elsewhere
        csrw    sscratch, a0
        chmk    93
        addi    sp, sp, -16
        sw      zero, 12(sp)
        lw      a0, SIZE(a1)
        add     a0, a0, a1
        beqz    a0, 1f
        call    elsewhere
        j       start
1:      sob     a0, start
        ret
        .balign 4
text:   .ascii  "ab"
        .data
table:  .word   start, SIZE, elsewhere
