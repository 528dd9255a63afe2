"""Errors that a command reports to its user: one sentence, one exit status."""

FAILURE = 1  # the work could not be done
USAGE = 2  # the command line itself was wrong


class CommandError(Exception):
    """A failure the user can act on: the frame prints `toyos COMMAND: MESSAGE` to standard error, exits with `status`.

    message: one or more lines, without a trailing newline; says what was wrong, where, and what was expected.
    An empty message prints nothing: for commands that have already written their diagnostics.
    """

    def __init__(self, message: str, status: int = FAILURE) -> None:
        super().__init__(message)
        self.status = status
