"""What the tests of accounting share: programs that are counted, and counters to compare."""

from __future__ import annotations

from typing import Any

from tests.engine.rig import code, machine
from vm.arch import RAM_BASE
from vm.machine import Machine
from vm.meter import CacheShape, Meter, TlbShape

HALT = """
        li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
"""
HALT_CLASSES = {"alu": 3, "store": 1}  # lui; lui, addi; sw


def counters(meter: Meter) -> dict[str, Any]:
    """-> all counters by name; those that are many as lists."""
    totals = meter.totals
    return {name: totals[name].tolist() for name in totals.dtype.names}


def small_units() -> dict[str, Any]:
    """-> caches and a TLB that are small enough to miss often."""
    return {"icache": CacheShape(64, 1, 8), "dcache": CacheShape(128, 4, 16), "tlb": TlbShape(4, 2)}


def counted(executor: str, text: str, mode: str = "risc", limit: int = 100_000, **arguments: Any) -> Machine:
    """Source text -> the machine that has run it to its halt, with a Meter of these arguments (core.meter)."""
    made = machine(executor, code(text, mode), mode=mode, meter=Meter(**arguments))
    stop = made.run(limit)
    assert stop.reason == "halt", stop
    return made


def meter_of(made: Machine) -> Meter:
    """-> the meter of a machine that has one."""
    assert made.core.meter is not None
    return made.core.meter


def address(text: str, label: str, mode: str = "risc") -> int:
    """Source text, a label in it -> its address."""
    from assembler import assemble, link
    from vm.aout import OMAGIC

    linked = link([assemble(text, mode=mode)], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC)
    return next(symbol.value for symbol in linked.symbols if symbol.name == label)


def assert_same(one: Meter, other: Meter) -> None:
    """Two meters have counted the same, at every address and at every moment."""
    ones, others = counters(one), counters(other)
    assert {name: (ones[name], others[name]) for name in ones if ones[name] != others[name]} == {}
    assert (one.log == other.log).all()
    assert all((a == b).all() for a, b in zip(one.histogram(), other.histogram(), strict=True))
    assert all((a == b).all() for a, b in zip(one.tags, other.tags, strict=True))
