"""The size of the terminal -> which panes are on the screen; the style sheet says where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

TINY, SMALL, MEDIUM, LARGE = SIZES = ("tiny", "small", "medium", "large")
SMALLEST = {SMALL: (80, 24), MEDIUM: (110, 34), LARGE: (140, 44)}  # columns, rows from which on a size is used
SOURCE, CODE, REGISTERS, STACK, MEMORY, PROCESSES, PCB, TRAPS, CONSOLE, OUTPUT = PANES = (
    "source", "code", "registers", "stack", "memory", "processes", "pcb", "traps", "console", "output",
)  # fmt: skip
LABELS = dict(zip(PANES, "Source Code Regs Stack Mem Procs PCB Traps Console Output".split(), strict=True))
GROUPS = {"left": PANES[:2], "side": PANES[2:8], "strip": PANES[8:]}  # parts of the screen, see the style sheet
ALWAYS = {SMALL: {SOURCE}, MEDIUM: {SOURCE, REGISTERS}, LARGE: set(PANES)}
TOO_SMALL = "The debugger needs {0} columns and {1} rows; this terminal has {2} and {3}.\nPlease make it larger."


def size_of(columns: int, rows: int) -> str:
    """Columns and rows of the terminal -> the largest of SIZES that fits."""
    fitting = [size for size, (width, height) in SMALLEST.items() if columns >= width and rows >= height]
    return fitting[-1] if fitting else TINY


def group_of(pane: str) -> str:
    return next(group for group, panes in GROUPS.items() if pane in panes)


class Chosen(NamedTuple):
    """last: the pane that was chosen last of all but the source; latest: the same for each part of the screen."""

    last: str = REGISTERS
    latest: Mapping[str, str] = {"left": SOURCE, "side": PROCESSES, "strip": CONSOLE}

    def choose(self, pane: str) -> Chosen:
        return Chosen(self.last if pane == SOURCE else pane, {**self.latest, group_of(pane): pane})

    def visible(self, size: str) -> set[str]:
        """-> the panes on a screen of this size."""
        if size == LARGE:
            return set(PANES)
        if size == MEDIUM:
            return ALWAYS[MEDIUM] | set(self.latest.values())
        return ALWAYS[SMALL] | {self.last} if size == SMALL else set()


def too_small(columns: int, rows: int) -> str:
    """-> the sentence for a terminal in which nothing fits."""
    return TOO_SMALL.format(*SMALLEST[SMALL], columns, rows)
