"""The tables of docs/cisc.md, from the rows: `python -m assembler.cisc_manual FILE` puts them between their marks.

A table stands between the lines `<!-- NAME -->` and `<!-- end -->`; what is outside of these is written by hand. A test
compares the file with what this makes of it, so that the tables cannot grow old.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path

from assembler.assembly import assemble
from assembler.common import table as common_table
from vm.arch import CSR_OF_MODE
from vm.isa.cisc import COSTS, ROWS, Row
from vm.isa.codec import CISC
from vm.isa.specifiers import LITERAL_END, MODES, REGISTER_NAMES, REGISTERS, Mode

FAMILIES = {
    "move": "Moves", "alu": "Arithmetic", "mul": "Multiplication", "div": "Division",
    "branch": "Compare and branch, loops", "jump": "Jumps", "call": "Calls", "stack": "Stack", "block": "Blocks",
    "queue": "Queues", "context": "Context", "trap": "Traps", "csr": "Control and status registers", "system": "System",
}  # fmt: skip
EXAMPLES = (
    "movl $5, a0", "movl $1000, a0", "addl2 a1, a0", "addl3 a0, (a1), 4(sp)", "movl (a1)+, -(sp)", "incl 300(s0)",
    "movb 8(a0)[t0], a1", "movl *$0x10000000, a0", "x: br x", "beql a0, $0, .+20", "pushr a0-a3/s0", "chmk 93",
)  # fmt: skip
CSRS = {
    "usp": "the process's sp, while the kernel runs",
    "ksp": "the kernel's sp, while a process runs",
    "pcbb": "address of the PCB that svpctx and ldpctx use",
    "msp": "the machine's sp while another privilege runs, and the other way round",
}
_REGION = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _table(*heads: str) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _bytes(mode: Mode) -> str:
    """Mode -> its first byte and what follows, as the manual shows it."""
    if mode.name == "literal":
        return f"00..{LITERAL_END - 1:02X}"
    first = f"{mode.high:X}r" if mode.low is None else f"{mode.high:X}{mode.low:X}"
    return first + {0: "", 1: ", 1 byte", 2: ", 2 bytes", 4: ", 4 bytes"}[mode.extra]


def specifiers() -> Iterator[str]:
    """-> the addressing modes."""
    yield from _table("byte (hex)", "written", "access", "operand")
    for mode in MODES:
        yield f"| {_bytes(mode)} | `{mode.syntax}` | {' '.join(mode.access)} | {mode.doc} |"


def registers() -> Iterator[str]:
    """-> the registers' numbers."""
    yield from _table("number", *map(str, range(len(REGISTERS))))
    yield f"| **register** | {' | '.join(REGISTER_NAMES)} |"
    yield f"| **as in the RISC modes** | {' | '.join(f'x{number}' for number in REGISTERS)} |"


def _alike(row: Row) -> tuple[str, ...]:
    """What rows that share a line of the manual have in common."""
    return row.cost, row.doc, *(f"{operand.name} {operand.access}" for operand in row.operands)


def _operands(row: Row) -> str:
    return ", ".join(f"{operand.name}.{operand.access}" if operand.access else operand.name for operand in row.operands)


def lines(rows: Iterable[Row]) -> Iterator[tuple[list[Row], str]]:
    """Rows -> those that differ in nothing but width or reach, together, and their operands."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(_alike(row), []).append(row)
    for group in groups.values():
        yield group, _operands(group[0])


def instructions() -> Iterator[str]:
    """-> all instructions, a table a family."""
    for cost in COSTS:
        yield f"### {FAMILIES[cost]}"
        yield ""
        yield from _table("instruction", "opcode", "operands", "meaning")
        for group, operands in lines(row for row in ROWS if row.cost == cost):
            names = " ".join(f"`{row.name}`" for row in group)
            opcodes = " ".join(f"{row.opcode:02X}" for row in group)
            yield f"| {names} | {opcodes} | {f'`{operands}`' if operands else ''} | {_cell(group[0].doc)} |"
        yield ""


def costs() -> Iterator[str]:
    """-> the cost classes."""
    yield from _table("class", "instructions", "how many")
    for cost in COSTS:
        rows = [row for row in ROWS if row.cost == cost]
        stems = dict.fromkeys(group[0].name for group, _ in lines(rows))
        shown = [f"`{name}`" for name in stems]
        yield f"| {cost} | {', '.join(shown[:6])}{', ...' if len(shown) > 6 else ''} | {len(rows)} |"


def examples() -> Iterator[str]:
    """-> some instructions and their bytes."""
    yield from _table("written", "bytes (hex)")
    for source in EXAMPLES:
        yield f"| `{source}` | {assemble(source + chr(10), mode=CISC).text.hex(' ')} |"


def csrs() -> Iterator[str]:
    """-> the CSRs that only this mode has."""
    yield from _table("CSR", "number", "holds")
    for name, meaning in CSRS.items():
        yield f"| `{name}` | {CSR_OF_MODE[CISC][name]:#05x} | {meaning} |"


def pcb() -> Iterator[str]:
    """-> what svpctx stores where."""
    words = (*REGISTER_NAMES, "pc", "psw")
    yield from _table("offset", *(str(4 * number) for number in range(len(words))))
    yield f"| **word** | {' | '.join(words)} |"


def common() -> Iterator[str]:
    """-> what the common assembly becomes."""
    yield from _table("written", "becomes")
    for name, found in groupby(common_table(), key=lambda line: line[0]):
        for _, shapes, native in found:
            yield f"| `{f'{name} {shapes}'.strip()}` | `{native}` |"


REGIONS: dict[str, Callable[[], Iterator[str]]] = {
    each.__name__: each for each in (specifiers, registers, instructions, costs, examples, csrs, pcb, common)
}


def refreshed(text: str) -> str:
    """The manual -> the same with its tables made anew. KeyError: a table that does not exist."""
    return _REGION.sub(lambda match: match[1] + "\n".join(REGIONS[match[2]]()).rstrip() + "\n" + match[3], text)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8")
