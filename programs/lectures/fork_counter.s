# fork_counter: two processes, two programs, side by side.
#
# Teaches: after fork() the child may exec another program, while the parent goes
# on with the old one. yield() offers the processor to whoever is ready.
# Look at: the listing of ls appears between the parent's numbers: both were
# alive at the same time. wait() at the end keeps the order of the last line.

.include "common.inc"

.equ LAST, 5

.text

proc main
        call    fork
        bltz    a0, failed
        beqz    a0, child
        li      s0, 1
1:      mv      a1, s0
        la      a0, count
        call    printf
        call    yield
        addi    s0, s0, 1
        li      t0, LAST
        bleu    s0, t0, 1b
        li      a0, 0
        call    wait
        la      a0, done
        call    puts
        li      a0, 0
        return

child:  la      a0, ls
        mv      a1, a0
        la      a2, folder
        li      a3, 0
        call    execlp
        la      a0, ls                  # exec returns only if it fails
        call    perror
        li      a0, 127
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

.section .rodata
name:   .asciz "fork_counter"
ls:     .asciz "ls"
folder: .asciz "/"
count:  .asciz "parent counts %d\n"
done:   .asciz "parent: the child has ended"
