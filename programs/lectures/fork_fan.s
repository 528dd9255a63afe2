# fork_fan [N]: N processes, all but the first children of the first.
#
# Teaches: which process goes on in the loop decides the shape of the tree. Here
# the child leaves it and the parent goes on: a fan.
# Look at: all children have the same ppid. The parent waits for each of them.
# Compare with fork_chain, where one condition is different.

.include "common.inc"

.equ PROCESSES, 4               # unless N is given

.text

# s0 = i, s1 = what the last fork returned; at sp: N
proc main, args=2, frame=16
        li      t0, PROCESSES
        sw      t0, 0(sp)
        lw      a0, 4(a1)
        beqz    a0, 1f
        call    atoi
        sw      a0, 0(sp)
1:      li      s0, 1
        li      s1, 0
2:      lw      t0, 0(sp)
        bge     s0, t0, 3f
        call    fork
        mv      s1, a0
        bltz    s1, failed
        beqz    s1, 3f                  # the child leaves the loop
        addi    s0, s0, 1
        j       2b

3:      mv      a0, s0
        mv      a1, s1
        call    show
4:      li      a0, 0                   # until there is no child left
        call    wait
        bgez    a0, 4b
        li      a0, 0
        return

failed: la      a0, name
        call    perror
        li      a0, 1
        return
endp

# show(i, child): one line about this process
proc show, args=2, frame=16
        sw      a0, 0(sp)
        sw      a1, 12(sp)
        call    getpid
        sw      a0, 4(sp)
        call    getppid
        sw      a0, 8(sp)
        la      a0, line
        mv      a1, sp
        call    vprintf
        return
endp

.section .rodata
name:   .asciz "fork_fan"
line:   .asciz "i %d  pid %d  ppid %d  child %d\n"
