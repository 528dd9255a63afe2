"""Processes, their PCBs and queues, beside what the guest itself says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.inspect.guests import Guest
from toyos.inspect.layout import Layout
from toyos.inspect.process import Process

# A child in nanosleep, one that nobody has waited for, and one that waits for its turn; the parent asks `ps`.
FAMILY = """
proc main
        call    fork
        beqz    a0, sleeper
        call    fork
        beqz    a0, zombie
        li      a0, 1000                # the others get so far as they come
        call    usleep
        call    fork
        beqz    a0, waiter
        la      a0, ps
        la      a1, ps_arguments
        call    execvp
endp
zombie: li      a0, 42
        call    exit
sleeper:
        li      a0, 1000
        call    sleep
waiter: call    yield
        j       waiter
.data
        .balign 4
ps_arguments: .word ps, short, 0
ps:     .asciz  "ps"
short:  .asciz  "-s"
"""
STATES = {"N": "New", "R": "Ready", "O": "Running", "S": "Sleep", "Z": "Zombie"}


def fields(process: Process) -> dict[str, str]:
    """-> the texts of a PCB's fields by name."""
    return {field.name: field.text for field in process.fields}


def test_what_ps_prints_is_what_was_in_memory(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, FAMILY, mode)
    guest.to("sys_proclist")
    seen = {(p.pid, p.ppid, p.state, p.name) for p in guest.inspector.processes()}
    for process in guest.inspector.processes():
        by_pid = guest.inspector.process(process.pid)
        assert by_pid == process and guest.inspector.at(process.pcb) == process
    queues = {name: [p.name for p in found] for name, found in guest.inspector.queues().items()}
    guest.to("sys_exit", lambda: guest.current.name == "ps")
    rows = re.findall(r"^ *(\d+) +(\d+) (\w) (\S+)\r?$", guest.output.decode(), re.MULTILINE)
    assert {(int(pid), int(ppid), STATES[state], name) for pid, ppid, state, name in rows} == seen
    parent = guest.current.pid
    assert {(ppid, state, name) for _, ppid, state, name in seen} == {
        (0, "Ready", "idle"), (0, "Sleep", "init"), (1, "Running", "ps"),
        (parent, "Sleep", "guest"), (parent, "Zombie", "guest"), (parent, "Ready", "guest"),
    }  # fmt: skip
    free = queues.pop("free")
    assert len(free) == guest.parts.symbols["NPROC"] - len(seen)
    assert queues == {
        "new": [], "ready": ["guest"], "zombies": ["guest"], "sleep: clock": ["guest"], "sleep: console": [],
        "sleep: children of pid 1": ["init"],
    }  # fmt: skip
    assert not any(queue.trouble for queue in guest.inspector.queue_list())


def test_the_fields_of_a_pcb_cover_it_without_gaps_and_say_what_they_are(system: tuple[str, str]) -> None:
    guest = Guest(Path("/nonexistent"), Path(__file__).parents[2] / "programs" / "bin" / "true.s", *system)
    layout: Layout = guest.inspector.layout
    at = 0
    for row in layout.rows:
        assert row.offset == at, row
        at += row.size
    assert at == guest.parts.symbols["P_SIZE"]
    names = [row.name for row in layout.rows]
    assert names.index("P_STATE") < names.index("P_PID") < names.index("P_NAME")
    assert layout.by_name["P_CHILD"].comment == "PCB of the oldest child, or 0"
    registers = set(layout.registers)
    assert {"pc", "sp", "a0", "a1", "a2", "a3", "t0", "t1", "s0", "s1"} <= registers
    assert len(registers) == (11 if guest.machine.mode == "cisc" else 32)
    for name in ("state", "STATE", "P_STATE"):
        found = layout.find(name)
        assert found is not None and found.name == "P_STATE"
    assert layout.find("nonsense") is None


def test_values_of_fields_are_told_in_words(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, FAMILY, mode)
    guest.to("sys_proclist")
    symbols = guest.inspector.symbols
    init, ps = guest.process("init"), guest.process("ps")
    texts = fields(ps)
    assert texts["P_STATE"] == "Running" and texts["P_NAME"] == "'ps'" and texts["P_PARENT"] == "pid 1 (init)"
    assert texts["P_QUEUE"] == "none" and texts["P_FILES"] == "open: 0 1 2" and texts["P_CWD"] == "/"
    assert re.fullmatch(r"0x000[0-9a-f]{5} <proclist(\+0x[0-9a-f]+)?>", texts["P_PC"])
    sleeping = fields(init)
    assert sleeping["P_QUEUE"] == "sleep: children of pid 1"
    assert sleeping["P_CHILDREN_QUEUE"] == "first pid 1 (init), last pid 1 (init)"
    zombie = next(process for process in guest.inspector.processes() if process.state == "Zombie")
    assert fields(zombie)["P_STATUS"] == "exit code 42" and fields(zombie)["P_SPACE"] == "none"
    sleeper = guest.inspector.queues()["sleep: clock"][0]
    wake = sleeper.field("wake")
    assert wake is not None and wake.value > 1000 * 10_000_000, "1000 s in ticks of 100 ns"
    assert symbols.name(init.registers["pc"], init).startswith("wait")
    number = ps.field("nr") if mode == "cisc" else ps.field("a7")
    assert number is not None and number.value == symbols.value("SYS_proclist")


def test_registers_are_the_harts_while_it_runs_the_process(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, "proc main\n        li a0, 1234\n        mv s0, a0\nlook:   mv a0, s0\nendp\n", mode)
    guest.to("look")
    assert not guest.inspector.in_kernel
    registers = guest.inspector.registers(guest.current)
    assert registers["s0"] == 1234 and registers["pc"] == guest.machine.pc
    assert guest.current.registers["s0"] != 1234, "the PCB has what the last trap saved"
    guest.to("sys_exit")
    assert guest.inspector.in_kernel
    assert guest.inspector.registers(guest.current)["a0"] == 1234


def test_before_boot_there_is_nothing(mode: str, tmp_path: Path) -> None:
    inspector = Guest(tmp_path, "proc main\nendp\n", mode).inspector
    assert inspector.processes() == [] and inspector.current() is None and inspector.in_kernel
    assert all(not queue.processes and not queue.trouble for queue in inspector.queue_list())
