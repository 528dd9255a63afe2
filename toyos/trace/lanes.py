"""A run -> text for a terminal: a lane of states for every process, and the list of events.

Uses rich, for colours where a person reads them; elsewhere the same text goes out without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby

from rich.console import Console
from rich.text import Text

from toyos.trace.axis import Axis, axis_of, short
from toyos.trace.choices import Unit
from toyos.trace.events import (
    NEW,
    READY,
    RUNNING,
    SLEEP,
    ZOMBIE,
    CallEnds,
    Copy,
    Event,
    Exec,
    Exit,
    Fault,
    Fork,
    StateChange,
    Switch,
    microseconds,
)
from toyos.trace.timeline import History, Life
from toyos.trace.wording import sentence

# State -> what stands for it in a lane, and its colour.
LOOKS = {
    NEW: ("+", "cyan"),
    READY: ("░", "yellow"),
    RUNNING: ("█", "green"),
    SLEEP: ("·", "blue"),
    ZOMBIE: ("z", "magenta"),
}
PARTLY = "▄"  # Running, but for less of the column than something else
IDLE_READY = "─"  # process 0 is Ready whenever anybody else runs
COLOURS: dict[type[Event], str] = {
    Switch: "bold", Fork: "cyan", Exec: "cyan", Exit: "magenta", CallEnds: "green", Fault: "red", Copy: "red",
    StateChange: "dim",
}  # fmt: skip
NARROWEST_LANE = 20
MARKS_EVERY = 12  # columns, at least
AT, US, PID = 12, 12, 4  # widths of columns


def print_lanes(console: Console, history: History, title: str, unit: Unit) -> None:
    """Prints the header, the lanes and their legend."""
    axis = axis_of(history, unit)
    rows = [(life, f"{life.pid:3} {prefix}{life.name}") for life, prefix in history.tree()]
    label = max((len(text) for _, text in rows), default=0) + 1
    width = max(console.width - label, NARROWEST_LANE)
    console.print(Text(title, style="bold"))
    for line in _summary(history):
        console.print(Text(line), soft_wrap=True)
    console.print()
    console.print(Text(axis.title.ljust(label) + _scale(axis, width)), no_wrap=True, overflow="crop")
    for life, text in rows:
        lane = Text(text.ljust(label)).append_text(_lane(life, axis, width))
        console.print(lane, no_wrap=True, overflow="crop")
    legend = Text("    ")
    for state, (look, colour) in LOOKS.items():
        legend.append(look, style=colour).append(f" {state}  ")
    legend.append(PARTLY, style=LOOKS[RUNNING][1]).append(f" {RUNNING} in part")
    console.print(legend)


def _summary(history: History) -> list[str]:
    counts = history.counts()
    preemptive = counts["switches"] - counts["voluntary_switches"]
    lines = [
        f"{history.end:,} instructions in {microseconds(history.end_clock):,.0f} µs of the machine's time",
        f"{counts['switches']} switches ({preemptive} preemptive), {counts['system_calls']} system calls, "
        f"{counts['page_faults']} page faults, {counts['pages_copied']} pages copied",
    ]
    return (
        lines
        if history.complete
        else [*lines, "what came after the limit of events (--limit) is neither counted nor drawn"]
    )


def _scale(axis: Axis, width: int) -> str:
    """-> the numbers above the lanes, each beginning above its place."""
    line = [" "] * width
    length = max(axis.last - axis.first, 1e-9)
    for mark in axis.marks(max(width // MARKS_EVERY, 1)):
        column = int((mark - axis.first) / length * width)
        text = f"|{short(mark)}"
        if column + len(text) <= width:
            line[column : column + len(text)] = text
    return "".join(line).rstrip()


def _lane(life: Life, axis: Axis, width: int) -> Text:
    """-> for each column the state that took most of it."""
    length = max(axis.last - axis.first, 1e-9)
    shares: list[dict[str, float]] = [{} for _ in range(width)]
    for each in life.intervals:
        begin = (axis.place(each.at, each.clock) - axis.first) / length * width
        end = (axis.place(each.until, each.until_clock) - axis.first) / length * width
        for column in range(max(int(begin), 0), min(int(end) + 1, width)):
            share = min(end, column + 1) - max(begin, column)
            if share > 0:
                shares[column][each.state] = shares[column].get(each.state, 0.0) + share
    line = Text()
    for (look, colour), run in groupby(_look(share_of, life) for share_of in shares):
        line.append(look * len(list(run)), style=colour)
    return line


def _look(shares: dict[str, float], life: Life) -> tuple[str, str]:
    """State -> its share of a column -> what stands there, and its colour."""
    if not shares:
        return " ", ""
    state = max(shares, key=shares.__getitem__)
    if state != RUNNING and RUNNING in shares:
        return PARTLY, LOOKS[RUNNING][1]
    return (IDLE_READY, "dim") if state == READY and not life.pid else LOOKS[state]


Names = Callable[[int, str], str]


def no_names(address: int, program: str) -> str:
    """-> no name for any address."""
    return ""


def print_events(console: Console, history: History, crop: bool, names: Names = no_names) -> None:
    """Prints the events that a reader wants to know of, one a line. crop: lines end where the terminal does; names: an
    address and the name of the program that runs -> its symbol, or "" where it has none."""
    line = Text(f"{'instructions':>{AT}}  {'µs':>{US}}  {'pid':>{PID}}  event", style="bold")
    console.print(line)
    for event, text in told(history, names):
        at, us = f"{event.at:,}", f"{microseconds(event.clock):,.2f}"
        line = Text(f"{at:>{AT}}  {us:>{US}}  {'-' if event.pid is None else event.pid:>{PID}}  ")
        line.append(text, style=COLOURS.get(type(event), ""))
        console.print(line, no_wrap=True, overflow="ellipsis" if crop else "ignore", crop=crop)


def told(history: History, names: Names) -> Iterator[tuple[Event, str]]:
    """-> the events that are worth a line, from the first program's beginning on, and what is said of them."""
    begin = history.begin
    for event in history.events:
        if event.at < begin:
            continue
        life = history.life_at(event.pid, event.at)
        text = sentence(event, partial(_place, names, life.name_at(event.at) if life else ""))
        if text:
            yield event, text


def _place(names: Names, program: str, address: int) -> str:
    symbol = names(address, program)
    return f"{address:#x} <{symbol}>" if symbol else f"{address:#x}"
