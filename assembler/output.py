"""Layout and symbol table -> the output Object: contents relocated, symbols and line numbers merged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from assembler.layout import Layout, Piece
from assembler.relocate import RULES, ReachError, patch, value_of
from assembler.symbols import SymbolTable
from vm.aout import PAGE, ZMAGIC, Line, Object, Relocation, Symbol

CODE, DATA = "$x", "$d"  # mapping symbols: from here on text holds code, or data (RISC-V ELF psABI)
TEMPORARY = ".L"  # names that compilers make up begin so
MAX_PROBLEMS = 20


class LinkError(Exception):
    """Inputs that cannot be linked. `problems`: all that were found, one sentence each; the text is their lines."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems[:MAX_PROBLEMS])
        if len(problems) > MAX_PROBLEMS:
            self.problems.append(f"... and {len(problems) - MAX_PROBLEMS} more problems")
        super().__init__("\n".join(self.problems))


def whereabouts(obj: Object, section: str, offset: int) -> str:
    """A place in an object -> "main.o: text+0x1c (main.s:12)", the source line where it is known."""
    text = f"{obj.name}: {section}+{offset:#x}"
    if section == "text" and obj.lines:
        number = bisect_right(obj.lines, offset, key=lambda line: line.address) - 1
        if number >= 0:
            text += f" ({obj.lines[number].file}:{obj.lines[number].line})"
    return text


def first_use(obj: Object, name: str) -> str:
    """An object that refers to a name -> the first place where it does so."""
    for section, relocations in sections(obj):
        for relocation in relocations:
            if isinstance(relocation.target, Symbol) and relocation.target.name == name:
                return whereabouts(obj, section, relocation.address)
    return obj.name


def sections(obj: Object) -> tuple[tuple[str, list[Relocation]], ...]:
    """-> the sections that can hold relocations, with them."""
    return ("text", obj.text_relocations), ("data", obj.data_relocations)


def addresses(layout: Layout, table: SymbolTable) -> dict[str, int]:
    """-> address of every global name that has one; in a relocatable output, offset in its section."""
    pieces = {id(piece.object): piece for piece in layout.pieces}
    result: dict[str, int] = {}
    for name, entry in table.by_name.items():
        if entry.symbol.section == "common":
            if name in layout.commons:
                result[name] = layout.commons[name]
        elif entry.symbol.defined:
            base = pieces[id(entry.owner)].base(entry.symbol.section) if entry.owner else 0
            result[name] = base + entry.symbol.value
    return result


def put_together(layout: Layout, table: SymbolTable, magic: int, relocatable: bool) -> Object:
    """Layout and symbols -> Object, its entry not yet set. Raises LinkError for relocations that do not fit."""
    text_size, data_size = layout.text_end - layout.text, layout.data_end - layout.data
    if magic == ZMAGIC and not relocatable:
        text_size, data_size = text_size + -text_size % PAGE, data_size + -data_size % PAGE
    output = Object(layout.pieces[0].object.mode, magic, relocatable)
    where = addresses(layout, table)
    by_id = _merge_symbols(output, layout, table, where)
    contents = {"text": layout.contents("text", text_size), "data": layout.contents("data", data_size)}
    problems: list[str] = []
    for piece in layout.pieces:
        output.lines += [Line(piece.text + line.address, line.file, line.line) for line in piece.object.lines]
        if relocatable:
            output.text_relocations += _moved(piece, "text", piece.object.text_relocations, by_id)
            output.data_relocations += _moved(piece, "data", piece.object.data_relocations, by_id)
        else:
            problems += _relocate(piece, contents, {"text": layout.text, "data": layout.data}, where)
    if problems:
        raise LinkError(problems)
    if relocatable:
        for name in ("text_align", "data_align", "bss_align"):
            setattr(output, name, max(getattr(piece.object, name) for piece in layout.pieces))
    output.text, output.data = bytes(contents["text"]), bytes(contents["data"])
    output.bss = layout.bss_end - layout.bss
    return output


def _merge_symbols(output: Object, layout: Layout, table: SymbolTable, where: dict[str, int]) -> dict[int, Symbol]:
    """Fills output.symbols, object by object, each in its own order -> input record (by id) -> output record, as far
    as relocations that stay need it. Undefined symbols, all of them weak, are left out of executables."""
    by_id: dict[int, Symbol] = {}
    merged: dict[str, Symbol] = {}

    def global_symbol(name: str) -> Symbol:
        if name not in merged:
            entry = table.by_name[name]
            old = entry.symbol
            binding = old.binding if entry.rank else "global" if entry.wanted else "weak"
            section = "bss" if old.section == "common" and name in where else old.section
            value = where.get(name, old.value)
            align = old.align if section == "common" else 1
            merged[name] = Symbol(name, section, value, binding, old.kind, align)
            output.symbols.append(merged[name])
        return merged[name]

    state = CODE
    for piece in layout.pieces:
        needed = {id(r.target) for _, relocations in sections(piece.object) for r in relocations}
        state = _mark_code(output, piece, state)
        for symbol in piece.object.symbols:
            if symbol.binding != "local":
                entry = table.by_name[symbol.name]
                if entry.rank and entry.owner is piece.object:
                    global_symbol(symbol.name)
            elif not symbol.name.startswith(TEMPORARY) or (output.relocatable and id(symbol) in needed):
                value = piece.base(symbol.section) + symbol.value
                by_id[id(symbol)] = Symbol(symbol.name, symbol.section, value, "local", symbol.kind)
                output.symbols.append(by_id[id(symbol)])
    for name, entry in table.by_name.items():
        if entry.owner is None and entry.rank:
            global_symbol(name)
    if output.relocatable:
        for piece in layout.pieces:
            for symbol in piece.object.symbols:
                if symbol.binding != "local":
                    by_id[id(symbol)] = global_symbol(symbol.name)
    return by_id


def _mark_code(output: Object, piece: Piece, state: str) -> str:
    """Keeps data at the end of one object's text from reaching into the next one's code: both are told apart by the
    last mapping symbol before an address -> the state at the end of this piece."""
    marks = sorted(
        (s.value, s.name) for s in piece.object.symbols
        if s.section == "text" and s.binding == "local" and s.name in (CODE, DATA)
    )  # fmt: skip
    if state == DATA and piece.object.text and not (marks and marks[0][0] == 0):
        output.symbols.append(Symbol(CODE, "text", piece.text, "local"))
        state = CODE
    return marks[-1][1] if marks else state


def _moved(
    piece: Piece, section: str, relocations: Iterable[Relocation], by_id: dict[int, Symbol]
) -> Iterator[Relocation]:
    """Relocations of one object -> the same for the bigger object that now holds it."""
    origin = piece.base(section)
    for r in relocations:
        if isinstance(r.target, str):
            yield Relocation(r.address + origin, r.kind, r.target, r.addend + piece.base(r.target))
        else:
            yield Relocation(r.address + origin, r.kind, by_id[id(r.target)], r.addend)


def _relocate(
    piece: Piece, contents: dict[str, bytearray], origins: dict[str, int], where: dict[str, int]
) -> Iterator[str]:
    """Patches every place of one object in `contents` -> a sentence for each that cannot be patched."""

    def target_of(r: Relocation) -> int:
        """S + A; S is 0 for an undefined weak symbol. Auipc reaches that from everywhere, as 32 bits wrap around."""
        target = r.target
        if isinstance(target, str):
            return piece.base(target) + r.addend
        if target.binding == "local":
            return piece.base(target.section) + target.value + r.addend
        return where.get(target.name, 0) + r.addend

    high_parts: dict[int, int] = {}
    for r in piece.object.text_relocations:
        if r.kind == "PCREL_HI20":
            high_parts[piece.text + r.address] = value_of(r.kind, target_of(r), piece.text + r.address)
    for section, relocations in sections(piece.object):
        for r in relocations:
            place = piece.base(section) + r.address
            target = target_of(r)
            try:
                if RULES[r.kind].paired:
                    if target not in high_parts:
                        raise ReachError(f"there is no auipc with %pcrel_hi at {target:#x}, to which it refers")
                    value = high_parts[target]
                else:
                    value = value_of(r.kind, target, place)
                patch(contents[section], place - origins[section], r.kind, value)
            except ReachError as error:
                name = r.target if isinstance(r.target, str) else r.target.name
                yield f"{whereabouts(piece.object, section, r.address)}: {r.kind} relocation against {name!r}: {error}"


def strip(obj: Object, what: str) -> None:
    """Removes from an Object line numbers (what="debug") or symbols too (what="all"); what="" changes nothing.

    In a relocatable object "all" keeps global symbols and those that relocations need: it can still be linked.
    """
    if what:
        obj.lines = []
    if what == "all":
        needed = {id(r.target) for _, relocations in sections(obj) for r in relocations}
        obj.symbols = [s for s in obj.symbols if obj.relocatable and (s.binding != "local" or id(s) in needed)]
