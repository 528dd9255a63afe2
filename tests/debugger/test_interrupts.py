"""A session that runs is stopped from another thread, forwards and backwards, and is in order afterwards."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.debugger.rig import made, ok, state
from toyos.debugger.replies import Reply
from toyos.debugger.session import Session

ENDLESS = """.include "common.inc"
.text
proc main
        li      s0, 0
1:      addi    s0, s0, 1
        j       1b
endp
"""


@pytest.fixture
def session(tmp_path: Path) -> Session:
    source = tmp_path / "endless.s"
    source.write_text(ENDLESS)
    return made("risc", source)


def in_another_thread(session: Session, line: str, seconds: float) -> tuple[Reply, float]:
    """Executes a line, and interrupts it after so many seconds -> its reply, and how long that took to come."""
    replies: list[Reply] = []
    worker = threading.Thread(target=lambda: replies.append(session.execute(line)))
    worker.start()
    time.sleep(seconds)
    begun = time.perf_counter()
    session.interrupt()
    worker.join(30)
    assert not worker.is_alive()
    return replies[0], time.perf_counter() - begun


def test_a_run_forwards(session: Session) -> None:
    positions: list[int] = []
    session.progress = positions.append
    reply, seconds = in_another_thread(session, "continue", 0.5)
    assert reply.lines[0] == "interrupted"
    assert seconds < 2
    assert positions == sorted(positions)
    assert len(positions) > 2
    at, before = session.position, state(session)
    ok(session, "reverse-stepi 1000")
    ok(session, "stepi 1000")
    assert (session.position, state(session)) == (at, before)


def test_a_line_that_never_ends(session: Session) -> None:
    ok(session, "stepi 5")
    reply, _ = in_another_thread(session, "until *0", 0.3)
    assert reply.lines[0] == "interrupted"


def test_a_search_backwards_comes_back_to_where_it_began(session: Session) -> None:
    in_another_thread(session, "continue", 1.0)
    at = session.position
    ok(session, "break *main + 4 if $s0 == 0xffffff")
    reply, _ = in_another_thread(session, "reverse-continue", 0.2)
    assert reply.lines[0] == "interrupted"
    assert session.position == at
    ok(session, "delete")
    ok(session, "stepi")
    assert session.position == at + 1


def test_an_interrupt_while_nothing_runs_is_forgotten(session: Session) -> None:
    session.interrupt()
    at = session.position
    ok(session, "stepi 3")
    assert session.position == at + 3
