"""What an expression is worth: a number, its type, and where it lies, so that it can be set or watched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

WORD = 0xFFFF_FFFF


@dataclass(frozen=True)
class Type:
    """A type of C. size: bytes. target: what a pointer points to. name: how it is written. code: the address of a
    procedure."""

    name: str
    size: int = 4
    signed: bool = True
    target: Type | None = None
    code: bool = False

    def cut(self, number: int) -> int:
        """A number -> as a variable of this type holds it."""
        bits = 8 * self.size
        number &= (1 << bits) - 1
        return number - (1 << bits) if self.signed and number >> bits - 1 else number

    @property
    def pointer(self) -> Type:
        """-> the type of pointers to this one."""
        star = "*" if self.target else " *"
        return Type(self.name + star, signed=False, target=self)


INT, UNSIGNED = Type("int"), Type("unsigned int", signed=False)
CHAR, BYTE = Type("char", 1), Type("unsigned char", 1, signed=False)
SHORT, HALF = Type("short", 2), Type("unsigned short", 2, signed=False)
GIANT = Type("unsigned long long", 8, signed=False)
VOID = Type("void", 1)
CODE = Type("code", signed=False, code=True)
TYPES = {
    "int": INT, "long": INT, "long int": INT, "signed": INT, "signed int": INT,
    "unsigned": UNSIGNED, "unsigned int": UNSIGNED, "unsigned long": UNSIGNED, "long unsigned int": UNSIGNED,
    "char": CHAR, "signed char": CHAR, "unsigned char": BYTE,
    "short": SHORT, "short int": SHORT, "unsigned short": HALF, "unsigned short int": HALF,
    "unsigned long long": GIANT, "long long": replace(GIANT, name="long long", signed=True), "void": VOID,
    "int8_t": CHAR, "uint8_t": BYTE, "int16_t": SHORT, "uint16_t": HALF, "int32_t": INT, "uint32_t": UNSIGNED,
    "word": UNSIGNED,
}  # fmt: skip


class Place(NamedTuple):
    """Where a value lies. kind: "memory" (address: virtual), "physical" (address: in RAM), "register" (a number or
    "pc" in `name`), "csr" (name) or "variable" (name: one of the debugger's own)."""

    kind: str
    address: int = 0
    name: str = ""


class Value(NamedTuple):
    """number: as its type has it. pcb: the number is the address of a PCB. symbol: it is what lies at this symbol.
    text: what the number means, where that is more than a number. fault: why the number could not be read, or ""."""

    number: int
    type: Type = INT
    place: Place | None = None
    pcb: bool = False
    symbol: str = ""
    text: str = ""
    fault: str = ""
