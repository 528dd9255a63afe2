"""System calls -> a table of how often each was made and what it cost, as `strace -c` prints one.

The kernel's work is counted in instructions, exactly: from the trap's arrival in the kernel's system_call until the
kernel turns to something else, all attempts of a call that slept together. Saving and loading registers is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable

from toyos.trace.events import Call

HEADINGS = ("% work", "instructions", "per call", "calls", "errors", "retries", "syscall")
WIDTHS = (6, 12, 9, 9, 9, 9)


def table(calls: Iterable[Call]) -> list[str]:
    """-> the lines: the calls that took most come first."""
    by_name: dict[str, list[Call]] = {}
    for call in calls:
        by_name.setdefault(call.name, []).append(call)
    rows = [(name, *_sums(made)) for name, made in by_name.items()]
    rows.sort(key=lambda row: (-row[1], row[0]))
    total = _sums([call for made in by_name.values() for call in made])
    whole = max(total[0], 1)
    lines = [_line(HEADINGS), _line([*("-" * width for width in WIDTHS), "-" * 16])]
    for name, work, count, errors, retries in [*rows, ("total", *total)]:
        if name == "total":
            lines.append(lines[1])
        shares = f"{100 * work / whole:.2f}", str(work), str(round(work / max(count, 1)))
        lines.append(_line([*shares, str(count), str(errors or ""), str(retries or ""), name]))
    return lines


def _sums(calls: list[Call]) -> tuple[int, int, int, int]:
    """-> instructions, calls, those that failed, attempts beyond the first of each."""
    retries = sum(max(len(call.attempts) - 1, 0) for call in calls)
    return sum(call.instructions for call in calls), len(calls), sum(call.failed for call in calls), retries


def _line(cells: Iterable[str]) -> str:
    *numbers, name = cells
    return " ".join([f"{text:>{width}}" for text, width in zip(numbers, WIDTHS, strict=True)] + [name]).rstrip()
