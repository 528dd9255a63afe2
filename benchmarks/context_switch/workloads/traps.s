# traps: what a process can ask of the kernel without leaving the processor.
#
#   traps COUNT
#
# COUNT times getpid, the system call that does next to nothing; COUNT times sched_yield with nobody else ready; and
# COUNT first stores to pages that a child had shared and left: each traps, the kernel changes the one page-table entry,
# and the store is done again.

.include "common.inc"
.include "../../marks.inc"

.equ PAGE_BYTES, 4096
.equ COUNT_MAX,  64

.text

# s0 = left to do; local 0 = COUNT
proc main, args=2, frame=16
        lw      a0, 4(a1)
        call    atoi
        sw      a0, 0(sp)
        call    touch                   # the pages exist
        call    fork
        bltz    a0, failed
        beqz    a0, child
        li      a0, 0
        call    wait                    # now they are this process's alone, but marked as shared
        begin
        lw      s0, 0(sp)
1:      syscall SYS_getpid
        addi    s0, s0, -1
        bnez    s0, 1b
        lw      s0, 0(sp)
2:      syscall SYS_sched_yield
        addi    s0, s0, -1
        bnez    s0, 2b
        lw      a0, 0(sp)
        call    touch
        end
child:  li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
endp

# touch(pages): one store to each. Leaf.
touch:
        la      a1, pages
        li      t0, PAGE_BYTES
1:      sw      a0, 0(a1)
        add     a1, a1, t0
        addi    a0, a0, -1
        bnez    a0, 1b
        ret

.section .rodata
name:   .asciz "traps"

.bss
        .balign 4096
pages:  .zero   COUNT_MAX * PAGE_BYTES
