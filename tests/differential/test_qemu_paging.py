"""QEMU as oracle for translation and traps: random accesses through random page tables, on a machine of each.

A program in M-mode lends its loads and stores to S and U (MPRV) with random SUM and MXR, changes page-table entries,
and logs every trap. At its end it sends the log, its registers, the tables (with their A and D bits) and its data
through the UART. All of that must be the same bytes here and there. AMOs are left out: QEMU 7.2 names their faults as
those of loads.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest

from tests.engine.rig import EXECUTORS, code, examples, word
from tests.qemu import needs_qemu, sent_by
from vm.arch import CSR, MSTATUS_MPP, MSTATUS_MPRV, MSTATUS_MXR, MSTATUS_SUM
from vm.machine import Machine, Stop

pytestmark = needs_qemu

AREA = 0x4000_0000
ROOT, LEAVES, DATA, LOG, BODY = (0x8010_0000 + 0x1000 * k for k in range(5))
DATA_PAGES = 3
LOG_AT = 0x8020_0000
SUPERPAGE = 0x8040_0000
RAM = 32 << 20
MSTATUS = CSR["mstatus"]
MPRV, MPP, SUM_MXR = MSTATUS_MPRV, MSTATUS_MPP, MSTATUS_SUM | MSTATUS_MXR
COUNT = 600  # random steps in a program

SKELETON = f"""
        .equ ROOT, {ROOT:#x}
        .equ LEAVES, {LEAVES:#x}
        .equ LOG, {LOG_AT:#x}
        la t5, handler
        csrw mtvec, t5
        li t5, -1
        csrw pmpaddr0, t5
        li t5, 0x1f
        csrw pmpcfg0, t5
        # Data: every word of the pages and of the superpage's start is its own address.
        li a0, {DATA:#x}
        li a1, {DATA + 0x1000 * DATA_PAGES:#x}
1:      sw a0, 0(a0)
        addi a0, a0, 4
        bltu a0, a1, 1b
        # Tables.
        la a0, entries
        la a1, entries_end
2:      lw a2, 0(a0)
        lw a3, 4(a0)
        sw a3, 0(a2)
        addi a0, a0, 8
        bltu a0, a1, 2b
        li a0, {1 << 31 | ROOT >> 12:#x}
        csrw satp, a0
        sfence.vma
        li s11, LOG
        # Registers.
        la t5, registers
        {{loads}}
        csrc mstatus, x12
        {{body}}
        li t5, {MPRV}
        csrc mstatus, t5
        # Everything out: registers, log, tables, data.
        la t5, registers
        {{stores}}
        la a0, registers
        addi a1, a0, 128
        call send
        li a0, LOG
        mv a1, s11
        call send
        li a0, ROOT
        li a1, {DATA + 0x1000 * DATA_PAGES:#x}
        call send
        li a0, {SUPERPAGE:#x}
        addi a1, a0, 64
        call send
        li t5, 0x100000
        li t6, 0x5555
        sw t6, 0(t5)
        j .
        # The bytes from a0 up to a1, to the UART.
send:   li a2, 0x10000000
3:      lbu a3, 0(a0)
        sb a3, 0(a2)
        addi a0, a0, 1
        bltu a0, a1, 3b
        ret
        .balign 4
handler:
        csrr t5, mcause
        sw t5, 0(s11)
        csrr t5, mtval
        sw t5, 4(s11)
        csrr t5, mepc
        sw t5, 8(s11)
        addi s11, s11, 12
        addi t5, t5, 4
        csrw mepc, t5
        li t5, {MPRV}       # lent anew for each access: QEMU 7.2 keeps translations of the old MPP over mret
        csrc mstatus, t5
        mret
        .balign 4
registers:
        .word {{values}}
        .space 128
entries:
        .word {{entries}}
entries_end:
"""


def entry(pick: random.Random) -> int:
    """-> a page-table entry: mostly of a data page, with any flags, more often valid than not."""
    page = pick.choice([DATA >> 12, (DATA >> 12) + 1, (DATA >> 12) + 2, SUPERPAGE >> 12])
    return page << 10 | pick.getrandbits(8) | pick.choice((0, 1, 1, 3, 3, 7, 0x17))


def address(pick: random.Random) -> int:
    """-> a virtual address: in one of the first pages of AREA, often at its edge, or in the superpages behind."""
    if pick.random() < 0.2:
        return AREA + pick.choice((1, 2, 3)) * 0x40_0000 + pick.randrange(0, 60)
    edge = pick.choice((0, 0xFFD, 0xFFE, 0xFFF, pick.randrange(4096)))
    return AREA + pick.randrange(12) * 0x1000 + edge


def step(pick: random.Random) -> list[int]:
    """-> instructions; x16 to x23 hold addresses, x24 and x25 statuses, x26 an entry, x28 the second-level table."""
    kind = pick.randrange(8)
    if kind < 4:
        reg, base, imm = pick.randrange(1, 12), pick.randrange(16, 24), pick.randrange(-4, 5)
        lend = word("csrrs", rd=0, csr=MSTATUS, rs1=pick.choice((24, 25, 29)))
        if kind < 2:
            return [lend, word(pick.choice(("lb", "lh", "lw", "lbu", "lhu")), rd=reg, rs1=base, imm=imm)]
        return [lend, word(pick.choice(("sb", "sh", "sw")), rs2=reg, rs1=base, imm=imm)]
    if kind == 4:
        status = pick.choice((24, 25, 29))
        return [word("csrrc", rd=0, csr=MSTATUS, rs1=12), word("csrrs", rd=0, csr=MSTATUS, rs1=status)]
    if kind == 5:  # another entry, written with physical addresses
        new = [
            word("lui", rd=26, uimm=entry(pick) & 0xFFFF_F000),
            word("xori", rd=26, rs1=26, imm=pick.getrandbits(10)),
        ]
        own = word("csrrc", rd=0, csr=MSTATUS, rs1=13)
        return [own, *new, word("sw", rs2=26, rs1=28, imm=4 * pick.randrange(12)), word("sfence.vma")]
    if kind == 6:
        base, to = pick.randrange(16, 24), address(pick)
        low = (to & 0xFFF ^ 0x800) - 0x800
        return [word("lui", rd=base, uimm=to - low), word("addi", rd=base, rs1=base, imm=low)]
    return [word("ecall") if pick.random() < 0.2 else word("add", rd=pick.randrange(1, 12), rs1=4, rs2=11)]


@cache
def program(seed: int) -> bytes:
    """-> the raw image."""
    pick = random.Random(seed)
    values = [pick.getrandbits(32) for _ in range(32)]
    values[16:24] = [address(pick) for _ in range(8)]
    lend = [pick.choice((0, 1, 1)) << 11 | MPRV | pick.getrandbits(32) & SUM_MXR for _ in range(3)]
    values[24], values[25], values[29] = lend
    values[12], values[13], values[28] = MPP | MPRV | SUM_MXR, MPRV, LEAVES
    entries = {ROOT + 4 * (AREA >> 22): LEAVES >> 12 << 10 | 1}
    for k in (1, 2, 3):
        frame = pick.choice((SUPERPAGE, SUPERPAGE, SUPERPAGE + 0x1000)) >> 12 << 10
        entries[ROOT + 4 * (AREA >> 22) + 4 * k] = frame | pick.getrandbits(8) | pick.choice((1, 7, 0x17))
    for k in range(12):
        entries[LEAVES + 4 * k] = entry(pick)
    body = [w for _ in range(COUNT) for w in step(pick)]
    used = [k for k in range(1, 30) if k != 27]
    return code(
        SKELETON.format(
            loads="\n".join(f"lw x{k}, {4 * k}(t5)" for k in used),
            stores="\n".join(f"sw x{k}, {4 * k}(t5)" for k in used),
            body="\n".join(f".word {w:#x}" for w in body),
            values=", ".join(map(hex, values)),
            entries=", ".join(f"{a:#x}, {e:#x}" for a, e in entries.items()),
        )
    )


@cache
def answer_of_qemu(seed: int, folder: Path) -> bytes:
    """-> what the program sends there."""
    return sent_by(program(seed), folder, "rv32,c=false")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("qemu")


def parts(sent: bytes) -> dict[str, list[str]]:
    """What was sent -> registers, log, and memory, in words."""
    found = [f"{int.from_bytes(sent[k : k + 4], 'little'):08x}" for k in range(0, len(sent), 4)]
    memory = (DATA + 0x1000 * DATA_PAGES - ROOT + 64) // 4
    log = found[32:-memory]
    return {
        "registers": found[:32],
        "traps": [" ".join(log[k : k + 3]) for k in range(0, len(log), 3)],
        "memory": found[-memory:],
    }


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("seed", range(examples(4)))
def test_same_traps_and_same_memory(executor: str, seed: int, folder: Path) -> None:
    sent = bytearray()
    made = Machine(ram=RAM, executor=executor, console=sent.extend)
    made.load(program(seed))
    assert made.run(3_000_000) == Stop("halt", 0)
    ours, theirs = parts(bytes(sent)), parts(answer_of_qemu(seed, folder))
    for name in ("traps", "registers", "memory"):
        assert ours[name] == theirs[name], name
    assert len(ours["traps"]) > COUNT // 20
