        lui     a0, 5
        add     a0, a0, a5
        lw      a0, %lo(table)(a1)
        movl    $5, $6
        moval   a0, a1
        add     zero, a0, a0
        pushr   a3-a0
        movb    $300, (a0)
        movl    a0[a1], a0
        mvol    a0, a1
