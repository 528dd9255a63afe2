"""Rows -> the screen: what all panes that draw rows have in common, and the pane of a few fixed rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from toyos.debugger.app.text.rows import CUT, ROLES, Row


class Palette(Widget):
    """Is never seen: it has the style of every role of text, `rows--ROLE` in the style sheet, for all that draw rows.
    (If each of them had its own, every change of a class would have all of them worked out anew.)"""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", *(f"rows--{role}" for role in ROLES)}

    def __init__(self) -> None:
        super().__init__()
        self._styles: dict[str, Style] = {"": Style.null()}

    def notify_style_update(self) -> None:
        self._styles = {"": Style.null()}  # another theme
        super().notify_style_update()

    def style_of(self, role: str) -> Style:
        """Role -> what the style sheet says of it, and no more; a see-through colour mixed with the background."""
        if role not in self._styles:
            said = self.get_component_rich_style(f"rows--{role}", partial=True)
            mixed = self.get_component_rich_style(f"rows--{role}")
            color, ground = mixed.color if said.color else None, mixed.bgcolor if said.bgcolor else None
            self._styles[role] = said + Style(color=color, bgcolor=ground)
        return self._styles[role]


class Drawn(Widget):
    """A widget that draws rows."""

    @cached_property
    def palette(self) -> Palette:
        return self.screen.query_one(Palette)

    def strip_of(self, row: Row, width: int, shifted: int = 0, under: str = "") -> Strip:
        """Row -> exactly `width` columns from column `shifted` on, with a sign where more follows. under: role under
        that of the row."""
        base = self.rich_style + self.palette.style_of(under) + self.palette.style_of(row.role)
        strip = Strip([Segment(span.text, base + self.palette.style_of(span.role)) for span in row.spans])
        cut = cell_len(row.text.rstrip()) - shifted > width
        strip = strip.crop_extend(shifted, shifted + width, base)
        if cut and width > 0:
            strip = Strip.join([strip.crop(0, width - 1), Strip([Segment(CUT, base + self.palette.style_of("dim"))])])
        return strip


class Line(Drawn):
    """A few rows without cursor or scrolling, as the title and the status."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()

    def show(self, *rows: Row) -> None:
        if rows != self.rows:
            self.rows = rows
            self.refresh()

    @property
    def text(self) -> str:
        return "\n".join(row.text for row in self.rows)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        return self.strip_of(self.rows[y], width) if y < len(self.rows) else Strip.blank(width, self.rich_style)
