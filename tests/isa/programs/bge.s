# bge: forwards and backwards, taken and not, within a page and out of it
        .include "check.inc"
        start
        .macro both a, b, taken
        li a0, \a
        li a1, \b
        li a2, 0
        bge a0, a1, 1f
        j 2f
1:      li a2, 1
2:      check a2, \taken
        li a2, 0
        j 4f
3:      li a2, 1
        j 5f
4:      bge a0, a1, 3b
5:      check a2, \taken
        .endm
        both 0x0, 0x0, 1
        both 0x0, 0x1, 0
        both 0x1, 0x0, 1
        both 0xffffffff, 0x1, 0
        both 0x1, 0xffffffff, 1
        both 0x80000000, 0x7fffffff, 0
        both 0x7fffffff, 0x80000000, 1
        both 0x80000000, 0x80000000, 1
        both 0xffffffff, 0xffffffff, 1
        both 0x0, 0xffffffff, 1
        both 0xffffffff, 0x0, 0
        # The same register on both sides, and x0.
        li a0, 5
        li a2, 0
        bge a0, a0, 1f
        j 2f
1:      li a2, 1
2:      check a2, 1
        li a2, 0
        bge zero, a0, 1f
        j 2f
1:      li a2, 1
2:      check a2, 0
        # A target that is no multiple of four: a trap on the branch when it is taken, nothing when it is not.
        li a0, 0
        li a1, 0
taken:  .word 0xb55163          # bge a0, a1, .+2
        check_trap_at 0, taken + 2, taken
        li a0, 0
        li a1, 1
        .word 0xb55163
        # Out of the page, and back.
        li a0, 0
        li a1, 0
        li a2, 0
        j far
back:   check a2, 1
        j over
        .balign 4096
        .space 4000
mark:   bge a0, a1, next
        j fail
        .balign 4096
next:   li a2, 1
        j back
far:    bge a0, a1, mark
        j fail
over:
        finish
