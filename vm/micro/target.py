"""Mode -> what differs between the machines that the engine can be: the one place that vm/micro keeps it.

Everything else in vm/micro is written for any mode and asks the target. What is not a number is named by text,
"module" or "module:name", and imported when it is first asked for: a warm start generates no code and imports none of
what generates it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from vm.arch import CLOCKS_PER_TICK, REAL_TIME_CLOCKS_PER_TICK
from vm.isa.sets import DEFAULT_ISA
from vm.micro.layout import FIXED, HALVES, VARIABLE, Layout

if TYPE_CHECKING:
    from vm.isa.row import Row
    from vm.micro.context import MicroOp, Routine
    from vm.micro.csr import Csr


_NOTED = tuple(f"vm.micro.observing:{name}" for name in ("stored", "resolve_read", "resolve_write"))


@dataclass(frozen=True)
class Target:
    """A mode of the engine.

    ops:       modules whose micro-ops it has; of two with one name the later module's counts
    csrs:      modules whose ROWS of CSRs it has; a later row replaces an earlier one of the same number
    routines:  "module:name" of routines that take the place of those of the same name
    builder:   class that makes the LLVM module (vm.micro.interpreter.Builder or one derived from it)
    reference: class that runs instructions in plain Python (vm.micro.reference.Reference or one derived from it)
    metered:   the two classes are put behind hooks that count (see metering.py)
    meters:    module that has these hooks: metered_builder and metered_reference, class -> class
    counted:   routines, as above, that take others' place there
    observed:  the two classes are put behind hooks that watch (see observing.py)
    observers: module that has these: observing_builder and observing_reference, class -> class
    noted:     routines, as above, that take others' place there
    clocks_per_tick: of mtime
    isa:       the instruction set, a name of vm.isa.sets.ISAS
    """

    mode: str
    layout: Layout
    ops: tuple[str, ...]
    csrs: tuple[str, ...] = ("vm.micro.csr",)
    routines: tuple[str, ...] = ()
    builder: str = "vm.micro.interpreter:Builder"
    reference: str = "vm.micro.reference:Reference"
    metered: bool = False
    meters: str = "vm.micro.meter_instructions"
    counted: tuple[str, ...] = ()
    observed: bool = False
    observers: str = "vm.micro.observing_native"
    noted: tuple[str, ...] = _NOTED
    clocks_per_tick: int = CLOCKS_PER_TICK
    isa: str = DEFAULT_ISA

    def accounting(self) -> Target:
        """-> the same mode in the build that counts: without fusion."""
        layout, routines = replace(self.layout, chain=1), self.routines + self.counted
        return replace(self, layout=layout, routines=routines, metered=True)

    def observing(self) -> Target:
        """-> the same mode in the build that watches."""
        return replace(self, routines=self.routines + self.noted, observed=True)

    def real_time(self) -> Target:
        """-> the same mode, or build of it, for machines whose mtime follows the host's clock."""
        return replace(self, clocks_per_tick=REAL_TIME_CLOCKS_PER_TICK)

    @property
    def build(self) -> str:
        """-> "", or what is put behind the mode's name for another instruction set and for one of the other builds."""
        isa = "" if self.isa == DEFAULT_ISA else f"-{self.isa}"
        real_time = self.clocks_per_tick == REAL_TIME_CLOCKS_PER_TICK
        return isa + "-real-time" * real_time + "-metered" * self.metered + "-observed" * self.observed

    @property
    def builder_class(self) -> Any:
        base = named(self.builder)
        if self.observed:
            return named(self.observers + ":observing_builder")(base)
        return named(self.meters + ":metered_builder")(base) if self.metered else base

    @property
    def reference_class(self) -> Any:
        base = named(self.reference)
        if self.observed:
            return named(self.observers + ":observing_reference")(base)
        return named(self.meters + ":metered_reference")(base) if self.metered else base

    @property
    def rows(self) -> tuple[Row, ...]:
        """-> the instructions."""
        from vm.isa.codec import rows

        return rows(self.mode)

    @functools.cached_property
    def micro_ops(self) -> Mapping[str, MicroOp]:
        """-> the micro-ops by name."""
        from vm.micro.context import MicroOp

        found: dict[str, MicroOp] = {}
        for module in self.ops:
            import_module(module)
            found.update(MicroOp.registry[module])
        return found

    @functools.cached_property
    def csr_rows(self) -> Mapping[int, Csr]:
        """-> the CSRs by number."""
        return {row.number: row for module in self.csrs for row in import_module(module).ROWS}

    @functools.cached_property
    def _replaced(self) -> Mapping[str, Routine]:
        return {text.partition(":")[2]: named(text) for text in self.routines}

    def routine(self, routine: Routine) -> Routine:
        """Routine -> the one that this mode has in its place, or itself."""
        return self._replaced.get(routine.name, routine)


def named(text: str) -> Any:
    """Text such as "module:name" -> the object."""
    module, _, name = text.partition(":")
    return getattr(import_module(module), name)


_MICROCODE = ("vm.micro.microcode:known_word", "vm.micro.microcode:push_frame")
_RISC_OPS = ("vm.micro.ops", "vm.micro.dump")
TARGETS: tuple[Target, ...] = (
    Target("risc", FIXED, ops=_RISC_OPS),
    Target(
        "risc",
        HALVES,
        ops=_RISC_OPS,
        csrs=("vm.micro.csr", "vm.micro.compressed_csrs"),
        builder="vm.micro.compressed:CompressedBuilder",
        reference="vm.micro.compressed_reference:CompressedReference",
        observers="vm.micro.compressed_observing",
        isa="rv32imac",
    ),
    Target("window", FIXED, ops=(*_RISC_OPS, "vm.micro.windows"), csrs=("vm.micro.csr", "vm.micro.windows")),
    Target(
        "cisc",
        VARIABLE,
        ops=("vm.micro.ops", "vm.micro.cisc_ops"),
        csrs=("vm.micro.csr", "vm.micro.stack_traps"),
        routines=("vm.micro.stack_traps:enter_handler",),
        builder="vm.micro.sequences:SequenceBuilder",
        reference="vm.micro.sequence_reference:SequenceReference",
        meters="vm.micro.meter_sequences",
        counted=_MICROCODE,
        observers="vm.micro.observing_sequences",
        noted=(*_NOTED, *_MICROCODE),
    ),
)


def target(mode: str, isa: str = DEFAULT_ISA) -> Target:
    """Mode, instruction set -> their target. ValueError where there is none."""
    for each in TARGETS:
        if each.mode == mode and each.isa == isa:
            return each
    known = ", ".join(dict.fromkeys(each.mode for each in TARGETS))
    raise ValueError(f"there is no mode {mode!r} with instruction set {isa!r}; expected one of: {known}")
