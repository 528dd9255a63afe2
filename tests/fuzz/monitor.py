"""A guest that runs what a test has drawn, instruction by instruction, and writes down what came of each one.

The list of records and the log are in RAM, so that a program of thousands of steps costs no device access: monitor.s
reads the one and writes the other, and RAM is looked at when it has ended. The same image runs on both executors and
on QEMU.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from assembler import assemble, link
from tests.qemu import memory_after
from vm.aout import OMAGIC
from vm.arch import MSTATUS_MPP, MSTATUS_MPP_SHIFT, MSTATUS_MPRV, PRIV_M, RAM_BASE
from vm.isa.codec import by_name, encode
from vm.machine import Machine, Stop

FRAME = Path(__file__).with_name("monitor.s").read_text()
RAM = 8 << 20
RECORDS, LOG, REGISTERS, TABLES, DATA = (RAM_BASE + (k << 20) for k in (0, 1, 2, 2, 3))
RECORDS += 0x1_0000
TABLES += 0x4_0000
RECORD_WORDS, LOG_WORDS = 16, 40
MOST = (TABLES - LOG - (1 << 19)) // (4 * LOG_WORDS)  # records in a program
USER = 0xC000_0000  # virtual: the first 4 MiB of RAM, for U-mode
LIMIT = 20_000_000  # instructions
NOP = encode(by_name()["addi"], rd=0, rs1=0, imm=0)
END, RUN, POKE, PEEK = range(4)
FENCE, STAY = 1, 2  # flags: fence first; stay in M-mode, under the mstatus that was asked for
WORDS = {"cause": 0, "value": 32, "pc": 33, "status": 34, "pending": 35, "s_cause": 36, "s_value": 37, "s_pc": 38}


@dataclass(frozen=True)
class Step:
    """Instructions at `priv`, with x1 to x30 from `registers`, but a0 and a1 as said."""

    ops: Sequence[int]
    priv: int = PRIV_M
    status: int = 0  # of mstatus, without MPP; under MPRV in M-mode, `lent` is MPP
    lent: int = PRIV_M
    a0: int = 0
    a1: int = 0
    satp: int = 0
    medeleg: int = 0
    mideleg: int = 0
    mie: int = 0
    mip: int = 0
    sepc: int = 0
    fence: bool = True
    registers: int = REGISTERS


@dataclass
class Program:
    """Records in their order, and what is in RAM at the beginning: address -> bytes."""

    memory: dict[int, bytes] = field(default_factory=dict)
    records: list[tuple[int, ...]] = field(default_factory=list)
    vectored: bool = False
    counters: int = 7
    compressed: bool = False

    def poke(self, address: int, value: int) -> None:
        """Physical address, word: stored, and all translations forgotten."""
        self._add(POKE, address, value)

    def peek(self, address: int) -> None:
        """Physical address: its word is written down."""
        self._add(PEEK, address)

    def run(self, step: Step) -> None:
        stay = step.priv == PRIV_M
        mpp = step.lent if stay else step.priv
        entry = places()["slot"]
        if step.priv == 0 and step.satp:
            entry = entry - RAM_BASE + USER
        flags = (FENCE if step.fence else 0) | (STAY if stay else 0)
        status = step.status & ~MSTATUS_MPP | mpp << MSTATUS_MPP_SHIFT
        if not stay:
            status &= ~MSTATUS_MPRV
        first, second = (*step.ops, NOP)[:2]
        self._add(RUN, status, entry, first, second, step.a0, step.a1, step.satp, step.medeleg, step.mideleg,
                  step.mie, step.mip, step.sepc, flags, step.registers)  # fmt: skip

    def _add(self, *words: int) -> None:
        assert len(self.records) < MOST
        self.records.append(words)

    def image(self) -> bytes:
        """-> raw, for the start of RAM."""
        content = bytearray(assembled(self.vectored, self.counters)[0])
        listed = np.zeros((len(self.records) + 1, RECORD_WORDS), "<u4")
        for number, words in enumerate(self.records):
            listed[number, : len(words)] = words
        for address, data in {**self.memory, RECORDS: listed.tobytes()}.items():
            at = address - RAM_BASE
            content.extend(bytes(max(0, at + len(data) - len(content))))
            content[at : at + len(data)] = data
        return bytes(content)


@cache
def assembled(vectored: bool, counters: int) -> tuple[bytes, dict[str, int]]:
    """-> the monitor's code, and where its symbols are."""
    numbers = {"MTVEC_MODE": int(vectored), "STVEC_MODE": int(vectored), "COUNTERS": counters, "RECORDS": RECORDS,
               "LOG": LOG, "MPRV": MSTATUS_MPRV, "FENCE": FENCE, "STAY": STAY, "RAM_END": RAM_BASE + RAM}  # fmt: skip
    text = "".join(f".equ {name}, {value:#x}\n" for name, value in numbers.items()) + FRAME
    text = text.replace("        STORES\n", "".join(f"sw x{k}, {4 * k}(sp)\n" for k in range(3, 32)))
    text = text.replace("        LOADS\n", "".join(f"lw x{k}, {4 * k}(x30)\n" for k in range(1, 30)))
    linked = link([assemble(text)], text=RAM_BASE, entry=hex(RAM_BASE), magic=OMAGIC)
    return bytes(linked.text), {symbol.name: symbol.value for symbol in linked.symbols}


def places() -> dict[str, int]:
    """-> the addresses of the monitor's symbols; they are the same in every program."""
    return assembled(False, 7)[1]


@dataclass(frozen=True)
class Result:
    """log: a row a record that says something, see WORDS; x1 to x31 are words 1 to 31. ram: all of it."""

    log: np.ndarray
    ram: bytes


def _result(program: Program, ram: bytes) -> Result:
    count = sum(words[0] != POKE for words in program.records)
    at = LOG - RAM_BASE
    return Result(np.frombuffer(ram, "<u4", count * LOG_WORDS, at).reshape(count, LOG_WORDS), ram)


def here(program: Program, executor: str, image: bytes) -> tuple[Machine, Result]:
    """-> the machine at the program's end, and what it did."""
    made = Machine(ram=RAM, executor=executor, isa="rv32imac" if program.compressed else "rv32ima")
    made.load(image)
    assert made.run(LIMIT) == Stop("halt", 0)
    return made, _result(program, made.read(RAM_BASE, RAM))


def on_qemu(program: Program, image: bytes, folder: Path, cpu: str) -> Result:
    """-> what it did there."""
    return _result(program, memory_after(image, folder, cpu, RAM))


def told(words: Sequence[int]) -> str:
    """A record -> for messages."""
    names = ("kind mstatus entry op1 op2 a0 a1 satp medeleg mideleg mie mip sepc flags registers").split()
    return " ".join(f"{name}={value:#x}" for name, value in zip(names, words, strict=False))


def first_difference(program: Program, ours: np.ndarray, theirs: np.ndarray) -> str:
    """Two logs of it -> where they differ first, for people; "" when they are equal."""
    rows = np.nonzero((ours != theirs).any(axis=1))[0]
    if not rows.size:
        return ""
    row = int(rows[0])
    record = [words for words in program.records if words[0] != POKE][row]
    names = {number: name for name, number in WORDS.items()}
    parts = [
        f"{names.get(int(k), f'x{k}')}: {ours[row, k]:#x} here, {theirs[row, k]:#x} there"
        for k in np.nonzero(ours[row] != theirs[row])[0]
    ]
    return f"{rows.size} rows differ; row {row}, {told(record)}: {'; '.join(parts)}"


def packed(values: Sequence[int]) -> bytes:
    """Words -> bytes."""
    return struct.pack(f"<{len(values)}I", *values)
