"""The tables and pictures of calls."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.calls.programs import PROGRAMS, SESSION, Cost, Job, Program, chain
from benchmarks.context_switch.costs import CostModel
from benchmarks.context_switch.experiments import INSTRUCTIONS, Scope, Unit, cycles, memory_of, units
from benchmarks.context_switch.settings import Setting, chosen, setting
from benchmarks.plot import Figure, Series
from benchmarks.sheet import Sheet, Value
from toyos.variants import WINDOWED_MODES

Done = Mapping[Job, Cost]
WINDOWS, QUICK_WINDOWS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32), (2, 4, 8, 16)
DEPTHS, QUICK_DEPTHS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48), (1, 4, 8, 16, 32)
NESTED = tuple(program for program in PROGRAMS if program.name != "leaf")


WHOLE = "The program's own work is in it; so is what the kernel does for its windows."


def _job(scope: Scope, setting: Setting, program: Program, model: CostModel | None = None) -> Job:
    return Job(setting, program, memory_of(model or scope.model))


def _windowed(scope: Scope) -> Setting | None:
    """-> the first setting with windows: overflow does not depend on the policy at switches, as long as none divides
    the file."""
    return next((s for s in scope.settings if s.mode in WINDOWED_MODES and not s.parts), None)


def _sweep(scope: Scope) -> list[tuple[int, Setting]]:
    first = _windowed(scope)
    counts = QUICK_WINDOWS if scope.quick else WINDOWS
    return [(number, first.resized(number, 0)) for number in counts] if first else []


def _policies(scope: Scope) -> list[Setting]:
    """-> every policy, with as many windows as the first windowed setting has."""
    first = _windowed(scope)
    return chosen([first.mode], windows=first.windows) if first else []


def _depths(scope: Scope) -> tuple[int, ...]:
    return QUICK_DEPTHS if scope.quick else DEPTHS


def jobs(scope: Scope) -> list[Job]:
    """-> every program on every setting, and the sweeps over windows and depth."""
    found = [
        _job(scope, setting, program, model)
        for setting in scope.settings
        for model in scope.models
        if setting.mode in model.modes
        for program in PROGRAMS
    ]
    found += [_job(scope, setting, program) for _, setting in _sweep(scope) for program in (*NESTED, SESSION)]
    found += [_job(scope, setting, program) for setting in _policies(scope) for program in NESTED]
    return found + [_job(scope, setting, chain(depth)) for setting in scope.settings for depth in _depths(scope)]


def results(scope: Scope, done: Done) -> tuple[list[Sheet], list[Figure]]:
    """-> tables a unit, overflow by windows and by depth, code size."""
    sheets = [_per_call(scope, done, unit) for unit in units(scope)]
    sheets.append(_sizes(scope, done))
    figures = []
    sheets += [_by_parts(scope, done)] if _windowed(scope) else []
    for make in (_by_windows, _by_depth):
        sheet, figure = make(scope, done)
        if sheet.rows:
            sheets.append(sheet)
            figures.append(figure)
    return sheets, figures


def _labels(scope: Scope) -> tuple[str, ...]:
    return tuple(setting.label for setting in scope.settings)


def _per_call(scope: Scope, done: Done, unit: Unit) -> Sheet:
    settings = [setting for setting in scope.settings if unit.applies(setting)]
    rows: list[tuple[Value, ...]] = []
    for program in PROGRAMS:
        costs = [done[_job(scope, setting, program, unit.model)] for setting in settings]
        values = [unit.value(cost.per_call()) for cost in costs]
        rows.append((program.name, program.what, costs[0].calls, *values))
    columns = ("program", "what it does", "calls", *(setting.label for setting in settings))
    notes = [] if unit is not INSTRUCTIONS else [WHOLE]
    return Sheet(f"calls-{unit.slug}", "A procedure call", columns, tuple(rows), f"{unit.name} per call", tuple(notes))


def _sizes(scope: Scope, done: Done) -> Sheet:
    modes = {setting.mode: setting for setting in reversed(scope.settings)}
    columns = tuple(setting.mode for setting in dict.fromkeys(modes[s.mode] for s in scope.settings))
    rows: list[tuple[Value, ...]] = [
        (program.name, *(done[_job(scope, modes[mode], program)].text for mode in columns)) for program in PROGRAMS
    ]
    rows.append(("together", *(sum(int(row[place + 1] or 0) for row in rows) for place in range(len(columns)))))
    return Sheet("calls-size", "Code size of the same programs", ("program", *columns), tuple(rows), "bytes of text")


def _by_windows(scope: Scope, done: Done) -> tuple[Sheet, Figure]:
    rows: list[tuple[Value, ...]] = []
    for number, resized in _sweep(scope):
        shown = (*NESTED, SESSION)
        rows.append((number, *(100 * done[_job(scope, resized, program)].overflows for program in shown)))
    title = "Window overflows by the number of windows"
    columns = ("windows", *(program.name for program in (*NESTED, SESSION)))
    sheet = Sheet("overflow-windows", title, columns, tuple(rows), "% of calls", (SESSION.what,))
    return sheet, _figure(sheet, "register windows", f"each program by itself; {SESSION.what}", "x")


def _by_parts(scope: Scope, done: Done) -> Sheet:
    policies = _policies(scope)
    rows: list[tuple[Value, ...]] = []
    for program in NESTED:
        rows.append((program.name, *(100 * done[_job(scope, each, program)].overflows for each in policies)))
    columns = ("program", *(each.label for each in policies))
    return Sheet("overflow-parts", "Window overflows by policy", columns, tuple(rows), "% of calls")


def _by_depth(scope: Scope, done: Done) -> tuple[Sheet, Figure]:
    unit = cycles(scope.model)
    rows: list[tuple[Value, ...]] = []
    for depth in _depths(scope):
        costs = [done[_job(scope, setting, chain(depth))] for setting in scope.settings]
        rows.append((depth, *(unit.value(cost.per_call()) for cost in costs)))
    title = "A call and its return, by the depth to which calls go"
    sheet = Sheet("calls-depth", title, ("depth", *_labels(scope)), tuple(rows), f"{unit.long_name} per call")
    return sheet, _figure(sheet, "calls straight down, then straight back", scope.note, "")


def _figure(sheet: Sheet, label: str, note: str, scale: str) -> Figure:
    xs = tuple(float(row[0] or 0) for row in sheet.rows)
    series = [Series(name, tuple(round(float(v or 0), 3) for v in sheet.column(name))) for name in sheet.columns[1:]]
    return Figure(sheet.name, sheet.title, "lines", label, sheet.unit, xs, tuple(series), note, scale)


def default_settings() -> tuple[Setting, ...]:
    """-> a setting for each mode: what the kernel does at switches does not matter here."""
    from toyos.variants import MODES

    return tuple(setting(mode) for mode in MODES)
