# Calls a function of another object and reads its data.
        .globl  _start
_start: moval   text, a0
        call    length
        addl2   count, a0
        movl    a0, *$0x100000
1:      br      1b
        .section .rodata
text:   .asciz  "hello"
