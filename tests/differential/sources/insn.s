back: .insn r OP, 0, 1, a0, a1, a2
    .insn r 0x33, 7, 0x20, t0, x5, s11
    .insn i OP_IMM, 2, a0, a1, -7
    .insn i LOAD, 2, a0, 12(a1)
    .insn s STORE, 1, a3, -4(sp)
    .insn sb BRANCH, 5, a0, a1, back
    .insn b BRANCH, 5, a0, a1, back
    .insn u LUI, a0, 0xfff
    .insn uj JAL, ra, back
    .insn j 0x6f, a0, back
    .insn r4 MADD, 1, 2, a0, a1, a2, a3
    .insn r CUSTOM_0, 3, 0x7f, zero, zero, zero
    .insn 0x00c58533
