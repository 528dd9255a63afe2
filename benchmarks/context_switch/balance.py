"""Windows win in calls and lose in switches: the whole cost of a lap, by the calls between two switches."""

from __future__ import annotations

from benchmarks.context_switch.experiments import Done, Experiment, Scope, cycles, sizes
from benchmarks.context_switch.measurement import Job
from benchmarks.context_switch.names import Name
from benchmarks.context_switch.settings import Setting, setting
from benchmarks.context_switch.workload import CALLS_A_TREE, TREE, Ring
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value
from toyos.variants import WINDOWED_MODES

TREES, QUICK_TREES = (0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16), (0, 1, 2, 4, 8, 16)
LAPS = 6
FLAT = setting("risc")  # what windows are compared with: the same instructions without them


def _trees(scope: Scope) -> tuple[int, ...]:
    return QUICK_TREES if scope.quick else TREES


def _job(scope: Scope, setting: Setting, trees: int) -> Job:
    return scope.job(setting, Ring(2, LAPS, trees=trees))


def _compared(scope: Scope) -> list[Setting]:
    return [setting for setting in scope.settings if setting.mode in WINDOWED_MODES]


def _jobs(scope: Scope) -> list[Job]:
    settings = [*dict.fromkeys((FLAT, *_compared(scope)))] if _compared(scope) else []
    return [_job(scope, setting, trees) for setting in settings for trees in _trees(scope)]


def lap(scope: Scope, done: Done, setting: Setting, trees: int) -> float:
    """-> cycles of a lap under the first model, work and kernel together."""
    return scope.model.cycles(done[_job(scope, setting, trees)].lap())


def crossing(xs: tuple[int, ...], gains: list[float]) -> float | None:
    """-> the x at which the gains turn from negative to positive for good, on the line between the points about it;
    None when they do not."""
    for place in range(len(xs) - 1, 0, -1):
        before, after = gains[place - 1 : place + 1]
        if before < 0 <= after:
            return xs[place - 1] + (xs[place] - xs[place - 1]) * before / (before - after)
    return None


def _results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    settings = _compared(scope)
    if not settings:
        return [], []
    trees = _trees(scope)
    calls = tuple(number * CALLS_A_TREE for number in trees)
    flat = [lap(scope, done, FLAT, number) for number in trees]
    gains = {s.label: [f - lap(scope, done, s, n) for f, n in zip(flat, trees, strict=True)] for s in settings}
    rows: list[tuple[Value, ...]] = [
        (number, flat[place], *(flat[place] - gain[place] for gain in gains.values()))
        for place, number in enumerate(calls)
    ]
    turns = {label: crossing(calls, gain) for label, gain in gains.items()}
    unit = cycles(scope.model).name
    title = "Work and switch together, by the calls between two switches"
    told = "; ".join(f"{label} {_told(turn)}" for label, turn in turns.items())
    beside = sizes(done, [_job(scope, setting, 0) for setting in dict.fromkeys((FLAT, *settings))])
    notes = (f"A lap: so many calls in trees {TREE} high, and a switch. Compared with {FLAT.label}: {told}.", beside)
    sheets = [
        Sheet("balance", title, ("calls", FLAT.label, *gains), tuple(rows), f"{unit} per lap", notes),
        Sheet("balance-turn", "Calls between switches from which windows gain", ("setting", "calls"),
              tuple(turns.items()), "calls per switch"),
    ]  # fmt: skip
    relative = {
        label: tuple(round(1 - gain / cost, 4) for gain, cost in zip(gained, flat, strict=True))
        for label, gained in gains.items()
    }
    figure = Figure(
        "balance", f"Windows win in calls and lose in switches: cost beside {FLAT.label}", "lines",
        "procedure calls between two switches", f"cycles of calls and switch, as a multiple of {FLAT.label}",
        tuple(map(float, calls)), tuple(Series(label, values) for label, values in relative.items()),
        f"2 processes; calls in trees {TREE} high; below 1 windows win. {scope.note}", "ratio",
    )  # fmt: skip
    return sheets, [figure]


def _told(turn: float | None) -> str:
    return "does not gain within these" if turn is None else f"gains from {turn:.0f} calls on"


BALANCE = Experiment(Name.BALANCE, _jobs, _results)
