"""One run of the guest, as `toyos run`, `boot` and `machine` end it: statistics, a sentence, the exit status."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NoReturn

import typer

from toyos.cli.options import LARGEST_STATUS, LIMIT_STATUS, STUCK_STATUS, StatsStyle, print_stats
from toyos.errors import CommandError

if TYPE_CHECKING:
    from vm import Machine, Stop


def run_to_its_end(
    run: Callable[[], Stop],
    machine: Machine,
    counted: Callable[[], Mapping[str, object]],
    stats: StatsStyle | None,
    max_instructions: int | None,
    asleep: str,
) -> NoReturn:
    """Runs; prints what `counted` says as `stats` asks; leaves as typer.Exit with the guest's status.

    A guest that did not come to its end leaves as CommandError; `asleep` is the sentence for one that nothing can wake.
    With statistics in JSON that sentence is in the object, as "stopped", so that standard error holds one object and
    nothing else.
    """
    from toyos.console import Left

    begun, first = time.perf_counter(), machine.started
    stop: Stop | None = None
    unfinished: tuple[str, int] | None = None
    try:
        stop = run()
        if stop.reason == "limit":
            unfinished = f"stopped after {max_instructions} instructions (--max-instructions)", LIMIT_STATUS
        elif stop.reason == "idle":
            unfinished = asleep, STUCK_STATUS
        elif stop.reason == "stopped":
            where = f"{machine.pc:#010x}"
            unfinished = f"the hart stopped at {where}: a trap found neither a stack nor a vector", STUCK_STATUS
    except Left as leaving:
        raise typer.Exit(leaving.status) from None
    finally:
        if stats is not None:
            sentence = {"stopped": unfinished[0]} if unfinished and stats is StatsStyle.json else {}
            print_stats({**counted(), **speed(machine.started - first, time.perf_counter() - begun), **sentence}, stats)
    if unfinished and stats is StatsStyle.json:
        raise typer.Exit(unfinished[1])
    if unfinished:
        raise CommandError(*unfinished)
    raise typer.Exit(min(stop.status or 0, LARGEST_STATUS))


def speed(instructions: int, seconds: float) -> dict[str, object]:
    """-> how long it took, and millions of instructions a second."""
    return {"seconds": round(seconds, 3), "mips": round(instructions / max(seconds, 1e-9) / 1e6, 1)}
