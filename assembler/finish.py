"""The sections of a complete source -> Object: sections get their places, fixups their values or relocations."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from assembler import expressions, relocate
from assembler.diagnostics import Diagnostic, SourceFault, diagnose
from assembler.sections import DATA, FIXED, AsmSymbol, Fixup, Section, Value
from vm.aout import MIN_ALIGN, Line, Object, Relocation, Symbol
from vm.isa import registers
from vm.isa.fields import Field

if TYPE_CHECKING:
    from assembler.assembly import Assembler

_LIKE_A_REGISTER = re.compile(r"[a-zA-Z]{1,2}[0-9]{1,2}|zer[o0]|Z[eE][rR][oO]|[sStTgG][pP]|[rR][aA]")
_RELATIVE = ("BRANCH", "JAL", "CALL", "PC8", "PC32")
_SIZES = {"ABS32": 4, "ABS16": 2, "ABS8": 1}
_OUTPUTS = ("text", "data", "bss")


GROWTH = {"BRANCH": 4, "PC8": 3}  # bytes that a place takes more when it is long


class Near(NamedTuple):
    """A place that reaches its target, so far: its section and offset, number, kind, and distance to the target."""

    section: Section
    offset: int
    choice: int
    kind: str
    distance: int

    def reaches(self, places: Sequence[int], growth: int) -> bool:
        """Whether it still does when at each of these offsets (in order) so many bytes more are put in."""
        low, high = sorted((self.offset, self.offset + self.distance))
        between = bisect_left(places, high) - bisect_left(places, low)
        farther = between * growth
        return relocate.reaches(self.kind, self.distance + (farther if self.distance > 0 else -farther))


class Finish:
    """What is known once all statements are read."""

    def __init__(self, asm: Assembler) -> None:
        self.asm = asm
        self.exported: dict[AsmSymbol, Symbol] = {}
        self.relocations: dict[str, list[Relocation]] = {"text": [], "data": [], "bss": []}
        self.parts: dict[str, list[Section]] = {output: [] for output in _OUTPUTS}
        self.too_short: set[int] = set()
        self.near: list[Near] = []

    def object(self, name: str) -> Object:
        """-> the object; faults go to the assembler's diagnostics."""
        self.allocate_commons()
        self.place_sections()
        faults = [fault for output in _OUTPUTS for section in self.parts[output] for fault in self.apply_all(section)]
        self.spread()
        if not self.too_short:  # otherwise distances will change
            for fault in faults:
                self.asm.add(fault)
        content = {output: self.join(output) for output in ("text", "data")}
        bss = self.parts["bss"]
        return Object(
            mode=self.asm.mode,
            text=content["text"],
            data=content["data"],
            bss=bss[-1].base + bss[-1].counted if bss else 0,
            symbols=self.symbols(),
            text_relocations=self.relocations["text"],
            data_relocations=self.relocations["data"],
            lines=self.lines(),
            text_align=self.alignment("text"),
            data_align=self.alignment("data"),
            bss_align=self.alignment("bss"),
            name=name,
        )

    def allocate_commons(self) -> None:
        """Common symbols that are local get their place in .bss."""
        bss = self.asm.sections[".bss"]
        for symbol in self.asm.symbols.values():
            if symbol.common is not None and symbol.binding == "local":
                bss.align_to(symbol.align, None, None)
                symbol.section, symbol.value = bss, bss.offset
                bss.fill(symbol.common)

    def place_sections(self) -> None:
        """Gives every section its base in the object: code first, read-only data behind it."""
        sections = [section for section in self.asm.sections.values() if section.output in self.parts]
        sections.sort(key=lambda section: section.kind == "rodata")  # stable: otherwise in order of appearance
        for output, parts in self.parts.items():
            at = 0
            for section in sections:
                if section.output == output:
                    section.base = at + -at % section.align
                    at = section.base + section.offset
                    parts.append(section)

    def join(self, output: str) -> bytes:
        """-> the bytes of text or data."""
        content = bytearray()
        for section in self.parts[output]:
            content += bytes(section.base - len(content)) + section.content
        return bytes(content)

    def alignment(self, output: str) -> int:
        """-> bytes that text, data or bss must be aligned to."""
        return max([MIN_ALIGN, *(section.align for section in self.parts[output])])

    # ---- fixups -----------------------------------------------------------------------------------------------

    def spread(self) -> None:
        """Finds the places that will not reach when those that are too short have grown: it saves passes. Sections in
        which alignments take up growth are left to the next pass."""
        for section in {id(near.section): near.section for near in self.near}.values():
            mine = [near for near in self.near if near.section is section]
            growth = GROWTH[mine[0].kind]
            if growth % section.align:
                continue
            places = sorted(fixup.offset for fixup in section.fixups if fixup.choice in self.too_short)
            while places:
                lost = [near for near in mine if not near.reaches(places, growth)]
                mine = [near for near in mine if near.reaches(places, growth)]
                self.too_short |= {near.choice for near in lost}
                places = sorted(places + [near.offset for near in lost]) if lost else []

    def apply_all(self, section: Section) -> Iterator[Diagnostic]:
        """Gives all fixups of a section their values -> what is wrong with them."""
        for fixup in section.fixups:
            try:
                self.apply(section, fixup)
            except SourceFault as fault:
                fault.fragment = fault.fragment or fixup.operand
                yield diagnose(fault, fixup.frame.place(fixup.line), fixup.statement)

    def apply(self, section: Section, fixup: Fixup) -> None:
        """Patches the place that waits, or adds the relocations that the linker is to patch it by."""
        value = fixup.value if isinstance(fixup.value, Value) else expressions.evaluate(fixup.value, self.asm.lookup)
        value = self.resolve(value)
        kind = fixup.kind
        if isinstance(kind, Field):
            self.apply_constant(section, fixup, kind, value)
        elif kind in _RELATIVE:
            self.apply_jump(section, fixup, kind, value)
        elif value.minus is not None:
            self.apply_difference(section, fixup, kind, value)
        elif value.plus is None and kind in _SIZES:
            self.patch(section, fixup, kind, value.number)
        else:
            self.relocate(section, fixup.offset, kind, value.plus, value.number)

    def resolve(self, value: Value) -> Value:
        """Value -> the same with everything in it that is known by now: equates, distances within one section."""
        number = value.number
        symbols: list[AsmSymbol | None] = []
        for symbol, sign in ((value.plus, 1), (value.minus, -1)):
            if symbol is not None and symbol.later is not None:
                meant = self.resolve(expressions.evaluate(symbol.later, self.asm.lookup))
                if meant.minus is not None:
                    raise SourceFault(f"the value of '{symbol.name}' is neither a constant nor an address")
                symbol, number = meant.plus, number + sign * meant.number
            if symbol is not None and symbol.section is self.asm.absolute and symbol.binding != "weak":
                number += sign * symbol.value
                symbol = None
            symbols.append(symbol)
        plus, minus = symbols
        if plus is not None and minus is not None and expressions.distance_known(plus, minus):
            assert plus.section is not None and minus.section is not None
            number += plus.section.base + plus.value - minus.section.base - minus.value
            plus = minus = None
        return Value(plus, minus, number)

    def apply_constant(self, section: Section, fixup: Fixup, field: Field, value: Value) -> None:
        """A field of an instruction that takes a number."""
        if not value.constant:
            symbol = value.plus or value.minus
            name = symbol.name if symbol is not None else ""
            state = "an address" if symbol is not None and symbol.section is not None else "not defined in this source"
            near = registers.suggest(name) if _LIKE_A_REGISTER.fullmatch(name) else None
            hint = f"; did you mean the register '{near}'?" if near else ""
            raise SourceFault(f"a constant is needed here, but '{name}' is {state}{hint}", name)
        number = relocate.signed(value.number) if field.signed else value.number
        if not field.fits(number):
            low, high = field.range
            raise SourceFault(f"{number} is out of range, expected a constant from {low} to {high}")
        word = int.from_bytes(section.content[fixup.offset : fixup.offset + 4], "little")
        section.content[fixup.offset : fixup.offset + 4] = field.set(word, number).to_bytes(4, "little")

    def apply_jump(self, section: Section, fixup: Fixup, kind: str, value: Value) -> None:
        """A branch, jump, call or relative address: patched when its target is in this text, relocated otherwise."""
        target = value.plus
        if value.minus is not None:
            raise SourceFault("a jump needs one target, not a difference")
        can_grow = fixup.choice != FIXED
        near = target is not None and target.section is not None and target.section.output == section.output
        # Like GNU as: a branch is long unless its target is in the same section, and not weak.
        same = near and target is not None and target.section is section
        if near and target is not None and target.section is not None and target.binding != "weak":
            distance = target.section.base + target.value + value.number - section.base - fixup.offset
            if not can_grow or (same and relocate.reaches(kind, distance)):
                self.patch(section, fixup, kind, distance)
                if can_grow:
                    self.near.append(Near(section, fixup.offset, fixup.choice, kind, distance))
                return
        if can_grow:
            self.too_short.add(fixup.choice)
        else:
            self.relocate(section, fixup.offset, kind, target, value.number)

    def apply_difference(self, section: Section, fixup: Fixup, kind: str, value: Value) -> None:
        """a - b where the linker must say what both are: one relocation adds, the other subtracts."""
        if kind not in _SIZES or value.minus is None:
            raise SourceFault("the distance of two addresses in different sections can only be a data value")
        bits = kind.removeprefix("ABS")
        self.relocate(section, fixup.offset, "ADD" + bits, value.plus, value.number)
        self.relocate(section, fixup.offset, "SUB" + bits, value.minus, 0)

    def patch(self, section: Section, fixup: Fixup, kind: str, value: int) -> None:
        """Stores a final value."""
        try:
            relocate.patch(section.content, fixup.offset, kind, value)
        except relocate.ReachError as fault:
            raise SourceFault(str(fault)) from None

    def relocate(self, section: Section, offset: int, kind: str, symbol: AsmSymbol | None, addend: int) -> None:
        """Adds a relocation record: against the section for local symbols, against the symbol for others."""
        target: Symbol | str = "abs"
        if symbol is not None:
            if symbol.section is not None and symbol.binding == "local":
                target, addend = symbol.section.output, addend + symbol.section.base + symbol.value
            else:
                target = self.export(symbol)
        record = Relocation(section.base + offset, kind, target, relocate.signed(addend))
        self.relocations[section.output].append(record)

    # ---- symbols and lines ------------------------------------------------------------------------------------

    def export(self, symbol: AsmSymbol) -> Symbol:
        """A symbol of the source -> its symbol in the object."""
        if symbol not in self.exported:
            if "\x02" in symbol.name:
                digits = symbol.name.partition("\x02")[0]
                raise SourceFault(f"there is no label {digits}: after this line", digits + "f")
            binding = "weak" if symbol.binding == "weak" else "global"
            made = Symbol(symbol.name, binding=binding, kind=symbol.kind)
            if symbol.common is not None and symbol.section is None:
                made.section, made.value, made.align = "common", symbol.common, symbol.align
            self.exported[symbol] = made
        return self.exported[symbol]

    def symbols(self) -> list[Symbol]:
        """-> the object's symbols: those of the source in order of appearance, then the mapping symbols."""
        found: list[Symbol] = []
        for name, symbol in self.asm.symbols.items():
            place = self.final(symbol) if symbol.defined else None
            if place is None or place.minus is not None or (place.plus is not None and place.plus.section is None):
                if symbol in self.exported or symbol.common is not None:
                    found.append(self.export(symbol))
                continue
            if "\x02" in name or (name.startswith(".L") and symbol.binding == "local"):
                continue
            made = self.exported.get(symbol) or Symbol(name)
            made.binding, made.kind = symbol.binding, symbol.kind
            if place.plus is None:
                made.section, made.value = "abs", place.number & 0xFFFF_FFFF
            elif place.plus.section is not None:
                section = place.plus.section
                made.section, made.value = section.output, section.base + place.plus.value + place.number
            found.append(made)
        return found + self.mapping_symbols()

    def final(self, symbol: AsmSymbol) -> Value | None:
        """A defined symbol -> what it stands for; None after a fault, which is reported where the symbol was set."""
        try:
            return self.resolve(Value(symbol))
        except SourceFault as fault:
            assert symbol.origin is not None
            frame, line, statement = symbol.origin
            self.asm.add(diagnose(fault, frame.place(line), statement))
            return None

    def mapping_symbols(self) -> list[Symbol]:
        """-> $x and $d where code and data alternate in text; none if all of it is code."""
        marks: list[tuple[int, str]] = []
        for section in self.parts["text"]:
            if section.kind == "rodata" and section.content:
                marks.append((section.base, DATA))
            marks += [(section.base + offset, what) for offset, what in section.marks]
        if all(what != DATA for _, what in marks):
            return []
        kept = [mark for index, mark in enumerate(marks) if index == 0 or marks[index - 1][1] != mark[1]]
        return [Symbol(what, "text", offset, "local") for offset, what in kept]

    def lines(self) -> list[Line]:
        """-> where each source line begins in text."""
        found: list[Line] = []
        for section in self.parts["text"]:
            for offset, file, line in section.lines:
                if found and found[-1].address == section.base + offset:
                    found.pop()
                if not found or (found[-1].file, found[-1].line) != (file, line):
                    found.append(Line(section.base + offset, file, line))
        return found


def finish(asm: Assembler, name: str) -> tuple[Object, set[int]]:
    """An assembler that has read everything -> the object, and the numbers of places that must be made longer."""
    work = Finish(asm)
    return work.object(name), work.too_short
