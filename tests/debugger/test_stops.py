"""What stops the machine: breakpoints, watchpoints, events; and what is said of each stop."""

from __future__ import annotations

import pytest

from tests.debugger.rig import ok, refused, session_of
from toyos.debugger.session import Session


@pytest.fixture
def session() -> Session:
    return session_of("risc")


def stops(session: Session, setting: str, *going: str) -> list[str]:
    ok(session, setting)
    return [line for command in going or ("continue",) for line in ok(session, command)]


@pytest.mark.parametrize(
    ("setting", "symbol"),
    [
        ("break fork", "fork"), ("break programs/lectures/fork_sum.s:20", "main+0x20"),
        ("break fork_sum.s:20", "main+0x20"), ("break 20", "main+0x20"), ("break *main+8", "main+0x8"),
        ("tbreak system_call", "system_call"),
        ("break system_call if $pid == 3", "system_call"), ("break system_call pid 3", "system_call"),
        ("break system_call if 1 == 1 process 3", "system_call"), ("catch syscall clone", "trap_entry"),
        ("catch switch", "dispatch+0x124"), ("catch switch to 3", "dispatch+0x124"), ("catch state 3", "pcb_new+0x64"),
        ("catch trap store page fault", "trap_entry"), ("catch trap", "trap_entry"),
        ("watch current", "dispatch+0x124"), ("watch sum", "child+0x54"), ("awatch sum", "child+0x54"),
        ("rwatch sum", "main+0x88"),
        ("watch pcb 2 state", "sleep_before+0x28"), ("watch $s0 if $s0 == 3 && $priv == 0", "main+0x2c"),
    ],
)  # fmt: skip
def test_each_kind_of_stop(session: Session, setting: str, symbol: str) -> None:
    lines = stops(session, setting)
    number = next(iter(session.breakpoints.by_number), 1)
    assert any(f"point {number}: " in line for line in lines), lines
    assert session.where().symbol == symbol
    if "3" in setting.split()[-1] and "pid" in setting:
        assert session.kernel.current_pid == 3


def test_what_a_watchpoint_says(session: Session) -> None:
    text = "\n".join(stops(session, "watch sum"))
    assert "0 -> 5050 (0x13ba)" in text
    assert "by `sw t0,0(t1)` at" in text
    assert "fork_sum.s:60" in text
    assert session.kernel.current_pid == 3


def test_who_last_wrote_the_state_of_a_process(session: Session) -> None:
    ok(session, "process 3")
    at = session.position
    text = "\n".join(ok(session, "last-write pcb 3 state"))
    assert "2 (Ready) -> 3 (Running)" in text
    assert "dispatch+" in text
    assert session.position == at


def test_who_last_wrote_a_variable_means_the_one_of_this_process(session: Session) -> None:
    """The child's sum is not its parent's, which nobody has written since the kernel emptied the page."""
    ok(session, "watch sum")
    ok(session, "continue")
    assert session.kernel.current_pid == 3
    assert "0 -> 5050" in ok(session, "last-write sum")[1]  # the instruction that has just been done
    ok(session, "process 2")
    assert "page_zero" in "\n".join(ok(session, "last-write sum"))


def test_data_of_a_program_that_does_not_run_now_is_watched_all_the_same(session: Session) -> None:
    ok(session, "continue")
    assert session.kernel.current_name == "init"
    assert "0 -> 5050" in ok(session, "last-write sum")[1]
    ok(session, "watch sum")
    assert "fork_sum.s:60" in "\n".join(ok(session, "reverse-continue"))


def test_a_breakpoint_of_a_program_does_not_stop_in_another_at_the_same_address(session: Session) -> None:
    """Programs share addresses: init and fork_sum both begin at the same one."""
    ok(session, "break *main")
    ok(session, "break main")
    ok(session, "goto start")
    ok(session, "continue")
    assert session.kernel.current_name == "init"
    ok(session, "delete 1")
    ok(session, "continue")
    assert session.kernel.current_name == "fork_sum"


def test_temporary_ignored_disabled_and_conditional_breakpoints(session: Session) -> None:
    ok(session, "tbreak fork")
    ok(session, "continue")
    assert not len(session.breakpoints)
    ok(session, "break system_call")
    ok(session, "ignore 2 2")
    ok(session, "continue")
    assert session.breakpoints.get(2).ignore == 0
    third = session.position
    ok(session, "reverse-continue")
    ok(session, "reverse-continue")
    assert session.position < third
    ok(session, "continue 2")
    assert session.position == third
    ok(session, "condition 2 $pid == 3")
    ok(session, "continue")
    assert session.kernel.current_pid == 3
    ok(session, "condition 2")
    ok(session, "disable 2")
    assert "halted" in "\n".join(ok(session, "continue"))
    ok(session, "goto start")
    ok(session, "enable")
    ok(session, "continue")
    assert session.where().symbol == "system_call"
    assert "2   breakpoint" in "\n".join(ok(session, "info breakpoints"))


def test_commands_are_done_when_their_breakpoint_stops(session: Session) -> None:
    ok(session, "break fork")
    ok(session, "commands 1 print $pid; continue")
    lines = ok(session, "continue")
    assert "$1 = 2" in lines
    assert "the machine has halted: exit status 0" in lines


def test_a_condition_that_cannot_be_told_stops_and_says_why(session: Session) -> None:
    lines = stops(session, "break fork if *0 == 1")
    assert "its condition cannot be told" in lines[1]


def test_displays_are_shown_at_every_stop(session: Session) -> None:
    ok(session, "display/x $sp")
    ok(session, "display/2i $pc")
    lines = ok(session, "stepi")
    assert any(line.startswith("1: $sp = 0x") for line in lines)
    assert "2: x/2i $pc" in lines
    ok(session, "undisplay 1")
    assert not any(line.startswith("1: ") for line in ok(session, "stepi"))


def test_what_the_kernel_writes_into_a_process_is_seen_too() -> None:
    """read() fills a buffer of the process by the page's physical address."""
    from toyos.debugger.start import start

    session = start(command=["cat"])
    ok(session, "catch syscall read pid 2")
    ok(session, "continue")
    ok(session, "delete")
    ok(session, "print $buffer = $a1")
    ok(session, "watch *(char *)$buffer")
    ok(session, "input hello")
    lines = ok(session, "continue")
    assert any("-> 104 (0x68)" in line for line in lines), lines
    assert session.where().symbol.startswith("memcpy")
    assert "copyout" in "\n".join(ok(session, "backtrace"))


def test_a_place_in_a_program_that_does_not_run_yet() -> None:
    from toyos.debugger.start import start

    session = start()
    ok(session, "break ps:main")
    assert "did you mean 'main'" in refused(session, "break ps:mian")
    ok(session, "continue")
    ok(session, "input ps")
    ok(session, "continue")
    assert (session.kernel.current_name, session.where().symbol) == ("ps", "main")
    ok(session, "goto start")
    assert ok(session, "break run_console")[0].startswith("breakpoint 2: "), "the shell's own, when nothing runs yet"


def test_marks_are_known_once_and_only_of_this_future() -> None:
    session = session_of("risc", use="another future")
    main = session.position
    for _ in range(2):
        ok(session, f"goto {main}")
        for _ in range(4):
            ok(session, "trap")
        known = [(mark.at, mark.kind) for mark in session.marks()]
        assert known == sorted(set(known)) and known[-1][0] == session.position
    ok(session, f"goto {main}")
    assert session.marks()[-1].at > main
    ok(session, "set $s1 = 5")
    assert session.marks()[-1].at <= main


def test_a_breakpoint_to_be_ignored_does_not_hide_what_one_runs_to(session: Session) -> None:
    ok(session, "break fork")
    ok(session, "ignore 1 3")
    ok(session, "until fork")
    assert session.where().symbol == "fork"
