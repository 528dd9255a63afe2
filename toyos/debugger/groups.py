"""All commands, by what they are about: the table that `help` is made of."""

from __future__ import annotations

from toyos.debugger import (
    data_commands,
    frames,
    run_commands,
    show_commands,
    stop_commands,
    time_commands,
    tool_commands,
)
from toyos.debugger.command import Command

GROUPS: tuple[tuple[str, tuple[Command, ...]], ...] = (
    ("Running", run_commands.ROWS),
    ("Going back, and going anywhere", time_commands.ROWS),
    ("Stopping", stop_commands.ROWS),
    ("Looking at code", frames.ROWS),
    ("Looking at data", data_commands.ROWS),
    ("Looking at the system", show_commands.ROWS),
    ("The machine and this program", tool_commands.ROWS),
)
