"""A program that dies of a fault: the machine stops where the kernel is about to end the process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.debugger.rig import MODES, PROGRAMS, ok, refused, session_of
from toyos.debugger.opening import replay, save_run
from toyos.debugger.session import Session
from toyos.debugger.start import start
from vm.arch import PRIV_U

CRASH = PROGRAMS / "crash.s"


def note(session: Session, command: str) -> str:
    """A command that stops the machine -> why it stands there."""
    ok(session, command)
    return session.note


@pytest.mark.parametrize("mode", MODES)
def test_a_fatal_fault_stops_forwards_and_backwards(mode: str) -> None:
    session = session_of(mode, CRASH, "faults")
    lines = ok(session, "continue")
    child = session.note
    assert re.fullmatch(r"segmentation fault at 0x\w+ <poke\S*> at tests/debugger/programs/crash.s:23", lines[1]), lines
    pid, first = session.kernel.current_pid, session.position
    assert child.startswith(f"process {pid} (crash) is about to end by SIGSEGV (address 0x00000010: write); `goto ")
    assert not len(session.breakpoints) and session.where().symbol == "fault_fatal"

    ok(session, child.split("`")[1])  # what the note says is what is there
    assert (session.privilege, session.kernel.current_pid, session.where().line) == (PRIV_U, pid, 23)
    assert session.where().instruction.startswith({"cisc": "movl"}.get(mode, "sw"))

    assert note(session, "continue") == child and session.position == first
    parent = note(session, "continue")
    bad = {"cisc": "0x000000ff"}.get(mode, "0xffffffff")  # an opcode there is a byte
    assert f"(crash) is about to end by SIGILL ({bad}); `goto " in parent
    last = session.position
    ok(session, parent.split("`")[1])
    assert session.where().symbol == "nonsense"
    assert note(session, "goto end") != parent
    assert "halted: exit status 132" in note(session, "continue")

    assert note(session, "reverse-continue") == parent and session.position == last
    assert note(session, "reverse-continue") == child and session.position == first
    assert "this is the beginning" in note(session, "reverse-continue")


def test_it_can_be_switched_off_and_on() -> None:
    session = session_of("risc", CRASH, "faults")
    assert "does not stop the machine any more" in ok(session, "catch signal off")[0]
    assert "halted: exit status 132" in note(session, "continue")
    ok(session, "start")
    assert ok(session, "catch signal on") == ("a fault that ends crash stops the machine",)
    assert "SIGSEGV" in note(session, "continue")


def test_a_signal_is_caught_by_its_name() -> None:
    session = session_of("risc", CRASH, "faults")
    assert ok(session, "catch signal ill") == ("catchpoint 1: a fault that ends a process by ill",)
    ok(session, "catch signal off")
    lines = ok(session, "continue")
    ok(session, "catch signal on")
    assert any(line.startswith("  process 2 (crash) is about to end by SIGILL") for line in lines), lines
    assert session.note.startswith("catchpoint 1")
    ok(session, "start")
    assert "SIGSEGV" in note(session, "continue")
    ok(session, "continue")
    assert session.note.startswith("catchpoint 1"), "said once, by the one that was asked for"
    assert "there is no fault that ends a process by 'SIGTERM'" in refused(session, "catch signal term")


def test_a_recorded_run_stops_there_too(tmp_path: Path) -> None:
    session = session_of("risc", CRASH, "faults")
    ok(session, "catch signal off")
    ok(session, "continue")
    ok(session, "catch signal on")
    save_run(session, tmp_path / "run")
    again = replay(tmp_path / "run")
    assert "SIGSEGV" in note(again, "continue")


def test_what_a_shell_starts_does_not_stop_a_session_about_the_shell() -> None:
    session = start()
    ok(session, "continue")
    ok(session, "input protection")
    ok(session, "continue")
    assert session.idle and b"segmentation fault" in session.output
    ok(session, "catch signal")
    assert "catchpoint 1" in note(session, "reverse-continue")
    assert session.kernel.current_name == "protection"
