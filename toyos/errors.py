"""Errors that a command reports to its user: one sentence, one exit status."""

from collections.abc import Iterable

FAILURE = 1  # the work could not be done
USAGE = 2  # the command line itself was wrong
INTERNAL = "this is a fault in toyos itself, please report it"  # what no user can act on


class CommandError(Exception):
    """A failure the user can act on: the frame prints `toyos COMMAND: MESSAGE` to standard error, exits with `status`.

    message: one or more lines, without a trailing newline; says what was wrong, where, and what was expected.
    An empty message prints nothing: for commands that have already written their diagnostics.
    """

    def __init__(self, message: str, status: int = FAILURE) -> None:
        super().__init__(message)
        self.status = status


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A name that is none, and those that there are -> how a sentence that says so ends: "; did you mean 'X'?", or with
    `otherwise` where none is near."""
    from difflib import get_close_matches  # only on the way to an error message

    near = get_close_matches(name, list(known), n=1)
    hint = f"did you mean {near[0]!r}?" if near else otherwise
    return f"; {hint}" if hint else ""
