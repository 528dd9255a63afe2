"""The whole screen of the application, compared with pictures that have been looked at.

When a change is meant: `pytest tests/debugger/test_app_pictures.py --snapshot-update`, and for the documentation's
picture `python -m toyos.debugger.app.picture docs/debugger.svg`; then look at what has changed.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.debugger.app_rig import LARGE, PROGRAM, SMALL, command, done
from toyos.debugger.app.application import Debugger
from toyos.debugger.app.picture import STORY, desk_of, draw

DOCUMENTED = Path("docs/debugger.svg")


@pytest.mark.parametrize(
    ("mode", "size", "light"),
    [("risc", SMALL, False), ("window", LARGE, True), ("cisc", SMALL, True)],
    ids=["risc-small-dark", "window-large-light", "cisc-small-light"],
)
def test_in_the_middle_of_a_run(snap_compare, mode, size, light):
    async def story(pilot) -> None:
        await done(pilot)
        for line in STORY:
            await command(pilot, line)

    assert snap_compare(Debugger(lambda: desk_of(PROGRAM, mode), light), terminal_size=size, run_before=story)


def test_picture_of_the_documentation_is_up_to_date():
    drawn = asyncio.run(draw(lambda: desk_of(PROGRAM), STORY))
    assert drawn == DOCUMENTED.read_text(encoding="utf-8"), "see the head of this file"
