# One of each kind of operand.
        .equ    SIZE, 24
start:  lui     a0, %hi(table)          # upper part of an address
        addi    a0, a0, %lo(table)
        add     a1, a0, a2
        slli    a1, a1, 3
        lw      t0, SIZE-4(sp)
        sw      t0, (a0)
        amoadd.w.aqrl t1, t0, (a0)
        csrrw   zero, mstatus, a0
        csrwi   mscratch, 3
        fence   rw, w
        beq     a0, a1, start
        bgt     a0, a1, 1f
        jal     start
        jr      4(a0)
1:      li      a0, -1
        li      a1, 0x12345678
        la      a2, table
        call    elsewhere
        tail    start
        ret
        .data
table:  .word   start, SIZE, table - 4
