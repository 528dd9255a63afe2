# ends.s: what happens deep in calls when they are never returned from: exit, a signal, exec, longjmp. Prints one line each.

.include "common.inc"
.include "setjmp.inc"
.include "syscall.inc"

.equ DEPTH, 60
.equ JUMPS, 12
.equ PATTERN, 0x11112222
.equ STEP,  7                   # frames by which each jump is deeper than the one before

.text

# s0 = path of this program
proc main, args=2, frame=16
        lw      s0, 0(a1)
        lw      a0, 4(a1)
        beqz    a0, 1f
        li      a0, DEPTH               # the program that `replaced` has started
        la      a1, nothing
        call    deep
        li      a0, 7
        return
1:      .irp    way, exits, sleeps, replaces
        la      a0, \way
        mv      a1, s0
        call    child
        .endr
        call    jumps
endp

# child(way, path): prints how a child ends that goes deep and there calls `way` with the path
# s0 = pid
proc child, args=2, frame=16
        la      t0, path
        sw      a1, 0(t0)
        mv      s1, a0
        call    fork
        mv      s0, a0
        bnez    a0, 1f
        li      a0, DEPTH
        mv      a1, s1
        call    deep
1:      la      t0, sleeps
        bne     s1, t0, 3f
        li      s1, 3                   # until it sleeps
2:      syscall SYS_sched_yield
        addi    s1, s1, -1
        bnez    s1, 2b
        mv      a0, s0
        li      a1, 9
        call    kill
3:      mv      a0, sp
        call    wait
        lw      a1, 0(sp)
        la      a0, form
        call    printf
endp

# deep(depth, way): calls `way` so many frames deeper
proc deep, args=2
        mv      s1, a1
        beqz    a0, 1f
        addi    a0, a0, -1
        call    deep
        return
1:      jalr    s1
endp

.globl nothing
nothing:
        ret

proc exits
        li      a0, 3
        call    exit
endp

proc sleeps
        li      a0, 1000
        call    sleep
endp

proc replaces, frame=16
        la      t0, path
        lw      a0, 0(t0)
        sw      a0, 0(sp)
        sw      a0, 4(sp)
        sw      zero, 8(sp)
        mv      a1, sp
        call    execvp
endp

# jumps(): out of deeper and deeper calls, with numbers in all the registers of this window. Prints how many jumps gave
# their value, and the bits that changed in registers.
# l2 = number of the jump, l3 = bits
proc jumps
        li      l2, 0
        li      l3, 0
        .irp    register, l0, l1, l4, l5, l6, l7, i0, i1, i2, i3, i4, i5
        li      \register, PATTERN
        .endr
1:      addi    l2, l2, 1
        la      a0, place
        call    setjmp
        bnez    a0, 2f
        la      t0, value
        sw      l2, 0(t0)
        li      t0, STEP
        mul     a0, l2, t0
        la      a1, jump
        call    deep
2:      bne     a0, l2, 3f
        .irp    register, l0, l1, l4, l5, l6, l7, i0, i1, i2, i3, i4, i5
        li      t0, PATTERN
        xor     t0, t0, \register
        or      l3, l3, t0
        .endr
        li      t0, JUMPS
        bne     l2, t0, 1b
3:      mv      a1, l2
        mv      a2, l3
        la      a0, jumped
        call    printf
        li      a0, 0
endp

proc jump
        la      a0, place
        la      t0, value
        lw      a1, 0(t0)
        call    longjmp
endp

.section .rodata
form:   .asciz "%d\n"
jumped: .asciz "%d jumps, %x\n"

.bss
        .balign 4
path:   .zero 4
value:  .zero 4
place:  .zero JMP_BUF_SIZE
