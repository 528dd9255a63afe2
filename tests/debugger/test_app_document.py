"""docs/debugger.md says what is: its commands work one after the other, its keys are those of the application."""

from __future__ import annotations

import re
from pathlib import Path

from tests.debugger.app_rig import PROGRAM
from toyos.debugger.app import layout
from toyos.debugger.app.keys import MOVES
from toyos.debugger.app.picture import desk_of

DOCUMENT = Path("docs/debugger.md").read_text(encoding="utf-8")


def test_keys_are_those_of_the_application():
    for move in MOVES:
        key = move.function.replace("⇧", "Shift-")
        row = f"| {key} | `{move.letter}` | `{move.letter.upper()}` | {move.help} |".replace("|  |", "| |")
        assert row in DOCUMENT


def test_panes_are_those_of_the_application():
    rows = re.findall(r"^\| (\d) (\w+) \|", DOCUMENT, re.MULTILINE)
    assert [int(number) for number, _ in rows] == [number % 10 for number in range(1, len(layout.PANES) + 1)]
    columns, height = layout.SMALLEST[layout.LARGE]
    assert f"With {columns} columns and {height} rows" in DOCUMENT
    assert "{} by {}".format(*layout.SMALLEST[layout.SMALL]) in DOCUMENT


def test_commands_work_one_after_the_other():
    block = re.search(r"```toyos-debug\n(.*?)```", DOCUMENT, re.DOTALL)
    assert block is not None
    desk = desk_of(PROGRAM)
    for line in block[1].splitlines():
        reply = desk.execute(line)
        assert not reply.failed, (line, reply.lines)
    assert desk.position == desk.session.timeline.end


def test_the_way_through_a_system_call_and_back():
    desk = desk_of(PROGRAM)
    for line, privilege in (("trap", "supervisor"), ("stepi 4", "supervisor"), ("user", "user")):
        desk.execute(line)
        where = desk.session.where()
        assert (where.privilege, where.pid) == (privilege, 2)
    desk.execute("switch")
    states = {process.pid: process.state for process in desk.session.inspector.processes()}
    assert (states[2], states[3]) == ("Sleep", "Running")
