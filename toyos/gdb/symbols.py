"""Kernel and programs, as linked -> ELF files with symbols and source lines, which gdb reads in place of our a.outs."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from toyos.build import PROJECT
from toyos.gdb import elf, frames
from toyos.gdb.dwarf import CHARACTER, WORD, Label, Procedure, Row, Unit, Variable, sections
from toyos.gdb.frames import Kernel
from toyos.symbols import Table
from vm import aout
from vm.arch import INSTRUCTION_BYTES
from vm.isa import codec

CODE, DATA = "$x", "$d"  # symbols that say what text holds from there on
UPPER_SHIFT = 12  # of auipc's operand
ADDRESSES = (1 << 32) - 1
WORD_BYTES = 4
LINK = 1  # register of the return address: who jumps and sets it calls


def programs(tables: Sequence[Table], kernel: Kernel | None = None) -> bytes:
    """Programs that do not overlap in memory -> one ELF for all of them. kernel: about the first, if it is one."""
    parts: list[elf.Section] = []
    symbols: list[elf.Symbol] = []
    units: list[Unit] = []
    codes: list[frames.Code] = []
    for number, table in enumerate(tables):
        suffix = f".{Path(table.title).name}" if number else ""
        text = Text(table)
        parts += _sections(table.object, suffix)
        symbols += _symbols(table.object, text, suffix)
        codes += [frames.Code(each, text.has_window(each), text.returns(each)) for each in text.procedures]
        units.append(
            Unit(
                table.title,
                str(PROJECT),
                table.start,
                table.text_end,
                text.rows,
                text.procedures,
                list(variables(table.object, text)),
            )
        )
    debug = [elf.Section(name, content) for name, content in sections(units).items()]
    debug.append(elf.Section(".debug_frame", frames.section(codes, kernel)))
    return elf.executable([*parts, *debug], symbols, tables[0].object.entry)


class Text:
    """A program's text: which parts are code, and which procedures that consists of."""

    def __init__(self, table: Table) -> None:
        self._object, self._end = table.object, table.text_end
        symbols = [symbol for symbol in table.object.symbols if symbol.section == "text"]
        marks = sorted((symbol.value, symbol.name) for symbol in symbols if symbol.name in (CODE, DATA))
        self._marks, self._kinds = [at for at, _ in marks], [name for _, name in marks]
        places = [symbol for symbol in symbols if not symbol.name.startswith("$")]
        self._places = [symbol for symbol in places if symbol.value < self._end]
        self.rows = [
            Row(line.address, _path(line.file), line.line)
            for line in sorted(table.object.lines, key=lambda line: line.address)
        ]
        self.procedures = list(self._procedures())

    def is_code(self, address: int) -> bool:
        at = bisect_right(self._marks, address) - 1
        return at < 0 or self._kinds[at] == CODE

    def has_window(self, procedure: Procedure) -> bool:
        """-> whether it begins with wsave."""
        row = self._decoded(procedure.low).row
        return row is not None and row.name == "wsave"

    def _decoded(self, address: int) -> codec.Decoded:
        return codec.decode_at(self._object.text, address - self._object.text_address, self._object.mode)

    def returns(self, procedure: Procedure) -> list[int]:
        """-> where the calls in it return to, in order."""
        return [at + INSTRUCTION_BYTES for at, _ in self._calls if procedure.low <= at < procedure.high]

    @cached_property
    def _calls(self) -> list[tuple[int, int]]:
        """-> (address of the instruction that calls, address that it calls) of each call that is no indirect one."""
        start, found = self._object.text_address, []
        high: tuple[int, int] = 0, 0  # register and value of the auipc before
        for address in range(start, start + len(self._object.text) - 3, INSTRUCTION_BYTES):
            row, operands, _ = self._decoded(address)
            name = row.name if row is not None else ""
            if name == "jal" and operands["rd"] == LINK:
                found.append((address, address + operands["target"]))
            elif name == "jalr" and (operands["rd"], operands["rs1"]) == (LINK, high[0]):
                found.append((address, high[1] + operands["imm"] & ADDRESSES))
            high = (operands["rd"], address + (operands["uimm"] << UPPER_SHIFT)) if name == "auipc" else (0, 0)
        return found

    def _procedures(self) -> Iterator[Procedure]:
        called = {target for _, target in self._calls}  # labels there begin procedures, even those that are not global
        code = sorted((each.value, each.binding, each.name) for each in self._places if self.is_code(each.value))
        starts = {at: (name, kind != "local") for at, kind, name in reversed(code) if kind != "local" or at in called}
        bounds = [*sorted(starts), self._end]
        addresses = [at for at, _, _ in code]
        for low, high in zip(bounds, bounds[1:], strict=False):
            inside = code[bisect_right(addresses, low) : bisect_left(addresses, high)]
            data = [at for at, kind in zip(self._marks, self._kinds, strict=True) if low < at < high and kind == DATA]
            name, external = starts[low]
            yield Procedure(
                name, low, min(data, default=high), external, tuple(Label(label, at) for at, _, label in inside)
            )


def variables(obj: aout.Object, text: Text) -> Iterator[Variable]:
    """-> the data: texts, up to what comes next, words, or else bytes. How many there are nobody has said."""
    starts = {"text": obj.text_address, "data": obj.data_address, "bss": obj.data_address + len(obj.data)}
    contents = {"text": obj.text, "data": obj.data, "bss": bytes(obj.bss)}
    for section, start in starts.items():
        content = contents[section]
        places = [each for each in obj.symbols if each.section == section]
        bounds = sorted({*(each.value for each in places), start + len(content)})
        for symbol in places:
            if symbol.name.startswith("$") or section == "text" and text.is_code(symbol.value):
                continue
            end = bounds[bisect_right(bounds, symbol.value)] if symbol.value < bounds[-1] else symbol.value
            data = content[symbol.value - start : end - start]
            if _is_text(data):
                yield Variable(
                    symbol.name, symbol.value, symbol.binding != "local", CHARACTER, len(data.rstrip(b"\0")) + 1
                )
            elif data:
                aligned = len(data) >= WORD_BYTES and not symbol.value % WORD_BYTES
                yield Variable(symbol.name, symbol.value, symbol.binding != "local", WORD if aligned else CHARACTER, 1)


def _is_text(data: bytes) -> bool:
    """-> whether bytes look like a text, with the NUL at its end."""
    letters = data.rstrip(b"\0")
    return 0 < len(letters) < len(data) and all(32 <= letter < 127 or letter in b"\t\n\r\x1b" for letter in letters)


def _path(file: str) -> str:
    """File of a line record -> where the source is: those of the project say where they are in it."""
    inside = PROJECT / file
    return str(inside if inside.is_file() else Path(file).absolute())


def _sections(obj: aout.Object, suffix: str) -> Iterator[elf.Section]:
    bss = obj.data_address + len(obj.data)
    yield elf.Section(".text" + suffix, obj.text, obj.text_address, elf.ALLOC | elf.EXECINSTR)
    if obj.data:
        yield elf.Section(".data" + suffix, obj.data, obj.data_address, elf.ALLOC | elf.WRITE)
    if obj.bss:
        yield elf.Section(".bss" + suffix, b"", bss, elf.ALLOC | elf.WRITE, elf.NOBITS, obj.bss)


def _symbols(obj: aout.Object, text: Text, suffix: str) -> Iterator[elf.Symbol]:
    """Procedures and data. gdb takes a label in code for a procedure's start, so those are in the DWARF alone."""
    procedures = {procedure.low: procedure for procedure in text.procedures}
    for symbol in obj.symbols:
        if symbol.section not in ("text", "data", "bss") or symbol.name.startswith("$"):
            continue
        kind, size = elf.OBJECT, 0
        if symbol.section == "text" and text.is_code(symbol.value):
            procedure = procedures.get(symbol.value)
            if procedure is None:
                continue
            kind, size = elf.FUNC, procedure.high - procedure.low
        yield elf.Symbol(symbol.name, symbol.value, f".{symbol.section}{suffix}", kind, symbol.binding, size)
