"""The command line of the benchmarks of context switches and calls; `toyos bench` and `python -m` share it.

Importing this is cheap; what measures is loaded when something is measured.
"""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.context_switch.costs import UnknownModel, names
from benchmarks.context_switch.names import Name
from toyos.errors import FAILURE, USAGE, CommandError
from toyos.variants import MODES, VARIANTS, WINDOWED_MODES, ChoiceError

if TYPE_CHECKING:
    from benchmarks.context_switch.experiments import Scope
    from benchmarks.context_switch.report import Report

FIRST_MODEL = "neutral"  # serves all modes
_KERNELS = ", ".join(dict.fromkeys(name for names in VARIANTS.values() for name in names))
_MODELS = f"{', '.join(names())}, or a .toml file"
_EXPERIMENTS = ", ".join(Name)
WIDTH = 150  # columns, where standard output is no terminal


class What(StrEnum):
    """The benchmarks."""

    context_switch = "context-switch"
    calls = "calls"


class UsageError(Exception):
    """A command line that asks for what does not exist; the message is a sentence for the user."""


def bench(
    what: Annotated[What, typer.Argument(help="what is measured")],
    mode: Annotated[
        list[str] | None,
        typer.Option("--mode", metavar="MODE", help=f"only this mode, of {', '.join(MODES)}; may be repeated"),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option("--variant", metavar="VARIANT", help=f"only this kernel, of {_KERNELS}; may be repeated"),
    ] = None,
    nwin: Annotated[int | None, typer.Option("--nwin", metavar="N", help="register windows, in window mode")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="MODEL", help=f"cycles under this cost model, of {_MODELS}; may be repeated"),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="EXPERIMENT", help=f"only this one of {_EXPERIMENTS}; may be repeated"),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="fewer points, under a minute")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", metavar="N", min=1, help="processes to use (default: all processors)")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="all results as JSON")] = None,
    csv_file: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="all tables as CSV")] = None,
    plot: Annotated[Path | None, typer.Option("--plot", metavar="DIR", help="pictures, PNG and SVG")] = None,
) -> None:
    r"""Measure what a context switch, or a procedure call, costs on CISC, RISC and RISC with register windows.

    One kernel and one library, assembled for each mode, run the same workloads; every instruction, word and cycle is
    attributed to a line of the bill. Equal command lines give equal numbers. Cycles are those of cost models, whose
    sources and assumptions are printed; the first model serves all modes.

    \b
    Example:
      toyos bench context-switch --quick
      toyos bench context-switch --json bill.json --plot pictures
      toyos bench calls --mode risc --mode window
    """
    try:
        _bench(what, mode or [], variant or [], nwin, model or [], only or [], quick, jobs, json_file, csv_file, plot)
    except ChoiceError as error:
        raise CommandError(error.on_command_line, USAGE) from None
    except (UsageError, UnknownModel) as error:
        raise CommandError(str(error), USAGE) from None
    except Exception as error:
        if isinstance(error, _expected()):
            raise CommandError(str(error), FAILURE) from None
        raise


def _expected() -> tuple[type[Exception], ...]:
    """-> what the libraries raise for the user's mistakes."""
    from assembler.diagnostics import AssemblyError
    from assembler.linker import LinkError
    from benchmarks.context_switch.costs import CostError
    from benchmarks.context_switch.recording import BenchError
    from benchmarks.plot import PlotError
    from toyos.variants import BuildError
    from vm import MachineError
    from vm.meter import MeterError

    return BuildError, AssemblyError, LinkError, CostError, BenchError, PlotError, MachineError, MeterError


def _bench(
    what: What, modes: list[str], kernels: list[str], nwin: int | None, models: list[str], only: list[str], quick: bool,
    workers: int | None, json_file: Path | None, csv_file: Path | None, plot: Path | None,
) -> None:  # fmt: skip
    for file in (json_file, csv_file):
        if file is not None and not file.parent.is_dir():
            raise CommandError(f"{file}: there is no folder {file.parent}")
        if file is not None and file.is_dir():
            raise CommandError(f"{file}: a folder; expected the name of a file to write")
    if plot is not None and plot.exists() and not plot.is_dir():
        raise CommandError(f"{plot}: a file; expected a folder for the pictures")
    from benchmarks import plot as drawing
    from benchmarks import sheet
    from benchmarks.jobs import processors

    if plot is not None:
        drawing.check()
    report = _measured(what, _scope(what, modes, kernels, nwin, models, quick), only, workers or processors())
    _print(report)
    if json_file is not None:
        json_file.write_text(json.dumps(report.data(), indent=1) + "\n")
    if csv_file is not None:
        sheet.write_csv(report.sheets, csv_file)
    if plot is not None:
        drawing.draw(report.figures, plot)


def _scope(
    what: What, modes: list[str], kernels: list[str], nwin: int | None, models: list[str], quick: bool
) -> Scope:  # fmt: skip
    from benchmarks.calls.experiments import default_settings
    from benchmarks.context_switch import costs
    from benchmarks.context_switch.experiments import Scope
    from benchmarks.context_switch.settings import chosen

    if what is What.calls and not (modes or kernels or nwin):
        settings = default_settings()
    else:
        settings = tuple(chosen(modes, kernels, nwin))
    wanted = [costs.load(name) for name in models or [FIRST_MODEL, *costs.names()]]
    found = {model.name: model for model in wanted}
    first, *others = found.values()
    used = {setting.mode for setting in settings}
    if nwin is not None and used.isdisjoint(WINDOWED_MODES):
        raise UsageError(f"--nwin {nwin}: only {WINDOWED_MODES[0]} mode has register windows, and it is not compared")
    missing = used.difference(first.modes)
    if missing:
        raise UsageError(
            f"model {first.name} is for {', '.join(first.modes)}, not for {', '.join(sorted(missing))}: expected as "
            f"the first --model one that serves all modes that are compared, such as {FIRST_MODEL}"
        )
    return Scope(settings, (first, *(model for model in others if used.intersection(model.modes))), quick)


def _measured(what: What, scope: Scope, only: list[str], workers: int) -> Report:
    from benchmarks.calls.report import calls
    from benchmarks.context_switch.report import EXPERIMENTS, context_switch

    known = {str(experiment.name): experiment for experiment in EXPERIMENTS}
    for name in only:
        if what is What.calls or name not in known:
            there_are = "none to choose from" if what is What.calls else ", ".join(known)
            raise UsageError(f"there is no experiment {name!r} in {what}; there are: {there_are}")
    if what is What.calls:
        return calls(scope, workers)
    return context_switch(scope, workers, [known[name] for name in dict.fromkeys(only or known)])


def _print(report: Report) -> None:
    from rich.console import Console

    from benchmarks.context_switch.accounting import told
    from benchmarks.sheet import table

    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    for sheet in report.sheets:
        console.print(table(sheet))
        console.print()
    for model in report.models:
        console.print(f"Model {model.name}: {model.about}.", markup=False, highlight=False)
        for note in model.notes():
            console.print(f"  {note}", markup=False, highlight=False, style="dim")
    print(told(report.settings[0], report.models[0]), file=sys.stderr)  # not a result: the host's times differ
