"""CSR names and values as text: of the machine's and, besides, names from the manual that this machine does not have.

Programs probe for registers that may not exist, so source text can name them all. Source: RISC-V ISA Manual, Volume II,
chapter "Control and Status Registers", tables of allocated addresses; Volume I for the floating-point registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from vm.arch import CSR_OF_MODE, EXCEPTION_NAMES, EXCEPTION_NAMES_OF_MODE, INTERRUPT_NAMES
from vm.isa.csr_table import Field, table

LAST = 0xFFF  # greatest number: the instructions of the RISC modes have 12 bits for it
WIDE = ":16"  # behind a number in cisc mode, whose instructions have 16: it may be greater, and is then that of no CSR
ABSENT = {
    "fflags": 0x001, "frm": 0x002, "fcsr": 0x003, "sedeleg": 0x102, "sideleg": 0x103, "scontext": 0x5A8,
    "mtinst": 0x34A, "mtval2": 0x34B, "mseccfg": 0x747, "mseccfgh": 0x757,
    "tselect": 0x7A0, "tdata1": 0x7A1, "tdata2": 0x7A2, "tdata3": 0x7A3, "tinfo": 0x7A4, "tcontrol": 0x7A5,
    "mcontext": 0x7A8, "dcsr": 0x7B0, "dpc": 0x7B1, "dscratch0": 0x7B2, "dscratch1": 0x7B3,
    **{f"hpmcounter{n}": 0xC00 + n for n in range(3, 32)},
    **{f"hpmcounter{n}h": 0xC80 + n for n in range(3, 32)},
}  # fmt: skip


@cache
def numbers(mode: str = "risc") -> Mapping[str, int]:
    """Mode -> the number of every CSR that source text may name."""
    return {**ABSENT, **{name: row.number for name, row in table(mode).items()}}


@cache
def names(mode: str = "risc") -> Mapping[int, str]:
    """Mode -> the name of every CSR by number."""
    return {number: name for name, number in numbers(mode).items()}


def mode_of(name: str) -> str | None:
    """Name of a CSR -> the only mode that has it; None for those of every mode, and for what is no CSR."""
    return next((mode for mode, known in CSR_OF_MODE.items() if name in known), None)


def decoded(name: str, value: int, mode: str = "risc") -> str:
    """Name and value of a CSR -> its fields as text, such as "MPP=machine SPIE"; fields of zero are left out unless
    zero has a name. A cause is given by its name. "" where there is nothing to tell beyond the number itself."""
    row = table(mode).get(name)
    if row is None:
        return ""
    if name in ("scause", "mcause"):
        return _cause(value & ~(1 << 31), bool(value >> 31), mode)
    if len(row.fields) == 1 and row.fields[0].width > 1:
        return ""
    return " ".join(filter(None, (_field_text(field, field.of(value)) for field in reversed(row.fields))))


def _cause(number: int, interrupt: bool, mode: str) -> str:
    if interrupt:
        return INTERRUPT_NAMES.get(number, "")
    return EXCEPTION_NAMES_OF_MODE.get(mode, {}).get(number, EXCEPTION_NAMES.get(number, ""))


def _field_text(field: Field, value: int) -> str:
    if field.values is not None:
        return f"{field.name}={field.values.get(value, value)}"
    if not value:
        return ""
    return field.name if field.width == 1 else f"{field.name}={value:#x}"
