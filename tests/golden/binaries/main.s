# A program of two objects and a library, for the transcripts in this folder.
        .text
        .globl  _start
        .type   _start, @function
_start: la      a0, greeting
        call    length
        lui     t0, %hi(count)
        sw      a0, %lo(count)(t0)
        la      a1, missing_is_zero
        beqz    a1, 1f
        call    far_away
1:      li      a7, 93
        ecall
        .weak   far_away
        .weak   missing_is_zero

        .section .rodata
greeting:
        .asciz  "hello, world\n"

        .data
        .globl  table
table:  .word   _start, greeting + 7, end_of_text - _start
        .half   0x1234
        .byte   -1

        .bss
        .local  scratch
scratch:
        .space  20
        .comm   count, 4, 4
        .equ    LIMIT, 32
