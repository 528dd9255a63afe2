"""Tables of results: one plain form that is printed, written as CSV and kept as JSON."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Value = str | int | float | None
NOTHING = "-"


@dataclass(frozen=True)
class Sheet:
    """name: of the file; unit: of all numbers whose column does not say otherwise; notes: how to read it."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    unit: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert all(len(row) == len(self.columns) for row in self.rows), self.name

    def data(self) -> dict[str, Any]:
        """-> the sheet as JSON takes it."""
        return asdict(self) | {"rows": [list(row) for row in self.rows]}

    def row(self, *key: Value) -> dict[str, Value]:
        """First values of a row -> the row, by column. KeyError when there is none."""
        for row in self.rows:
            if row[: len(key)] == key:
                return dict(zip(self.columns, row, strict=True))
        raise KeyError(key)

    def column(self, name: str) -> tuple[Value, ...]:
        """-> the values of a column, in the order of the rows."""
        place = self.columns.index(name)
        return tuple(row[place] for row in self.rows)


def shown(value: Value) -> str:
    """-> how a value is printed: whole numbers whole, as are all from a thousand on; others with a decimal, or two
    below ten."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    if value == int(value) or abs(value) >= 1000:
        whole = round(value)
        return f"{whole:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if abs(whole) >= 10000 else str(whole)
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(sheet: Sheet) -> Table:
    """-> the sheet for a terminal."""
    from rich.table import Table

    title = f"{sheet.title} [dim]({sheet.unit})[/dim]" if sheet.unit else sheet.title
    result = Table(title=title, title_justify="left", caption="\n".join(sheet.notes), caption_justify="left")
    texts = [place for place in range(len(sheet.columns)) if all(isinstance(row[place], str) for row in sheet.rows)]
    for place, name in enumerate(sheet.columns):
        left = place in texts
        result.add_column(name, justify="left" if left else "right", overflow="fold", no_wrap=left and place == 0)
    for row in sheet.rows:
        result.add_row(*map(shown, row))
    return result


def markdown(sheet: Sheet) -> str:
    """-> the sheet as a table of a Markdown document, its notes left to the text around it."""
    texts = [all(isinstance(row[place], str) for row in sheet.rows) for place in range(len(sheet.columns))]
    lines = [
        "| " + " | ".join(sheet.columns) + " |",
        "|" + "|".join("---" if text else "---:" for text in texts) + "|",
        *("| " + " | ".join(map(shown, row)) + " |" for row in sheet.rows),
    ]
    return "\n".join(lines) + "\n"


def write_csv(sheets: Iterable[Sheet], path: Path) -> None:
    """Writes all sheets into one file: sheet, row's first value, column, value a line. Raises OSError."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["sheet", "unit", "row", "column", "value"])
        for sheet in sheets:
            writer.writerows(_cells(sheet))


def _cells(sheet: Sheet) -> Iterable[Sequence[Value]]:
    labels = [place for place in range(len(sheet.columns)) if all(isinstance(row[place], str) for row in sheet.rows)]
    labels = labels or [0]
    for row in sheet.rows:
        label = " / ".join(str(row[place]) for place in labels)
        for place, value in enumerate(row):
            if place not in labels and value is not None:
                yield [sheet.name, sheet.unit, label, sheet.columns[place], value]
