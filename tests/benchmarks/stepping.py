"""A second way to record a run, with nothing of the meter in it: the machine is stopped after every instruction, and
what the instruction is, is read from RAM and decoded. For modes whose instructions are words."""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.context_switch.moments import BEGIN, END
from benchmarks.context_switch.recording import Recording, computer_for, kernel_marks
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Workload
from vm import Machine
from vm.arch import PRIV_U, RAM_BASE
from vm.isa.codec import decode_at

SIZES = {"b": 1, "h": 2, "w": 4}  # last letter of a load or store, an "u" aside -> bytes
DUMPED = 31  # words that xdump and xload move
GETUID = 174
COUNTED = ("loads", "stores", "read_bytes", "written_bytes", "fetched_bytes", "taken", "masked", "returns")


class Begun(Exception):
    """The kernel is about to do the system call that opens the measured part."""


def recorded(setting: Setting, workload: Workload) -> Recording:
    """-> the measured part of a run, with fewer counters than the meter has."""
    computer = computer_for(setting, workload)
    machine, symbols = computer.machine, computer.parts.symbols
    names = {address: name for name, address in kernel_marks(computer.parts).items()}
    to_begin(machine, symbols[BEGIN])
    moments, current, rows = [], [], []
    counts: Counter[str] = Counter()
    while not moments or moments[-1] != END:
        if machine.pc in names:
            moments.append(names[machine.pc])
            current.append(word(machine, symbols["current"]))
            rows.append(dict(counts))
        step(machine, counts, setting.mode)
    columns = tuple(sorted(counts))
    table = np.array([[row.get(column, 0) for column in columns] for row in rows], np.int64)
    return Recording(columns, tuple(moments), tuple(current), table, symbols)


def to_begin(machine: Machine, handler: int) -> None:
    """Runs until the next instruction is the handler's first."""

    def look(record: object) -> None:
        if machine.x[17] == GETUID:
            raise Begun

    machine.trace_traps = look
    try:
        machine.run()
    except Begun:
        machine.trace_traps = None
    while machine.pc != handler:
        machine.run(1)


def word(machine: Machine, address: int) -> int:
    """-> a word of RAM."""
    return int.from_bytes(machine.read(address, 4), "little")


def fetch(machine: Machine) -> bytes:
    """-> the word at the pc, by the page table if the pc is a process's."""
    pc, satp = machine.pc, machine.csr("satp")
    if pc < RAM_BASE:
        entry = word(machine, ((satp & 0x3FFFFF) << 12) + (pc >> 22 << 2))
        entry = word(machine, (entry >> 10 << 12) + (pc >> 12 & 1023) * 4)
        pc = (entry >> 10 << 12) + (pc & 4095)
    return machine.read(pc, 4)


def step(machine: Machine, counts: Counter[str], mode: str) -> None:
    """Runs one instruction and adds it to the counts."""
    row = decode_at(fetch(machine), 0, mode).row
    assert row is not None
    before, pc, level = machine.stats(), machine.pc, int(machine.core.state["priv"])
    masked = level != PRIV_U and not machine.csr("mstatus") & 2
    machine.run(1)
    after = machine.stats()
    fell = after["exceptions"] != before["exceptions"]
    counts[f"classes {row.cost}"] += 1
    counts["masked"] += masked
    counts["fetched_bytes"] += 4
    counts["returns"] += row.name == "sret"
    counts["taken"] += machine.pc != pc + 4 and row.cost == "branch" and not fell
    if fell:
        return
    if row.cost in ("load", "store"):
        count(counts, row.cost == "load", 1, SIZES[row.name.rstrip("u")[-1]])
    elif row.cost == "dump":
        count(counts, row.name == "xload", DUMPED, 4)


def count(counts: Counter[str], loads: bool, number: int, size: int) -> None:
    """So many words, halves or bytes were loaded or stored."""
    counts["loads" if loads else "stores"] += number
    counts["read_bytes" if loads else "written_bytes"] += number * size
