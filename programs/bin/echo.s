# echo [-n] [WORD]...: writes the words, with blanks between them; -n: without a
# newline at the end. All of it leaves in one write, so that lines of several
# processes do not mix.

.include "common.inc"

.text

# s0 = next word of argv, s1 = next free byte of `line`
proc main, args=2, frame=16
        addi    s0, a1, 4
        li      t0, 1
        sw      t0, 0(sp)               # a newline is wanted
        lw      a0, 0(s0)
        beqz    a0, 1f
        la      a1, option
        call    strcmp
        bnez    a0, 1f
        sw      zero, 0(sp)
        addi    s0, s0, 4
1:      la      s1, line
        lw      a1, 0(s0)
        beqz    a1, 4f
2:      mv      a0, s1
        la      a2, line_end-1          # the newline's place
        sub     a2, a2, s1
        blez    a2, 3f
        call    strlcpy
        la      a2, line_end-1
        sub     a2, a2, s1
        bgeu    a0, a2, 3f
        add     s1, s1, a0
        addi    s0, s0, 4
        lw      a1, 0(s0)
        beqz    a1, 4f
        li      t0, ' '
        sb      t0, 0(s1)
        addi    s1, s1, 1
        j       2b
3:      la      a0, too_long
        call    eprintf
        li      a0, 1
        return
4:      lw      t0, 0(sp)
        beqz    t0, 5f
        li      t0, '\n'
        sb      t0, 0(s1)
        addi    s1, s1, 1
5:      li      a0, 1
        la      a1, line
        sub     a2, s1, a1
        call    write
        slti    a0, a0, 0               # 1 if the write failed
        return
endp

.section .rodata
option:         .asciz "-n"
too_long:       .asciz "echo: the words are too long\n"

.equ LINE_BYTES, 16384          # what exec hands over is shorter
.bss
line:   .space  LINE_BYTES
line_end:
