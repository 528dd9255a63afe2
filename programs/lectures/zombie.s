# zombie: what is left of a process between its end and its parent's wait.
#
# Teaches: exit gives memory and files back, but the PCB stays, with the exit
# code in it, until the parent asks for it. Such a process is a zombie.
# Look at: the line with state Z in the first list; its absence in the second,
# after waitpid() has read the code 100.

.include "common.inc"
.include "wait.inc"

.equ CODE, 100
.equ PAUSE, 1000                # microseconds

.text

proc main, frame=16
        call    fork
        bltz    a0, failed
        beqz    a0, child
        mv      s0, a0
        li      a0, PAUSE               # lets the child run and end
        call    usleep
        la      a0, between
        call    puts
        call    show_processes
        mv      a0, s0
        mv      a1, sp
        li      a2, 0
        call    waitpid
        lw      a2, 0(sp)
        srli    a2, a2, STATUS_CODE_SHIFT
        mv      a1, a0
        la      a0, waited
        call    printf
        call    show_processes
        li      a0, 0
        return

child:  call    getpid
        mv      a1, a0
        la      a0, ending
        li      a2, CODE
        call    printf
        li      a0, CODE
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# show_processes(): runs "ps -s" and waits for it
proc show_processes
        call    fork
        bltz    a0, 1f
        bnez    a0, 2f
        la      a0, ps
        mv      a1, a0
        la      a2, short
        li      a3, 0
        call    execlp
1:      la      a0, ps
        call    perror
        return
2:      li      a1, 0
        li      a2, 0
        call    waitpid
        return
endp

.section .rodata
name:           .asciz "zombie"
ps:             .asciz "ps"
short:          .asciz "-s"
ending:         .asciz "child %d ends with code %d\n"
between:        .asciz "parent: the child has ended, but I have not waited for it"
waited:         .asciz "parent: waitpid gave %d and code %d\n"
