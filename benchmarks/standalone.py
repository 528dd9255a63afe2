"""A benchmark as a program of its own."""

from __future__ import annotations

import sys

import typer

from benchmarks.command import bench
from toyos.errors import CommandError

INTERRUPTED = 130  # 128 + SIGINT, as shells count


def main(what: str) -> None:
    """Runs a benchmark with the words of the command line; ends in SystemExit, with a sentence if something fails."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(help=(bench.__doc__ or "").replace("\\b\n", "\b\n"))(bench)
    try:
        app([what, *sys.argv[1:]], prog_name=f"benchmarks.{what}")
    except CommandError as error:
        print(f"benchmarks.{what}: {error}", file=sys.stderr)
        sys.exit(error.status)
    except OSError as error:
        sys.exit(f"benchmarks.{what}: {error}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
