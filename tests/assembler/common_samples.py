"""How each mnemonic of the common assembly is written, from the tables of the RISC modes."""

from vm.isa.aliases import ALIASES
from vm.isa.codec import by_name

OWN = {"la": "rd, symbol", "li": "rd, imm", "call": "symbol"}  # pseudo-instructions without a row or an alias


def templates(name: str) -> list[str]:
    """Mnemonic -> the operand templates that it can have, such as "rd, rs1, imm"."""
    if name in OWN:
        return [OWN[name]]
    found = [alias.syntax for alias in ALIASES if alias.name == name]
    if name in by_name():
        found.append(by_name()[name].syntax)
    return found
