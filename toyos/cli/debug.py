r"""`toyos debug`: a program -> watched instruction by instruction, forwards and backwards."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from toyos.cli import session as machine_session
from toyos.cli.checking import Check
from toyos.cli.options import DEFAULT_RAM, Ram, ram_size
from toyos.cli.run import GUEST_WORD
from toyos.cli.run import arguments as arguments
from toyos.cli.system import DEFAULT_MODE, Mode, Partitions, Processes, Quantum, Variant, Windows, choice_of
from toyos.debugger.app import PORT
from toyos.errors import FAILURE, USAGE, CommandError

if TYPE_CHECKING:
    from toyos.debugger.session import Session

STANDARD_INPUT = Path("-")
WEB = "--web"


def main(
    files: Annotated[list[Path] | None, typer.Argument(help="as for toyos run; none for a shell")] = None,
    words: Annotated[list[str] | None, typer.Option(GUEST_WORD, hidden=True)] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", metavar="SCRIPT", help="commands from a file (- for a pipe), then leave")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="lines instead of the whole screen")] = False,
    web: Annotated[bool, typer.Option(WEB, help="in a browser instead of the terminal")] = False,
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="where --web listens")] = PORT,
    commands: Annotated[
        list[str] | None,
        typer.Option("-ex", "--command", metavar="COMMAND", help="a command to begin with"),
    ] = None,
    check: Check = False,
    strict: Annotated[bool, typer.Option("--strict", help="exit status 1 if a command could not be done")] = False,
    from_reset: Annotated[
        bool, typer.Option("--from-reset", help="begin at the machine's first instruction, not at main")
    ] = False,
    replay: Annotated[
        Path | None, typer.Option("--replay", metavar="FILE", help="a run that toyos record has written")
    ] = None,
    load: Annotated[
        Path | None, typer.Option("--load", metavar="FILE", help="a machine that the command `save` has written")
    ] = None,
    core: Annotated[Path | None, typer.Option("--core", metavar="FILE", help="a core dump, to look at")] = None,
    mode: Mode = DEFAULT_MODE,
    variant: Variant = None,
    nwin: Windows = None,
    partitions: Partitions = None,
    nproc: Processes = None,
    quantum: Quantum = None,
    ram: Ram = DEFAULT_RAM,
) -> None:
    r"""Debug a program and the kernel under it, forwards and backwards in time.

    The session begins at the program's main; the boot, init and exec before it are in the past, and can be gone back
    to. The commands are gdb's, and more: `help` lists them.

    \b
    Example:
      toyos debug programs/lectures/fork_sum.s
      toyos debug --mode cisc --plain -ex 'break fork' -ex continue fork_sum.s
      echo 'info registers' | toyos debug --batch - fork_sum.s
    """
    size = ram_size(ram)
    choice = choice_of(mode, variant, nwin, nproc, quantum, partitions)
    first = [*(["check on"] if check else []), *(commands or [])]
    sources = [str(path) for path in (replay, load, core) if path is not None]
    if len(sources) > 1 or (sources and words) or ((load or core) and files):
        raise CommandError("expected one thing to debug: a program, --replay, --load or --core", USAGE)
    if sources and (choice != choice_of(DEFAULT_MODE, None, None, None, None, None) or ram != DEFAULT_RAM):
        raise CommandError(
            f"{sources[0]} says itself what machine it is of: leave out --mode and what goes with it", USAGE
        )
    if batch is not None and (plain or web):
        raise CommandError("--batch has no screen: leave out --plain and --web", USAGE)

    def opened(terminal: bool) -> "Session":
        from toyos.debugger import opening
        from toyos.debugger.start import start, to_program

        with refusals(), machine_session.sentences("toyos debug"):
            if replay is not None:
                session = opening.replay(replay, files or ())
                if not from_reset:
                    to_program(session, opening.program_of(session))
                return session
            if load is not None:
                return opening.load(load)
            if core is not None:
                return opening.core(core)
            return start(files or (), words or (), choice, ram=size, terminal=terminal, from_reset=from_reset)

    if batch is not None:
        text = script_of(batch)
        script(opened(False), [*first, *text.splitlines()], strict)
    from toyos.debugger.app import in_browser

    if plain or not (web or in_browser() or machine_session.terminal_attached()):
        lines(opened(False), first, strict)
    title = sources[0] if sources else " ".join(map(str, [*(files or [Path("sh")]), *(words or [])]))
    screen(partial(opened, True), title, first, port if web else None)


@contextmanager
def refusals() -> Iterator[None]:
    """Inside, what is wrong with a recording, a saved machine or a core leaves as a CommandError."""
    from toyos.core_elf import CoreError
    from vm.container import RecordingError

    try:
        yield
    except (CoreError, RecordingError) as fault:
        raise CommandError(str(fault)) from None


def _leave(failures: int, strict: bool) -> NoReturn:
    raise typer.Exit(FAILURE if failures and strict else 0)


def script_of(path: Path) -> str:
    """File, or - for standard input -> its text. Raises OSError."""
    if path == STANDARD_INPUT:
        return sys.stdin.read()
    return path.read_text(encoding="utf-8", errors="surrogateescape")


def script(session: "Session", commands: list[str], strict: bool) -> NoReturn:
    """Commands -> themselves and their replies on standard output."""
    from toyos.debugger import batch

    for line in session.standing():
        print(line)
    _leave(batch.run(session, commands, print), strict)


def lines(session: "Session", commands: list[str], strict: bool) -> NoReturn:
    """A person, or a pipe, and a line at a time."""
    from toyos.debugger import batch

    typed = machine_session.terminal_attached()
    for line in filter(None, (session.note, *session.standing())):
        print(line)
    failures = batch.run(session, commands, print)
    if not typed:
        _leave(failures + batch.run(session, (line for line in sys.stdin), print), strict)
    import readline  # noqa: F401  input() edits its line with it

    _leave(failures + batch.talk(session, input, print), strict)


def screen(open_session: Callable[[], "Session"], title: str, commands: list[str], port: int | None) -> NoReturn:
    """The application, in the terminal, or in the browsers that open this port."""
    from toyos.debugger.app import run_app, serve

    if port is not None:
        serve([word for word in sys.argv[2:] if word != WEB], port=port)
        raise typer.Exit(0)

    def begun() -> "Session":
        session = open_session()
        for command in commands:
            session.execute(command)
        return session

    raise typer.Exit(run_app(begun, title))
