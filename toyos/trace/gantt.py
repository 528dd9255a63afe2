"""A run -> a Gantt chart for print: a row for every process, its states as bars, system calls and faults as marks.

The one module here that needs matplotlib, and loads it only when something is drawn.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from toyos.trace.axis import Axis, axis_of, converter, short
from toyos.trace.choices import Unit
from toyos.trace.document import document
from toyos.trace.events import (
    COPIED,
    NEW,
    READY,
    RUNNING,
    SLEEP,
    ZOMBIE,
    Adopt,
    CallBegins,
    Copy,
    Exec,
    Fault,
    Fork,
    Switch,
    Trap,
)
from toyos.trace.timeline import History, Life
from toyos.trace.wording import sentence

FORMATS = (".svg", ".png")
DOTS = 160  # an inch, in PNG
# Inches: width of the picture and of its right margin, height of a row, of what is above and below the rows.
WIDTH, RIGHT, ROW, ABOVE, BELOW = 9.0, 0.15, 0.36, 0.66, 1.0
BAR, MARK_AT = 0.62, 0.43  # of a row: height of a bar, how far above its middle the marks are
ROWS_MOST = 120  # more are not legible
# State -> colour (Okabe and Ito, "Color Universal Design", 2008; they differ in brightness, too), hatch, height.
LOOKS: dict[str, tuple[str, str, float]] = {
    NEW: ("#f0e442", "////", 0.6),
    READY: ("#e69f00", "----", 0.8),
    RUNNING: ("#0072b2", "", 1.0),
    SLEEP: ("#dfe6ea", "", 0.35),
    ZOMBIE: ("#cc79a7", "xxxx", 0.6),
}
EDGE = "#333333"
MARKS: dict[type, tuple[str, str, str]] = {
    CallBegins: ("|", "#000000", "system call"),
    Exec: ("D", "#009e73", "exec"),
    Copy: ("s", "#d55e00", "page copied"),
    Fault: ("v", "#d55e00", "other page fault"),
    Trap: ("x", "#6a3d9a", "interrupt, other trap"),
    Adopt: ("P", "#cc79a7", "orphan is adopted"),
}
FORK, SWITCH = "#009e73", EDGE
MARK, SMALL = 4, 2.5  # points
TICKS = 8
KEPT_SPACE = "\u00a0"  # others are lost at the beginning of a text in SVG
# Process 0 is Ready whenever anybody runs, and Running when nobody is Ready: that is shown more quietly.
IDLE_LOOKS: dict[str, tuple[str, str, float]] = {READY: ("#ffffff", "", 0.12), RUNNING: ("#ffffff", "", 0.8)}
IDLE_TEXT = "nobody is ready"
POINTS = 72  # an inch
LABEL_SIZE, LABEL_PAD, CHARACTER = 9, 5, 0.602  # points; points; width of a monospaced character, of its size
LEGIBLE = 0.08  # of the axis: a shorter bar has no room for a word


class PlotError(Exception):
    """Pictures cannot be drawn; the message is a sentence for the user."""


def check(path: Path) -> None:
    """Raises PlotError where this picture cannot be drawn: to be asked before a long run."""
    from importlib.util import find_spec

    if path.suffix not in FORMATS:
        raise PlotError(f"{path}: expected a name that ends with {' or '.join(FORMATS)}")
    if not path.absolute().parent.is_dir():
        raise PlotError(f"{path}: there is no folder {path.parent}")
    if find_spec("matplotlib") is None:
        raise PlotError("pictures need matplotlib: pip install 'toyos[plot]'")


def fingerprint(history: History, title: str, unit: Unit) -> str:
    """-> a hash of what a picture shows, which an SVG file carries: so it can be told what it was drawn from."""
    content = [title, unit.value, document(history, {})]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def draw(history: History, title: str, path: Path, unit: Unit = Unit.instructions) -> None:
    """Draws the run into path, as SVG or PNG by its ending. The same run gives the same file. Raises PlotError,
    OSError."""
    check(path)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [(life, f"{prefix}{life.pid} {life.name}".replace(" ", KEPT_SPACE)) for life, prefix in history.tree()]
    if len(rows) > ROWS_MOST:
        title += f": the first {ROWS_MOST} of {len(rows)} processes"
        rows = rows[:ROWS_MOST]
    axis = axis_of(history, unit)
    settings: Any = {"svg.hashsalt": "toyos", "font.size": 9, "hatch.linewidth": 0.5, "axes.spines.left": False,
                     "axes.spines.right": False, "svg.fonttype": "none"}  # fmt: skip
    with pyplot.rc_context(settings):
        height = ABOVE + ROW * max(len(rows), 1) + BELOW
        canvas, axes = pyplot.subplots(figsize=(WIDTH, height))
        left = (CHARACTER * LABEL_SIZE * max((len(text) for _, text in rows), default=0) + 2 * LABEL_PAD) / POINTS
        canvas.subplots_adjust(left / WIDTH, BELOW / height, 1 - RIGHT / WIDTH, 1 - ABOVE / height)
        for row, (life, _) in enumerate(rows):
            _bars(axes, life, row, axis)
        _marks(axes, history, [life for life, _ in rows], axis)
        _arrows(axes, history, [life for life, _ in rows], axis)
        _label(axes, [text for _, text in rows], axis, history, title)
        _legend(canvas, axes)
        metadata = {"Date": None, "Description": fingerprint(history, title, unit)}
        if path.suffix != ".svg":
            metadata = {"Software": None}
        try:
            canvas.savefig(path, dpi=DOTS, metadata=metadata)
        finally:
            pyplot.close(canvas)


def _bars(axes: Any, life: Life, row: int, axis: Axis) -> None:
    looks = LOOKS if life.pid else IDLE_LOOKS
    for state, (colour, hatch, height) in looks.items():
        spans = []
        for each in life.intervals:
            begin = max(axis.place(each.at, each.clock), axis.first)
            length = axis.place(each.until, each.until_clock) - begin
            if each.state != state or length <= 0:
                continue
            spans.append((begin, length))
            text = each.on or (IDLE_TEXT if state == RUNNING and not life.pid else "")
            if text and length > LEGIBLE * (axis.last - axis.first):
                middle = {"ha": "center", "va": "center_baseline", "fontsize": 7, "color": EDGE}
                axes.text(begin + length / 2, row, text, **middle)
        if spans:
            bar = (row - BAR * height / 2, BAR * height)
            axes.broken_barh(spans, bar, facecolor=colour, hatch=hatch, edgecolor=EDGE, linewidth=0.4)


def _marks(axes: Any, history: History, lives: list[Life], axis: Axis) -> None:
    rows = {life: row for row, life in enumerate(lives)}
    places: dict[type, tuple[list[float], list[float]]] = {kind: ([], []) for kind in MARKS}
    for event in history.events:
        life = history.life_at(event.child if isinstance(event, Adopt) else event.pid, event.at)
        place = axis.place(event.at, event.clock)
        if isinstance(event, Fault) and event.outcome == COPIED or isinstance(event, Trap) and not sentence(event):
            continue  # another event has a mark
        if type(event) in MARKS and life in rows and place >= axis.first:
            places[type(event)][0].append(place)
            places[type(event)][1].append(rows[life] - MARK_AT)
    for kind, (xs, ys) in places.items():
        look, colour, name = MARKS[kind]
        if not xs:
            continue
        axes.plot(
            xs,
            ys,
            look,
            color=colour,
            markersize=SMALL if kind is Trap else MARK,
            label=name,
            linestyle="none",
            clip_on=False,
            zorder=5,
        )


def _arrows(axes: Any, history: History, lives: list[Life], axis: Axis) -> None:
    """Forks, from the parent to the child; switches are thin lines from who runs to who runs next."""
    rows = {life: row for row, life in enumerate(lives)}
    for event in history.events:
        if not isinstance(event, Fork | Switch) or axis.place(event.at, event.clock) < axis.first:
            continue
        source = history.life_at(event.pid, event.at)
        target = history.life_at(event.child if isinstance(event, Fork) else event.to, event.at)
        if source not in rows or target not in rows:
            continue
        place = axis.place(event.at, event.clock)
        if isinstance(event, Fork):
            arrow = {"arrowstyle": "->", "color": FORK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", (place, rows[target]), (place, rows[source]), arrowprops=arrow)
        else:
            style = "-" if event.voluntary else ":"
            axes.plot([place, place], [rows[source], rows[target]], style, color=SWITCH, linewidth=0.8)


def _label(axes: Any, names: list[str], axis: Axis, history: History, title: str) -> None:
    axes.set_title(title, loc="left", fontweight="bold", fontsize=10)
    axes.set_yticks(range(len(names)), names, fontfamily="monospace", fontsize=LABEL_SIZE, ha="left")
    axes.tick_params(axis="y", length=0, pad=CHARACTER * LABEL_SIZE * max(map(len, names), default=0) + LABEL_PAD)
    axes.set_ylim(len(names) - 0.4, -0.7)
    axes.set_xlim(axis.first, axis.last)
    marks = axis.marks(TICKS)
    axes.set_xticks(marks, [short(mark) for mark in marks])
    axes.set_xlabel(axis.title)
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
    other = converter(history, axis.unit)
    above = axes.secondary_xaxis("top")
    above.set_xticks(marks, [short(round(other(mark))) for mark in marks])
    above.set_xlabel(axis.other_title, fontsize=8)
    above.tick_params(labelsize=8)


def _legend(canvas: Any, axes: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    states = [Patch(facecolor=c, hatch=h, edgecolor=EDGE, linewidth=0.4, label=s) for s, (c, h, _) in LOOKS.items()]
    marks, _ = axes.get_legend_handles_labels()
    lines = [
        Line2D([], [], color=FORK, linewidth=1.2, label="fork"),
        Line2D([], [], color=SWITCH, linewidth=0.8, label="switch (dotted: preemptive)"),
    ]
    canvas.legend(handles=[*states, *marks, *lines], loc="lower left", ncols=6, frameon=False, fontsize=8)
