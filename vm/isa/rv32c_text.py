"""16-bit instruction -> assembly text in the layout of GNU objdump."""

from __future__ import annotations

from collections.abc import Callable

from vm.isa.rv32c import Fixed, ShortRow
from vm.isa.text import operands_text, plain_address
from vm.isa.text import text as full_text


def text(
    row: ShortRow, half: int, pc: int = 0, aliases: bool = False, address: Callable[[int], str] = plain_address
) -> str:
    """Row, its instruction and its address -> text, such as "c.addi\\ta0,4".

    aliases: what the 32-bit instruction that does the same is called; hints keep their own names, which say that they
    do nothing. address: how a branch target is written.
    """
    operands = {name: row.value(name, half) for name in row.operands}
    if aliases and not (_is_hint(row, operands) and any(operands.values())):
        if not row.plain:
            return full_text(row.full, row.expanded(half), pc, aliases, address)
        name = row.plain
    else:
        name = row.name
    written = operands_text(row.syntax, operands, pc, address, "risc")
    return f"{name}\t{written}" if written else name


def _is_hint(row: ShortRow, operands: dict[str, int]) -> bool:
    """-> whether it computes something for x0."""
    return operands.get("rd") == 0 and not isinstance(row.operands["rd"], Fixed)
