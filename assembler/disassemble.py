"""Object -> text in the layout of GNU objdump -d: labels, addresses, bytes, instructions, relocations, source lines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from assembler.output import CODE, DATA
from vm.aout import Object, Relocation, Symbol
from vm.isa.codec import CISC, MODES, decode_at
from vm.isa.sets import DEFAULT_ISA, ISAS
from vm.isa.text import text as instruction_text

ZEROS = 8  # runs of at least so many zero bytes are shown as "..."
ZEROS_AT_END = 3  # and so are fewer than these before a label or the end: padding
BYTES_WIDTH = 18  # columns of the bytes of an instruction
SHORT_WIDTH = 20  # the same for one of 16 bits
BYTES_A_LINE = 7  # of an instruction of any length
SHORT = 2  # bytes
ADDRESS_MASK = 0xFFFF_FFFF
BASED = ("load", "store")  # cost classes whose rs1 + imm is worth a comment when rs1 came from lui or auipc


def start_of(obj: Object, section: str) -> int:
    """Name, text or data, -> address of its first byte; 0 in an object that is not linked yet."""
    return obj.text_address if section == "text" else obj.data_address


class Names:
    """Addresses -> names: which symbol lies at or nearest below an address. In objects, of one section only."""

    def __init__(self, obj: Object, section: str = "text") -> None:
        chosen: dict[int, Symbol] = {}
        for symbol in obj.symbols:
            mine = symbol.section == section if obj.relocatable else symbol.section in ("text", "data", "bss")
            if mine and symbol.name not in (CODE, DATA):
                rival = chosen.get(symbol.value)
                if rival is None or self._rank(symbol, section) < self._rank(rival, section):
                    chosen[symbol.value] = symbol
        self.section = section
        self._spans = _spans(obj, section)
        self.symbols = dict(sorted(chosen.items()))
        self._addresses = list(self.symbols)

    @staticmethod
    def _rank(symbol: Symbol, section: str) -> tuple[bool, bool, bool]:
        """Of several names for one address the lowest wins: of this section, a function, global."""
        return symbol.section != section, symbol.kind != "func", symbol.binding == "local"

    def near(self, address: int) -> tuple[str, int] | None:
        """Address -> (name, distance from it) of the nearest symbol at or below in its section, or the section itself;
        None outside the program."""
        for section, start, end in self._spans:
            if start <= address < end:
                index = bisect_right(self._addresses, address) - 1
                if index < 0 or self._addresses[index] < start:
                    return f".{section}", address - start
                found = self._addresses[index]
                return self.symbols[found].name, address - found
        return None

    def text(self, address: int) -> str:
        """Address -> "80000010 <loop+0x4>", as objdump writes the target of a branch."""
        near = self.near(address)
        if near is None:
            return f"{address:x}"
        name, distance = near
        return f"{address:x} <{name}+{distance:#x}>" if distance else f"{address:x} <{name}>"


def _spans(obj: Object, section: str) -> list[tuple[str, int, int]]:
    """-> (section, first address, end) of the sections in which addresses can be named: in objects only one."""
    spans = [(name, start_of(obj, name), start_of(obj, name) + len(getattr(obj, name))) for name in ("text", "data")]
    if obj.relocatable:
        return [span for span in spans if span[0] == section]
    return [*spans, ("bss", spans[1][2], spans[1][2] + obj.bss)]


class Item(NamedTuple):
    """One instruction or piece of data; `text` is "mnemonic\\toperands", with a comment where there is one."""

    address: int
    content: bytes
    text: str


@dataclass(slots=True)
class Style:
    """What a disassembly shows. aliases: li, ret and so on. zeros: long runs of zeros too. source: file and line ->
    lines to be shown before the code they became, or None. isa: the instruction set of code for risc mode."""

    aliases: bool = True
    zeros: bool = False
    relocations: bool = False
    all_code: bool = False
    source: Callable[[str, int], list[str]] | None = None
    isa: str = DEFAULT_ISA


def instructions(
    obj: Object, section: str = "text", aliases: bool = True, all_code: bool = False, isa: str = DEFAULT_ISA
) -> Iterator[Item]:
    """Object -> its instructions and data in order of address. all_code: ignore the marks of data in text."""
    content: bytes = getattr(obj, section)
    origin = start_of(obj, section)
    names = Names(obj, section)
    reader = READERS.get(obj.mode, RiscReader)(obj.mode, aliases, names, isa)
    for start, end, is_code in _regions(obj, section, origin, len(content), all_code):
        at = start
        region = memoryview(content)[:end]
        while at < end:
            address = origin + at
            if is_code:
                text, length = reader.read(region, at, address)
            else:
                length = _unit(address, end - at)
                text = _data(content[at : at + length])
            yield Item(address, content[at : at + length], text)
            at += length


def _regions(obj: Object, section: str, origin: int, size: int, all_code: bool) -> Iterator[tuple[int, int, bool]]:
    """-> (start, end, whether it is code) for the stretches between mapping symbols and other symbols. The code of a
    mode whose instructions are not known here is shown as data."""
    known = obj.mode in MODES
    kind = known and (section == "text" or all_code)
    marks: dict[int, bool | None] = {}
    for symbol in obj.symbols:
        at = symbol.value - origin
        if symbol.section == section and 0 <= at < size:
            if symbol.name in (CODE, DATA) and symbol.binding == "local":
                marks[at] = known and (all_code or symbol.name == CODE)
            else:
                marks.setdefault(at, None)
    start = 0
    for at in sorted(marks):
        if at > start:
            yield start, at, kind
        start = at
        mark = marks[at]
        kind = kind if mark is None else mark
    if start < size:
        yield start, size, kind


def _unit(address: int, left: int) -> int:
    """Bytes of the next piece of data: a word where one is aligned and left, else a half or a byte."""
    return next(size for size in (4, 2, 1) if left >= size and address % size == 0)


def _data(content: bytes) -> str:
    name = {4: ".word", 2: ".short", 1: ".byte"}.get(len(content))
    if name is None:
        return ".byte\t" + ", ".join(f"{byte:#04x}" for byte in content)
    return f"{name}\t0x{int.from_bytes(content, 'little'):0{2 * len(content)}x}"


class RiscReader:
    """Reads the code of the RISC modes from its beginning to its end. in_order: its bytes are shown as they lie in
    memory, not as one number."""

    in_order = False

    def __init__(self, mode: str, aliases: bool, names: Names, isa: str) -> None:
        self.mode, self.aliases, self.names, self.isa = mode, aliases, names, isa
        self.upper: dict[int, int] = {}  # register -> what lui or auipc put into it

    def read(self, content: memoryview, at: int, address: int) -> tuple[str, int]:
        """Code, offset and address of an instruction -> its text, with the address that a pair of instructions forms
        as a comment; and its length."""
        decoded = decode_at(content, at, self.mode, self.isa)
        raw = bytes(content[at : at + decoded.length])
        row, word = decoded.row, int.from_bytes(raw, "little")
        if row is None:
            return _data(raw), decoded.length
        if decoded.length == SHORT:
            from vm.isa.rv32c_text import text as short_text

            text = short_text(row, word, address, self.aliases, self.names.text)
            row = row.full
        else:
            text = instruction_text(row, word, address, self.aliases, self.names.text, self.mode)
        values, upper = decoded.operands, self.upper
        if row.name in ("lui", "auipc"):
            if values["rd"]:
                upper[values["rd"]] = values["uimm"] + (address if row.name == "auipc" else 0) & ADDRESS_MASK
        elif decoded.length == SHORT and row.name != "addi":
            pass  # as GNU objdump has it
        elif row.cost in BASED or row.name in ("jalr", "addi"):
            base = values["rs1"]
            known = base in upper if row.name != "addi" else base in upper and values["imm"] != 0
            if known or (base == 0 and row.name != "addi"):
                text += f" # {self.names.text(upper.pop(base, 0) + values['imm'] & ADDRESS_MASK)}"
        return text, decoded.length


class CiscReader:
    """Reads the code of cisc mode, each instruction by itself."""

    in_order = True

    def __init__(self, mode: str, aliases: bool, names: Names, isa: str) -> None:
        from vm.isa.cisc_text import text

        self.mode, self.names, self.text = mode, names, text

    def read(self, content: memoryview, at: int, address: int) -> tuple[str, int]:
        """Code, offset and address of an instruction -> its text and its length."""
        decoded = decode_at(content, at, self.mode)
        if decoded.row is None:
            return _data(bytes(content[at : at + decoded.length])), decoded.length
        return self.text(decoded.row, decoded.operands, address, self.names.text, sizes=False), decoded.length


READERS: dict[str, type[RiscReader] | type[CiscReader]] = {CISC: CiscReader}


def listing(obj: Object, section: str = "text", style: Style | None = None) -> Iterator[str]:
    """Object -> the lines of `objdump -d` for one section, its heading left out."""
    style = style or Style()
    content: bytes = getattr(obj, section)
    origin = start_of(obj, section)
    end = origin + len(content)
    width = 4 if end < 0x1000 else 8
    names = Names(obj, section)
    reader = READERS.get(obj.mode, RiscReader)
    relocations: dict[int, list[Relocation]] = {}
    if style.relocations:
        for relocation in getattr(obj, section + "_relocations"):
            relocations.setdefault(origin + relocation.address, []).append(relocation)
    short = SHORT_WIDTH if ISAS[style.isa].compressed else BYTES_WIDTH
    stops = {address - origin for address in (*names.symbols, *relocations)}
    lines = {line.address: line for line in obj.lines} if style.source and section == "text" else {}
    skip_to = origin
    for item in instructions(obj, section, style.aliases, style.all_code, style.isa):
        if item.address in names.symbols:
            yield ""
            yield f"{item.address:08x} <{names.symbols[item.address].name}>:"
        if style.source and item.address in lines:
            line = lines[item.address]
            yield from style.source(line.file, line.line)
        if item.address < skip_to:
            continue
        if not style.zeros:
            skip_to = _end_of_zeros(content, item.address - origin, stops) + origin
            if skip_to > item.address:
                yield "\t..."
                continue
        yield from _lines(item, width, reader.in_order, short)
        for address in range(item.address, item.address + len(item.content)):
            for relocation in relocations.get(address, ()):
                yield f"\t\t\t{address:x}: {relocation.kind}\t{relocation_value(relocation)}"


def _lines(item: Item, width: int, in_order: bool, short: int) -> Iterator[str]:
    """An item -> its lines, with columns for address, bytes and text; short: how wide that of two bytes is. in_order:
    the bytes as they lie in memory, and as many lines as they need; otherwise as one number."""
    if in_order:
        for at in range(0, len(item.content), BYTES_A_LINE):
            shown = item.content[at : at + BYTES_A_LINE].hex(" ")
            text = f"\t{item.text}" if at == 0 else ""
            yield f"{item.address + at:{width}x}:\t{shown:{3 * BYTES_A_LINE}}{text}".rstrip()
    else:
        number = item.content[::-1].hex() if len(item.content) in (1, 2, 4) else item.content.hex()
        columns = short if len(item.content) == SHORT else BYTES_WIDTH
        yield f"{item.address:{width}x}:\t{number:{columns}}\t{item.text}"


def _end_of_zeros(content: bytes, at: int, stops: Collection[int]) -> int:
    """Offset -> where the run of zeros that begins there ends, if it is long enough to be left out; else `at`.

    stops: offsets, of symbols and relocations, that a run must not hide.
    """
    end = at
    while end < len(content) and not content[end] and (end == at or end not in stops):
        end += 1
    run = end - at
    if end == len(content) or end in stops:
        return end if run >= ZEROS or run < ZEROS_AT_END else at
    return at + run // 4 * 4 if run >= ZEROS else at


def relocation_value(relocation: Relocation) -> str:
    """Relocation -> what it refers to, such as "msg+0x00000004"."""
    target = relocation.target
    value = f".{target}" if isinstance(target, str) else target.name
    if relocation.addend:
        value += f"{'-' if relocation.addend < 0 else '+'}{abs(relocation.addend):#010x}"
    return value
