"""Objects -> one table of global symbols: who defines a name, who refers to it, which definition wins.

The rules are those of GNU ld (bfd/linker.c, link_action): a strong definition beats a common symbol, a common symbol
beats a weak definition, the largest of several commons wins, two strong definitions are an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vm.aout import Object, Symbol


@dataclass(slots=True)
class Global:
    """One name. `symbol` is the winning record and `owner` its object; owner None: defined by the linker itself."""

    name: str
    symbol: Symbol
    owner: Object | None
    users: list[Object] = field(default_factory=list)  # objects that refer to it without defining it
    wanted: bool = False  # some reference is not weak
    rivals: list[Object] = field(default_factory=list)  # further objects with a strong definition

    @property
    def rank(self) -> int:
        """undefined 0, weak definition 1, common 2, strong definition 3."""
        return rank(self.symbol)


def rank(symbol: Symbol) -> int:
    """A global or weak record -> its strength, as in Global.rank."""
    if symbol.section == "undef":
        return 0
    if symbol.section == "common":
        return 2
    return 1 if symbol.binding == "weak" else 3


class SymbolTable:
    """The global symbols of the objects added so far, in order of first appearance."""

    def __init__(self) -> None:
        self.by_name: dict[str, Global] = {}

    def add(self, obj: Object) -> None:
        """Enters all global and weak symbols of an object."""
        for symbol in obj.symbols:
            if symbol.binding != "local":
                self._enter(symbol, obj)

    def define(self, name: str, section: str, value: int) -> None:
        """Gives a name a value of the linker's own, unless an object defines it."""
        known = self.by_name.get(name)
        symbol = Symbol(name, section, value)
        if known is None:
            self.by_name[name] = Global(name, symbol, None)
        elif known.rank == 0:
            known.symbol, known.owner = symbol, None

    def want(self, name: str) -> None:
        """Makes a name undefined and wanted, so that an archive member that defines it is pulled in."""
        known = self.by_name.setdefault(name, Global(name, Symbol(name), None))
        known.wanted = True

    def missing(self) -> list[Global]:
        """-> the names that are wanted and have no definition."""
        return [entry for entry in self.by_name.values() if entry.wanted and entry.rank == 0]

    def duplicates(self) -> list[Global]:
        """-> the names with several strong definitions."""
        return [entry for entry in self.by_name.values() if entry.rivals]

    def _enter(self, symbol: Symbol, obj: Object) -> None:
        entry = self.by_name.get(symbol.name)
        if entry is None:
            entry = self.by_name[symbol.name] = Global(symbol.name, symbol, obj)
        elif (new := rank(symbol)) == 3 and entry.rank == 3:
            entry.rivals.append(obj)
        elif new == 2 and entry.rank == 2:
            size, align = max(symbol.value, entry.symbol.value), max(symbol.align, entry.symbol.align)
            owner = obj if symbol.value > entry.symbol.value else entry.owner
            entry.symbol = Symbol(symbol.name, "common", size, "global", symbol.kind or entry.symbol.kind, align)
            entry.owner = owner
        elif new > entry.rank:
            entry.symbol, entry.owner = symbol, obj
        if symbol.section == "undef":
            entry.users.append(obj)
            entry.wanted |= symbol.binding != "weak"
