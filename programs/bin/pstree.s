# pstree: all processes as a tree, children indented below their parents.

.include "common.inc"
.include "proclist.inc"

.equ INDENT, 2

.text

proc main
        la      a0, records_end
        call    process_records
        beqz    a0, 1f
        la      t0, records
        sw      a0, 0(t0)
        li      a0, 0                   # process 0 made everything: it is the root
        li      a1, 0
        call    tree
        li      a0, 0
        return
1:      la      a0, name
        call    perror
        li      a0, 1
        return
endp

# tree(pid, indent): the process and, below it, its children and theirs
# s0 = record
proc tree, args=2, frame=16
        sw      a0, 0(sp)
        sw      a1, 4(sp)
        la      t0, records             # its own line
        lw      s0, 0(t0)
1:      la      t0, records_end
        lw      t0, 0(t0)
        bgeu    s0, t0, 2f
        lw      t0, PL_PID(s0)
        lw      t1, 0(sp)
        beq     t0, t1, 3f
        addi    s0, s0, PL_SIZE
        j       1b
3:      lw      s1, 4(sp)
4:      beqz    s1, 5f
        li      a0, ' '
        call    putchar
        addi    s1, s1, -1
        j       4b
5:      la      a0, line
        addi    a1, s0, PL_NAME
        lw      a2, 0(sp)
        lw      a3, PL_STATE(s0)
        call    printf
2:      la      t0, records             # and its children
        lw      s0, 0(t0)
6:      la      t0, records_end
        lw      t0, 0(t0)
        bgeu    s0, t0, 8f
        lw      t0, PL_PPID(s0)
        lw      t1, 0(sp)
        bne     t0, t1, 7f
        lw      a0, PL_PID(s0)
        beqz    a0, 7f                  # process 0 may be its own parent
        lw      a1, 4(sp)
        addi    a1, a1, INDENT
        call    tree
7:      addi    s0, s0, PL_SIZE
        j       6b
8:      return
endp

.section .rodata
name:   .asciz "pstree"
line:   .asciz "%s (%d) %c\n"

.bss
.balign 4
records:        .space 4
records_end:    .space 4
