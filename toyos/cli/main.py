"""`toyos COMMAND ARGUMENTS` -> the command's module is loaded and run; whatever goes wrong leaves as a sentence.

A command is a module of this folder. It defines

    main        a function with typer annotations; its docstring is the help and holds an example
    ERRORS      optional: tuple of exception classes of the libraries it calls that are meant for the user
    SETTINGS    optional: dict, typer's context settings (for instance {"allow_interspersed_args": False})
    arguments   optional: function list[str] -> list[str] that rewrites GNU spellings before they are parsed

and is named in COMMANDS below. Importing this module is cheap, so that `toyos --help` answers at once: typer itself is
loaded only with a command, and rich only by commands that draw tables.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from toyos.cli import streams
from toyos.errors import FAILURE, INTERNAL, USAGE, CommandError, suggestion

# command -> (module in toyos.cli, what it does, in one line)
COMMANDS = {
    "run": ("run", "assemble and link what is source, boot the kernel, run the program"),
    "boot": ("boot", "boot the kernel with a shell on this terminal"),
    "debug": ("debug", "step through a program and the kernel, forwards and backwards in time"),
    "trace": ("trace", "run a program and show its timeline: processes, switches, system calls"),
    "bench": ("bench", "measure what a context switch or a procedure call costs"),
    "record": ("record", "run a program, and write the whole run to a file"),
    "replay": ("replay", "run a recorded run again"),
    "machine": ("machine", "run an ELF, a.out or raw image on the bare board"),
    "as": ("as_", "assemble source text into an object file"),
    "ld": ("ld", "link objects and archives into an executable"),
    "ar": ("ar", "make, change and list archives"),
    "nm": ("nm", "list symbols"),
    "objdump": ("objdump", "disassemble, and show headers, sections and relocations"),
    "size": ("size", "show section sizes"),
    "strip": ("strip", "remove symbols"),
}

INTERRUPTED = 130  # 128 + SIGINT, as shells count
TRACEBACK_SWITCH = "TOYOS_TRACEBACK"


def usage() -> str:
    """-> the text of `toyos --help`."""
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  {name:{width}}  {summary}" for name, (_, summary) in COMMANDS.items())
    return (
        "Usage: toyos COMMAND [ARGUMENTS]...\n\n"
        "An instruction-level virtual machine with a toy operating system.\n\n"
        f"Commands:\n{lines}\n\n"
        "Options:\n  --help     show this text (toyos COMMAND --help explains one command)\n"
        "  --version  show the version\n\n"
        "Example:\n  toyos run programs/lectures/fork_sum.s"
    )


def unknown(command: str) -> str:
    """A command that does not exist -> the sentence that says so, with a suggestion when one is near."""
    kind = "option" if command.startswith("-") else "command"
    return f"there is no {kind} {command!r}{suggestion(command, COMMANDS, otherwise='see toyos --help')}"


def complain(speaker: str, message: str) -> None:
    """Writes `speaker: message` to standard error, unless the message is empty or nobody reads there any more."""
    if not message:
        return
    try:
        print(f"{speaker}: {message}", file=sys.stderr, flush=True)
    except OSError:
        pass


def describe(error: OSError) -> str:
    """An error of the host system -> "FILE: what the system says"."""
    text = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {text}" if error.filename is not None else text


def run_command(name: str, module: ModuleType, arguments: list[str]) -> None:
    """Parses the arguments as `module.main` declares them and calls it; ends in SystemExit as typer does."""
    import typer

    rewrite = getattr(module, "arguments", None)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    settings = {"help_option_names": ["-h", "--help"], **getattr(module, "SETTINGS", {})}
    text = (module.main.__doc__ or "").replace("\\b\n", "\b\n")  # the mark of a block to be left as it is
    app.command(name=name, help=text, context_settings=settings)(module.main)
    command = typer.main.get_command(app)
    command.main(rewrite(arguments) if rewrite else arguments, prog_name=f"toyos {name}")


def guarded(name: str, arguments: list[str]) -> int:
    """Runs one command -> its exit status; every failure has become a sentence on standard error."""
    speaker = f"toyos {name}"
    documented: tuple[type[BaseException], ...] = ()
    try:
        module = import_module(f"toyos.cli.{COMMANDS[name][0]}")
        documented = getattr(module, "ERRORS", ())
        run_command(name, module, arguments)
        return 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else FAILURE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return FAILURE
    except CommandError as error:
        complain(speaker, str(error))
        return error.status
    except Exception as error:
        if isinstance(error, documented):
            complain(speaker, str(error))
        elif isinstance(error, OSError):
            complain(speaker, describe(error))
        elif isinstance(error, MemoryError):
            complain(speaker, "the host has not enough memory for this")
        elif os.environ.get(TRACEBACK_SWITCH):
            raise
        else:
            complain(
                speaker,
                f"{INTERNAL} ({type(error).__name__}: {error}); "
                f"{TRACEBACK_SWITCH}=1 in the environment shows where it happened",
            )
        return FAILURE


def dispatch(arguments: list[str]) -> int:
    """The words after `toyos` -> exit status."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        if len(arguments) == 2 and arguments[1] in COMMANDS:
            return guarded(arguments[1], ["--help"])
        print(usage(), file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else USAGE
    if arguments[0] == "--version":
        from importlib.metadata import version

        print("toyos", version("toyos"))
        return 0
    if arguments[0] not in COMMANDS:
        complain("toyos", unknown(arguments[0]))
        return USAGE
    return guarded(arguments[0], arguments[1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the `toyos` script: words of the command line (default: the process's) -> exit status."""
    streams.prepare()
    try:
        status = dispatch(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except OSError as error:
        # Standard output is full, or its reader has gone (toyos nm FILE | head), which is no reason to complain. Python
        # would try to write once more at shutdown: give it a place.
        if not isinstance(error, BrokenPipeError):
            complain("toyos", f"standard output: {describe(error)}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE


if __name__ == "__main__":
    sys.exit(main())
