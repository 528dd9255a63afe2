"""RV32A, atomic memory operations. The mnemonic's suffix .aq, .rl or .aqrl is a field, not another row.
Source: RISC-V ISA Manual, Volume I, chapter "A" Extension."""

from vm.isa.row import Row, row


def _amo(name: str, funct5: str, doc: str) -> Row:
    bits = f"{funct5} .. ..... ..... 010 ..... 0101111"
    return row(name, "A", bits, "rd, rs2, (rs1)", "amo", "A", doc)


ROWS: tuple[Row, ...] = (
    row("lr.w", "LR", "00010 .. 00000 ..... 010 ..... 0101111", "rd, (rs1)", "amo", "A",
        "rd = word at rs1; reserve that address"),
    _amo("sc.w", "00011", "if the reservation holds: word at rs1 = rs2, rd = 0; otherwise rd = 1"),
    _amo("amoswap.w", "00001", "rd = word at rs1; word at rs1 = rs2"),
    _amo("amoadd.w", "00000", "rd = word at rs1; word at rs1 = rd + rs2"),
    _amo("amoxor.w", "00100", "rd = word at rs1; word at rs1 = rd ^ rs2"),
    _amo("amoand.w", "01100", "rd = word at rs1; word at rs1 = rd & rs2"),
    _amo("amoor.w", "01000", "rd = word at rs1; word at rs1 = rd | rs2"),
    _amo("amomin.w", "10000", "rd = word at rs1; word at rs1 = smaller of rd and rs2, signed"),
    _amo("amomax.w", "10100", "rd = word at rs1; word at rs1 = greater of rd and rs2, signed"),
    _amo("amominu.w", "11000", "rd = word at rs1; word at rs1 = smaller of rd and rs2, unsigned"),
    _amo("amomaxu.w", "11100", "rd = word at rs1; word at rs1 = greater of rd and rs2, unsigned"),
)  # fmt: skip
