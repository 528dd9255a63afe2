"""QEMU as oracle for privileges, delegation, interrupts and illegal instructions: random steps on a machine of each.

Steps change privilege, enable, delegate and raise interrupts, open counters, return from traps, and execute what is
illegal somewhere or everywhere. Every trap is logged by the handlers of M-mode and S-mode (traps.s), which go on behind
it. The log and the registers at the end, with all that CSRs were read as, must be the same here and there. Left out is
what tests/differential/test_qemu_csrs.py names as different, TSR (the handler needs sret), and wfi (it might wait).
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from tests.engine.rig import EXECUTORS, code, examples, word
from tests.qemu import needs_qemu, sent_by
from vm.arch import (
    CAUSE_BREAKPOINT,
    CSR,
    MIP_MTIP,
    MIP_SEIP,
    MIP_SSIP,
    MIP_STIP,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MXR,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_SUM,
    MSTATUS_TVM,
    MSTATUS_TW,
    PRIV_M,
    PRIV_S,
    PRIV_U,
)
from vm.isa.csr_table import table
from vm.machine import Machine, Stop

pytestmark = needs_qemu

FRAME = Path(__file__).with_name("traps.s").read_text()
CPU = "rv32,c=false,f=false,d=false,h=false,pmu-num=0,zba=false,zbb=false,zbc=false,zbs=false"
RAM = 32 << 20
COUNT = 800
RECORD = 5  # words
SCRATCH, A7 = 26, 17
FREE = [*range(1, 17), *range(18, 26)]  # registers of the steps
_STATUS = (
    MSTATUS_SIE, MSTATUS_MIE, MSTATUS_SPIE, MSTATUS_MPIE, MSTATUS_SPP, MSTATUS_SUM, MSTATUS_MXR, MSTATUS_TVM,
    MSTATUS_TW,
)  # fmt: skip  (not MPRV: QEMU 7.2 keeps it over mret and sret)
_CALL_FROM_S = 1 << 9  # never delegated: the way back to M-mode
HELD = {  # values are drawn from these bits; what else a register has is not the same on QEMU
    "mip": 0x222, "sip": 0x222,
    "mideleg": table()["mideleg"].writable, "medeleg": table()["medeleg"].writable & ~_CALL_FROM_S,
    "mcounteren": 7, "scounteren": 7, "mtval": 0xFFFF_FFFF, "stval": 0xFFFF_FFFF, "sscratch": 0xFFFF_FFFF,
    "mscratch": 0xFFFF_FFFF, "mcause": 0x8000_001F, "scause": 0x8000_001F, "sepc": 0xFFFF_FFFC, "mepc": 0xFFFF_FFFC,
    "satp": 0,
}  # fmt: skip
# What a program enables. Of two interrupts of one level that are pending together QEMU 7.2 takes the one with the lower
# number; section 3.1.9 has the order MTI, SEI, SSI, STI (tests/isa/privileged/priorities.s).
ENABLED = (MIP_SSIP, MIP_STIP, MIP_SEIP | MIP_MTIP)
COUNTERS = ("cycle", "time", "instret", "cycleh", "timeh", "instreth")
# uret, dret, hfence, sinval, wrs, cbo, mret and others with a bit too many; and the two that are never instructions.
ILLEGAL = (
    0, 0xFFFF_FFFF, 0x0020_0073, 0x7B20_0073, 0x6200_0073, 0x2200_0073, 0x1600_0073, 0x1800_0073, 0x00D0_0073,
    0x0000_200F, 0x3020_00F3, 0x1020_80F3, 0x1200_00F3, 0x0000_00F3, 0x0010_80F3, 0x1050_00F3, 0x0000_4073,
    0x1000_A02F & ~3, 0x1010_A0AF | 31 << 20, 0x0000_B003, 0x0000_7003, 0x0200_1013, 0x4000_1033, 0x0400_0033,
)  # fmt: skip
# Reserved fields that are ignored: fence with registers, a mode and sets that mean nothing; fence.i likewise.
IGNORED = (0x8330_000F, 0x0FF0_8F8F, 0x0000_000F, 0x0100_000F, 0x0000_1F8F, 0x7FF0_900F)


def _loaded(value: int, rd: int = SCRATCH) -> list[int]:
    low = (value & 0xFFF ^ 0x800) - 0x800
    return [word("lui", rd=rd, uimm=(value - low) & 0xFFFF_F000), word("addi", rd=rd, rs1=rd, imm=low)]


def _status(pick: random.Random) -> list[int]:
    """-> a change of mstatus or sstatus that cannot make MPP 2."""
    name = pick.choice(("mstatus", "mstatus", "sstatus"))
    form = pick.choice(("csrrw", "csrrs", "csrrc"))
    bits = sum(bit for bit in _STATUS if pick.random() < 0.3)
    if name == "mstatus":
        bits |= pick.choice((0, MSTATUS_MPP, PRIV_S << 11 if form == "csrrw" else 0))
    return [*_loaded(bits), word(form, rd=pick.choice(FREE), csr=CSR[name], rs1=SCRATCH)]


def _csr(pick: random.Random, enabled: int) -> list[int]:
    held = HELD | {"mie": enabled, "sie": enabled}
    name = pick.choice(tuple(held))
    form = pick.choice(("csrrw", "csrrs", "csrrc", "csrrsi", "csrrci"))
    rd = 0 if name in ("mtval", "stval") else pick.choice((0, *FREE))  # not the same after ebreak: see traps()
    if form.endswith("i"):
        return [word(form, rd=rd, csr=CSR[name], zimm=pick.getrandbits(5) & held[name])]
    value = pick.getrandbits(32) & held[name]
    return [*_loaded(value), word(form, rd=rd, csr=CSR[name], rs1=pick.choice((0, SCRATCH, SCRATCH)))]


def step(pick: random.Random, enabled: int) -> list[int]:
    """Bits of mie that may be set -> the instructions of a random step."""
    kind = pick.randrange(12)
    if kind < 2:
        return _status(pick)
    if kind < 5:
        return _csr(pick, enabled)
    if kind == 5:
        return [word("addi", rd=A7, rs1=0, imm=pick.choice((PRIV_U, PRIV_S, PRIV_S, PRIV_M, PRIV_M))), word("ecall")]
    if kind == 6:
        return [pick.choice((*ILLEGAL, *IGNORED, word("ebreak"), word("sfence.vma", rs1=pick.choice((0, 5)), rs2=0)))]
    if kind == 7:
        return [word("csrrs", rd=0, csr=CSR[pick.choice(COUNTERS)], rs1=0)]
    if kind == 8:  # back from a trap that was none, to behind the return
        csr, name = pick.choice((("sepc", "sret"), ("mepc", "mret")))
        here = [word("auipc", rd=SCRATCH, uimm=0), word("addi", rd=SCRATCH, rs1=SCRATCH, imm=16)]
        return [*here, word("csrrw", rd=0, csr=CSR[csr], rs1=SCRATCH), word(name)]
    if kind == 9:  # memory that is not there; a jump to half an instruction
        access = pick.choice((word("lw", rd=5, rs1=SCRATCH, imm=0), word("sw", rs2=5, rs1=SCRATCH, imm=4)))
        jump = word("jalr", rd=pick.choice((0, 6)), rs1=0, imm=pick.choice((2, -2)))
        return pick.choice(([*_loaded(0xC000_0000), access], [jump]))
    if kind == 10:  # raised, enabled and delegated together
        names = {"mie": enabled, "mideleg": HELD["mideleg"], "mip": HELD["mip"]}
        bits = [pick.getrandbits(12) & held for held in names.values()]
        steps = [(*_loaded(b), word("csrrs", rd=0, csr=CSR[n], rs1=SCRATCH)) for n, b in zip(names, bits, strict=True)]
        return [each for instructions in steps for each in instructions]
    read = CSR[pick.choice(("mstatus", "sstatus", "mip", "sip", "sie", "mie"))]
    return [word("csrrs", rd=pick.choice(FREE), csr=read, rs1=0)]


@cache
def program(seed: int) -> bytes:
    """-> the raw image."""
    pick = random.Random(seed)
    used = range(1, 27)
    text = {
        "LOADS": "\n".join(f"lw x{k}, {4 * k}(t5)" for k in used),
        "STORES": "\n".join(f"sw x{k}, {4 * k}(t5)" for k in used),
        "BODY": "\n".join(f".word {w:#x}" for _ in range(COUNT) for w in step(pick, ENABLED[seed % len(ENABLED)])),
        "VALUES": ", ".join(hex(pick.getrandbits(32)) for _ in range(32)),
    }
    lines = (line.replace(".word VALUES", f".word {text['VALUES']}") for line in FRAME.splitlines())
    return code("\n".join(text.get(line, line) for line in lines) + "\n")


@cache
def answer_of_qemu(seed: int, folder: Path) -> bytes:
    """-> what the program sends there."""
    return sent_by(program(seed), folder, CPU)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("qemu")


def traps(sent: bytes, here: bool) -> list[tuple[int, ...]]:
    """What was sent, by this machine or by QEMU -> the log."""
    log = words(sent)[32:]
    found = []
    for start in range(0, len(log), RECORD):
        level, cause, value, at, status = log[start : start + RECORD]
        if cause == CAUSE_BREAKPOINT:  # xtval may be the pc or zero (section 3.1.16)
            assert value == (at if here else 0)
            value = at
        found.append((level, cause, value, at, status))
    return found


def words(sent: bytes) -> list[int]:
    return [int.from_bytes(sent[k : k + 4], "little") for k in range(0, len(sent), 4)]


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("seed", range(examples(4)))
def test_same_traps_and_same_registers(executor: str, seed: int, folder: Path) -> None:
    sent = bytearray()
    made = Machine(ram=RAM, executor=executor, console=sent.extend)
    made.load(program(seed))
    assert made.run(3_000_000) == Stop("halt", 0)
    ours, theirs = bytes(sent), answer_of_qemu(seed, folder)
    assert traps(ours, here=True) == traps(theirs, here=False)
    assert words(ours)[:32] == words(theirs)[:32]
    assert len(traps(ours, here=True)) > COUNT // 4
