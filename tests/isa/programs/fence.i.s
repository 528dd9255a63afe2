# fence.i: instructions stored before it are those fetched behind it, in the next word, in another page, in a loop
        .include "check.inc"
        start
        .macro patch place, from    # the instruction at `from` to `place`
        la a0, \from
        lw a0, 0(a0)
        la a1, \place
        sw a0, 0(a1)
        fence.i
        .endm
        li a2, 0
        patch 1f, two
1:      addi a2, a2, 1
        check a2, 2
        # It ran before, and so was decoded.
        li a2, 0
        call page
        check a2, 1
        patch page, two
        call page
        check a2, 3
        patch page, four
        call page
        check a2, 7
        # Byte by byte: addi a2, a2, 1 becomes 2, 3, ... 10.
        patch loop, one
        li a2, 0
        li a3, 10
loop:   addi a2, a2, 1
        la a1, loop
        lh a0, 2(a1)
        addi a0, a0, 0x10
        sh a0, 2(a1)
        fence.i
        addi a3, a3, -1
        bnez a3, loop
        check a2, 55
        # Reserved operand fields are ignored.
        .word 0x1235150f
        j over
        .balign 4096
one:    addi a2, a2, 1
two:    addi a2, a2, 2
four:   addi a2, a2, 4
        .balign 4096
page:   addi a2, a2, 1
        ret
over:
        finish
