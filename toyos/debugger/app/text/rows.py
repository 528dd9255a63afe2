"""Rows of a pane: pieces of text, each with a role that the style sheet gives a colour.

Roles, the same in all panes: "" plain, "dim" beside the point, "name" symbols and names, "number" addresses and values,
"changed" other than at the last stop, "current" where the machine stands, "mark" breakpoints, "user" and "kernel" on
which side of a trap, "good" and "bad", "later" not yet so at this position. app.tcss has one rule for each.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

ROLES = (
    "dim", "name", "number", "changed", "current", "mark", "user", "kernel", "good", "bad", "later", "heading",
)  # fmt: skip
CUT = "…"


class Span(NamedTuple):
    """Text without line ends, and its role."""

    text: str
    role: str = ""


class Row(NamedTuple):
    """A line of a pane. key: what the row stands for, handed out when somebody chooses it; None for nothing. role: of
    the whole row ("current", "later"), under the roles of its spans."""

    spans: tuple[Span, ...]
    key: Hashable = None
    role: str = ""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


def row(*parts: str | tuple[str, str], key: Hashable = None, role: str = "") -> Row:
    """Texts, or (text, role) -> a row."""
    return Row(tuple(Span(part) if isinstance(part, str) else Span(*part) for part in parts if part), key, role)


def note(text: str) -> Row:
    """A sentence where there is nothing to show."""
    return row((text, "dim"))


def fit(text: str, width: int) -> str:
    """Text -> exactly so many columns: padded, or cut with a sign that it was."""
    return text.ljust(width) if len(text) <= width else text[: max(width - 1, 0)] + CUT[:width]


def word(value: int) -> str:
    """A 32-bit word as it is shown everywhere: eight hexadecimal digits."""
    return f"{value & 0xFFFF_FFFF:08x}"
