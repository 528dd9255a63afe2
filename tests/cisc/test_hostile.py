"""Nothing that a guest of cisc mode does hurts the host, and both executors do the same with it, to the bit.

Random code with random CSRs, page tables, stacks, PCBs and devices: machines of both executors run it with the same
random budgets, and are compared after each.
"""

from __future__ import annotations

import struct

import pytest

from tests.cisc.hart import CSR
from tests.cisc.random_cases import Maker
from tests.cisc.rig import FIRST_FRAME, LEAVES, PAGES, REGION, ROOT, Case, differences, settle
from tests.engine.rig import EXECUTORS, examples
from vm.arch import (
    CLINT_BASE,
    MSTATUS_MPP_SHIFT,
    PAGE_SHIFT,
    PAGE_SIZE,
    PLIC_BASE,
    PTE_PPN_SHIFT,
    PTE_V,
    RAM_BASE,
    SATP_MODE,
    UART_BASE,
)
from vm.isa.cisc import ROWS
from vm.machine import Machine

RAM = PAGES * PAGE_SIZE
BY_NAME = {row.name: row for row in ROWS}
PRIVILEGED = [BY_NAME[name] for name in "rei svpctx ldpctx csrr csrw csrs csrc csrrw chmk wfi sfence.vma".split()]
NUMBERS = sorted(CSR.values())
WRITABLE = 0x007E_19AA  # of mstatus
DEVICES = (UART_BASE, UART_BASE + 5, CLINT_BASE, CLINT_BASE + 0x4000, PLIC_BASE + 0x2000)


def frame(maker: Maker) -> int:
    """A page to map: RAM, a device, the page tables themselves, nothing."""
    r = maker.random
    return r.choice(
        (FIRST_FRAME + r.randrange(PAGES),) * 6 + (UART_BASE >> PAGE_SHIFT, r.getrandbits(22), FIRST_FRAME + LEAVES)
    )


def tables(maker: Maker, case: Case) -> None:
    """Page tables of any kind: some map themselves, some entries are pointers that go anywhere."""
    r = maker.random
    for k in range(24):
        struct.pack_into(
            "<I", case.ram, LEAVES * PAGE_SIZE + 4 * k, frame(maker) << PTE_PPN_SHIFT | r.getrandbits(8) | PTE_V
        )
    root = ROOT * PAGE_SIZE
    pointer = FIRST_FRAME + r.choice((LEAVES, LEAVES, LEAVES, ROOT, r.randrange(PAGES))) << PTE_PPN_SHIFT | PTE_V
    struct.pack_into("<I", case.ram, root + 4 * (REGION >> 22), pointer)
    whole = r.choice((0xCF, 0xDF, 0xC7, 0x1F, 0))
    struct.pack_into("<I", case.ram, root + 4 * (RAM_BASE >> 22), FIRST_FRAME << PTE_PPN_SHIFT | whole)


def address(maker: Maker) -> int:
    r = maker.random
    if r.random() < 0.05:
        return r.choice(DEVICES)
    return maker.address() if r.random() < 0.8 else RAM_BASE + r.randrange(RAM)


def stand(maker: Maker, machines: list[Machine], code: bytes) -> None:
    """The machines are in some state, the same one, and about to run this code, most of the time."""
    r = maker.random
    fields = {name: address(maker) for name in "stvec mtvec ksp msp usp pcbb sepc mepc".split()}
    fields["stvec"] &= ~2
    fields["mtvec"] = fields["mtvec"] & ~2 if r.random() < 0.2 else RAM_BASE + r.randrange(RAM - 256) & ~3
    fields["msp"] = fields["msp"] if r.random() < 0.2 else RAM_BASE + r.randrange(RAM)
    fields |= {
        "medeleg": r.choice((0, 0xB3FF, r.getrandbits(16) & 0xB3FF)), "mideleg": r.choice((0, 0x222)),
        "mie": r.choice((0, 0xAAA)), "mip": r.choice((0, 0, 0x222, 2)), "mcounteren": 7, "scounteren": 7,
        "menvcfgh": r.choice((0, 1 << 31)), "priv": r.choice((0, 0, 1, 1, 3)),
        "satp": r.choice((0, *(SATP_MODE | FIRST_FRAME + page for page in (ROOT, ROOT, LEAVES)))),
        "mstatus": r.getrandbits(32) & WRITABLE,
        "pc": maker.address() if r.random() < 0.5 else RAM_BASE + r.randrange(RAM),
    }  # fmt: skip
    if fields["mstatus"] >> MSTATUS_MPP_SHIFT & 3 == 2:
        fields["mstatus"] &= ~(3 << MSTATUS_MPP_SHIFT)
    x = [address(maker) if r.random() < 0.8 else maker.number() for _ in range(9)]
    physical = RAM_BASE + r.randrange(RAM - 64)
    for machine in machines:
        state = machine.core.state
        for name, value in fields.items():
            state[name] = value
        state["stopped"] = 0
        for number, value in zip((10, 11, 12, 13, 5, 6, 8, 9, 2), x, strict=True):
            state["x"][number] = value
        machine.write(physical, code)
        settle(machine.core)
        for tlb in ("dtlb", "itlb"):
            machine.core.context().empty_tlb(tlb)
    if fields["priv"] == 3 or fields["satp"] == 0 or r.random() < 0.2:
        for machine in machines:
            machine.core.state["pc"] = physical


def hostile(seed: int, shots: int) -> None:
    maker = Maker(seed)
    maker.paged, maker.span = True, 24 * PAGE_SIZE
    maker.base, maker.csrs = REGION, NUMBERS
    machines = [Machine("cisc", ram=RAM, executor=executor) for executor in EXECUTORS]
    case = Case()
    r = maker.random
    for page in range(PAGES):
        data = (
            r.randbytes(PAGE_SIZE)
            if r.random() < 0.3
            else struct.pack("<1024I", *(address(maker) for _ in range(1024)))
        )
        case.ram[page * PAGE_SIZE : (page + 1) * PAGE_SIZE] = data
    tables(maker, case)
    for machine in machines:
        machine.write(RAM_BASE, bytes(case.ram))
        machine.core.reset(RAM_BASE)
        machine.uart.receive(b"typed ahead")
    for shot in range(shots):
        rows = [r.choice(PRIVILEGED if r.random() < 0.4 else ROWS) for _ in range(8)]
        code = b"".join(maker.instruction(row) for row in rows) if r.random() < 0.9 else r.randbytes(64)
        stand(maker, machines, code[:64])
        for _ in range(4):
            count = r.choice((1, 2, 5, 15))
            stops = [machine.run(count) for machine in machines]
            found = differences(machines[0].core, machines[1].core)
            assert stops[0] == stops[1] and not found, f"seed {seed}, shot {shot}, {code.hex()}: {stops}, {found}"
            if stops[0].reason != "limit":
                break


@pytest.mark.parametrize("seed", range(6))
def test_hostile_guests(seed: int) -> None:
    for k in range(examples(2)):
        hostile(100 * seed + k, 40)
