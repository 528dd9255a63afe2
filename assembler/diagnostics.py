"""Faults in source text -> messages that show the place: file:line:column, the line, a caret, what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches

MAX_ERRORS = 20
MAX_NOTES = 6  # of a chain of macro uses; the innermost are shown
MAX_SHOWN = 300  # letters of a source line


@dataclass(frozen=True, slots=True)
class Place:
    """Where a statement stands. `source` is the whole line as it is to be shown; `within` is the place whose macro use,
    repetition or include brought this statement in, and `how` says which of these it was."""

    file: str
    line: int
    source: str
    within: Place | None = None
    how: str = ""


class SourceFault(Exception):
    """A fault in the statement being assembled: a sentence, and the piece of the statement that is at fault, if any."""

    def __init__(self, message: str, fragment: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fragment = fragment


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message; column counts from 1, width is that of the piece to underline."""

    place: Place
    column: int
    width: int
    message: str
    severity: str = "error"

    def render(self) -> str:
        """-> the message in the layout of GNU and clang tools, several lines, no newline at the end."""
        place = self.place
        message = self.message if len(self.message) <= MAX_SHOWN else self.message[:MAX_SHOWN] + "..."
        lines = [f"{place.file}:{place.line}:{self.column}: {self.severity}: {message}"]
        if place.source.strip():
            number = f"{place.line:5d}"
            # Tabs before the caret are kept, so that it stands below the text at any tab width.
            indent = "".join("\t" if letter == "\t" else " " for letter in place.source[: self.column - 1])
            lines.append(f"{number} | {place.source}"[:MAX_SHOWN])
            lines.append(f"{' ' * len(number)} | {indent}^{'~' * (self.width - 1)}"[:MAX_SHOWN])
        notes = list(_notes(place))
        lines += notes[:MAX_NOTES]
        if len(notes) > MAX_NOTES:
            lines.append(f"{notes[-1]} ({len(notes) - MAX_NOTES - 1} more between)")
        return "\n".join(lines)


class AssemblyError(Exception):
    """The source could not be assembled. `diagnostics` holds every fault found, in the order of the source."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(diagnostic.render() for diagnostic in diagnostics))


def _notes(place: Place) -> Iterator[str]:
    """-> how the place came to be assembled, the innermost use first."""
    while place.within is not None:
        yield f"{place.within.file}:{place.within.line}: note: {place.how} here"
        place = place.within


def diagnose(fault: SourceFault, place: Place, statement: str, severity: str = "error") -> Diagnostic:
    """A fault in a statement -> Diagnostic, with the column of the piece at fault in the line that is shown."""
    start = place.source.find(statement)
    if start < 0:  # the expansion of a macro: show what it came to
        indent = place.source[: len(place.source) - len(place.source.lstrip())]
        place = replace(place, source=indent + statement)
        start = len(indent)
    piece = fault.fragment.strip() if fault.fragment else ""
    at = _find_word(place.source, piece, start) if piece else -1
    if at < 0:
        first = statement.split(None, 1)
        piece = first[0] if first else ""
        at = start
    return Diagnostic(place, at + 1, max(len(piece), 1), fault.message, severity)


def _find_word(source: str, piece: str, start: int) -> int:
    """Offset of `piece` in the line from `start` on, preferably where it is a whole word."""
    first = at = source.find(piece, start)
    while at >= 0:
        before = source[at - 1 : at]
        after = source[at + len(piece) : at + len(piece) + 1]
        if not _joins(before, piece[:1]) and not _joins(piece[-1:], after):
            return at
        at = source.find(piece, at + 1)
    return first


def _joins(left: str, right: str) -> bool:
    return bool(left and right and (left.isalnum() or left in "_.$") and (right.isalnum() or right in "_.$"))


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """A misspelt word and the correct ones -> "; did you mean 'x'?" or nothing."""
    spelt = {name.lower(): name for name in known}
    near = get_close_matches(wrong.lower(), spelt, n=1, cutoff=0.6)
    return f"; did you mean '{spelt[near[0]]}'?" if near else ""
