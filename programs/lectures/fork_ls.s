# fork_ls: how a shell runs a command.
#
# Teaches: fork, then exec in the child, then wait in the parent: three calls,
# and between them the child is a copy that may still prepare things.
# Look at: "after exec" is never printed, as exec does not return; the exit code
# that the parent reads is the one that ls gave, first 0, then 1 for a folder
# that does not exist.

.include "common.inc"
.include "wait.inc"

.text

proc main
        la      a0, root
        call    list
        la      a0, missing
        call    list
        li      a0, 0
        return
endp

# list(folder): runs "ls folder" in a child and says how it ended
proc list, args=1, frame=16
        mv      s0, a0
        call    fork
        bltz    a0, failed
        bnez    a0, parent
        la      a0, ls
        mv      a1, a0
        mv      a2, s0
        li      a3, 0
        call    execlp
        la      a0, after
        call    perror
        li      a0, 127
        call    _exit
parent: mv      a0, sp
        call    wait
        lw      a3, 0(sp)
        srli    a3, a3, STATUS_CODE_SHIFT
        mv      a2, a0
        mv      a1, s0
        la      a0, ended
        call    printf
        return
failed: la      a0, name
        call    perror
        return
endp

.section .rodata
name:           .asciz "fork_ls"
ls:             .asciz "ls"
root:           .asciz "/"
missing:        .asciz "/missing"
after:          .asciz "after exec"
ended:          .asciz "parent: ls %s, pid %d, ended with exit code %d\n"
