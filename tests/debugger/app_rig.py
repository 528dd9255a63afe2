"""The application on a real session, without a terminal: for its tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from toyos.debugger.app.application import Debugger
from toyos.debugger.app.panes.command import CommandLine
from toyos.debugger.app.panes.drawn import Line
from toyos.debugger.app.panes.lines import Lines
from toyos.debugger.app.picture import desk_of
from toyos.debugger.app.read.desk import SessionDesk
from toyos.debugger.start import start

PROGRAM = Path("programs/lectures/fork_sum.s")
LARGE, SMALL = (160, 50), (80, 24)
PATIENCE, LOOK = 20.0, 0.005  # seconds
HOPS = 4  # queues that a key and what comes of it go through


async def done(pilot: Pilot) -> None:
    """Waits until the session has nothing to do and the screen shows it. (pilot.pause() without a time would wait for
    the whole process to be idle, which takes long on a host that is not.)"""
    app = pilot.app
    assert isinstance(app, Debugger)
    await handed_on(pilot)
    for _ in range(int(PATIENCE / LOOK)):
        if not app.busy or app.failure:
            break
        await pilot.pause(LOOK)
    else:
        raise AssertionError("the application is still busy")
    await handed_on(pilot)


async def handed_on(pilot: Pilot) -> None:
    """Waits until what was posted has gone from the application to a widget and back up to it, with replies."""
    for _ in range(HOPS):
        served = asyncio.Event()
        pilot.app.call_later(served.set)
        await asyncio.wait_for(served.wait(), PATIENCE)
        await pilot.pause(0)


async def press(pilot: Pilot, *keys: str) -> None:
    """Keys that are no text, one after the other, each when the one before has been served."""
    for key in keys:
        pilot.app.simulate_key(key)
        await done(pilot)


async def command(pilot: Pilot, line: str) -> None:
    """A line in the command line, entered."""
    await press(pilot, "colon")
    pilot.app.query_one("#command", CommandLine).value = line
    await press(pilot, "enter", "escape")


@asynccontextmanager
async def debugging(
    program: Path | None = PROGRAM, mode: str = "risc", size: tuple[int, int] = SMALL
) -> AsyncIterator[tuple[Debugger, Pilot]]:
    """The application on a program that stands at its main; on a shell for None."""

    def desk() -> SessionDesk:
        return desk_of(program, mode) if program else SessionDesk(start(terminal=True), "sh")

    app = Debugger(desk)
    async with app.run_test(size=size) as pilot:
        await done(pilot)
        yield app, pilot


def pane(app: Debugger, name: str) -> str:
    """-> what a pane shows, all of it."""
    return app.query_one(f"#{name}", Lines).text


def title(app: Debugger) -> str:
    return app.query_one("#title", Line).text


def status(app: Debugger) -> str:
    return app.query_one("#status", Line).text


def shown(app: Debugger) -> set[str]:
    """-> the panes that are on the screen."""
    return {each.id or "" for each in app.query(".pane") if each.display and each.region.area}
