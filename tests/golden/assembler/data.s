/* Data directives, and what pads between them. */
        .data
        .byte   1, -1, 'a', '\n'
        .half   0x1234
        .balign 4
        .word   end - ., end, . ; .dword -2
        .asciz  "tab\there"
        .p2align 3, 0xff
        .fill   2, 4, 7
end:    .space  3
        .section .rodata
        .string "read only"
        .bss
room:   .space  100
        .comm   shared, 8, 4
        .text
        nop                             // code and data in one section
        .ascii  "text"
        ret
