"""Objects and archives -> one executable (or, with relocatable=True, one bigger object).

    resolve   every global name gets one definition; archive members that define wanted names join in   symbols.py
    lay out   every section of every object gets its address                                            layout.py
    relocate  every place that waited for an address is patched                                         relocate.py

Inputs are taken in order, as GNU ld does: an archive serves the names that are wanted when its turn comes.
Equal inputs give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assembler.archiver import Archive, Member
from assembler.layout import Layout, place
from assembler.output import LinkError, addresses, first_use, put_together, strip, whereabouts
from assembler.relocate import WRAP
from assembler.symbols import SymbolTable
from vm.aout import NMAGIC, OMAGIC, PAGE, Object, read

__all__ = ["USER_TEXT", "Input", "LinkError", "Linker", "link"]

USER_TEXT = 0x1_0000  # where programs are linked unless -Ttext says otherwise
GLOBAL_POINTER = 0x800  # gp points this far into data, so that signed 12-bit offsets reach 4 KiB of it
DEFAULT_ENTRY = "_start"

Input = Object | Archive | Sequence[Archive]


def is_number(text: str) -> bool:
    """True for what int(text, 0) reads: -e takes an address as well as a symbol."""
    try:
        int(text, 0)
    except ValueError:
        return False
    return True


@dataclass(slots=True)
class Linker:
    """The options of one link; after run(), what a map file tells: `layout`, `table`, `pulled`, `warnings`.

    text: address of text, a multiple of 4096. entry: a symbol or a number as text; None means _start where it exists.
    strip: "" keeps all symbols, "debug" drops line numbers, "all" drops everything. defsyms: name -> value, defined by
    the linker. undefined: names to be pulled from archives although nobody refers to them.
    """

    text: int = USER_TEXT
    entry: str | None = None
    magic: int = NMAGIC
    relocatable: bool = False
    strip: str = ""
    defsyms: Mapping[str, int] = field(default_factory=dict)
    undefined: Sequence[str] = ()
    objects: list[Object] = field(default_factory=list)
    table: SymbolTable = field(default_factory=SymbolTable)
    pulled: list[tuple[Object, Object | None, str]] = field(default_factory=list)  # member, who wanted it, which name
    layout: Layout = field(default_factory=lambda: Layout([]))
    warnings: list[str] = field(default_factory=list)

    def run(self, inputs: Iterable[Input]) -> Object:
        """Inputs in order -> the linked Object. Raises LinkError with every problem found; AoutError, ArchiveError."""
        if self.relocatable:
            self.magic, self.text = OMAGIC, 0
        if self.text % PAGE or not 0 <= self.text < WRAP:
            raise LinkError([f"text address {self.text:#x} is not a 32-bit multiple of {PAGE}"])
        for name, value in self.defsyms.items():
            self.table.define(name, "abs", value)
        for name in [*self.undefined, *self._wanted_entry()]:
            self.table.want(name)
        for item in inputs:
            if isinstance(item, Object):
                self._add(item)
            else:
                self._search([item] if isinstance(item, Archive) else item)
        if not self.objects:
            raise LinkError(["nothing to link: no object among the inputs"])
        commons = [e.symbol for e in self.table.by_name.values() if e.symbol.section == "common"]
        self.layout = place(self.objects, commons, self.text, self.magic, self.relocatable)
        if self.layout.bss_end >= WRAP:  # _end would be 0
            raise LinkError([f"the program ends at {self.layout.bss_end:#x}, beyond the 32-bit address space"])
        if not self.relocatable:
            self._define_landmarks()
        self._check_symbols()
        output = put_together(self.layout, self.table, self.magic, self.relocatable)
        if not self.relocatable:
            output.entry = self._entry_address(output)
        strip(output, self.strip)
        return output

    def _entry_address(self, output: Object) -> int:
        """The entry option -> address, which must lie in the first page of text."""
        name = self.entry or DEFAULT_ENTRY
        if is_number(name):
            address = int(name, 0)
        else:
            address = addresses(self.layout, self.table).get(name, -1)
        if address < 0:
            address = self.text
            self.warnings.append(f"cannot find entry symbol {name}; the program starts at {address:#x}")
        if not self.text <= address < self.text + min(PAGE, max(len(output.text), 1)):
            raise LinkError([
                f"entry {name} is {address:#x}, outside the first page of text, which begins at {self.text:#x}; "
                "link the object that holds it first"
            ])  # fmt: skip
        return address

    def _wanted_entry(self) -> list[str]:
        """The entry symbol, where it is asked for by name: it pulls its archive member in."""
        return [self.entry] if self.entry and not is_number(self.entry) and not self.relocatable else []

    def _add(self, obj: Object) -> None:
        """One more object; it must be for the same machine and not linked before."""
        if not obj.relocatable:
            raise LinkError([f"{obj.name}: already linked; expected an object file or an archive"])
        if self.objects and obj.mode != self.objects[0].mode:
            first = self.objects[0]
            raise LinkError([f"{obj.name} is {obj.mode} code, but {first.name} is {first.mode} code"])
        self.objects.append(obj)
        self.table.add(obj)

    def _search(self, archives: Sequence[Archive]) -> None:
        """Pulls members that define wanted names, until none of the group has any more to give."""
        taken: set[int] = set()
        found = True
        while found:
            found = False
            for archive in archives:
                index = archive.definitions()
                for entry in self.table.missing():
                    member = index.get(entry.name)
                    if member is not None and id(member) not in taken and entry.rank == 0:
                        taken.add(id(member))
                        obj = self._member(archive, member)
                        self.pulled.append((obj, entry.users[0] if entry.users else None, entry.name))
                        self._add(obj)
                        found = True

    @staticmethod
    def _member(archive: Archive, member: Member) -> Object:
        return read(member.content, f"{archive.name}({member.name})")

    def _define_landmarks(self) -> None:
        """The names that programs use to find the ends of their sections, as GNU ld's default script gives them."""
        lay = self.layout
        always = {
            "_etext": ("text", lay.text_end),
            "_edata": ("data", lay.data_end),
            "__bss_start": ("bss", lay.bss),
            "_end": ("bss", lay.bss_end),
        }
        on_demand = {
            "__executable_start": ("text", lay.text),
            "__etext": always["_etext"],
            "etext": always["_etext"],
            "edata": always["_edata"],
            "__BSS_END__": always["_end"],
            "end": always["_end"],
            "__DATA_BEGIN__": ("data", lay.data),
            "__global_pointer$": ("data", lay.data + GLOBAL_POINTER),
        }
        for name, (section, address) in always.items():
            self.table.define(name, section, address)
        for name, (section, address) in on_demand.items():
            if name in self.table.by_name:
                self.table.define(name, section, address)

    def _check_symbols(self) -> None:
        """Raises LinkError for names with several definitions and, in an executable, for names with none."""
        problems = []
        for entry in self.table.duplicates():
            places = [self._definition(obj, entry.name) for obj in [entry.owner, *entry.rivals] if obj]
            problems.append(f"{places[1]}: symbol {entry.name!r} is defined again; first defined in {places[0]}")
            problems += [f"{place}: symbol {entry.name!r} is defined again" for place in places[2:]]
        if not self.relocatable:
            for entry in self.table.missing():
                users = [first_use(obj, entry.name) for obj in entry.users] or ["the command line"]
                problems.append(f"undefined symbol {entry.name!r}, used by {', '.join(users)}{self._hint(entry.name)}")
        if problems:
            raise LinkError(problems)

    @staticmethod
    def _definition(obj: Object, name: str) -> str:
        """Where an object defines a name, as text."""
        symbol = next(s for s in obj.symbols if s.name == name and s.binding != "local")
        return whereabouts(obj, symbol.section, symbol.value) if symbol.section != "abs" else obj.name

    def _hint(self, name: str) -> str:
        from difflib import get_close_matches  # only on the way to an error message

        defined = [entry.name for entry in self.table.by_name.values() if entry.rank]
        near = get_close_matches(name, defined, n=1, cutoff=0.75)
        return f"; did you mean {near[0]!r}?" if near else ""


def link(inputs: Iterable[Input], **options: Any) -> Object:
    """Objects, archives and groups of archives, in order -> the linked Object; options as Linker has them."""
    return Linker(**options).run(inputs)
