"""Addresses <-> names, source lines and source text, of the kernel and of the programs that run on it.

symbols = Symbols(build.system("risc"))
symbols.name(0x8000_0a14)  # "trap+0x14"

The guest's own copies of its programs carry no symbols; the host has them with all, made when they are first asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from toyos import build
from toyos.build import KERNEL_ADDRESS, PROJECT, System
from toyos.errors import suggestion
from vm import aout
from vm.aout import Line, Object

NAME_ROOM = 15  # bytes of a program's name that a PCB keeps
FOLDERS = ("run", *build.PROGRAM_FOLDERS)  # in the order in which a shell looks for programs
MEMORY = ("text", "data", "bss")  # sections whose symbols are places
CODE, DATA = "$x", "$d"  # marks of the assembler's: from here on text holds code, or data (RISC-V ELF psABI)
_FIRST = {"func": 0, "object": 1}  # which of several symbols at an address gives the name
_ENDS = ("_end", "_top")  # how names end that say where something ends; what begins there comes first
_BINDING = {"global": 0, "weak": 1, "local": 2}


class SymbolError(Exception):
    """A name, file or line that nothing has; the message is a sentence, with what was perhaps meant."""


class Named(Protocol):
    """A process, as far as symbols need one. program: guest path of what it runs, or the name in its PCB."""

    @property
    def program(self) -> str: ...


class Table:
    """One program's symbols and lines. obj: linked, with addresses."""

    def __init__(self, obj: Object, title: str) -> None:
        self.object, self.title = obj, title
        self.start = obj.text_address
        self.text_end = self.start + len(obj.text)
        self.end = obj.data_address + len(obj.data) + obj.bss

    @cached_property
    def values(self) -> Mapping[str, int]:
        """Every symbol's value: addresses, and for absolute symbols numbers. Of several the most visible one counts."""
        known = sorted((s for s in self.object.symbols if s.defined), key=lambda s: -_BINDING[s.binding])
        return {symbol.name: symbol.value for symbol in known}

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The symbols that are addresses, by name."""
        symbols = (s.name for s in self.object.symbols if s.section in MEMORY and s.name not in (CODE, DATA))
        return {name: self.values[name] for name in symbols}

    @cached_property
    def _sorted(self) -> tuple[list[int], list[str]]:
        """Addresses in order, and the name of each."""
        best: dict[int, tuple[bool, int, int, str]] = {}
        for s in self.object.symbols:
            if s.section in MEMORY and s.name not in (CODE, DATA):
                rank = (s.name.endswith(_ENDS), _BINDING[s.binding], _FIRST.get(s.kind, 2), s.name)
                best[s.value] = min(rank, best.get(s.value, rank))
        addresses = sorted(best)
        return addresses, [best[address][-1] for address in addresses]

    def nearest(self, address: int) -> tuple[str, int] | None:
        """Address -> the symbol at or before it and the distance; None outside the program."""
        if not self.start <= address < self.end:
            return None
        addresses, names = self._sorted
        at = bisect_right(addresses, address) - 1
        return (names[at], address - addresses[at]) if at >= 0 else None

    @cached_property
    def code(self) -> list[tuple[int, int]]:
        """-> (start, end) of the stretches of text that hold code; each begins where an instruction does."""
        text = [s for s in self.object.symbols if s.section == "text" and self.start <= s.value < self.text_end]
        marks = {s.value: s.name == CODE for s in text if s.name in (CODE, DATA)}
        borders = sorted({self.start, self.text_end, *(s.value for s in text)})
        found, is_code = [], True
        for start, end in zip(borders, borders[1:], strict=False):
            is_code = marks.get(start, is_code)
            if is_code:
                found.append((start, end))
        return found

    @cached_property
    def _lines(self) -> tuple[list[int], list[Line]]:
        lines = sorted(self.object.lines, key=lambda line: line.address)
        return [line.address for line in lines], lines

    def line(self, address: int) -> Line | None:
        """Address of an instruction -> the source line that it comes from."""
        addresses, lines = self._lines
        at = bisect_right(addresses, address) - 1
        return lines[at] if at >= 0 and address < self.text_end else None

    @cached_property
    def _by_file(self) -> Mapping[str, Mapping[int, list[int]]]:
        """File -> line -> where its code begins: once for each run of instructions."""
        found: dict[str, dict[int, list[int]]] = {}
        last: tuple[str, int] | None = None
        for line in self._lines[1]:
            if (line.file, line.line) != last:
                found.setdefault(line.file, {}).setdefault(line.line, []).append(line.address)
            last = line.file, line.line
        return found

    @property
    def files(self) -> tuple[str, ...]:
        """-> the sources that code comes from."""
        return tuple(self._by_file)

    def file_called(self, file: str) -> str | None:
        """What a user says for a file -> its name here: the same, or one that ends with it."""
        if file in self._by_file:
            return file
        wanted = Path(file)
        return next((name for name in self._by_file if Path(name).parts[-len(wanted.parts) :] == wanted.parts), None)

    def addresses_of_line(self, file: str, number: int) -> list[int]:
        """A file of `files` and a line -> where its code begins; of a line without code, that of the next one."""
        lines = self._by_file.get(file, {})
        number = min((each for each in lines if each >= number), default=0)
        return lines.get(number, [])


class Symbols:
    """All names of a system. own: guest path -> the user's program with symbols, an Object or the bytes of one.

    A `process` below is what has the attribute `program`, a guest path, or the name in a PCB; None: no process, which
    leaves the kernel and the user's own programs.
    """

    def __init__(self, parts: System, own: Mapping[str, Object | bytes] | None = None) -> None:
        self.parts, self._own = parts, dict(own or {})
        self._tables: dict[str, Table | None] = {}
        self._texts: dict[str, list[str] | None] = {}

    @cached_property
    def kernel(self) -> Table:
        return Table(aout.read(self.parts.kernel, "the kernel"), "kernel")

    # ---- programs ----------------------------------------------------------------------------------------------------
    @cached_property
    def programs(self) -> tuple[str, ...]:
        """-> guest paths of all programs."""
        return tuple(dict.fromkeys((*self._own, *self.parts.programs)))

    def candidates(self, name: str) -> list[str]:
        """Name in a PCB, or a guest path -> guest paths of the programs that this may be, the likeliest first."""
        path = name.lstrip("/")
        if path in self.programs:
            return [path]
        folders = {folder: rank for rank, folder in enumerate(FOLDERS)}
        found = [each for each in self.programs if each.rpartition("/")[2][:NAME_ROOM] == name[:NAME_ROOM]]
        return sorted(found, key=lambda each: folders.get(each.partition("/")[0], len(folders)))

    def program(self, path: str) -> Table | None:
        """Guest path or name in a PCB -> that program's table; None when the host does not know it."""
        if path not in self._tables:
            found = self.candidates(path)
            self._tables[path] = self._load(found[0]) if found else None
        return self._tables[path]

    def _load(self, path: str) -> Table | None:
        own = self._own.get(path)
        if isinstance(own, Object):
            return Table(own, path)
        content = own or build.with_symbols(path, self.parts) or self.parts.programs.get(path)
        if content is None or not aout.is_aout(content):
            return None
        return Table(aout.read(content, path), path)

    def tables(self, process: Named | str | None = None) -> Iterator[Table]:
        """-> where a name is looked up: the process's program, then the kernel, then the user's own programs."""
        paths = list(self._own)
        if process is not None:
            table = self.program(_program_of(process))
            if table is not None:
                yield table
                paths = [path for path in paths if path != table.title]
        yield self.kernel
        for path in paths:
            table = self.program(path)
            if table is not None:
                yield table

    def table_at(self, address: int, process: Named | str | None = None) -> Table | None:
        """Virtual address -> the table of what lies there for this process."""
        if address >= KERNEL_ADDRESS:
            return self.kernel
        if process is not None:
            return self.program(_program_of(process))
        return self.program(next(iter(self._own))) if len(self._own) == 1 else None

    # ---- names -------------------------------------------------------------------------------------------------------
    def name(self, address: int, process: Named | str | None = None) -> str:
        """Virtual address -> "trap+0x14", or "" where nothing has a name."""
        table = self.table_at(address, process)
        found = table.nearest(address) if table else None
        if found is None:
            return ""
        return f"{found[0]}+{found[1]:#x}" if found[1] else found[0]

    def address(self, name: str, process: Named | str | None = None) -> int:
        """Symbol -> its address. Raises SymbolError."""
        for table in self.tables(process):
            if name in table.places:
                return table.places[name]
        raise SymbolError(self._unknown(name, process))

    def value(self, name: str, process: Named | str | None = None) -> int:
        """Symbol, also one that is no address, such as P_PID -> its value. Raises SymbolError."""
        for table in self.tables(process):
            if name in table.values:
                return table.values[name]
        raise SymbolError(self._unknown(name, process))

    def _unknown(self, name: str, process: Named | str | None) -> str:
        tables = list(self.tables(process))
        where = " or ".join(table.title for table in tables)
        hint = suggestion(name, (each for table in tables for each in table.places))
        return f"there is no symbol {name!r} in {where}{hint}"

    # ---- lines -------------------------------------------------------------------------------------------------------
    def line(self, address: int, process: Named | str | None = None) -> Line | None:
        """Virtual address of an instruction -> the source line that it comes from, or None."""
        table = self.table_at(address, process)
        return table.line(address) if table else None

    def addresses_of_line(self, file: str, number: int, process: Named | str | None = None) -> list[int]:
        """A source, by its name or the end of its path, and a line -> where that line's code begins; of a line without
        code, that of the next line with any. Raises SymbolError."""
        for table in self.tables(process):
            found = table.file_called(file)
            if found is not None:
                addresses = table.addresses_of_line(found, number)
                if addresses:
                    return addresses
                raise SymbolError(f"{found} has no code from line {number} on")
        names = [name for table in self.tables(process) for path in table.files for name in (path, Path(path).name)]
        raise SymbolError(f"no code comes from a file {file!r}{suggestion(file, names)}")

    def source(self, file: str) -> list[str] | None:
        """File as a Line names it -> its lines, the first at index 0; None when it cannot be read."""
        if file not in self._texts:
            inside, given = PROJECT / file, Path(file)
            path = inside if not given.is_absolute() and inside.is_file() else given
            try:
                self._texts[file] = path.read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                self._texts[file] = None
        return self._texts[file]

    def text(self, line: Line | None) -> str:
        """Line -> its source text, "" when it cannot be read."""
        lines = self.source(line.file) if line else None
        return lines[line.line - 1] if line and lines and 0 < line.line <= len(lines) else ""


def _program_of(process: Named | str) -> str:
    return process if isinstance(process, str) else process.program
