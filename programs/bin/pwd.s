# pwd: the name of the current folder.

.include "common.inc"

.equ PATH_BYTES, 256

.text
proc main, frame=PATH_BYTES
        mv      a0, sp
        li      a1, PATH_BYTES
        call    getcwd
        bltz    a0, 1f
        mv      a0, sp
        call    puts
        li      a0, 0
        return
1:      la      a0, name
        call    perror
        li      a0, 1
        return
endp

.section .rodata
name:   .asciz "pwd"
