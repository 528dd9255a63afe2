# orphan: a process whose parent ends first.
#
# Teaches: init (pid 1) adopts orphans, so that every process has a parent that
# will wait for it.
# Look at: the grandchild's ppid before and after its parent has ended.

.include "common.inc"

.equ SHORT, 2000                # microseconds: until the parent has surely ended
.equ LONG,  10000               # and until all has been said

.text

proc main
        call    fork
        bltz    a0, failed
        beqz    a0, middle
        li      a0, 0
        call    wait                    # for the middle one
        mv      a1, a0
        la      a0, middle_ended
        call    printf
        li      a0, LONG
        call    usleep
        la      a0, grandfather
        call    puts
        li      a0, 0
        return

middle: call    fork
        bltz    a0, failed
        beqz    a0, orphan
        call    yield                   # lets the child see its first parent
        li      a0, 0
        return

orphan: la      a0, with_parent
        call    show
        li      a0, SHORT
        call    usleep
        la      a0, adopted
        call    show
        li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# show(format): own pid and ppid
proc show, args=1
        mv      s0, a0
        call    getpid
        mv      s1, a0
        call    getppid
        mv      a2, a0
        mv      a1, s1
        mv      a0, s0
        call    printf
        return
endp

.section .rodata
name:           .asciz "orphan"
with_parent:    .asciz "grandchild %d: my parent is %d\n"
middle_ended:   .asciz "parent: my child %d has ended, its own child has not\n"
adopted:        .asciz "grandchild %d: my parent is %d now\n"
grandfather:    .asciz "parent: the grandchild was not mine to wait for"
