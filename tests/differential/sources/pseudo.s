    la a0, near; lla a1, far; la a2, near+12; lw a3, near; lbu a4, far+1; sw a5, near, t0; sb a6, far-4, t1
    sext.b a0, a1; sext.h s11, t0; zext.h a0, a0; zext.b t6, a0
    call far; call t0, far; tail near; jump far, t2; j near; jal near; jal t0, far; jr a0; jalr a0; jalr a1, a2
    jalr a0, 4(a1); jalr a0, a1, 8; jr 12(a1); lui a0, %hi(near+4096); addi a0, a0, %lo(near+4096)
    lw a1, %lo(near)(a0); sw a1, %lo(far)(a0); lb a0, %lo(far-4)(a1); li a0, %lo(0x12345); lui a0, %hi(0x12fff)
1:  auipc a0, %pcrel_hi(far)
    addi a0, a0, %pcrel_lo(1b)
    sw a1, %pcrel_lo(1b)(a0)
    lw a0, (a1); lw a0, -4 ( a1 ); sw a0, 2*3+1(a1); amoadd.w a0, a1, 0(a2); add a0, a1, 5; sll a0, a0, 3
near: nop
