# hello: the smallest program that says something.

.include "common.inc"

.text
proc main
        la      a0, greeting
        call    puts
        li      a0, 0
        return
endp

.section .rodata
greeting:       .asciz "Hello, world"
