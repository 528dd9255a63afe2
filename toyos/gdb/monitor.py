"""The words behind gdb's `monitor` that know our kernel: its processes, their PCBs, its queues, the last trap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from toyos.gdb.choice import Choice
from toyos.inspect import InspectError, Inspector, Process
from vm.gdb_guest import Command, MonitorError
from vm.points import TrapPoint
from vm.timetravel import Timeline

MOST_SHOWN = 8  # members of a queue
NOBODY = "there are no processes yet"


class Monitor:
    """commands() -> the table; every text is of the machine as it stands."""

    def __init__(self, timeline: Timeline, inspector: Inspector, choice: Choice) -> None:
        self._timeline, self._inspector, self._choice = timeline, inspector, choice

    def commands(self) -> Mapping[str, Command]:
        windows = {"windows": Command("", "shows the register windows", _inspecting(self._windows))}
        return {
            "ps": Command("", "shows all processes", _inspecting(self._ps)),
            "pcb": Command("[PID]", "shows a PCB field by field, by default the current one's", _inspecting(self._pcb)),
            "backtrace": Command("[PID]", "shows who called whom, across the trap", _inspecting(self._backtrace)),
            "only": Command("[PID|PROGRAM|all]", "whose breakpoints at user addresses count", self._only),
            "queues": Command("", "shows who is on which queue of the kernel's", _inspecting(self._queues)),
            **(windows if self._inspector.machine.nwin else {}),
            "trap": Command(
                "", "shows the last trap, and what is saved of the current process", _inspecting(self._trap)
            ),
        }

    def _ps(self, arguments: list[str]) -> str:
        rows = [
            [str(each.pid), str(each.ppid), each.state, str(each.pages), f"{each.pcb:#010x}", self._pc(each), each.name]
            for each in self._inspector.processes()
        ]
        return (
            "\n".join(_aligned([["pid", "ppid", "state", "pages", "pcb", "saved pc", "name"], *rows]))
            if rows
            else NOBODY
        )

    def _pc(self, process: Process) -> str:
        pc = process.registers["pc"]
        name = self._inspector.symbols.name(pc, process)
        return f"{pc:#010x}" + (f" <{name}>" if name else "")

    def _chosen(self, arguments: Sequence[str]) -> Process:
        """What stands behind `pcb` -> the process. Raises MonitorError."""
        if not arguments:
            found = self._inspector.current()
            if found is None:
                raise MonitorError(NOBODY)
            return found
        pids = [each.pid for each in self._inspector.processes()]
        if len(arguments) != 1 or not arguments[0].isdecimal() or int(arguments[0]) not in pids:
            known = ", ".join(map(str, pids))
            raise MonitorError(f"expected a pid, one of {known}" if known else NOBODY)
        chosen = self._inspector.process(int(arguments[0]))
        assert chosen is not None
        return chosen

    def _pcb(self, arguments: list[str]) -> str:
        process = self._chosen(arguments)
        title = f"PCB of pid {process.pid} ({process.name}) at {process.pcb:#010x}"
        rows = [[f"+{field.offset:#x}", field.name, field.text, field.comment] for field in process.fields]
        return "\n".join([title, *_aligned(rows)])

    def _backtrace(self, arguments: list[str]) -> str:
        frames = self._inspector.backtrace(self._chosen(arguments) if arguments else None)
        rows = []
        for number, frame in enumerate(frames):
            source = f"{frame.line.file}:{frame.line.line}" if frame.line else ""
            rows.append([f"#{number}", frame.level, f"{frame.pc:#010x}", frame.symbol, source, frame.note])
        return "\n".join(_aligned(rows))

    def _only(self, arguments: list[str]) -> str:
        if len(arguments) > 1:
            raise MonitorError("expected a pid, a program or all")
        if arguments:
            self._choice.choose(arguments[0])
        return str(self._choice)

    def _queues(self, arguments: list[str]) -> str:
        rows = [
            [queue.name, queue.symbol, _members(queue.processes), queue.trouble]
            for queue in self._inspector.queue_list()
        ]
        return "\n".join(_aligned(rows))

    def _windows(self, arguments: list[str]) -> str:
        file = self._inspector.windows()
        assert file is not None, "the word is there on window machines alone"
        rows = []
        for window in file.windows:
            owner = "" if window.owner is None else f"pid {window.owner}"
            words = f"isp {window.registers['isp']:#010x}  ira {window.registers['ira']:#010x}"
            rows.append([f"w{window.number}", window.role, owner, "forbidden" if window.forbidden else "", words])
        return "\n".join([f"cwp {file.cwp}, wim {file.wim:#x}", *_aligned(rows)])

    def _trap(self, arguments: list[str]) -> str:
        hits = self._timeline.find_last([TrapPoint()], before=self._timeline.now + 1)
        trap = hits[0].trap if hits else None
        if trap is None:
            return "no trap so far"
        lines = [f"instruction {str(trap).lstrip()}"]
        current = self._inspector.current()
        for what, address in (("from", trap.pc), ("to", trap.handler)):
            name = self._inspector.symbols.name(address, current)
            lines.append(f"{what:5} {address:#010x}" + (f" <{name}>" if name else ""))
        if current is not None:
            lines.append(f"saved, in the PCB of pid {current.pid} ({current.name}) as it is now:")
            lines += _columns(f"{name:4} {value:#010x}" for name, value in current.registers.items())
        return "\n".join(lines)


def _inspecting(run: Callable[[list[str]], str]) -> Callable[[list[str]], str]:
    """A command -> the same, with what memory does not hold as a MonitorError."""

    def inspecting(arguments: list[str]) -> str:
        try:
            return run(arguments)
        except InspectError as error:
            raise MonitorError(str(error)) from None

    return inspecting


def _members(processes: Sequence[Process]) -> str:
    """-> who is on a queue; of a long one how many are."""
    if len(processes) > MOST_SHOWN:
        return f"{len(processes)} PCBs"
    return ", ".join(f"pid {each.pid} {each.name}" for each in processes) or "empty"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of words -> lines whose columns stand below each other."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return ["  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _columns(words: Iterable[str], width: int = 4) -> list[str]:
    """Words of equal length -> lines of so many each."""
    every = list(words)
    return ["  ".join(every[at : at + width]) for at in range(0, len(every), width)]
