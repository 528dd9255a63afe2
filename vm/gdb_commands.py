"""The words behind gdb's `monitor` that every machine has: where the run stands, and going elsewhere in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vm.gdb_guest import Command, Guest, MonitorError
from vm.points import TrapPoint
from vm.timetravel import INTERRUPTED

if TYPE_CHECKING:
    from vm.timetravel import Timeline

REFRESH = "maintenance flush register-cache"  # gdb's own command; it does not notice that the machine was moved


class Commands:
    """stops_at_end: whether gdb gets a stop where the guest ends, so that it can go back from there."""

    def __init__(self, timeline: Timeline, guest: Guest) -> None:
        self._timeline = timeline
        self._checkpoints: list[int] = []
        self.stops_at_end = False
        self._table: Mapping[str, Command] = {
            "help": Command("", "shows this", self._help),
            "position": Command("", "shows where in the run the machine stands", self._position),
            "checkpoint": Command("", "remembers where the machine stands, under a number", self._checkpoint),
            "checkpoints": Command("", "shows what is remembered", self._show_checkpoints),
            "restart": Command("NUMBER", "goes to a checkpoint", self._restart),
            "goto": Command("POSITION|start|end", "goes to a place in the run", self._goto),
            "trap": Command("", "shows the last trap", self._trap),
            "end": Command("[stop|exit]", "what gdb sees where the guest ends: a stop, or its exit", self._end),
            **guest.commands(),
        }

    def run(self, line: str) -> str:
        """What the user wrote behind `monitor` -> the text to show, which ends in a newline."""
        word, *arguments = line.split() or ["help"]
        found = [name for name in self._table if name == word] or [n for n in self._table if n.startswith(word)]
        if len(found) != 1:
            known = ", ".join(found or self._table)
            return f"{'which of these is' if found else 'there is no'} monitor {word!r}: {known}\n"
        try:
            text = self._table[found[0]].run(arguments)
        except MonitorError as error:
            text = f"monitor {found[0]}: {error}"
        return text.rstrip("\n") + "\n"

    def _help(self, arguments: list[str]) -> str:
        rows = [(f"monitor {name} {command.usage}", command.about) for name, command in self._table.items()]
        width = max(len(usage) for usage, _ in rows)
        return "\n".join(f"{usage:{width}}  {about}" for usage, about in rows)

    # ---- places ------------------------------------------------------------------------------------------------------
    def _position(self, arguments: list[str]) -> str:
        line = self._timeline
        return f"at instruction {line.now}; the run is known from {line.start} to {line.end}"

    def _checkpoint(self, arguments: list[str]) -> str:
        self._checkpoints.append(self._timeline.now)
        number = len(self._checkpoints)
        return f"checkpoint {number}: instruction {self._timeline.now}; monitor restart {number} comes back"

    def _show_checkpoints(self, arguments: list[str]) -> str:
        rows = [f"checkpoint {number}: instruction {at}" for number, at in enumerate(self._checkpoints, 1)]
        return "\n".join(rows) or "no checkpoints yet; monitor checkpoint makes one"

    def _restart(self, arguments: list[str]) -> str:
        numbers = range(1, len(self._checkpoints) + 1)
        if len(arguments) != 1 or not arguments[0].isdecimal() or int(arguments[0]) not in numbers:
            raise MonitorError(f"expected the number of a checkpoint; {self._show_checkpoints([])}")
        return self._go(self._checkpoints[int(arguments[0]) - 1])

    def _goto(self, arguments: list[str]) -> str:
        line = self._timeline
        places = {"start": line.start, "end": line.end}
        word = arguments[0] if len(arguments) == 1 else ""
        if word not in places and not (word.isascii() and word.isdecimal()):
            raise MonitorError(f"expected start, end or a number of instructions, {line.start} to {line.end}")
        position = places[word] if word in places else int(word)
        if not line.start <= position <= line.end:
            raise MonitorError(f"instruction {position} is not in the run so far, {line.start} to {line.end}")
        return self._go(position)

    def _go(self, position: int) -> str:
        if self._timeline.goto(position).reason == INTERRUPTED:
            raise MonitorError("interrupted")
        where = f"at instruction {self._timeline.now}, pc {self._timeline.machine.pc:#010x}"
        return f"{where}\nTell gdb to look anew: {REFRESH}"

    # ---- what happened -----------------------------------------------------------------------------------------------
    def _trap(self, arguments: list[str]) -> str:
        hits = self._timeline.find_last([TrapPoint()], before=self._timeline.now + 1)
        trap = hits[0].trap if hits else None
        if trap is None:
            return "no trap so far"
        return f"instruction {str(trap).lstrip()}"

    def _end(self, arguments: list[str]) -> str:
        if arguments not in ([], ["stop"], ["exit"]):
            raise MonitorError("expected stop or exit")
        if arguments:
            self.stops_at_end = arguments == ["stop"]
        if self.stops_at_end:
            return "where the guest ends gdb stops, and can go back; one more `continue` tells it of the exit"
        return "where the guest ends gdb is told of its exit, and the machine leaves"
