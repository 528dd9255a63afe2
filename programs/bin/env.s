# env [NAME=VALUE]... [COMMAND [WORD]...]: runs the command in the environment
# with these settings added; without a command, shows the environment.

.include "common.inc"
.include "errno.inc"

.equ WORDS, 128                 # most settings in the environment
.equ NOT_FOUND, 127
.equ NOT_EXECUTABLE, 126

.text

# s0 = next word of argv, s1 = next word of the new environment
proc main, args=3, frame=4*WORDS
        addi    s0, a1, 4
        mv      s1, sp
1:      lw      t0, 0(a2)               # first the old environment
        beqz    t0, 2f
        addi    t1, sp, 4*(WORDS-1)
        bgeu    s1, t1, 9f
        sw      t0, 0(s1)
        addi    s1, s1, 4
        addi    a2, a2, 4
        j       1b
2:      sw      zero, 0(s1)
        lw      a0, 0(s0)
        beqz    a0, show
        li      a1, '='
        call    strchr
        beqz    a0, run
        lw      a1, 0(s0)
        sub     a1, a0, a1              # length of the name
        lw      a0, 0(s0)
        mv      a2, sp
        call    find
        beq     a0, s1, 3f
        lw      t0, 0(s0)               # replaces an old setting
        sw      t0, 0(a0)
        j       4f
3:      addi    t1, sp, 4*(WORDS-1)
        bgeu    s1, t1, 9f
        lw      t0, 0(s0)
        sw      t0, 0(s1)
        addi    s1, s1, 4
4:      addi    s0, s0, 4
        j       2b

show:   mv      s1, sp
5:      lw      a0, 0(s1)
        beqz    a0, 6f
        call    puts
        addi    s1, s1, 4
        j       5b
6:      li      a0, 0
        return

run:    lw      a0, 0(s0)
        mv      a1, s0
        mv      a2, sp
        call    execvpe
        la      t0, errno
        lw      s1, 0(t0)
        mv      a0, s1
        call    strerror
        mv      a2, a0
        lw      a1, 0(s0)
        la      a0, cannot_run
        call    eprintf
        li      a0, NOT_FOUND
        li      t0, ENOENT
        beq     s1, t0, 7f
        li      a0, NOT_EXECUTABLE
7:      return

9:      la      a0, too_many
        call    eprintf
        li      a0, 1
        return
endp

# find(setting, length, list) -> address of the word in list whose setting has
# the same name, of length bytes; of the closing 0 if there is none
proc find, args=3, frame=16
        sw      a0, 0(sp)
        mv      s1, a1
        mv      s0, a2
1:      lw      a0, 0(s0)
        beqz    a0, 2f
        lw      a1, 0(sp)
        addi    a2, s1, 1               # with the "="
        call    strncmp
        beqz    a0, 2f
        addi    s0, s0, 4
        j       1b
2:      mv      a0, s0
        return
endp

.section .rodata
cannot_run:     .asciz "env: %s: %s\n"
too_many:       .asciz "env: too many settings\n"
