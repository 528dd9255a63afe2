"""The script of scripts: fork_sum from the user's system call through save, schedule and restore into the child, and
back by reverse steps to the first instruction; in every mode, to the letter and to the bit.

TOYOS_GOLDEN=write makes transcripts anew that have been deleted.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.debugger.rig import FORK_SUM, GOLDEN, HERE, MODES, WRITE, made, ok, put_back, session_of, state
from toyos.debugger import batch
from toyos.debugger.session import Session
from vm.arch import PRIV_S, PRIV_U

_STATES: dict[str, dict[int, tuple[str, str, int]]] = {}  # mode -> position -> what was seen there
SCRIPT = HERE / "scripts" / "fork_sum.dbg"


def transcript(session: Session) -> str:
    """-> what `toyos debug --batch` prints for the script."""
    lines = list(session.standing())
    assert batch.run(session, SCRIPT.read_text().splitlines(), lines.append) == 0
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("mode", MODES)
def test_the_transcript_is_the_golden_one(mode: str) -> None:
    path = GOLDEN / f"fork_sum.{mode}.txt"
    found = transcript(made(mode))
    if WRITE and not path.exists():
        path.write_text(found)
    assert found == path.read_text()


def test_the_same_script_says_the_same_twice_in_one_session() -> None:
    """Whatever was visited before: positions, states and texts of the past do not depend on it."""
    session = made("risc")
    main = session.position
    first = transcript(session)
    put_back(session, main)
    known = "goto end"  # which is further now
    assert transcript(session).partition(known)[0] == first.partition(known)[0]


@pytest.mark.parametrize("mode", MODES)
def test_every_stage_of_the_way_back_is_the_state_of_the_way_there(mode: str) -> None:
    session = session_of(mode, FORK_SUM)
    stages = {}

    def stage(name: str) -> None:
        stages[name] = session.position, state(session)

    stage("main")
    ok(session, "catch syscall clone")
    ok(session, "continue")
    stage("trapped")
    ok(session, "until trap")
    stage("saved")
    ok(session, "catch switch to 3")
    ok(session, "continue")
    stage("chosen")
    ok(session, "break resume")
    ok(session, "continue")
    stage("restoring")
    ok(session, "user")
    stage("child")
    assert session.privilege == PRIV_U
    assert session.kernel.current_pid == 3
    assert int(session.machine.x[10]) == 0, "fork returns 0 in the child"

    ok(session, "delete")
    for name in ("restoring", "chosen", "saved", "trapped"):
        position, before = stages[name]
        ok(session, f"reverse-stepi {session.position - position}")
        assert (session.position, state(session)) == (position, before), name
        assert session.privilege == PRIV_S
    ok(session, "reverse-stepi")
    assert session.privilege == PRIV_U
    assert session.kernel.current_pid == 2
    ok(session, f"reverse-stepi {session.position - stages['main'][0]}")
    assert state(session) == stages["main"][1]
    ok(session, f"goto {stages['child'][0]}")
    assert state(session) == stages["child"][1]


@pytest.mark.parametrize("mode", MODES)
def test_single_reverse_steps_lead_from_the_child_into_the_kernel_and_back(mode: str) -> None:
    session = session_of(mode, FORK_SUM)
    ok(session, "process 3")
    child = session.position, state(session)
    seen = []
    for _ in range(60):
        ok(session, "reverse-stepi")
        seen.append((session.position, session.privilege, state(session)))
    assert {privilege for _, privilege, _ in seen} == {PRIV_S}
    for position, privilege, before in reversed(seen):
        assert (session.position, session.privilege, state(session)) == (position, privilege, before)
        ok(session, "stepi")
    assert (session.position, state(session)) == child


MOVES = ("stepi", "nexti", "step", "next", "reverse-stepi", "reverse-nexti", "reverse-step", "reverse-next", "stepi 37",
         "reverse-stepi 23", "finish", "reverse-finish", "trap", "user", "reverse-continue", "continue", "goto -1000",
         "goto +1500")  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=15)
@given(moves=st.lists(st.sampled_from(MOVES), min_size=20, max_size=40), breakpoint_=st.sampled_from(("fork", "trap")))
def test_on_random_walks_a_position_is_always_the_same_state(mode: str, moves: list[str], breakpoint_: str) -> None:
    session = session_of(mode, FORK_SUM)
    ok(session, f"break {breakpoint_}")
    states = _STATES.setdefault(mode, {})
    for move in moves:
        reply = session.execute(move)
        assert not reply.failed or "outermost" in reply.lines[0] or "beginning" in reply.lines[0], (move, reply.lines)
        found = state(session), session.where().symbol, len(session.output)
        assert states.setdefault(session.position, found) == found, (move, session.position)
        marks = [(mark.at, mark.kind) for mark in session.marks()]
        assert marks == sorted(set(marks))
