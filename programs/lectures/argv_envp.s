# argv_envp: what a program receives from the one that started it.
#
# Teaches: exec hands over two lists of texts, the arguments and the environment;
# both end with a null pointer and lie on the new program's stack.
# Look at: blanks and empty texts are kept, as nothing is joined and split again;
# argv[0] is whatever the caller says; the environment is the caller's choice too.

.include "common.inc"

.text

# s0 = argc, s1 = next word of a list
proc main, args=3, frame=16
        mv      s0, a0
        mv      s1, a1
        sw      a2, 0(sp)
        mv      a1, a0
        la      a0, count
        call    printf
        la      a0, argument
        mv      a1, s1
        call    show
        la      a0, setting
        lw      a1, 0(sp)
        call    show
        li      t0, 1
        bgt     s0, t0, 1f
        la      a0, name                # once more, with lists of our own
        la      a1, new_argv
        la      a2, new_envp
        call    execvpe
        la      a0, name
        call    perror
        li      a0, 1
        return
1:      la      a0, colour
        call    getenv
        mv      a2, a0
        la      a1, colour
        la      a0, found
        call    printf
        li      a0, 0
        return
endp

# show(format, list): one line for each text of the list, with its number
proc show, args=2, frame=16
        sw      a0, 0(sp)
        mv      s1, a1
        li      s0, 0
1:      slli    t0, s0, 2
        add     t0, t0, s1
        lw      a2, 0(t0)
        beqz    a2, 2f
        lw      a0, 0(sp)
        mv      a1, s0
        call    printf
        addi    s0, s0, 1
        j       1b
2:      return
endp

.section .rodata
count:          .asciz "argc is %d\n"
argument:       .asciz "  argv[%d] = \"%s\"\n"
setting:        .asciz "  envp[%d] = \"%s\"\n"
found:          .asciz "getenv(\"%s\") is \"%s\"\n"
name:           .asciz "argv_envp"
two_words:      .asciz "two words"
nothing:        .asciz ""
last:           .asciz "last"
colour:         .asciz "COLOUR"
colour_red:     .asciz "COLOUR=red"
empty:          .asciz "EMPTY="

.data
.balign 4
new_argv:       .word name, two_words, nothing, last, 0
new_envp:       .word colour_red, empty, 0
