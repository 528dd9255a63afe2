"""The options that choose a system, of `toyos run`, `boot` and `machine`: mode, kernel variant, build parameters."""

from typing import Annotated

import typer

from toyos.errors import USAGE, CommandError
from toyos.variants import (
    MODES,
    PARAMETERS,
    PARTITIONED,
    PARTITIONS_DEFAULT,
    VARIANTS,
    WINDOWS,
    Choice,
    ChoiceError,
    choose,
)
from vm.arch import NWIN_DEFAULT

DEFAULT_MODE = MODES[0]
_VARIANTS = "; ".join(f"{mode}: {', '.join(variants)}" for mode, variants in VARIANTS.items())
_WINDOWS = f"register windows of a window machine, {WINDOWS[0]} to {WINDOWS[-1]} [{NWIN_DEFAULT}]"
_PARTS = f"variant {PARTITIONED[1]} [{PARTITIONS_DEFAULT}, where windows are enough]"

Mode = Annotated[str, typer.Option("--mode", help=f"processor: {', '.join(MODES)}")]
Variant = Annotated[str | None, typer.Option("--variant", help=f"how the kernel saves registers ({_VARIANTS})")]
Windows = Annotated[int | None, typer.Option("--nwin", metavar="N", help=_WINDOWS)]
Processes = Annotated[
    int | None, typer.Option("--nproc", metavar="N", help=f"most processes, {PARAMETERS['NPROC'][0]} or more")
]
Partitions = Annotated[
    int | None, typer.Option("--partitions", metavar="N", help=f"parts of the register windows, with {_PARTS}")
]
Quantum = Annotated[
    int | None,
    typer.Option("--quantum", metavar="TICKS", help=f"of 100 ns that a process may run, {PARAMETERS['QUANTUM'][0]} up"),
]


def choice_of(
    mode: str,
    variant: str | None = None,
    nwin: int | None = None,
    nproc: int | None = None,
    quantum: int | None = None,
    partitions: int | None = None,
) -> Choice:
    """What the options say -> the system. Raises CommandError for one that does not exist."""
    given = {"NPROC": nproc, "QUANTUM": quantum, "PARTITIONS": partitions}
    try:
        return choose(mode, variant, {name: value for name, value in given.items() if value is not None}, nwin)
    except ChoiceError as error:
        raise CommandError(error.on_command_line, USAGE) from None
