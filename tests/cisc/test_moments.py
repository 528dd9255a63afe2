"""Interrupts and ends of budgets between any two instructions, or rounds of one: nobody notices."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest

from tests.cisc.programs import BUSY, board
from tests.cisc.rig import differences
from tests.engine.rig import EXECUTORS, examples
from vm.arch import CLOCKS_PER_TICK, INTERRUPT_FLAG, MIP_SSIP, RAM_BASE
from vm.isa.specifiers import REGISTERS
from vm.machine import Machine

BEHIND = 0x80020000 - 0x400 - RAM_BASE  # the stacks, and what a trap leaves below them
BLOCKS = (0xB4, 0xB5, 0xB6)


def outcome(machine: Machine) -> tuple[list[int], bytes]:
    """-> what the user's program has left: registers and memory."""
    return [int(machine.x[n]) for n in REGISTERS], machine.core.ram[:BEHIND].tobytes()


def at_end(machine: Machine) -> bool:
    """Whether the hart stands at the loop that the program ends in, in user mode."""
    return bytes(machine.core.ram[machine.pc - RAM_BASE :][:2]) == b"\xa8\xfe" and machine.core.state["priv"] == 0


@cache
def undisturbed() -> tuple[int, int, list[int], bytes]:
    """-> instructions until user mode, and until the end; what is left then."""
    machine = board("native", BUSY)
    user = 0
    while not at_end(machine):
        assert machine.started < 3000
        machine.run(1)
        user = user or (machine.started if machine.core.state["priv"] == 0 else 0)
    return (user, machine.started, *outcome(machine))


def test_the_program_itself() -> None:
    """It does something, and nothing in it traps."""
    user, end, *_ = undisturbed()
    assert end - user > 250
    machine = board("native", BUSY)
    machine.run(end)
    assert machine.stats()["exceptions"] == {} and machine.retired < end  # rounds are not retired


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("mideleg", [0, MIP_SSIP])
def test_an_interrupt_between_any_two_instructions(executor: str, mideleg: int) -> None:
    user, end, registers, ram = undisturbed()
    stride = 2 if executor == "native" else 10
    moments = range(user, end, max(1, stride * 40 // examples(40)))
    in_block = 0
    for moment in moments:
        machine = board(executor, BUSY)
        machine.run(moment)
        pc = machine.pc
        in_block += machine.core.ram[pc - RAM_BASE] in BLOCKS
        state = machine.core.state
        state["mideleg"], state["mip"] = mideleg, MIP_SSIP
        before = int(state["x"][2])
        machine.run(0)
        cause = machine.csr("scause" if mideleg else "mcause")
        assert (cause, machine.csr("sepc" if mideleg else "mepc")) == (INTERRUPT_FLAG | 1, pc)
        assert machine.csr("usp" if mideleg else "msp") == before
        machine.run(end - moment + 4)
        assert at_end(machine)
        found = outcome(machine)
        assert found == (registers, ram), f"at {moment}, {pc:#x}"
        assert int(machine.core.state["interrupt_counts"][1]) == 1
    assert in_block


@pytest.mark.parametrize("executor", EXECUTORS)
def test_the_timer_comes_on_time(executor: str) -> None:
    """In the middle of a run, rounds included: it is the clock that tells."""
    user, end, registers, ram = undisturbed()
    for tick in range(user // CLOCKS_PER_TICK + 1, end // CLOCKS_PER_TICK):
        stepped, machine = board(executor, BUSY), board(executor, BUSY)
        stepped.run(tick * CLOCKS_PER_TICK)
        machine.clint.mtimecmp = tick
        machine.run(end + 4)
        assert machine.csr("mepc") == stepped.pc
        assert int(machine.core.state["interrupt_counts"][7]) == 1
        assert outcome(machine) == (registers, ram)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_run_in_steps(executor: str) -> None:
    """One instruction at a time leads to where one run leads."""
    _, end, registers, ram = undisturbed()
    machine = board(executor, BUSY)
    for k in range(end):
        machine.run(1)
        assert machine.started == k + 1
    assert outcome(machine) == (registers, ram)


def test_executors_agree_at_any_moment() -> None:
    """The same state, to the bit, after random budgets."""
    for seed in range(examples(8)):
        random = Random(seed)
        machines = [board(executor, BUSY) for executor in EXECUTORS]
        while not at_end(machines[0]):
            count = random.choice((1, 2, 3, 7, 20, 50))
            for machine in machines:
                machine.run(count)
            assert differences(machines[0].core, machines[1].core) == {}
        assert np.array_equal(machines[0].core.ram, machines[1].core.ram)


def test_executors_take_turns() -> None:
    """One goes on with what the other has left."""
    _, end, registers, ram = undisturbed()
    for seed in range(examples(4)):
        random = Random(seed)
        machine = board("native", BUSY)
        runs = [machine.core.run, machine.core.context().run]
        while not at_end(machine):
            machine.core.run = random.choice(runs)
            machine.run(random.choice((1, 2, 3, 7, 20)))
        machine.run(0)
        assert machine.started <= end + 20
        assert outcome(machine) == (registers, ram)
