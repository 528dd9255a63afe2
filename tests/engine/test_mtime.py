"""mtime in the CLINT: reading it does not leave the executor, and gives what the time CSR gives."""

import pytest

from tests.engine.rig import EXECUTORS, code, machine
from vm.arch import CAUSE_LOAD_ACCESS, CLINT_BASE, CLINT_MTIME, CLOCKS_PER_TICK, RAM_BASE
from vm.machine import Stop
from vm.state import EXIT_DEVICE

READ = f"""
    li  t0, {CLINT_BASE + CLINT_MTIME}
    lw  a0, 0(t0)
    lw  a1, 4(t0)
"""
TIMES = (0, 123_456_789, (7 << 32) + 5, (1 << 60) - 1)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("offset", [0, 3 << 32, (1 << 64) - 1])
def test_both_halves_are_those_of_the_time_without_asking_the_device(executor: str, offset: int) -> None:
    for ticks in TIMES:
        made = machine(executor, code(READ))
        made.clint.mtime_offset = offset
        made._connect()
        made.core.state["clock"] = ticks * CLOCKS_PER_TICK
        made.core.state["limit"] = made.core.state["clock"] + 4
        made.core.run()
        assert made.core.state["reason"] != EXIT_DEVICE
        assert int(made.x[10]) | int(made.x[11]) << 32 == (ticks + offset) % (1 << 64) == made.clint.mtime


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("load", ["lb a0, 0(t0)", "lhu a0, 0(t0)", "lw a0, 2(t0)", "lw a0, 5(t0)"])
def test_other_loads_of_it_are_access_faults(executor: str, load: str) -> None:
    made = machine(executor, code(f"    li t0, {CLINT_BASE + CLINT_MTIME}\n    {load}\n"))
    made.core.state["mtvec"] = RAM_BASE
    assert made.run(3) == Stop("limit")
    assert (int(made.core.state["mcause"]), made.pc) == (CAUSE_LOAD_ACCESS, RAM_BASE)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_write_of_it_is_what_is_read(executor: str) -> None:
    made = machine(executor, code(f"""
    li  t0, {CLINT_BASE + CLINT_MTIME}
    li  t1, 77
    sw  t1, 4(t0)
    li  t1, -{CLOCKS_PER_TICK}
    sw  t1, 0(t0)
    lw  a0, 0(t0)
    lw  a1, 4(t0)
"""))  # fmt: skip
    assert made.run(8) == Stop("limit")
    assert (int(made.x[10]), int(made.x[11])) == ((1 << 32) - CLOCKS_PER_TICK, 77)
