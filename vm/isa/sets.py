"""The instruction sets that a machine can have, by name: what each has, and what follows from it.

Source: RISC-V ISA Manual, Volume I, chapter "ISA Extension Naming Conventions" and section 1.5 (IALIGN); Volume II,
section 3.1.1 (misa). The names of extensions are those of the devicetree binding riscv/extensions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MISA_RV32 = 1 << 30  # MXL
# Of every machine, and in no name: privilege levels S and U, and X for what is not standard (Xdump).
_ALWAYS = "sux"


class Isa(NamedTuple):
    """letters: of the extensions, in the order of the name; more: extensions with longer names; modes: of the machine
    that have it; doc: a line for the user."""

    letters: str
    more: tuple[str, ...]
    modes: tuple[str, ...]
    doc: str

    @property
    def name(self) -> str:
        return "rv32" + self.letters

    @property
    def compressed(self) -> bool:
        """-> whether there are instructions of 16 bits."""
        return "c" in self.letters

    @property
    def ialign(self) -> int:
        """-> bytes: instructions start at multiples of it."""
        return 2 if self.compressed else 4

    @property
    def extensions(self) -> tuple[str, ...]:
        return (*self.letters, *self.more)

    @property
    def string(self) -> str:
        """-> the whole name, with all extensions: rv32ima_zicsr_..."""
        return "_".join((self.name, *self.more))

    @property
    def misa(self) -> int:
        """-> the register's value."""
        return MISA_RV32 | sum(1 << ord(letter) - ord("a") for letter in {*self.letters, *_ALWAYS})


_MORE = ("zicntr", "zicsr", "zifencei", "sstc")
ISAS: Mapping[str, Isa] = {
    isa.name: isa
    for isa in (
        Isa("ima", _MORE, ("risc", "window", "cisc"), "instructions of 32 bits; shorter ones trap"),
        Isa("imac", _MORE, ("risc",), "the same, and the compressed instructions of 16 bits"),
    )
}
DEFAULT_ISA = "rv32ima"


def isas_of(mode: str) -> tuple[str, ...]:
    """Mode of the machine -> the names of what it can have."""
    return tuple(name for name, isa in ISAS.items() if mode in isa.modes)
