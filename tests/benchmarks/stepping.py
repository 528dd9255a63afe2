"""A second way to record a run, with nothing of the meter in it: the machine is stopped after every instruction, and
what the instruction is, is read from RAM and decoded. Only for modes whose instructions are words."""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.context_switch.moments import BEGIN, END
from benchmarks.context_switch.recording import Recording, computer_for, marks
from benchmarks.context_switch.settings import Setting
from benchmarks.context_switch.workload import Workload
from vm import Machine
from vm.arch import PRIV_U, RAM_BASE
from vm.isa.codec import decode_at

SIZES = {"b": 1, "h": 2, "w": 4}  # last letter of a load or store, an "u" aside -> bytes


class Begun(Exception):
    """The kernel is about to do the system call that opens the measured part."""


def recorded(setting: Setting, workload: Workload) -> Recording:
    """-> the measured part of a run."""
    computer = computer_for(setting, workload)
    machine, symbols = computer.machine, computer.parts.symbols
    names = {address: name for name, address in marks(computer.parts).items()}
    to_begin(machine, symbols[BEGIN])
    moments, current, rows = [], [], []
    counts: Counter[str] = Counter()
    while not moments or moments[-1] != END:
        if machine.pc in names:
            moments.append(names[machine.pc])
            current.append(word(machine, symbols["current"]))
            rows.append(dict(counts))
        step(machine, counts)
    columns = tuple(sorted(counts))
    table = np.array([[row.get(column, 0) for column in columns] for row in rows], np.int64)
    return Recording(columns, tuple(moments), tuple(current), table, symbols)


def to_begin(machine: Machine, handler: int) -> None:
    """Runs until the next instruction is the handler's first, or one of the few before it."""

    def look(record: object) -> None:
        if machine.x[17] == 174:  # a7: getuid
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
    """-> the word at the pc, by the page table if there is one."""
    pc, satp = machine.pc, machine.csr("satp")
    if satp >> 31 and pc < RAM_BASE:
        entry = word(machine, ((satp & 0x3FFFFF) << 12) + (pc >> 22 << 2))
        entry = word(machine, (entry >> 10 << 12) + (pc >> 12 & 1023) * 4)
        pc = (entry >> 10 << 12) + (pc & 4095)
    return machine.read(pc, 4)


def step(machine: Machine, counts: Counter[str]) -> None:
    """Runs one instruction and adds it to the counts."""
    row = decode_at(fetch(machine)).row
    assert row is not None
    before, pc, level = machine.stats(), machine.pc, int(machine.core.state["priv"])
    masked = level != PRIV_U and not machine.csr("mstatus") & 2
    machine.run(1)
    after = machine.stats()
    for kind in ("exceptions", "interrupts"):
        for name in after[kind]:
            counts[f"{kind} {name}"] += after[kind][name] - before[kind].get(name, 0)
    if machine.pc != pc + 4 and row.cost == "branch" and after["exceptions"] == before["exceptions"]:
        counts["taken"] += 1
    if after["interrupts"] != before["interrupts"] and after["started"] == before["started"]:
        return
    counts[f"classes {row.cost}"] += 1
    counts[f"levels {('user', 'supervisor')[level]}"] += 1
    counts["masked"] += masked
    counts["fetched_bytes"] += 4
    counts["returns"] += row.name == "sret"
    if row.cost in ("load", "store") and after["exceptions"] == before["exceptions"]:
        counts[row.cost + "s"] += 1
        counts["read_bytes" if row.cost == "load" else "written_bytes"] += SIZES[row.name.rstrip("u")[-1]]
