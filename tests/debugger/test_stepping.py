"""Steps longer than an instruction, both ways, in every mode: over calls that call themselves, out, to traps."""

from __future__ import annotations

import pytest

from tests.debugger.rig import MODES, PROGRAMS, ok, session_of, state
from toyos.debugger.session import Session
from vm.arch import PRIV_S, PRIV_U
from vm.flow import CALL, RETURN, SYSTEM_CALL, TRAP_RETURN
from vm.stepping import STEP

RECURSION = PROGRAMS / "recursion.s"


@pytest.fixture(params=MODES)
def session(request: pytest.FixtureRequest) -> Session:
    return session_of(request.param, RECURSION)


def to_call(session: Session, name: str) -> int:
    """Runs to the instruction that calls this procedure -> its position."""
    ok(session, f"tbreak {name}")
    ok(session, "continue")
    session.timeline.reverse_step()
    assert session.steps.flow().kind == CALL
    return session.position


def test_over_a_call_that_calls_itself_ends_behind_it_in_the_same_frame(session: Session) -> None:
    to_call(session, "sum_to")
    sp, pc = int(session.machine.x[2]), session.machine.pc
    length = session.steps.flow().length
    assert session.steps.over().reason == STEP
    assert (int(session.machine.x[2]), session.machine.pc) == (sp, pc + length)
    assert int(session.machine.x[10]) == 15


def test_in_the_deeper_call_a_step_over_its_own_call_ends_there(session: Session) -> None:
    to_call(session, "sum_to")
    session.steps.one()
    while session.steps.flow().kind != CALL:
        session.steps.over()
    frames = len(session.inspector.backtrace())
    assert session.steps.over().reason == STEP
    assert len(session.inspector.backtrace()) == frames
    assert int(session.machine.x[10]) == 10


def test_back_over_a_call_ends_at_the_call(session: Session) -> None:
    call = to_call(session, "sum_to")
    before = state(session)
    session.steps.over()
    assert session.steps.back_over().reason == STEP
    assert session.position == call
    assert state(session) == before


def test_forwards_and_backwards_over_everything_meet_at_the_same_positions(session: Session) -> None:
    positions = []
    for _ in range(8):
        positions.append((session.position, session.machine.pc))
        assert session.steps.over().reason == STEP
    for expected in reversed(positions):
        assert session.steps.back_over().reason == STEP
        assert (session.position, session.machine.pc) == expected


def test_out_of_a_procedure_and_back_to_its_call(session: Session) -> None:
    call = to_call(session, "sum_to")
    behind = session.machine.pc + session.steps.flow().length
    session.steps.one()
    for _ in range(4):
        session.steps.over()
    assert session.caller() is not None
    ok(session, "finish")
    assert session.machine.pc == behind
    assert int(session.machine.x[10]) == 15
    session.timeline.goto(call + 6)
    ok(session, "reverse-finish")
    assert session.position == call


def test_out_of_a_leaf(session: Session) -> None:
    to_call(session, "leaf")
    behind = session.machine.pc + session.steps.flow().length
    session.steps.one()
    ok(session, "finish")
    assert session.machine.pc == behind
    assert int(session.machine.x[10]) == 7


def test_over_a_system_call_stays_in_user_mode_and_back_over_it_too(session: Session) -> None:
    ok(session, "break getpid")
    ok(session, "continue")
    ok(session, "delete")
    while session.steps.flow().kind != SYSTEM_CALL:
        session.steps.one()
    call, pid = session.position, session.kernel.current_pid
    assert session.steps.over().reason == STEP
    assert session.privilege == PRIV_U
    assert session.position > call + 50
    assert int(session.machine.x[10]) == pid
    assert session.steps.back_over().reason == STEP
    assert session.position == call


def test_into_a_system_call_and_back_to_user_mode(session: Session) -> None:
    ok(session, "trap from user mode")
    assert session.privilege == PRIV_S
    trapped = session.position
    ok(session, "user")
    assert session.privilege == PRIV_U
    entered = session.position
    session.timeline.reverse_step()
    assert session.steps.flow().kind == TRAP_RETURN
    session.timeline.goto(entered + 5)
    assert session.steps.user(back=True).reason == STEP
    assert session.position == entered
    assert session.steps.trap(back=True).reason == STEP
    assert session.position == trapped


def test_a_breakpoint_on_the_way_stops_a_step_over(session: Session) -> None:
    to_call(session, "sum_to")
    ok(session, "break sum_to if $a0 == 3")
    outcome = session.steps.over()
    assert outcome.reason == "hit"
    assert int(session.machine.x[10]) == 3


def test_a_return_is_recognised(session: Session) -> None:
    to_call(session, "leaf")
    session.steps.one()
    session.steps.one()
    assert session.steps.flow().kind == RETURN


def test_a_step_in_the_kernel_over_what_never_returns_ends_in_user_mode(session: Session) -> None:
    ok(session, "goto 0")
    ok(session, "tbreak sleep_on")
    ok(session, "continue")
    session.timeline.reverse_step()
    assert session.steps.flow().kind == CALL
    assert session.steps.over().reason == STEP
    assert session.privilege == PRIV_U


@pytest.mark.parametrize("program", ["round_robin.s"])
def test_a_step_over_an_instruction_passes_over_interrupts(program: str) -> None:
    """A timer interrupt between two instructions of a process belongs to neither of them."""
    from tests.debugger.rig import PROJECT

    session = session_of("risc", PROJECT / "programs" / "lectures" / program)
    ok(session, "trap timer")
    at, pid = session.position, session.kernel.current_pid
    ok(session, "reverse-stepi")
    assert session.privilege == PRIV_U
    assert session.position == at - 1
    ok(session, "nexti")
    assert session.privilege == PRIV_U
    assert session.kernel.current_pid == pid
    assert session.position > at
    ok(session, "reverse-nexti")
    assert session.position == at - 1
