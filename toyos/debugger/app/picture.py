"""python -m toyos.debugger.app.picture FILE.svg -> the application's screen as a picture, from a real session.

The same sources give the same file: what is shown is a position in a deterministic run.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from toyos.debugger.app.application import Debugger
from toyos.debugger.app.desk import Desk
from toyos.debugger.app.read.desk import SessionDesk
from toyos.paths import source_folder

COLUMNS, ROWS = 160, 50
PROGRAM = "lectures/fork_sum.s"
# To the end, and back to where the child runs for the first time; then on into its first system call, while the kernel
# fills its PCB. So there is a past and a future on the screen, and the parent sleeps.
STORY = ("continue", "reverse-switch", "reverse-switch", "reverse-switch", "trap", "stepi 16")
PAUSE = 0.01  # seconds between two looks whether the application has done its work
_UNIQUE = re.compile(r"terminal-\d+")  # rich numbers its pictures by what is in them, clip paths included


async def draw(
    open_desk: Callable[[], Desk], commands: Sequence[str], size: tuple[int, int] = (COLUMNS, ROWS), light: bool = False
) -> str:
    """A session, and commands to be executed in it -> the screen after them, as SVG. Raises RuntimeError when the
    session cannot be made."""
    app = Debugger(open_desk, light)
    async with app.run_test(size=size) as pilot:
        for command in ("", *commands):
            if command:
                app.perform(command)
            while app.busy and not app.failure:
                await pilot.pause(PAUSE)
            if app.failure:
                raise RuntimeError(app.failure)
        await pilot.pause()
        return _UNIQUE.sub("terminal", app.export_screenshot(title="toyos debug"))


def desk_of(program: Path, mode: str = "risc", variant: str | None = None) -> SessionDesk:
    """A program's source -> a session that stands at its main."""
    from toyos.debugger.start import start
    from toyos.variants import choose

    return SessionDesk(start([program], choice=choose(mode, variant, {}, None)), program.stem)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m toyos.debugger.app.picture", description=__doc__)
    parser.add_argument("file", type=Path, help="where the picture goes")
    parser.add_argument("--light", action="store_true", help="dark letters on a light ground")
    choice = parser.parse_args()
    program = source_folder("programs") / PROGRAM
    picture = asyncio.run(draw(lambda: desk_of(program), STORY, light=choice.light))
    choice.file.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
