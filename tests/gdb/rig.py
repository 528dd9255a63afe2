"""Machines for gdb's tests: a small program, a machine that has loaded it, and what a gdb server makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.images import program
from vm import aout
from vm.gdb_guest import Bare, Command, Thread
from vm.gdb_session import Session
from vm.gdb_target import Registers
from vm.machine import Machine
from vm.observe import Accept
from vm.points import Hit
from vm.timetravel import Timeline

RAM = 1 << 20
ELF = b"\x7fELF and so on #$}*"  # no ELF, but nobody looks
# Counts to 5 in memory and stops with status 3; `beat` is called each time.
COUNTING = """
        .globl  _start, beat, counter, quiet
_start: la      s0, counter
        li      s1, 5
again:  call    beat
        lw      t0, quiet
        addi    s1, s1, -1
        bnez    s1, again
        li      t0, 0x100000
        li      t1, 0x33333
        sw      t1, 0(t0)
1:      j       1b
beat:   lw      a0, 0(s0)
        addi    a0, a0, 1
        sw      a0, 0(s0)
        ret
        .data
counter: .word  0
quiet:  .word   7
"""
TRAP = b"T05"  # how a stop reply begins
ENDLESS = """
        .globl  _start
_start: addi    a0, a0, 1
        j       _start
"""


def machine_of(source: str = COUNTING, mode: str = "risc") -> tuple[Machine, Mapping[str, int]]:
    """Assembly text -> an observed machine that has loaded it, and the addresses of its global symbols."""
    made = program(source)
    machine = Machine(mode, RAM, observed=True)
    machine.load(aout.write(made))
    return machine, {symbol.name: symbol.value for symbol in made.symbols if symbol.binding == "global"}


class Debugged:
    """A Session on a machine, whose motions are run to their end at once."""

    def __init__(self, machine: Machine, guest: Bare | None = None, last: int | None = None) -> None:
        self.machine = machine
        self.timeline = Timeline(machine)
        self.session = Session(self.timeline, Registers(machine), guest or Bare(), last)

    def ask(self, packet: str | bytes) -> bytes:
        """A packet -> its reply; of several the last."""
        replies = self.session.handle(packet.encode() if isinstance(packet, str) else packet)
        if replies:
            return replies[-1]
        while True:
            assert self.session.runner.moving, "no reply, and nothing that could bring one"
            outcome = self.session.runner.slice()
            if outcome is not None:
                return self.session.stopped(outcome)
            assert not self.session.runner.asleep

    def monitor(self, line: str) -> str:
        """What gdb shows for `monitor LINE`."""
        *texts, last = self.session.handle(b"qRcmd," + line.encode().hex().encode())
        assert last == b"OK" and all(text[:1] == b"O" for text in texts)
        return b"".join(bytes.fromhex(text[1:].decode()) for text in texts).decode()


def debugged(source: str = COUNTING) -> tuple[Debugged, dict[str, int]]:
    """Assembly text -> a session on its machine, and its global symbols."""
    machine, symbols = machine_of(source)
    return Debugged(machine), dict(symbols)


def little(word: int) -> str:
    """-> a word as packets have it."""
    return word.to_bytes(4, "little").hex()


class Crowd(Bare):
    """A Guest with processes: pid 2 stands at 0x1000 with a page table of its own."""

    def __init__(self, root: int | None = None) -> None:
        super().__init__("/crowd", ELF)
        self.root = root
        self.accepted: list[Hit] = []

    def hart(self) -> str:
        return "user, pid 1 <init>"

    def threads(self) -> Sequence[Thread]:
        return [Thread(1002, 'pid 2 "sh"', "Sleep & wait", {0: 0, 2: 0x7FFF_0000, 32: 0x1000}, self.root)]

    def processes(self) -> Sequence[Mapping[str, str]]:
        return [{"pid": "1", "name": "<init>"}, {"pid": "2", "name": "s\x01h"}]

    def accept(self, address: int) -> Accept | None:
        def counts(hit: Hit) -> bool:
            self.accepted.append(hit)
            return len(self.accepted) > 1

        return counts if address & 0x8000_0000 else None

    def commands(self) -> Mapping[str, Command]:
        return {"echo": Command("WORDS", "says them", " ".join)}
