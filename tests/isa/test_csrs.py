"""All 4096 CSR numbers, from every privilege level: those of the table answer, the others trap as illegal."""

from __future__ import annotations

import pytest

from tests.engine.rig import EXECUTORS, machine, word, words
from vm.arch import CAUSE_ILLEGAL_INSTRUCTION, CSR, CSR_OF_MODE, PRIV_M, PRIV_S, PRIV_U, RAM_BASE
from vm.machine import Machine
from vm.micro.paging import set_banks
from vm.micro.reference import Reference

NAMES = {number: name for name, number in CSR.items()}
HANDLER = RAM_BASE + 0x100
SPECIAL = {"stimecmp", "stimecmph"}  # for S-mode only when menvcfg.STCE is set
COUNTERS = {"cycle": 0, "time": 1, "instret": 2, "cycleh": 0, "timeh": 1, "instreth": 2}


def traps(made: Machine, priv: int, encoding: int) -> bool:
    """Runs one instruction at a privilege level -> whether it was illegal; nothing else can have happened."""
    state = made.core.state
    made.write(RAM_BASE, words([encoding]))
    state["pc"], state["priv"], state["mstatus"] = RAM_BASE, priv, PRIV_M << 11
    state["mtvec"], state["medeleg"], state["mideleg"], state["mie"], state["satp"] = HANDLER, 0, 0, 0, 0
    set_banks(Reference(made.core))
    before = made.stats()["exceptions"].get("illegal instruction", 0)
    made.run(1)
    trapped = made.stats()["exceptions"].get("illegal instruction", 0) - before
    if trapped:
        assert (made.pc, made.csr("mcause"), made.csr("mtval")) == (HANDLER, CAUSE_ILLEGAL_INSTRUCTION, encoding)
        assert (made.csr("mepc"), made.csr("mstatus") >> 11 & 3) == (RAM_BASE, priv)
    else:
        assert made.pc == RAM_BASE + 4
    return bool(trapped)


def exists_for(number: int, priv: int, open_counters: int, sstc: bool, mode: str = "risc") -> bool:
    """The rules of Volume II, section 2.1 (lowest privilege in bits 9..8), 3.1.11, 4.1.5 and Sstc."""
    name = (NAMES | {own: known for known, own in CSR_OF_MODE.get(mode, {}).items()}).get(number)
    if name is None or priv < number >> 8 & 3:
        return False
    if name in COUNTERS:
        return priv == PRIV_M or bool(open_counters >> COUNTERS[name] & 1)
    if name in SPECIAL:
        return priv == PRIV_M or (sstc and bool(open_counters & 2))
    return True


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("priv", [PRIV_M, PRIV_S, PRIV_U])
@pytest.mark.parametrize(("open_counters", "sstc"), [(0, False), (7, True), (5, True)])
def test_reading(executor: str, priv: int, open_counters: int, sstc: bool) -> None:
    made = machine(executor, ram=1 << 14)
    state = made.core.state
    wrong = []
    numbers = range(4096) if executor == "native" or open_counters == 7 else sorted(NAMES)
    for number in numbers:
        state["mcounteren"] = state["scounteren"] = open_counters
        state["menvcfgh"] = sstc << 31
        illegal = traps(made, priv, word("csrrs", rd=5, csr=number, rs1=0))
        if illegal == exists_for(number, priv, open_counters, sstc):
            wrong.append(hex(number))
    assert wrong == []


@pytest.mark.parametrize("priv", [PRIV_M, PRIV_S, PRIV_U])
def test_reading_in_window_mode(priv: int) -> None:
    made = machine("native", ram=1 << 14, mode="window", nwin=5)
    read = {number for number in range(4096) if not traps(made, priv, word("csrrs", rd=5, csr=number, rs1=0))}
    assert read == {number for number in range(4096) if exists_for(number, priv, 0, False, "window")}


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("form", ["csrrw", "csrrwi", "csrrs", "csrrsi", "csrrc", "csrrci"])
def test_writing(executor: str, form: str) -> None:
    """In M-mode; x0 as rd and as the operand. Numbers whose two highest bits are set are read-only."""
    made = machine(executor, ram=1 << 14)
    operand = "zimm" if form.endswith("i") else "rs1"
    wrong = []
    for number in sorted(NAMES):
        for value in (0, 6):
            made.x[6] = 0
            writes = value or form.startswith("csrrw")
            illegal = traps(made, PRIV_M, word(form, rd=0, csr=number, **{operand: value}))
            if illegal != bool(writes and number >> 10 == 3):
                wrong.append((hex(number), value))
            made.core.state["menvcfgh"], made.core.state["mcounteren"] = 0, 0
    assert wrong == []


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("name", "ones"),
    [
        ("mtvec", 0xFFFF_FFFD), ("stvec", 0xFFFF_FFFD), ("mepc", 0xFFFF_FFFC), ("sepc", 0xFFFF_FFFC),
        ("mscratch", 0xFFFF_FFFF), ("sscratch", 0xFFFF_FFFF), ("mie", 0xAAA), ("mideleg", 0x222), ("medeleg", 0xB3FF),
        ("satp", 0x803F_FFFF), ("mcounteren", 7), ("scounteren", 7), ("mcountinhibit", 5), ("misa", 0x4094_1101),
        ("mstatus", 0x007E_19AA), ("sstatus", 0x000C_0122), ("mstatush", 0), ("pmpaddr7", 0xFFFF_FFFF),
        ("pmpcfg3", 0x9F9F_9F9F), ("mhpmcounter3", 0), ("menvcfg", 1), ("menvcfgh", 0x8000_0000),
    ],
)  # fmt: skip
def test_bits_that_hold(executor: str, name: str, ones: int) -> None:
    """What a register shows after all ones were written (WARL, sections 3.1 and 4.1), and after all zeros."""
    made = machine(executor, words([word("csrrw", rd=0, csr=CSR[name], rs1=1), word("csrrs", rd=2, csr=CSR[name])] * 2))
    made.x[1] = 0xFFFF_FFFF
    made.run(2)
    assert made.x[2] == ones
    made.x[1] = 0
    made.run(2)
    fixed = ones if name == "misa" else 0
    assert made.x[2] == fixed
