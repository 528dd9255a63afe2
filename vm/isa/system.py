"""System instructions: traps, returns, CSRs, fences.
Source: RISC-V ISA Manual, Volume I, sections 2.7, 2.8, Zicsr, Zifencei; Volume II, sections 3.3 and 4.2."""

from vm.isa.row import Row, row

ROWS: tuple[Row, ...] = (
    row("ecall", "none", "000000000000 00000 000 00000 1110011", "", "system", "I",
        "trap: environment call from the current privilege level"),
    row("ebreak", "none", "000000000001 00000 000 00000 1110011", "", "system", "I", "trap: breakpoint"),
    row("sret", "none", "000100000010 00000 000 00000 1110011", "", "system", "S",
        "return from a trap taken in S-mode: pc = sepc, privilege = SPP"),
    row("mret", "none", "001100000010 00000 000 00000 1110011", "", "system", "S",
        "return from a trap taken in M-mode: pc = mepc, privilege = MPP"),
    row("wfi", "none", "000100000101 00000 000 00000 1110011", "", "system", "S",
        "wait until an enabled interrupt is pending"),
    row("sfence.vma", "sfence", "0001001 ..... ..... 000 00000 1110011", "rs1, rs2", "fence", "S",
        "order page-table stores before later translations; rs1 = address or x0, rs2 = address space or x0"),
    row("csrrw", "csr", "............ ..... 001 ..... 1110011", "rd, csr, rs1", "csr", "Zicsr", "rd = csr; csr = rs1"),
    row("csrrs", "csr", "............ ..... 010 ..... 1110011", "rd, csr, rs1", "csr", "Zicsr",
        "rd = csr; csr = csr | rs1, not written when rs1 is x0"),
    row("csrrc", "csr", "............ ..... 011 ..... 1110011", "rd, csr, rs1", "csr", "Zicsr",
        "rd = csr; csr = csr & ~rs1, not written when rs1 is x0"),
    row("csrrwi", "csri", "............ ..... 101 ..... 1110011", "rd, csr, zimm", "csr", "Zicsr",
        "rd = csr; csr = zimm"),
    row("csrrsi", "csri", "............ ..... 110 ..... 1110011", "rd, csr, zimm", "csr", "Zicsr",
        "rd = csr; csr = csr | zimm, not written when zimm is 0"),
    row("csrrci", "csri", "............ ..... 111 ..... 1110011", "rd, csr, zimm", "csr", "Zicsr",
        "rd = csr; csr = csr & ~zimm, not written when zimm is 0"),
    row("fence", "fence", "........ .... ..... 000 ..... 0001111", "pred, succ", "fence", "I",
        "order memory and device accesses; other fields are reserved and ignored"),
    row("fence.i", "I", "............ ..... 001 ..... 0001111", "", "fence", "Zifencei",
        "order stores before later instruction fetches; the operand fields are reserved and ignored"),
)  # fmt: skip
