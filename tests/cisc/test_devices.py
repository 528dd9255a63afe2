"""Operands in device space: each access is made once, in its order, wherever in its instruction it stands."""

from __future__ import annotations

import pytest

from tests.cisc.programs import RAM, SYSTEM, board
from tests.cisc.rig import differences
from tests.engine.rig import EXECUTORS
from vm.arch import CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, FINISHER_BASE, FINISHER_PASS, FINISHER_RESET, RAM_BASE
from vm.isa.specifiers import REGISTERS
from vm.machine import Machine, Stop

EQUATES = """
        .equ UART, 0x10000000
        .equ SCRATCH, 0x10000007
        .equ MSIP, 0x02000000
        .equ MTIMECMP, 0x02004000
        .equ FINISHER, 0x00100000
        .equ NOTHING, 0x30000000
"""


PASS = RAM_BASE + 0x2000  # a word that the finisher takes for "pass"
BR = 0xA8


class Bus:
    """The machine's bus, with a list of the accesses made."""

    def __init__(self, machine: Machine) -> None:
        self.bus, self.seen = machine.bus, []  # type: ignore[var-annotated]

    def read(self, address: int, size: int) -> int:
        value = self.bus.read(address, size)
        self.seen.append(("read", address, size))
        return value

    def write(self, address: int, size: int, value: int) -> None:
        self.bus.write(address, size, value)
        self.seen.append(("write", address, size))


def watched(executor: str, text: str) -> tuple[Machine, Bus]:
    machine = board(executor, EQUATES + text)
    bus = Bus(machine)
    machine.bus = bus  # type: ignore[assignment]
    return machine, bus


@pytest.mark.parametrize("executor", EXECUTORS)
def test_each_access_is_made_once(executor: str) -> None:
    machine, bus = watched(executor, """
        movl $SCRATCH, a0
        movb $0x5A, (a0)
        movb *$SCRATCH, *$UART
        movl $MTIMECMP, a1
        addl2 $7, (a1)+
        addl3 -4(a1), (a1), -4(a1)
        movb (a0), (a0)
        subb3 (a0), *$SCRATCH, a2
        sob a3, 1f
        nop
1:      incb (a0)
        pushl *$MTIMECMP
        popl *$MTIMECMP
        beqb (a0), *$SCRATCH, 2f
        clrl a0
2:      br 2b
    """)  # fmt: skip
    machine.x[2] = RAM_BASE + 0x8000
    assert machine.run(14) == Stop("limit")
    u, t = 0x1000_0007, 0x0200_4000
    assert bus.seen == [
        ("write", u, 1), ("read", u, 1), ("write", u - 7, 1), ("read", t, 4), ("write", t, 4), ("read", t, 4),
        ("read", t + 4, 4), ("write", t, 4), ("read", u, 1), ("write", u, 1), ("read", u, 1), ("read", u, 1),
        ("read", u, 1), ("write", u, 1), ("read", t, 4), ("write", t, 4), ("read", u, 1), ("read", u, 1),
    ]  # fmt: skip
    assert machine.x[REGISTERS[0]] == u and machine.x[REGISTERS[1]] == t + 4


@pytest.mark.parametrize("executor", EXECUTORS)
def test_input_moves_to_output_in_one_instruction(executor: str) -> None:
    out = bytearray()
    machine, _ = watched(executor, """
        movl $UART, a0
1:      movb (a0), (a0)
        br 1b
    """)  # fmt: skip
    machine.console = out.extend
    machine._build_board()
    machine.uart.receive(b"straight through")
    machine.run(1 + 2 * len(b"straight through") - 1)
    assert bytes(out) == b"straight through"


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("at", [0x20, 0xFF8, 0xFFE, 0xFFF])
@pytest.mark.parametrize(
    ("line", "registers"),
    [
        ("movl $0x5555, *$FINISHER", {}),
        ("movl (a1)+, (a0)+", {0: FINISHER_BASE + 4, 1: PASS + 4}),
        ("movl (a1)+, -(a2)", {1: PASS + 4, 2: FINISHER_BASE}),
        ("addl3 $0, (a1)+, (a0)", {1: PASS + 4}),
        ("addl2 (a1), (a0)", {}),
        ("pushl (a1)+", {1: PASS + 4, 8: FINISHER_BASE}),
        ("pushl PASS-start(a3)", {8: FINISHER_BASE}),
    ],
)
def test_the_store_that_stops_the_machine_ends_its_instruction(
    executor: str, at: int, line: str, registers: dict[int, int]
) -> None:
    """Also where the instruction reaches into the next page; afterwards the hart stands behind it."""
    machine, _ = watched(executor, f"""
        .equ PASS, {PASS}
start:  br 1f
        .org {at}
1:      {line}
2:      br 2b
    """)  # fmt: skip
    machine.write(PASS, FINISHER_PASS.to_bytes(4, "little"))
    values = {0: FINISHER_BASE, 1: PASS, 2: FINISHER_BASE + 4, 3: RAM_BASE, 8: FINISHER_BASE + 4}
    for number, value in values.items():
        machine.x[REGISTERS[number]] = value
    assert machine.run(100) == Stop("halt", 0)
    assert {number: int(machine.x[REGISTERS[number]]) for number in values} == values | registers
    assert machine.instructions == 2
    assert machine.core.ram[machine.pc - RAM_BASE] == BR


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_store_in_the_middle_that_asks_for_a_reset(executor: str) -> None:
    """Nothing is left of the instruction: the machine begins again, from the image."""
    machine, _ = watched(executor, f"""
        incl a0
        movl $word, a1
        movl (a1)+, *$FINISHER
        .balign 4
word:   .long {FINISHER_RESET}
    """)  # fmt: skip
    assert machine.run(2) == Stop("limit")
    assert machine.x[REGISTERS[0]] == 1
    assert machine.run(2) == Stop("limit")
    assert (machine.pc, machine.instructions, machine.started) == (RAM_BASE + 2, 1, 4)
    assert machine.run(50) == Stop("limit")
    assert machine.started == 54


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("line", "cause", "value"),
    [
        ("movl (a1)+, *$NOTHING", CAUSE_STORE_ACCESS, 0x3000_0000),
        ("movl *$NOTHING, -(a1)", CAUSE_LOAD_ACCESS, 0x3000_0000),
        ("addl3 (a1)+, *$NOTHING, -(a1)", CAUSE_LOAD_ACCESS, 0x3000_0000),
        ("movb -(a1), *$FINISHER", CAUSE_STORE_ACCESS, 0x10_0000),
        ("movl 1(a0), (a1)+", CAUSE_LOAD_ACCESS, 0x1000_0001),
        ("movb *$SCRATCH, *$NOTHING", CAUSE_STORE_ACCESS, 0x3000_0000),
        ("incb *$SCRATCH\n addl2 *$SCRATCH, (a1)+", CAUSE_LOAD_ACCESS, 0x1000_0007),
        ("calls $0xFF, *$NOTHING", CAUSE_STORE_ACCESS, 0x1000_000C),
        ("pushr a0-s1", CAUSE_STORE_ACCESS, 0x1000_000C),
        ("popr a0-s1", CAUSE_LOAD_ACCESS, 0x1000_0010),
        ("rets", CAUSE_LOAD_ACCESS, 0x1000_0010),
        ("rei", CAUSE_LOAD_ACCESS, 0x1000_0010),
        ("insque (a0), (a1)", CAUSE_STORE_ACCESS, 0x1000_0000),
    ],
)
def test_a_device_that_refuses(executor: str, line: str, cause: int, value: int) -> None:
    """An access fault, and the instruction has changed no register; nor may stack or queue be in device space."""
    machine, _ = watched(executor, f"""
        .balign 4
        {line}
1:      br 1b
        .org 0x400
2:      br 2b
        .org 0x500
table:  .rept 64
        .long 2b
        .endr
    """)  # fmt: skip
    state = machine.core.state
    state["mtvec"] = RAM_BASE + 0x500
    # A trap's frame goes to the stack, so this one is not where the instruction has it.
    for number, word in {0: 0x1000_0000, 1: RAM_BASE + 0x8000, 2: 5, 3: 6, 4: 7, 5: 8, 6: 9, 7: 10}.items():
        machine.x[REGISTERS[number]] = word
    stack = any(name in line for name in ("calls", "pushr", "popr", "rets", "rei"))
    state["x"][2] = 0x1000_0010 if stack else RAM_BASE + 0x9000
    state["priv"], state["msp"] = (1, RAM_BASE + 0xA000) if stack else (3, 0)
    state["data_priv"] = state["priv"]
    before = [int(machine.x[n]) for n in REGISTERS]
    for _ in range(4):
        machine.run(1)
        if machine.pc == RAM_BASE + 0x400:
            break
    assert (machine.csr("mcause"), machine.csr("mtval")) == (cause, value)
    after = [int(machine.x[n]) for n in REGISTERS]
    assert after[:8] == before[:8]
    assert (machine.csr("msp") if stack else after[8] + 8) == before[8]


def test_executors_agree_about_devices() -> None:
    text = EQUATES + SYSTEM + """
user:   movl $UART, a0
        movl $text, a1
        movl $20, a2
1:      movb (a1)+, (a0)
        movb 7(a0), a3
        addb3 a3, -1(a1), 7(a0)
        movl $MTIMECMP, t0
        addl2 $3, 4(t0)
        movzbl *$SCRATCH, -(sp)
        sob a2, 1b
2:      br 2b
text:   .ascii "device to device 1234"
    """  # fmt: skip
    machines = [board(executor, text) for executor in EXECUTORS]
    printed = [bytearray(), bytearray()]
    for machine, out in zip(machines, printed, strict=True):
        machine.console = out.extend
        machine._build_board()
    for _ in range(60):
        for machine in machines:
            machine.run(3)
        assert differences(machines[0].core, machines[1].core) == {}
    assert bytes(printed[0]) == bytes(printed[1]) == b"device to device 123"
    assert machines[0].ram_size == RAM
