"""The axis of a picture or a lane of text: positions in instructions or in virtual time, and where its marks are."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from toyos.trace.choices import Unit
from toyos.trace.events import microseconds
from toyos.trace.timeline import History

STEPS = (1, 2, 5)


TITLES = {Unit.instructions: "instructions", Unit.time: "µs (virtual)"}


class Axis(NamedTuple):
    """first, last: where it begins and ends, in instructions, or in microseconds."""

    unit: Unit
    first: float
    last: float

    def place(self, at: int, clock: int) -> float:
        """A moment -> its place on the axis."""
        return at if self.unit is Unit.instructions else microseconds(clock)

    @property
    def title(self) -> str:
        return TITLES[self.unit]

    @property
    def other_title(self) -> str:
        """-> what the axis does not count along."""
        return next(title for unit, title in TITLES.items() if unit is not self.unit)

    def marks(self, most: int) -> list[float]:
        """-> round numbers on the axis, `most` of them at most."""
        step = 10.0 ** math.floor(math.log10(max(self.last - self.first, 1e-9) / most))
        while int(self.last / step) - math.ceil(self.first / step) >= most:
            step = next(each for each in _steps(step) if each > step * 1.001)
        return [number * step for number in range(math.ceil(self.first / step), int(self.last / step) + 1)]


def _steps(around: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10(around) + 1e-9)
    return [step * power * scale for scale in (1, 10) for step in STEPS]


def axis_of(history: History, unit: Unit) -> Axis:
    """A run -> the axis from the first program's beginning to the end."""
    begin = history.begin
    clock = next((event.clock for event in history.events if event.at >= begin), 0)
    axis = Axis(unit, 0, 0)
    return Axis(unit, axis.place(begin, clock), axis.place(history.end, history.end_clock))


def short(number: float) -> str:
    """A mark's number -> such as 250k or 1.5M, if it is a round one; else with its thousands set apart."""
    if number >= 1_000_000 and number % 100_000 == 0:
        return f"{number / 1_000_000:g}M"
    if number >= 10_000 and number % 1000 == 0:
        return f"{number / 1000:g}k"
    return f"{number:,.0f}" if number >= 1000 else f"{number:g}"


def converter(history: History, unit: Unit) -> Callable[[float], float]:
    """-> a function from places on the axis of this unit to those on the other one, by what is known of the run."""
    from bisect import bisect_right

    moments = sorted({(event.at, event.clock) for event in history.events} | {(history.end, history.end_clock)})
    pairs = [(float(at), microseconds(clock)) for at, clock in moments]
    if unit is Unit.time:
        pairs = [(us, at) for at, us in pairs]
    known = [here for here, _ in pairs]

    def convert(place: float) -> float:
        after = min(max(bisect_right(known, place), 1), len(pairs) - 1)
        (x0, y0), (x1, y1) = pairs[after - 1], pairs[after]
        return y0 if x1 == x0 else y0 + (place - x0) * (y1 - y0) / (x1 - x0)

    return convert
