"""The sections being filled and the symbols being collected while a source is assembled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assembler.diagnostics import SourceFault
from assembler.nodes import Node
from vm.aout import MAX_ALIGN
from vm.isa.fields import Field

if TYPE_CHECKING:
    from assembler.frames import Frame

MAX_SIZE = 1 << 28  # bytes a section may hold; a larger one is a slip of the pen
FIXED = -1  # number of a place that has one size only
CODE, DATA = "$x", "$d"  # mapping symbols of the RISC-V ELF psABI: code, data from here on


@dataclass(slots=True, eq=False)
class AsmSymbol:
    """A name: undefined while `section` is None, unless `later` (the expression of a .set) stands for its value."""

    name: str
    section: Section | None = None
    value: int = 0
    binding: str = "local"
    kind: str = ""
    common: int | None = None
    align: int = 1
    later: Node | None = None
    assigned: bool = False  # by .set, and so it may be set again
    declared_local: bool = False
    origin: tuple[Frame, int, str] | None = None  # text, line and statement of the .set that gave it `later`

    @property
    def defined(self) -> bool:
        return self.section is not None or self.later is not None


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """plus - minus + number: what an expression comes to while addresses are not known."""

    plus: AsmSymbol | None = None
    minus: AsmSymbol | None = None
    number: int = 0

    @property
    def constant(self) -> bool:
        return self.plus is None and self.minus is None


@dataclass(slots=True, eq=False)
class Fixup:
    """`kind` (a relocation of vm/aout, or a Field that takes a constant) at `offset` waits for `value`."""

    offset: int
    kind: str | Field
    value: Value | Node
    frame: Frame
    line: int
    statement: str
    operand: str
    choice: int = FIXED  # number of the place, if it can be made longer


@dataclass(slots=True, eq=False)
class Section:
    """kind: text, rodata, data, bss, abs (offsets of .struct) or dropped. bss and abs only count bytes.

    base: offset in the object's text, data or bss, known when all sections are complete.
    """

    name: str
    kind: str
    content: bytearray = field(default_factory=bytearray)
    counted: int = 0
    align: int = 1
    base: int = 0
    holds: str = ""
    fixups: list[Fixup] = field(default_factory=list)
    lines: list[tuple[int, str, int]] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)
    start: AsmSymbol = field(init=False)

    def __post_init__(self) -> None:
        self.start = AsmSymbol(self.name, self)

    @property
    def offset(self) -> int:
        """Where the next byte goes."""
        return self.counted if self.kind in ("bss", "abs") else len(self.content)

    @property
    def output(self) -> str:
        """Section of the a.out object that this one becomes part of."""
        return "text" if self.kind == "rodata" else self.kind

    def mark(self, what: str) -> None:
        """Code or data begins here; remembered for sections where both can be."""
        if self.holds != what:
            self.holds = what
            if self.kind == "text":
                self.marks.append((len(self.content), what))

    def fill(self, count: int, pattern: bytes = b"\0") -> None:
        """Appends `count` bytes, the pattern repeated. SourceFault: too many, or not zero where only zeros can be."""
        if count < 0:
            raise SourceFault(f"cannot skip {count} bytes; expected 0 or more")
        if self.kind in ("bss", "abs"):
            if any(pattern):
                raise SourceFault(f"section {self.name} has no bytes in the file, so it can hold zeros only")
            self.counted += count
        elif len(self.content) + count > MAX_SIZE:
            raise SourceFault(f"section {self.name} would hold more than {MAX_SIZE >> 20} MiB")
        else:
            repeats = -(-count // len(pattern)) if pattern else 0
            self.content += (pattern * repeats)[:count]

    def append(self, content: bytes) -> None:
        """Appends data bytes."""
        self.mark(DATA)
        if self.kind in ("bss", "abs"):
            self.fill(len(content), content)
        else:
            self.content += content

    def align_to(
        self, alignment: int, pattern: bytes | None, most: int | None, nops: Callable[[int], bytes] = bytes
    ) -> None:
        """Pads to a multiple of `alignment` bytes, unless that takes more than `most` bytes.

        Without a pattern code is padded with what `nops` makes of the number of bytes, data with zeros.
        """
        if alignment & (alignment - 1) or not 1 <= alignment <= MAX_ALIGN:
            raise SourceFault(f"cannot align to {alignment}; expected a power of two up to {MAX_ALIGN}")
        padding = -self.offset % alignment
        if most is not None and padding > most:
            return
        self.align = max(self.align, alignment)
        if self.kind == "text" and pattern is None:
            self.fill(padding, nops(padding))
        else:
            self.fill(padding, pattern or b"\0")


_PREFIXES = (
    (".text", "text"), (".init", "text"), (".fini", "text"),
    (".rodata", "rodata"), (".srodata", "rodata"), (".sdata2", "rodata"),
    (".data", "data"), (".sdata", "data"), (".init_array", "data"), (".fini_array", "data"),
    (".bss", "bss"), (".sbss", "bss"),
    (".debug", "dropped"), (".comment", "dropped"), (".note", "dropped"), (".eh_frame", "dropped"),
    (".riscv.attributes", "dropped"), (".gnu", "dropped"), (".stab", "dropped"),
)  # fmt: skip


def section_kind(name: str, flags: str | None, nobits: bool) -> str:
    """Name and flags of a .section directive -> kind. SourceFault: neither says where the section belongs."""
    for prefix, kind in _PREFIXES:
        if name == prefix or name.startswith(prefix + "."):
            return kind
    if name.startswith((".debug_", ".gnu.")):
        return "dropped"
    if flags is None:
        raise SourceFault(
            f"a.out has no section '{name}'; expected .text, .rodata, .data or .bss, or flags such as \"ax\" that say "
            "which of them it belongs to",
            name,
        )
    if "a" not in flags:
        return "dropped"
    if "x" in flags:
        return "text"
    if "w" in flags:
        return "bss" if nobits else "data"
    return "rodata"


class SymbolTable(dict[str, AsmSymbol]):
    """Every name met, defined or not, in the order of appearance."""

    def __missing__(self, name: str) -> AsmSymbol:
        symbol = self[name] = AsmSymbol(name)
        return symbol

    def define(self, name: str, section: Section, value: int) -> AsmSymbol:
        """A label. SourceFault: the name has a definition already."""
        symbol = self[name]
        if symbol.defined or symbol.common is not None:
            raise SourceFault(f"symbol '{name}' is already defined", name)
        symbol.section, symbol.value = section, value
        return symbol
