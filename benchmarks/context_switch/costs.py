"""Cost models: counters -> cycles. One TOML file a model in models/, read and checked here.

Cycles are a linear function of what the meter counts: so many for an instruction of each cost class, and so many more
for each load, store, taken branch, trap, miss. Every number names where it comes from: `source`, a key of the file's
table of sources, or `assumption`, a sentence that says on what ground it was chosen.

    [model]      name, about, modes, clock (MHz, a number as below)
    [sources]    key = "citation"
    [classes]    cost class = { cycles = 1, source = "key" }, one of each class that the modes have
    [penalties]  one of each of PENALTIES
    [memory]     icache, dcache or cache = { size, ways, line, source or assumption }, tlb = { entries, ways, ... }
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vm.meter import CacheShape, TlbShape

FOLDER = Path(__file__).parent / "models"

# Penalty -> the counters, or the beginnings of their names, that it is multiplied with, and what it is for.
PENALTIES: dict[str, tuple[str, str]] = {
    "load": ("loads", "a load, beyond its instruction"),
    "store": ("stores", "a store, beyond its instruction"),
    "taken": ("taken", "a conditional branch that is taken"),
    "load_use": ("load_use", "an instruction that reads what the one before it has loaded"),
    "round": ("rounds", "each further round of a block instruction"),
    "exception": ("exceptions", "entering the handler of an exception or system call"),
    "interrupt": ("interrupts", "entering the handler of an interrupt"),
    "return": ("returns", "returning from a trap, beyond the instruction"),
    "fetch_miss": ("fetch_misses", "an instruction fetch that misses its cache"),
    "read_miss": ("read_misses", "a load that misses its cache"),
    "write_miss": ("write_misses", "a store that misses its cache"),
    "tlb_miss": ("tlb_misses", "a translation that misses the TLB"),
    "walk_read": ("walk_reads", "an entry of the page table that is read for it"),
}
_CLASS = "classes "  # how the names of the counters of instructions begin
_MODEL_KEYS = ("name", "about", "modes", "clock")
_SHAPES = {"icache": ("size", "ways", "line"), "dcache": ("size", "ways", "line"), "cache": ("size", "ways", "line"),
           "tlb": ("entries", "ways")}  # fmt: skip


class CostError(Exception):
    """A model that there is not, or a file that is no model; the message is a sentence for the user."""


class UnknownModel(CostError):
    """A name that no model has, and that is not that of a file either."""


@dataclass(frozen=True)
class Number:
    """A number of a model. ground: the citation, or what an assumption rests on."""

    value: float
    ground: str
    assumption: bool


@dataclass(frozen=True)
class Shape:
    """A cache or TLB of a model: its numbers by name, as vm.meter wants them."""

    numbers: Mapping[str, Any]
    ground: str
    assumption: bool


@dataclass(frozen=True)
class CostModel:
    """A machine's cost model. modes: those it can be applied to; clock: MHz; classes: cycles by cost class; penalties:
    cycles by name, see PENALTIES; memory: what is simulated when caches are asked for."""

    name: str
    about: str
    modes: tuple[str, ...]
    clock: Number
    classes: Mapping[str, Number]
    penalties: Mapping[str, Number]
    memory: Mapping[str, Shape]

    def weight(self, counter: str) -> float:
        """Name of a counter, such as "classes alu", "loads", "exceptions 8" -> cycles for each; 0 if it costs none."""
        if counter.startswith(_CLASS):
            number = self.classes.get(counter.removeprefix(_CLASS))
            return number.value if number else 0.0
        field = counter.partition(" ")[0]
        return next((self.penalties[name].value for name, (of, _) in PENALTIES.items() if of == field), 0.0)

    def cycles(self, counts: Mapping[str, float]) -> float:
        """Counters by name -> cycles. ValueError: instructions of a class that the model does not know."""
        total = 0.0
        for counter, count in counts.items():
            if count and counter.startswith(_CLASS) and counter.removeprefix(_CLASS) not in self.classes:
                raise ValueError(f"model {self.name} has no cycles for class {counter.removeprefix(_CLASS)!r}")
            total += count * self.weight(counter)
        return total

    def microseconds(self, cycles: float) -> float:
        """Cycles -> time at the model's clock."""
        return cycles / self.clock.value

    def shapes(self) -> dict[str, CacheShape | TlbShape]:
        """-> arguments of vm.meter.Meter: the model's caches and TLB."""
        from vm.meter import CacheShape, TlbShape

        return {name: (TlbShape if name == "tlb" else CacheShape)(**s.numbers) for name, s in self.memory.items()}

    def notes(self) -> list[str]:
        """-> a line a ground: what it was used for. Assumptions come last, and say that they are."""
        numbers: dict[str, Number | Shape] = {"clock": self.clock}
        numbers |= {f"class {name}": number for name, number in self.classes.items()}
        numbers |= {**self.penalties, **self.memory}
        found: dict[tuple[bool, str], list[str]] = {}
        for name, item in numbers.items():
            found.setdefault((item.assumption, item.ground), []).append(name)
        return [
            f"{', '.join(names)}: {'ASSUMED: ' if assumption else ''}{ground}"
            for (assumption, ground), names in sorted(found.items(), key=lambda entry: entry[0][0])
        ]


def names() -> list[str]:
    """-> the names of all models that there are."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def load(name: str | Path) -> CostModel:
    """Name of a model, or path of a file that ends in .toml -> the model. Raises CostError."""
    own = str(name).endswith(".toml")
    if not own and str(name) not in names():
        known = ", ".join(names())
        raise UnknownModel(f"there is no cost model {str(name)!r}; expected one of: {known}, or a .toml file")
    file = Path(name) if own else FOLDER / f"{name}.toml"
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CostError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CostError(f"{file}: is not TOML: the byte at offset {error.start} is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CostError(f"{file}: is not TOML: {error}") from None
    return _Reader(file.name, content).model()


class _Reader:
    """Content of a file -> its model, checked."""

    def __init__(self, file: str, content: dict[str, Any]) -> None:
        self.file, self.content = file, content

    def fail(self, key: str, what: str) -> CostError:
        return CostError(f"{self.file}: {key}: {what}")

    def model(self) -> CostModel:
        self.check_keys("the file", self.content, ("model", "sources", "classes", "penalties"), ("memory",))
        head = self.content["model"]
        self.check_keys("model", head, _MODEL_KEYS)
        self.sources = self.content["sources"]
        for key, citation in self.sources.items():
            self.text(f"sources.{key}", citation)
        modes = self.modes(head["modes"])
        classes, penalties = self.content["classes"], self.content["penalties"]
        self.check_keys("classes", classes, _classes(modes))
        self.check_keys("penalties", penalties, tuple(PENALTIES))
        clock = self.number("model.clock", head["clock"], "mhz")
        if clock.value == 0:
            raise self.fail("model.clock", "expected more than 0 MHz")
        return CostModel(
            self.text("model.name", head["name"]),
            self.text("model.about", head["about"]),
            modes,
            clock,
            {key: self.number(f"classes.{key}", value) for key, value in classes.items()},
            {key: self.number(f"penalties.{key}", value) for key, value in penalties.items()},
            self.memory(self.content.get("memory", {})),
        )

    def check_keys(self, what: str, table: object, required: tuple[str, ...], others: tuple[str, ...] = ()) -> None:
        if not isinstance(table, dict):
            raise self.fail(what, f"expected a table, not {table!r}")
        missing = [key for key in required if key not in table]
        if missing:
            raise self.fail(what, f"{', '.join(missing)} missing; expected: {', '.join((*required, *others))}")
        unknown = [key for key in table if key not in required and key not in others]
        if unknown:
            raise self.fail(what, f"unknown key {unknown[0]!r}; expected: {', '.join((*required, *others))}")

    def text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, f"expected a text, not {value!r}")
        return value

    def modes(self, value: object) -> tuple[str, ...]:
        from vm.machine import MODES

        if not isinstance(value, list) or not value or not all(mode in MODES for mode in value):
            raise self.fail("model.modes", f"expected a list of modes out of {', '.join(MODES)}, not {value!r}")
        return tuple(value)

    def number(self, key: str, value: object, unit: str = "cycles") -> Number:
        if not isinstance(value, dict):
            raise self.fail(key, f'expected {{ {unit} = number, source = "..." or assumption = "..." }}, not {value!r}')
        self.check_keys(key, value, (unit,), ("source", "assumption"))
        ground, assumption = self.ground(key, value)
        return Number(float(self.quantity(key, value[unit], unit, (int, float))), ground, assumption)

    def quantity(self, key: str, value: object, unit: str, kinds: type | tuple[type, ...]) -> Any:
        if isinstance(value, bool) or not isinstance(value, kinds) or value != value or value in (float("inf"),):
            raise self.fail(key, f"{unit}: expected a number, not {value!r}")
        if value < 0:  # type: ignore[operator]
            raise self.fail(key, f"{unit}: expected 0 or more, not {value!r}")
        return value

    def ground(self, key: str, value: dict[str, object]) -> tuple[str, bool]:
        """-> (citation or reason, whether it is an assumption)"""
        if ("source" in value) == ("assumption" in value):
            raise self.fail(key, "expected either a source or an assumption")
        if "assumption" in value:
            return self.text(f"{key}.assumption", value["assumption"]), True
        source = self.text(f"{key}.source", value["source"])
        if source not in self.sources:
            known = ", ".join(self.sources) or "which is empty"
            raise self.fail(key, f"source {source!r} is not in the table of sources, {known}")
        return str(self.sources[source]), False

    def memory(self, table: object) -> dict[str, Shape]:
        from vm.meter import MeterError

        self.check_keys("memory", table, (), tuple(_SHAPES))
        assert isinstance(table, dict)
        found = {}
        for name, value in table.items():
            self.check_keys(f"memory.{name}", value, _SHAPES[name], ("source", "assumption", "write_allocate"))
            ground, assumption = self.ground(f"memory.{name}", value)
            numbers = {key: value[key] for key in value if key not in ("source", "assumption")}
            found[name] = Shape(numbers, ground, assumption)
        if "cache" in found and ("icache" in found or "dcache" in found):
            raise self.fail("memory", "expected one cache, or icache and dcache; not both kinds")
        model = CostModel("", "", (), Number(1, "", False), {}, {}, found)
        try:
            model.shapes()
        except (MeterError, TypeError) as error:
            raise self.fail("memory", str(error)) from None
        return found


def _classes(modes: tuple[str, ...]) -> tuple[str, ...]:
    """Modes -> the cost classes that their instructions have."""
    from vm.isa import cisc, codec

    found: list[str] = []
    for mode in modes:
        found += [row.cost for row in (cisc.ROWS if mode == codec.CISC else codec.rows(mode))]
    return tuple(dict.fromkeys(found))
