"""The table of CSRs -> docs/csrs.md. `python -m vm.isa.csr_manual` prints it.

A test compares the file with what this makes of the rows, so that it cannot grow old.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from vm.arch import CSR_OF_MODE, PRIV_NAMES
from vm.isa.csr_table import FIXED, LEGAL, LIVE, VIEW, Field, Gate, Register, table

INTRODUCTION = """\
# Control and status registers

Generated from the rows in `vm/isa/csr_table.py` by `python -m vm.isa.csr_manual`; do not edit. The engine's access
code, the disassembler and the debugger draw from the same rows.

A number that is not here does not exist: every access traps as an illegal instruction, and so does a write to a
register that is read-only, an access from a lower privilege than *access* names, and one that a bit named there
forbids. Bits that are in no field read as zero and ignore writes.

*Fields* are given with their bits, and with a rule:

- no rule: any value is held;
- `fixed`: read-only, the value of reset;
- `one of`: a write of another value leaves the field as it was (WARL);
- `live`: the machine changes it; the meaning says what a write does;
- `view`: bits of the machine's register of the same name, by whose rules they are written.

*Reset* is the value after power-on; - for one that a view or a counter has. *Section* is that of the privileged manual
(version 20211203), unless it names another source.
"""
_RULES = {FIXED: "fixed", LIVE: "live", VIEW: "view"}
_LETTERS = {"user": "U", "supervisor": "S", "machine": "M"}
_HEADER = "| number | name | access | fields | reset | meaning | section |\n|---|---|---|---|---|---|---|"


def _field(field: Field) -> str:
    last = field.lsb + field.width - 1
    bits = f"{last}:{field.lsb}" if field.width > 1 else str(last)
    rule = f"one of {', '.join(map(str, sorted(field.legal)))}" if field.rule == LEGAL else _RULES.get(field.rule, "")
    values = ", ".join(f"{value} {name}" for value, name in sorted((field.values or {}).items()))
    notes = "; ".join(filter(None, (rule, values)))
    return f"{field.name} {bits}" + (f" ({notes})" if notes else "")


def _gate(gate: Gate, lowest: int) -> str:
    from_ = " and ".join(_LETTERS[name] for priv, name in sorted(PRIV_NAMES.items()) if lowest <= priv < gate.below)
    return f"{from_}: {gate.csr}.{gate.name} = {gate.wanted}"


def _access(row: Register) -> str:
    own = f"{_LETTERS[PRIV_NAMES[row.lowest]]}, {'read' if row.read_only else 'read and write'}"
    return "<br>".join([own, *(_gate(gate, row.lowest) for gate in row.gates)])


def _reset(row: Register) -> str:
    moving = any(field.rule in (LIVE, VIEW) for field in row.fields)
    return "-" if moving else f"{row.reset:#x}"


def _same(row: Register) -> tuple[str, ...]:
    """-> what a row shares with its neighbours of one family, such as pmpaddr0 to pmpaddr63."""
    return row.name.rstrip("h").rstrip("0123456789") + row.name[len(row.name.rstrip("h")) :], row.doc


def _lines(rows: list[Register]) -> Iterator[str]:
    yield _HEADER
    for _, family in groupby(rows, key=_same):
        members = list(family)
        first, last = members[0], members[-1]
        one = first is last
        number = f"{first.number:#05x}" if one else f"{first.number:#05x}-{last.number:#05x}"
        name = f"`{first.name}`" if one else f"`{first.name}` to `{last.name}`"
        fields = ", ".join(map(_field, first.fields))
        yield f"| {number} | {name} | {_access(first)} | {fields} | {_reset(first)} | {first.doc} | {first.section} |"


def manual() -> str:
    """-> the whole text of docs/csrs.md."""
    every = table()
    parts = [INTRODUCTION, "## In every mode\n", *_lines(sorted(every.values(), key=attrgetter("number"))), ""]
    for mode in sorted(CSR_OF_MODE, reverse=True):
        own = [row for name, row in table(mode).items() if every.get(name) is not row]
        parts += [f"## In {mode} mode\n", *_lines(sorted(own, key=attrgetter("number"))), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    print(manual(), end="")
