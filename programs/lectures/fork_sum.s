# fork_sum: one process becomes two.
#
# Teaches: fork() returns twice. In the parent its result is the child's pid, in
# the child it is 0; that is how one program text tells the two apart. From then
# on each has its own memory: the child's sum does not appear in the parent.
# Look at: the two return values; who is whose parent; that the parent's `sum` is
# still 0 after the child, which has the same variable at the same address, has
# added up 5050; that wait() gives the child's pid and its exit code.

.include "common.inc"
.include "wait.inc"

.equ LAST, 100                  # the child adds 1 .. LAST

.text

proc main, frame=16
        la      a0, before
        call    puts
        call    fork
        mv      s0, a0
        bltz    s0, failed
        beqz    s0, child

        call    getpid                  # the parent
        mv      s1, a0
        call    getppid
        mv      a3, a0
        mv      a2, s1
        mv      a1, s0
        la      a0, parent_line
        call    printf
        mv      a0, sp
        call    wait
        mv      a1, a0
        lw      a2, 0(sp)
        srli    a2, a2, STATUS_CODE_SHIFT
        la      t0, sum
        lw      a3, 0(t0)
        la      a0, waited
        call    printf
        li      a0, 0
        return

child:  call    getpid
        mv      s1, a0
        call    getppid
        mv      a3, a0
        mv      a2, s1
        mv      a1, s0
        la      a0, child_line
        call    printf
        li      t0, 0                   # sum
        li      t1, 1                   # 1 .. LAST
        li      a0, LAST
1:      add     t0, t0, t1
        addi    t1, t1, 1
        bleu    t1, a0, 1b
        la      t1, sum
        sw      t0, 0(t1)
        la      a0, sum_line
        li      a1, LAST
        mv      a2, t0
        call    printf
        li      a0, 7                   # an exit code to be recognised
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

.section .rodata
name:           .asciz "fork_sum"
before:         .asciz "before fork: one process"
parent_line:    .asciz "parent: fork returned %d; my pid is %d, my parent's %d\n"
child_line:     .asciz "child:  fork returned %d; my pid is %d, my parent's %d\n"
sum_line:       .asciz "child:  the sum of 1 to %d is %d\n"
waited:         .asciz "parent: child %d has ended with code %d; my own sum is %d\n"

.bss
.balign 4
sum:    .space  4
