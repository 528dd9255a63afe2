# fork_limit: the kernel has a fixed number of PCBs. What if they are used up?
#
# Teaches: running out of something is an answer, not a crash: fork returns -1
# and errno says EAGAIN. After the children have ended and been waited for, all
# that they used is free again.
# Look at: the number of children and the size of the pool; the free pages
# before and after.

.include "common.inc"
.include "signal.inc"
.include "kstat.inc"

.equ LONG, 1000                 # seconds that a child sleeps unless it is killed
.equ CHILDREN_MAX, 4096         # room for their pids

.text

# s0 = children, s1 = next word of `pids`
proc main, frame=16
        li      a0, KS_FREE
        call    kstat_word
        sw      a0, 0(sp)
        li      s0, 0
        la      s1, pids
1:      call    fork
        bltz    a0, full
        beqz    a0, child
        sw      a0, 0(s1)
        addi    s1, s1, 4
        addi    s0, s0, 1
        j       1b

child:  li      a0, LONG
        call    sleep
        li      a0, 0
        return

full:   la      t0, errno
        lw      a0, 0(t0)
        call    strerror
        mv      a2, a0
        mv      a1, s0
        la      a0, refused
        call    printf
        li      a0, KS_PROCESSES
        call    kstat_word
        sw      a0, 4(sp)
        li      a0, KS_PROCESSES_MAX
        call    kstat_word
        mv      a2, a0
        lw      a1, 4(sp)
        la      a0, pool
        call    printf

2:      la      t0, pids                # end them, the youngest first
        beq     s1, t0, 3f
        addi    s1, s1, -4
        lw      a0, 0(s1)
        li      a1, SIGKILL
        call    kill
        j       2b
3:      li      s1, 0                   # and wait for all
4:      li      a0, 0
        call    wait
        bltz    a0, 5f
        addi    s1, s1, 1
        j       4b
5:      la      a0, reaped
        mv      a1, s1
        call    printf
        li      a0, KS_FREE
        call    kstat_word
        lw      t0, 0(sp)
        sub     a1, t0, a0
        la      a0, missing
        call    printf
        li      a0, 0
        return
endp

.section .rodata
refused:        .asciz "after %d children, fork says: %s\n"
pool:           .asciz "processes: %d, room for %d\n"
reaped:         .asciz "%d children ended and waited for\n"
missing:        .asciz "pages missing: %d\n"

.bss
.balign 4
pids:   .space  4*CHILDREN_MAX
