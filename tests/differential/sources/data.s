    .data
    .byte 1, -1, 255, 'a', '\n', 0x7f, 0b101, 017
    .half 0x1234, -2
    .short 1; .2byte 2; .hword 3
    .word 0x12345678, -1, sym, sym+4, end-sym, (end-sym)/2, later*3
    .long 7; .int 8; .4byte 9
    .dword 0x0123456789abcdef, -2
    .quad 5; .8byte 6
    .ascii "a\"b\\c\n\t\101\x41", "second"
    .asciz "zero", "ed"
    .string "text"
    .zero 3
sym: .skip 5, 0xaa
    .space 2
    .fill 3, 2, 0x1234
    .fill 2, 8, 0x12345678
    .fill 3
    .float 1.5, -0.25
    .double 3.25
    .align 3
    .byte 1
    .balign 8, 0xff
    .p2align 4
    .byte 2
    .balign 16, 0, 3
    .uleb128 624485
    .sleb128 -123456
    .sleb128 63
    .sleb128 64
end:
    .set later, 14
    .org sym + 300, 1
    .byte 5
    .section .rodata
    .word near, near - here
here: .asciz "read only"
    .section .rodata.str1.4,"aMS",@progbits,1
    .asciz "merged"
    .text
near: .word end - sym, . - near
