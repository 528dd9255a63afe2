"""The toy operating system as gdb's Guest: what it says while nothing is there yet, in the middle, and of garbage."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ElementTree

import pytest

from tests.gdb.real import ROOT
from tests.gdb.rig import Debugged
from toyos import build
from toyos.boot import Computer, observed_program
from toyos.gdb.guest import FIRST_THREAD, ToyosGuest
from toyos.inspect import Inspector
from vm.arch import RAM_BASE
from vm.gdb_session import Session
from vm.gdb_target import Registers
from vm.machine import Machine
from vm.timetravel import Timeline

FORK_SUM = ROOT / "programs" / "lectures" / "fork_sum.s"
WORDS = ("ps", "pcb", "pcb 1", "queues", "backtrace", "backtrace 1", "trap", "only", "position", "help")
QUESTIONS = (
    "qXfer:threads:read::0,4000", "qXfer:osdata:read:processes:0,4000", "qfThreadInfo", "T3e9", "Hg3e9", "g",
    "m10000,4", "Hg0", "qThreadExtraInfo,1", "g",
)  # fmt: skip


class Known(Debugged):
    """A computer that runs fork_sum, and its kernel's symbols."""

    def __init__(self, mode: str = "risc") -> None:
        parts = build.system(mode)
        name, files, own = observed_program([FORK_SUM], parts)
        computer = Computer([name], files, parts=parts, observed=True)
        self.machine: Machine = computer.machine
        self.timeline = Timeline(self.machine)
        self.inspector = Inspector(self.machine, parts, own)
        self.guest = ToyosGuest(self.timeline, self.inspector, f"run/{name}")
        self.session = Session(self.timeline, Registers(self.machine), self.guest)
        self.symbols = self.inspector.symbols

    def run_to(self, name: str) -> None:
        """Onwards to a symbol of the kernel's, or of the program's."""
        at = self.symbols.address(name)
        assert self.ask(f"Z0,{at:x},4") == b"OK" and self.ask("c").startswith(b"T05") and self.machine.pc == at
        assert self.ask(f"z0,{at:x},4") == b"OK"


@pytest.fixture(params=["risc", "window"])
def known(request: pytest.FixtureRequest) -> Known:
    return Known(request.param)


def test_before_the_kernel_there_is_nobody(known: Known) -> None:
    assert known.guest.hart() == "machine" and known.guest.threads() == [] and known.guest.processes() == []
    assert known.monitor("ps") == "there are no processes yet\n" and "no trap" in known.monitor("trap")
    assert "there are no processes yet" in known.monitor("pcb") and "there are no" in known.monitor("pcb 1")


def test_processes_appear_and_breakpoints_are_the_programs(known: Known) -> None:
    known.run_to("main")
    assert known.guest.hart() == "user, pid 2 fork_sum", "init has code at the same address, and was not stopped"
    assert known.guest.threads() == [], "the only process of this program is on the hart"
    assert [row["pid"] for row in known.guest.processes()] == ["0", "1", "2"]
    known.run_to("sys_clone")
    assert [each.number for each in known.guest.threads()] == [FIRST_THREAD + 2], (
        "in the kernel the user's side is seen"
    )
    assert known.ask(f"Hg{FIRST_THREAD + 2:x}") == b"OK"
    pc = int.from_bytes(bytes.fromhex(known.ask("g").decode())[-4:], "little")
    assert known.symbols.name(pc, "run/fork_sum").startswith("fork+")
    text = known.symbols.program("run/fork_sum")
    assert text is not None and known.ask("m10000,10").decode() == text.object.text[:16].hex()


def test_whose_breakpoints_count_can_be_chosen(known: Known) -> None:
    assert "run/fork_sum" in known.monitor("only")
    assert "all" in known.monitor("only all") and known.guest.accept(0x1_0000) is None
    assert "pid 3" in known.monitor("only 3") and known.guest.accept(RAM_BASE) is None
    known.run_to("child")
    assert known.guest.hart() == "user, pid 3 fork_sum"
    assert "bin/sh" in known.monitor("only sh") and "no program 'xyz'" in known.monitor("only xyz")
    assert "expected" in known.monitor("only 1 2")


def test_files_for_gdb(known: Known) -> None:
    both, shell = known.guest.file(known.guest.executable), known.guest.file("/bin/sh")
    assert known.guest.executable == "/kernel+fork_sum" and both is not None and shell is not None
    assert both[:4] == shell[:4] == b"\x7fELF" and b"sys_clone" in both and b"sys_clone" not in shell
    assert known.guest.file("/etc/passwd") is None and known.guest.file("") is None


@pytest.mark.parametrize("seed", range(6))
def test_garbage_in_the_kernels_memory_is_borne(seed: int) -> None:
    known = Known(("risc", "window")[seed % 2])
    known.run_to("sys_clone")
    draw = random.Random(seed)
    values = known.inspector.layout.values
    for _ in range(4):
        for name, size in (("pcb_pool", 0x1000), ("current", 4), ("ready_queue", 8), ("kernel_stack_top", -256)):
            for _ in range(draw.choice((1, 20))):
                at = values[name] + (draw.randrange(abs(size)) & -4) * (1 if size > 0 else -1) - (4 if size < 0 else 0)
                word = draw.choice(
                    (0, 1, draw.getrandbits(32), values["pcb_pool"] + draw.randrange(0x2000), 0xFFFF_FFFF)
                )
                known.machine.write(at, word.to_bytes(4, "little"))
        if draw.random() < 0.5:
            known.machine.core.state["satp"] = 1 << 31 | draw.getrandbits(22)
        known.timeline.changed()
        known.session.view.refresh()
        for word in WORDS:
            assert known.monitor(word).endswith("\n")
        for question in QUESTIONS:
            reply = known.ask(question)
            if question.startswith("qXfer"):
                ElementTree.fromstring(reply[1:].decode())


def test_the_documentation_names_every_word() -> None:
    text = (ROOT / "docs" / "gdb.md").read_text(encoding="utf-8")
    known = Known("window")
    words = [line.split()[1] for line in known.monitor("help").splitlines()]
    assert len(words) > 10 and [word for word in words if f"`{word}" not in text] == []
