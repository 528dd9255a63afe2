"""Figures -> pictures for print: the only module that draws.

A Figure is plain data, so that a document can be checked for freshness without comparing pixels.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMATS = ("svg", "png")
SIZE = 9.0, 5.2  # inches
DOTS = 160  # an inch, in PNG
# Colours that stay apart in print and for the colour-blind: Okabe and Ito, "Color Universal Design" (2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#b8a800", "#8c8c8c", "#6a3d9a",
           "#a6441b")  # fmt: skip
MARKERS = "osD^vPX*<>h"
DASHES = ("-", "--", "-.", ":")
BAR = 0.72
LABEL_MIN = 0.055  # of the tallest bar: smaller parts are not labelled


class PlotError(Exception):
    """Pictures cannot be drawn; the message is a sentence for the user."""


@dataclass(frozen=True)
class Series:
    """One line of a diagram, or one layer of all bars. y None: no value at that x."""

    label: str
    y: tuple[float | None, ...]


@dataclass(frozen=True)
class Figure:
    """kind "lines": y against the numbers x; "bars": a bar at each name in x, series stacked on each other. note: what
    was held fixed, and the model; scale: which axes are logarithmic, of "x" and "y"; or "ratio": none, and 1 is
    drawn."""

    name: str
    title: str
    kind: str
    x_label: str
    y_label: str
    x: tuple[float | str, ...]
    series: tuple[Series, ...]
    note: str
    scale: str = ""

    def data(self) -> dict[str, Any]:
        """-> the figure as JSON takes it."""
        data: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return data

    @property
    def fingerprint(self) -> str:
        """-> a hash of the data, which an SVG file carries: so it can be told from what it was drawn."""
        return hashlib.sha256(json.dumps(self.data(), sort_keys=True).encode()).hexdigest()


def check() -> None:
    """Raises PlotError where nothing can be drawn: to be asked before long measurements."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise PlotError("pictures need matplotlib: pip install 'toyos[plot]'")


def draw(figures: Iterable[Figure], folder: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Draws each figure in each format -> the files, folder/NAME.FORMAT. Raises PlotError, OSError."""
    check()
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    written = []
    settings: Any = {"svg.hashsalt": "toyos", "font.size": 11, "axes.spines.top": False, "axes.spines.right": False}
    with pyplot.rc_context(settings):
        for figure in figures:
            canvas, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
            (_bars if figure.kind == "bars" else _lines)(axes, figure)
            axes.set_title(figure.title, loc="left", fontweight="bold")
            axes.set_xlabel(figure.x_label)
            axes.set_ylabel(figure.y_label)
            canvas.supxlabel(figure.note, fontsize=8.5, color="#444444", x=0.01, ha="left")
            for suffix in formats:
                path = folder / f"{figure.name}.{suffix}"
                metadata = {"Date": None, "Description": figure.fingerprint} if suffix == "svg" else {"Software": None}
                canvas.savefig(path, dpi=DOTS, metadata=metadata)
                written.append(path)
            pyplot.close(canvas)
    return written


def _lines(axes: Any, figure: Figure) -> None:
    for number, series in enumerate(figure.series):
        points = [(x, y) for x, y in zip(figure.x, series.y, strict=True) if y is not None]
        axes.plot(
            [x for x, _ in points], [y for _, y in points], label=series.label, color=COLOURS[number % len(COLOURS)],
            marker=MARKERS[number % len(MARKERS)], linestyle=DASHES[number % len(DASHES)], markersize=5,
        )  # fmt: skip
    if "x" in figure.scale:
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_formatter("{x:g}")
    if "y" in figure.scale:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    else:
        axes.set_ylim(bottom=0)
    if figure.scale == "ratio":
        axes.axhline(1, color="black", linewidth=0.8)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))


def _bars(axes: Any, figure: Figure) -> None:
    places = range(len(figure.x))
    base = [0.0] * len(figure.x)
    tallest = max(sum(series.y[place] or 0.0 for series in figure.series) for place in places)
    for number, series in enumerate(figure.series):
        heights = [value or 0.0 for value in series.y]
        if not any(heights):
            continue
        colour = COLOURS[number % len(COLOURS)]
        axes.bar(places, heights, BAR, bottom=base, label=series.label, color=colour, edgecolor="white", linewidth=0.5)
        for place, height in enumerate(heights):
            if height >= LABEL_MIN * tallest:
                middle = base[place] + height / 2
                axes.text(place, middle, f"{height:.0f}", ha="center", va="center", color="white", fontsize=8.5)
            base[place] += height
    for place, height in enumerate(base):
        axes.text(place, height, f"{height:.0f}", ha="center", va="bottom", fontweight="bold")
    axes.set_ylim(top=1.07 * tallest)
    axes.set_xticks(places, list(map(str, figure.x)), fontsize=9)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
