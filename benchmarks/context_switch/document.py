"""docs/context-switch.md: a template, and every number, table and picture of it from one set of measurements.

    python -m benchmarks.context_switch.document            writes the page and its pictures
    python -m benchmarks.context_switch.document --check    says whether they are fresh
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template

from benchmarks import jobs, sheet
from benchmarks.calls.experiments import default_settings
from benchmarks.calls.report import calls
from benchmarks.context_switch import costs
from benchmarks.context_switch.experiments import Scope
from benchmarks.context_switch.facts import facts
from benchmarks.context_switch.published import ALL
from benchmarks.context_switch.report import context_switch
from benchmarks.context_switch.settings import chosen
from benchmarks.plot import Figure, draw
from benchmarks.sheet import Sheet

TEMPLATE = Path(__file__).parent / "document.md"
DOCS = Path(__file__).parents[2] / "docs"
PAGE, PICTURES = DOCS / "context-switch.md", DOCS / "context-switch"
DATA = PICTURES / "figures.json"
COMMAND = "python -m benchmarks.context_switch.document"
FIRST = "neutral"


@dataclass(frozen=True)
class Document:
    """The page's text, and the pictures that it shows."""

    text: str
    figures: tuple[Figure, ...]

    @property
    def data(self) -> str:
        """-> what the pictures are drawn from, as it is kept beside them."""
        return json.dumps([figure.data() for figure in self.figures], indent=1) + "\n"


def document(workers: int) -> Document:
    """Measures -> the document. The same in every run."""
    models = tuple(costs.load(name) for name in dict.fromkeys((FIRST, *costs.names())))
    switches = context_switch(Scope(tuple(chosen()), models, quick=True), workers)
    procedures = calls(Scope(default_settings(), models, quick=True), workers)
    sheets = {each.name: each for each in (*switches.sheets, *procedures.sheets)}
    figures = {each.name: each for each in (*switches.figures, *procedures.figures)}
    names = {"command": COMMAND, "models": _models(models), "published": _published()}
    names |= {f"sheet_{_word(name)}": sheet.markdown(each).rstrip() for name, each in sheets.items()}
    names |= {f"figure_{_word(name)}": _link(each) for name, each in figures.items()}
    names |= {f"short_{_word(name)}": sheet.markdown(_short(each)).rstrip() for name, each in sheets.items()}
    template = Template(TEMPLATE.read_text())
    used = [each for name, each in figures.items() if f"figure_{_word(name)}" in template.get_identifiers()]
    return Document(template.substitute(names, **facts(sheets)), tuple(used))


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _link(figure: Figure) -> str:
    return f"![{figure.title}]({PICTURES.name}/{figure.name}.svg)"


def _short(whole: Sheet) -> Sheet:
    """-> the rows of the first kernel of each mode, of a table that has settings as rows."""
    firsts = {setting.label for setting in default_settings()}
    return replace(whole, rows=tuple(row for row in whole.rows if row[0] in firsts))


def _models(models: tuple[costs.CostModel, ...]) -> str:
    parts = []
    for model in models:
        parts.append(f"**{model.name}**: {model.about}. For {', '.join(model.modes)}.\n")
        parts += [f"- {note}" for note in model.notes()] + [""]
    return "\n".join(parts).rstrip()


def _published() -> str:
    lines = ["| what | numbers | source |", "|---|---|---|"]
    for each in ALL:
        heads = " / ".join(each.columns)
        rows = "; ".join(f"{name} {' / '.join(map(str, values))}" for name, values in each.rows.items())
        lines.append(f"| {each.what} ({heads}) | {rows} | {each.reference} |")
    return "\n".join(lines)


def stale(made: Document) -> list[str]:
    """-> sentences about what lies in docs/ and is not as the document is now."""
    found = [] if _read(PAGE) == made.text else [f"{PAGE.name} is not fresh"]
    if _read(DATA) != made.data:
        found.append(f"{DATA.name} is not fresh")
    for figure in made.figures:
        if figure.fingerprint not in _read(PICTURES / f"{figure.name}.svg"):
            found.append(f"{figure.name}.svg was drawn from other data")
    return found


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def write(made: Document) -> None:
    """Puts page and pictures into docs/; pictures that it does not show any more go."""
    PICTURES.mkdir(exist_ok=True)
    for path in PICTURES.glob("*.svg"):
        path.unlink()
    PAGE.write_text(made.text)
    DATA.write_text(made.data)
    draw(made.figures, PICTURES, ("svg",))


def main() -> int:
    """Command line -> exit status, 1 when --check finds something stale or this is no checkout."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Writes docs/context-switch.md and its pictures.")
    parser.add_argument("--check", action="store_true", help="only say whether they are fresh")
    parser.add_argument("--jobs", type=int, default=jobs.processors(), help="processes to use (default %(default)s)")
    options = parser.parse_args()
    if not PAGE.is_file():
        print(f"{COMMAND}: there is no {PAGE} to renew: expected a checkout of the project", file=sys.stderr)
        return 1
    made = document(options.jobs)
    if not options.check:
        write(made)
        return 0
    problems = stale(made)
    for problem in problems:
        print(f"{problem}; {COMMAND} renews it", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())


