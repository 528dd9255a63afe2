"""The control and status registers: one row each, with fields, WARL rules, access and reset values.

From these rows draw the engine's access code (vm/micro/csr.py), the text of values (csrs.py) and docs/csrs.md
(csr_manual.py). What has no row does not exist and traps; a bit without a field reads zero and ignores writes.
Source: Volume II (20211203), sections 2 to 4; Sstc; the Debug specification for tselect and tdata. The numbers are in
vm/arch.py, which everybody may lean on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from vm.arch import (
    CAUSE_DOUBLE_TRAP,
    CAUSE_ECALL_M,
    CAUSE_WINDOW_OVERFLOW,
    CAUSE_WINDOW_UNDERFLOW,
    COUNTER_CY,
    COUNTER_IR,
    COUNTER_TM,
    CSR,
    CSR_OF_MODE,
    EXCEPTION_NAMES,
    MENVCFGH_STCE,
    MSTATUS_TVM,
    NWIN_DEFAULT,
    NWIN_MOST,
    PRIV_M,
    PRIV_NAMES,
    PRIV_S,
)
from vm.isa.sets import DEFAULT_ISA, ISAS

ANY = "any value"  # read-write (WARL or WLRL): what is written is held
FIXED = "read-only"  # writes are ignored
LEGAL = "legal values"  # WARL: a write of another value leaves the field as it was
LIVE = "live"  # the machine changes it by itself; the row's doc says what a write does
VIEW = "view"  # another register's bits, under a mask
WORD_BITS = 32
_NUMBERS = {name: number for names in (CSR, *CSR_OF_MODE.values()) for name, number in names.items()}


@dataclass(frozen=True)
class Field:
    """Bits lsb to lsb + width - 1. legal: the values of rule LEGAL; values: what numbers in it are called."""

    name: str
    lsb: int
    width: int = 1
    rule: str = ANY
    reset: int = 0
    legal: tuple[int, ...] = ()
    values: Mapping[int, str] | None = None

    @property
    def mask(self) -> int:
        return ((1 << self.width) - 1) << self.lsb

    def of(self, value: int) -> int:
        """Register's value -> this field's."""
        return (value & self.mask) >> self.lsb


@dataclass(frozen=True)
class Gate:
    """From privileges below `below` the register can be reached only while this bit of `csr` has this value."""

    below: int
    csr: str
    name: str
    mask: int
    wanted: int = 1


@dataclass(frozen=True)
class Register:
    """A row. section: of Volume II, or of the source that it names. doc: what it is, and what a write sets off."""

    name: str
    fields: tuple[Field, ...]
    section: str
    doc: str
    gates: tuple[Gate, ...] = ()

    @property
    def number(self) -> int:
        return _NUMBERS[self.name]

    @property
    def lowest(self) -> int:
        """-> the lowest privilege that may touch it: bits 9 and 8 of the number (section 2.1)."""
        return self.number >> 8 & 3

    @property
    def read_only(self) -> bool:
        return self.number >> 10 == 3

    @property
    def writable(self) -> int:
        """-> the bits that software may change."""
        return sum(field.mask for field in self.fields if field.rule in (ANY, LEGAL))

    @property
    def reset(self) -> int:
        return sum(field.reset << field.lsb for field in self.fields)

    def field(self, name: str) -> Field:
        return next(each for each in self.fields if each.name == name)


def _word(rule: str = ANY, name: str = "value", reset: int = 0, lsb: int = 0) -> tuple[Field, ...]:
    return (Field(name, lsb, WORD_BITS - lsb, rule, reset),)


def _bits(places: Mapping[str, int], rule: str = ANY) -> tuple[Field, ...]:
    return tuple(Field(name, lsb, rule=rule) for name, lsb in places.items())


def _viewed(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(replace(each, rule=VIEW) for each in fields)


# ---- fields that more than one row has -----------------------------------------------------------------------------
_MPP = Field("MPP", 11, 2, LEGAL, reset=PRIV_M, legal=tuple(PRIV_NAMES), values=PRIV_NAMES)
_STATUS = (
    *_bits({"SIE": 1, "MIE": 3, "SPIE": 5}), Field("UBE", 6, rule=FIXED), *_bits({"MPIE": 7, "SPP": 8}),
    Field("VS", 9, 2, FIXED), _MPP, Field("FS", 13, 2, FIXED), Field("XS", 15, 2, FIXED),
    *_bits({"MPRV": 17, "SUM": 18, "MXR": 19, "TVM": 20, "TW": 21, "TSR": 22}), Field("SD", 31, rule=FIXED),
)  # fmt: skip
_NAMES_IN_SSTATUS = {"SIE", "SPIE", "UBE", "SPP", "VS", "FS", "XS", "SUM", "MXR", "SD"}
_SSTATUS = tuple(each for each in _STATUS if each.name in _NAMES_IN_SSTATUS)
_SUPERVISORS = {"SSI": 1, "STI": 5, "SEI": 9}
_INTERRUPTS = {"SSI": 1, "MSI": 3, "STI": 5, "MTI": 7, "SEI": 9, "MEI": 11}


def _interrupts(letter: str, names: Mapping[str, int] = _INTERRUPTS, rule: str = ANY) -> tuple[Field, ...]:
    return _bits({name + letter: lsb for name, lsb in names.items()}, rule)


_MIP = tuple(
    Field(each.name, each.lsb, rule=ANY if each.name.startswith("S") else LIVE) for each in _interrupts("P")
)
_TVEC = (Field("MODE", 0, values={0: "direct", 1: "vectored"}), Field("BASE", 2, 30))


def _epc(isa: str) -> tuple[Field, ...]:
    """Instruction set -> the fields of an xepc: the low bits that no instruction's address has are zero."""
    return _word(name="pc", lsb=ISAS[isa].ialign.bit_length() - 1)


def _misa(isa: str) -> Register:
    """It cannot be written: what an instruction is does not change while a machine runs."""
    value = ISAS[isa].misa
    extensions = Field("extensions", 0, 26, FIXED, reset=value & (1 << 26) - 1)
    letters = [chr(ord("A") + bit) for bit in range(26) if value >> bit & 1]
    doc = f"{', '.join(letters[:-1])} and {letters[-1]}"
    width = Field("MXL", 30, 2, FIXED, reset=value >> 30, values={1: "32 bits"})
    return Register("misa", (extensions, width), "3.1.1", doc)


_EPC = _epc(DEFAULT_ISA)
_CAUSE = (Field("code", 0, 31), Field("interrupt", 31))
_MACHINES_OWN = {CAUSE_ECALL_M, CAUSE_DOUBLE_TRAP}  # never delegated
_WINDOW_TRAPS = {f"cause{n}": n for n in (CAUSE_WINDOW_OVERFLOW, CAUSE_WINDOW_UNDERFLOW)}
_EXCEPTIONS = {f"cause{n}": n for n in EXCEPTION_NAMES if n not in {*_MACHINES_OWN, *_WINDOW_TRAPS.values()}}
_COUNTERS = {"CY": COUNTER_CY, "TM": COUNTER_TM, "IR": COUNTER_IR}
_COUNTEREN = _bits({name: mask.bit_length() - 1 for name, mask in _COUNTERS.items()})
_FIOM = _bits({"FIOM": 0})
_PMPCFG = tuple(
    Field(f"{name}{entry}", 8 * entry + lsb, width)
    for entry in range(4)
    for name, lsb, width in (("R", 0, 1), ("W", 1, 1), ("X", 2, 1), ("A", 3, 2), ("L", 7, 1))
)
_SATP = Field("PPN", 0, 22), Field("ASID", 22, 9, FIXED), Field("MODE", 31, values={0: "bare", 1: "Sv32"})
_NEVER = 0xFFFF_FFFF  # reset value of both halves of stimecmp


def _counter_gates(name: str) -> tuple[Gate, ...]:
    mask = _COUNTERS[name]
    return Gate(PRIV_M, "mcounteren", name, mask), Gate(PRIV_S, "scounteren", name, mask)


_STIMECMP_GATES = (
    Gate(PRIV_M, "menvcfgh", "STCE", MENVCFGH_STCE),
    Gate(PRIV_M, "mcounteren", "TM", COUNTER_TM),
)
_SATP_GATE = (Gate(PRIV_M, "mstatus", "TVM", MSTATUS_TVM, wanted=0),)

# ---- the rows ------------------------------------------------------------------------------------------------------
_EVERY_MODE: tuple[Register, ...] = (
    *(Register(f"{name}{half}", _word(LIVE), "Volume I, 10.1", f"{what}, {part} half", _counter_gates(gate))
      for name, gate, what in (
          ("cycle", "CY", "clocks"), ("time", "TM", "mtime of the CLINT"), ("instret", "IR", "instructions retired"))
      for half, part in (("", "low"), ("h", "high"))),
    # supervisor
    Register("sstatus", _viewed(_SSTATUS), "4.1.1", "the supervisor's part of mstatus"),
    Register("sie", _viewed(_interrupts("E", _SUPERVISORS)), "4.1.3", "mie where mideleg has a bit"),
    Register("stvec", _TVEC, "4.1.2", "where the supervisor's traps go"),
    Register("scounteren", _COUNTEREN, "4.1.5", "counters that user mode may read"),
    Register("senvcfg", _FIOM, "4.1.10", "environment of user mode"),
    Register("sscratch", _word(), "4.1.6", "for the supervisor's trap handler"),
    Register("sepc", _EPC, "4.1.7", "pc at the trap"),
    Register("scause", _CAUSE, "4.1.8", "why the trap came"),
    Register("stval", _word(), "4.1.9", "the trap's address or instruction"),
    Register("sip", _viewed(_interrupts("P", _SUPERVISORS)), "4.1.3",
             "mip where mideleg has a bit; only SSIP can be written"),
    Register("stimecmp", _word(reset=_NEVER), "Sstc", "the supervisor's timer, low half", _STIMECMP_GATES),
    Register("stimecmph", _word(reset=_NEVER), "Sstc", "the supervisor's timer, high half", _STIMECMP_GATES),
    Register("satp", _SATP, "4.1.11", "translation; a write forgets all cached translations", _SATP_GATE),
    # machine
    *(Register(name, _word(FIXED), section, doc) for name, section, doc in (
        ("mvendorid", "3.1.2", "no vendor"), ("marchid", "3.1.3", "no architecture number"),
        ("mimpid", "3.1.4", "no version"), ("mconfigptr", "3.1.17", "no configuration structure"))),
    Register("mhartid", _word(FIXED), "3.1.5", "this hart's number"),
    Register("mstatus", _STATUS, "3.1.6", "privilege and interrupts, now and before the trap; rights of loads, stores"),
    Register("mstatush", _bits({"SBE": 4, "MBE": 5}, FIXED), "3.1.6", "little endian"),
    _misa(DEFAULT_ISA),
    Register("medeleg", _bits(_EXCEPTIONS), "3.1.8", "exceptions that the supervisor handles"),
    Register("mideleg", _interrupts("", _SUPERVISORS), "3.1.8", "interrupts that the supervisor handles"),
    Register("mie", _interrupts("E"), "3.1.9", "interrupts enabled"),
    Register("mip", _MIP, "3.1.9", "interrupts pending. SEIP reads as what was written or the PLIC's line; with "
             "menvcfgh.STCE, STIP follows stimecmp and is not written; MSIP, MTIP and MEIP follow the devices"),
    Register("mtvec", _TVEC, "3.1.7", "where traps go"),
    Register("mcounteren", _COUNTEREN, "3.1.11", "counters that lower privileges may read; TM also opens stimecmp"),
    Register("menvcfg", _FIOM, "3.1.18", "environment of lower privileges"),
    Register("menvcfgh", _bits({"STCE": 31}), "Sstc", "STCE: stimecmp is the supervisor's timer"),
    Register("mcountinhibit", _bits({name: mask.bit_length() - 1 for name, mask in _COUNTERS.items() if name != "TM"}),
             "3.1.12", "counters that stand still"),
    Register("mscratch", _word(), "3.1.13", "for the trap handler"),
    Register("mepc", _EPC, "3.1.14", "pc at the trap"),
    Register("mcause", _CAUSE, "3.1.15", "why the trap came"),
    Register("mtval", _word(), "3.1.16", "the trap's address or instruction"),
    *(Register(f"{name}{half}", _word(LIVE), "3.1.10", f"{what}, {part} half; what is written is read next")
      for name, what in (("mcycle", "clocks"), ("minstret", "instructions retired"))
      for half, part in (("", "low"), ("h", "high"))),
    *(Register(f"pmpcfg{n}", _PMPCFG, "3.7.1", "held, and restricts nothing") for n in range(16)),
    *(Register(f"pmpaddr{n}", _word(), "3.7.1", "held, and restricts nothing") for n in range(64)),
    *(Register(name, _word(FIXED), "Debug 5.7", "zero: there are no triggers")
      for name in ("tselect", "tdata1", "tdata2", "tdata3")),
    *(Register(f"{name}{n}{half}", _word(FIXED), "3.1.10", "zero: nothing else is counted")
      for name, half in (("mhpmevent", ""), ("mhpmcounter", ""), ("mhpmcounter", "h")) for n in range(3, 32)),
)  # fmt: skip
_WINDOWS = "docs/machine.md"
_CISC = "docs/cisc.md"
_OF_MODE: dict[str, tuple[Register, ...]] = {
    "window": (
        Register("cwp", (Field("window", 0, (NWIN_MOST - 1).bit_length()),), _WINDOWS,
                 "the current window. Writing another moves the view; numbers from nwin on are ignored"),
        Register("wim", _word(name="forbidden", reset=1 << NWIN_DEFAULT >> 1), _WINDOWS,
                 "windows that may not be entered: nwin bits, the last one after reset"),
        Register("nwin", _word(FIXED, reset=NWIN_DEFAULT), _WINDOWS, "windows that there are, as the machine was made"),
        Register("medeleg", _bits(_EXCEPTIONS | _WINDOW_TRAPS), "3.1.8", "exceptions that the supervisor handles"),
    ),
    "cisc": (
        Register("usp", _word(), _CISC, "user's stack pointer"),
        Register("ksp", _word(), _CISC, "supervisor's stack pointer while a user runs"),
        Register("pcbb", _word(), _CISC, "address of the process control block"),
        Register("msp", _word(), _CISC, "stack pointer of the privilege, machine or other, that does not run"),
        Register("sepc", _word(name="pc"), _CISC, "pc at the trap: instructions start at any byte"),
        Register("mepc", _word(name="pc"), _CISC, "pc at the trap: instructions start at any byte"),
        Register("misa", _word(FIXED), _CISC, "zero: not the RISC-V base set"),
    ),
}  # fmt: skip


def _of_isa(isa: str) -> tuple[Register, ...]:
    """Another instruction set than the usual one -> the rows that it has in the place of others."""
    if isa == DEFAULT_ISA:
        return ()
    sepc = Register("sepc", _epc(isa), "4.1.7", "pc at the trap")
    return sepc, _misa(isa), Register("mepc", _epc(isa), "3.1.14", "pc at the trap")


@cache
def table(mode: str = "risc", isa: str = DEFAULT_ISA) -> Mapping[str, Register]:
    """Mode, instruction set -> its registers by name; where one of them has a row of its own for a name, that one."""
    return {row.name: row for row in (*_EVERY_MODE, *_of_isa(isa), *_OF_MODE.get(mode, ()))}
