"""RV32M, multiplication and division. Source: RISC-V ISA Manual, Volume I, chapter "M" Extension, which also fixes the
results of division by zero (quotient all ones, remainder the dividend) and of overflow (quotient the dividend, 0)."""

from vm.isa.row import Row, row

ROWS: tuple[Row, ...] = (
    row("mul", "R", "0000001 ..... ..... 000 ..... 0110011", "rd, rs1, rs2", "mul", "M", "rd = low word of rs1 * rs2"),
    row("mulh", "R", "0000001 ..... ..... 001 ..... 0110011", "rd, rs1, rs2", "mul", "M",
        "rd = high word of rs1 * rs2, both signed"),
    row("mulhsu", "R", "0000001 ..... ..... 010 ..... 0110011", "rd, rs1, rs2", "mul", "M",
        "rd = high word of rs1 * rs2, rs1 signed, rs2 unsigned"),
    row("mulhu", "R", "0000001 ..... ..... 011 ..... 0110011", "rd, rs1, rs2", "mul", "M",
        "rd = high word of rs1 * rs2, both unsigned"),
    row("div", "R", "0000001 ..... ..... 100 ..... 0110011", "rd, rs1, rs2", "div", "M",
        "rd = rs1 / rs2, signed, rounded towards zero"),
    row("divu", "R", "0000001 ..... ..... 101 ..... 0110011", "rd, rs1, rs2", "div", "M", "rd = rs1 / rs2, unsigned"),
    row("rem", "R", "0000001 ..... ..... 110 ..... 0110011", "rd, rs1, rs2", "div", "M",
        "rd = rs1 % rs2, with the sign of rs1"),
    row("remu", "R", "0000001 ..... ..... 111 ..... 0110011", "rd, rs1, rs2", "div", "M", "rd = rs1 % rs2, unsigned"),
)  # fmt: skip
