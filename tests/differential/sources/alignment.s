.byte 1
.balign 8
nop
.balign 16
.byte 1, 2
.balign 8
nop
.p2align 4, 0x5a
.byte 1
.balign 4, 0, 1
.byte 2
.balignw 4, 0x1234
.p2align 5, , 12
.p2align 5, , 40
