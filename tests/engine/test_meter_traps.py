"""Accounting across traps: what a privilege, a fault and an interrupt do to the counters, on both executors."""

from __future__ import annotations

import pytest

from tests.engine.meter_rig import HALT, address, counted, counters, meter_of
from tests.engine.rig import EXECUTORS, code, machine
from vm.arch import (
    CAUSE_ECALL_M,
    CAUSE_LOAD_ACCESS,
    IRQ_SSI,
    MIP_SSIP,
    MSTATUS_MIE,
    MSTATUS_MPP_SHIFT,
    MSTATUS_SIE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    RAM_BASE,
)
from vm.machine import Stop
from vm.meter import Meter
from vm.micro.stack_traps import FIRST_INTERRUPT

pytestmark = pytest.mark.parametrize("executor", EXECUTORS)

TRAPS = f"""
        la t0, handler
        csrw mtvec, t0
        csrsi mstatus, 8
        ecall
        lw a1, 0(zero)
        lw a2, 0(zero)
        li a0, 1
        {HALT}
        .balign 4
handler:
        csrr t2, mepc
        addi t2, t2, 4
        csrw mepc, t2
        mret
"""


def test_traps(executor: str) -> None:
    found = counters(meter_of(counted(executor, TRAPS)))
    assert found["exceptions"][CAUSE_ECALL_M] == 1
    assert found["exceptions"][CAUSE_LOAD_ACCESS] == 2
    assert sum(found["exceptions"]) == found["returns"] == 3
    assert found["loads"] == 0, "nothing was read"
    # Masked: up to and with csrsi, then the handlers: four instructions each.
    assert found["masked"] == 4 + 3 * 4


LEVELS = """
        csrw mstatus, zero
        la t0, below
        csrw mepc, t0
        li t0, {status}
        csrs mstatus, t0
        mret
below:  li a0, 1
"""


@pytest.mark.parametrize("sie", [0, MSTATUS_SIE])
@pytest.mark.parametrize("priv", [PRIV_U, PRIV_S])
def test_interrupts_are_never_masked_in_user_mode(executor: str, priv: int, sie: int) -> None:
    text = LEVELS.format(status=priv << MSTATUS_MPP_SHIFT | sie) + HALT
    found = counters(meter_of(counted(executor, text)))
    assert found["levels"][priv] == 5
    assert found["masked"] == found["levels"][PRIV_M] + (5 if priv == PRIV_S and not sie else 0)


def test_a_load_that_traps_has_loaded_nothing(executor: str) -> None:
    text = f"""
        la t0, handler
        csrw mtvec, t0
        lw a1, 0(zero)
        .balign 4
handler:
        add a2, a1, a1
        {HALT}
    """
    found = counters(meter_of(counted(executor, text)))
    assert (found["exceptions"][CAUSE_LOAD_ACCESS], found["load_use"]) == (1, 0)


def test_an_interrupts_handler_begins_an_instruction(executor: str) -> None:
    """Also where it is the very block instruction that was interrupted between two rounds."""
    table, stack = RAM_BASE + 0x1000, RAM_BASE + 0x3000
    text = f"movl ${stack}, sp\nmovl $0x80010000, a0\nmovl $40, a2\nagain: filc\nmovl $0x5555, *$0x100000\n"
    made = machine(executor, code(text, "cisc"), mode="cisc", meter=Meter())
    state = made.core.state
    state["mtvec"] = table
    made.write(table + 4 * (FIRST_INTERRUPT + IRQ_SSI), address(text, "again", "cisc").to_bytes(4, "little"))
    assert made.run(3 + 4) == Stop("limit")
    state["mip"] = state["mie"] = MIP_SSIP
    state["mstatus"] |= MSTATUS_MIE
    assert made.run(100) == Stop("halt", 0)
    found = counters(meter_of(made))
    assert found["interrupts"][IRQ_SSI] == 1
    assert meter_of(made).by_class() == {"move": 4, "block": 2}
    assert (found["rounds"], found["written_bytes"]) == (3 + 5, 40 + 4 + 8), "the halt, the frame"
