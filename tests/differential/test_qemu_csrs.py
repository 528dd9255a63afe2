"""Every CSR number on this machine and on QEMU 7.2: which accesses trap, and which bits hold. Where they differ, both
results stand here, with the reason; nothing else may differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.rig import code
from tests.qemu import needs_qemu, sent_by
from vm.isa.csr_table import table
from vm.isa.csrs import numbers
from vm.machine import Machine, Stop

pytestmark = needs_qemu

SOURCE = Path(__file__).with_name("csr_sweep.s")
CPU = "rv32,c=false,f=false,d=false,h=false,pmu-num=0,sstc=true"
RAM = 32 << 20
COUNT = 4096
PRIVILEGES, FORMS = "MSU", ("read", "write", "set")
HYPERVISORS = {"vstimecmp": 0x24D, "vstimecmph": 0x25D}
NUMBERS = {**numbers(), **HYPERVISORS}
NAMES = {number: name for name, number in NUMBERS.items()}

# Names for which an access is illegal here (first set) or there (second set) only, from M-mode in every form.
ABSENT_HERE = {
    "vstimecmp", "vstimecmph",  # there they are checked for Sstc only, even without the hypervisor extension
    "tinfo",  # there are no triggers here; a tselect, tdata1 to tdata3 of zero say so
}  # fmt: skip
ABSENT_THERE = {
    *(f"pmpcfg{n}" for n in range(4, 16)),  # 16 PMP entries there, 64 here
    *(f"pmpaddr{n}" for n in range(16, 64)),
    *(f"mhpmcounter{n}{half}" for n in range(3, 32) for half in ("", "h")),  # section 3.1.10: read-only zero
}  # fmt: skip
# Read-only registers that csrrs with a register of 0 can reach there; by Volume I, section 9.1, any register but x0
# makes it a write, whatever it holds.
SET_THERE = {name for name, row in table().items() if row.read_only}

# What is read after ones and after zeros were written: (here, there), both as (after ones, after zeros).
ONES = 0xFFFF_FFFF
Held = tuple[int, int]
HELD: dict[str, tuple[Held, Held]] = {
    # SD and VS are there without the vector extension. MPP is 3 in both.
    "mstatus": ((0x007E_19AA, 0), (0x807E_1FAA, 0)),
    "sstatus": ((0x000C_0122, 0), (0x800C_0722, 0)),
    "mstatush": ((0, 0), (0xC0, 0)),  # GVA and MPV of the hypervisor extension
    "misa": ((0x4094_1101, 0x4094_1101), (0x4014_1101, 0x4014_1101)),  # X: xdump and xload
    # A write with bit 1 set, a reserved mode, is ignored there; here the bit is read-only zero.
    "stvec": ((0xFFFF_FFFD, 0), (0, 0)),
    # Bits 0 and 1 (sections 3.1.14 and 4.1.7: always zero where IALIGN is 32) are held there.
    "sepc": ((0xFFFF_FFFC, 0), (ONES, 0)),
    "mepc": ((0xFFFF_FFFC, 0), (ONES, 0)),
    "satp": ((0x803F_FFFF, 0), (ONES, 0)),  # no ASID bits here
    # Bits of counters that do not exist, and of TM in mcountinhibit, are held there.
    "mcounteren": ((7, 0), (ONES, 0)),
    "scounteren": ((7, 0), (ONES, 0)),
    "mcountinhibit": ((5, 0), (ONES, 0)),
    **{f"mhpmevent{n}": ((0, 0), (ONES, 0)) for n in range(3, 32)},
    # The fields of Zicbom, Zicboz and Svpbmt are held there.
    "menvcfg": ((1, 0), (0xF1, 0)),
    "menvcfgh": ((0x8000_0000, 0), (0xC000_0000, 0)),
    "senvcfg": ((1, 0), (0xF1, 0)),
    # The hypervisor's causes and interrupts are held there.
    "medeleg": ((0xB3FF, 0), (0xF0_BFFF, 0)),
    "mideleg": ((0x222, 0), (0x2666, 0)),
    "mie": ((0xAAA, 0), (0x2EEE, 0)),
    "mip": ((0x282, 0x80), (0x26E6, 0xE0)),  # also STIP: stimecmp is 0 there after reset, never here
    "tdata1": ((0, 0), (0x2000_0000, 0x2000_0000)),  # triggers
    "tdata2": ((0, 0), (ONES, 0)),
    "tinfo": ((0, 0), (0x44, 0x44)),
    **dict.fromkeys(HYPERVISORS, ((0, 0), (ONES, 0))),
}
OWN = {"mtvec"}  # the program's; it differs as stvec does, but its old value is the handler's address
COUNTING = {"mcycle", "mcycleh", "minstret", "minstreth"}  # there they are not what was written


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """-> what the program sends on QEMU."""
    return sent_by(code(SOURCE.read_text()), tmp_path_factory.mktemp("csrs"), CPU, seconds=60)


@pytest.fixture(scope="module")
def here() -> bytes:
    """-> what it sends on this machine; tests/isa/test_csrs.py tries the numbers on both executors."""
    sent = bytearray()
    made = Machine(ram=RAM, console=sent.extend)
    made.load(code(SOURCE.read_text()))
    assert made.run(5_000_000) == Stop("halt", 0)
    return bytes(sent)


def illegal(sent: bytes, place: int) -> set[str]:
    """What was sent, number of a bitmap -> the names in it, or numbers where nothing has a name."""
    bits = sent[place * COUNT // 8 : (place + 1) * COUNT // 8]
    return {NAMES.get(number, hex(number)) for number in range(COUNT) if bits[number >> 3] >> (number & 7) & 1}


def held(sent: bytes, name: str) -> Held:
    start = len(PRIVILEGES) * len(FORMS) * COUNT // 8 + 8 * NUMBERS[name]
    return int.from_bytes(sent[start : start + 4], "little"), int.from_bytes(sent[start + 4 : start + 8], "little")


def test_the_same_accesses_trap(here: bytes, there: bytes) -> None:
    assert len(here) == len(there)
    place = 0
    for privilege in PRIVILEGES:
        for form in FORMS:
            ours, theirs = illegal(here, place), illegal(there, place)
            reached = {name for name in SET_THERE if form == "set" and (privilege == "M" or not table()[name].lowest)}
            assert ours - theirs == (ABSENT_HERE if privilege == "M" else set()) | reached, (privilege, form)
            assert theirs - ours == (ABSENT_THERE if privilege == "M" else set()), (privilege, form)
            place += 1


def test_the_same_bits_hold(here: bytes, there: bytes) -> None:
    differing = {
        name: (held(here, name), held(there, name))
        for name in NUMBERS
        if name not in COUNTING | OWN and held(here, name) != held(there, name)
    }
    assert differing == HELD


def test_counters_hold_what_is_written(here: bytes) -> None:
    """What the next instruction reads: section 3.1.10. QEMU 7.2 takes the time that the access takes into it."""
    assert {name: held(here, name) for name in COUNTING} == {
        "mcycle": (ONES, 0), "mcycleh": (ONES, 0), "minstret": (ONES, 0), "minstreth": (ONES, 0),
    }  # fmt: skip
