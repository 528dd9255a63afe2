"""Random system instructions at random privileges -> a program for monitor.py: status bits that refuse (TVM, TW, TSR),
delegation, interrupts that are pending or made so, vectors, returns, waiting, counters, reads and writes of CSRs."""

from __future__ import annotations

import random

from tests.fuzz.monitor import DATA, REGISTERS, TABLES, USER, Program, Step, packed, places
from tests.fuzz.paging import WHOLE, word
from vm.arch import (
    CLINT_BASE,
    CSR,
    MIP_MEIP,
    MIP_MSIP,
    MIP_MTIP,
    MIP_SEIP,
    MIP_SSIP,
    MIP_STIP,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MXR,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_SUM,
    MSTATUS_TSR,
    MSTATUS_TVM,
    MSTATUS_TW,
    PLIC_BASE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    PTE_U,
    RAM_BASE,
    SATP_MODE,
    UART_BASE,
    UART_IRQ,
)
from vm.isa.csr_table import table

STATUS = (MSTATUS_SIE, MSTATUS_MIE, MSTATUS_SPIE, MSTATUS_MPIE, MSTATUS_SPP, MSTATUS_SUM, MSTATUS_MXR, MSTATUS_TVM,
          MSTATUS_TW, MSTATUS_TSR)  # fmt: skip
LOCAL = (MIP_SSIP, MIP_STIP, MIP_SEIP)  # which software can make pending
ALL = (*LOCAL, MIP_MSIP, MIP_MTIP, MIP_MEIP)
ALL_BITS = 0xFFFF_FFFF
CALL_FROM_S = 1 << 9  # never delegated: the way back to the monitor
MSIP, MTIMECMP = CLINT_BASE, CLINT_BASE + 0x4000
ENABLES = {MIP_MEIP: PLIC_BASE + 0x2000, MIP_SEIP: PLIC_BASE + 0x2080}  # of the two contexts
THRESHOLDS = {MIP_MEIP: PLIC_BASE + 0x20_0000, MIP_SEIP: PLIC_BASE + 0x20_1000}
RETURNS = ("sret", "mret")
PLAIN = ("ecall", "ebreak", "sfence.vma", "fence", "fence.i", *RETURNS)
FORMS = ("csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci")
# Beside the monitor's own, what differs on QEMU (tests/differential/test_qemu_csrs.py), and what counts.
OWN = {"mtvec", "stvec", "mscratch", "medeleg"}
SAME_ON_QEMU = {  # and the bits of them that are the same
    "sstatus": MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR, "mip": sum(LOCAL),
    "sip": sum(LOCAL), "scause": 0x8000_001F, "mcause": 0x8000_001F, "stval": ALL_BITS, "mtval": ALL_BITS,
    "sscratch": ALL_BITS,
}  # fmt: skip
READ_ON_QEMU = ("mstatus", "mie", "sie", "mideleg", "medeleg", "mhartid", "stvec", "mtvec", *SAME_ON_QEMU)
COUNTERS = ("cycle", "time", "instret", "cycleh", "timeh", "instreth")
ILLEGAL = (0, 0xFFFF_FFFF, 0x0020_0073, 0x7B20_0073, 0x1020_00F3, 0x3020_0873, 0x1050_0173, 0x1200_00F3, 0x0000_4073)
WILD = tuple(name for name, row in table().items() if name not in OWN)


class Board:
    """What is pending, as far as the records so far have made it so."""

    def __init__(self, pick: random.Random, program: Program) -> None:
        self.pick, self.program, self.lines = pick, program, 0
        ready = (word("sb", rs2=11, rs1=10, imm=1),)  # the UART's transmitter is always empty, and says so
        program.poke(PLIC_BASE + 4 * UART_IRQ, 1)
        program.run(Step(ready, a0=UART_BASE, a1=2))
        program.poke(MTIMECMP + 4, 0xFFFF_FFFF)

    def change(self) -> None:
        """Another interrupt line goes up or down."""
        line = self.pick.choice((MIP_MSIP, MIP_MTIP, MIP_MEIP, MIP_SEIP))
        self.lines ^= line
        up = bool(self.lines & line)
        if line == MIP_MSIP:
            self.program.poke(MSIP, int(up))
        elif line == MIP_MTIP:
            self.program.poke(MTIMECMP + 4, 0 if up else 0xFFFF_FFFF)
        else:
            self.program.poke(ENABLES[line], up << UART_IRQ)
            self.program.poke(THRESHOLDS[line], 0)  # QEMU 7.2 looks at what is enabled with the next other write


def _csr(pick: random.Random, wild: bool) -> tuple[int, int]:
    """-> a CSR instruction, with a1 or five bits as operand, and the bits that a1 may have. The values of counters,
    which differ, go nowhere."""
    kind = pick.random()
    if kind < 0.15:
        return word("csrrs", rd=0, csr=CSR[pick.choice(COUNTERS)], rs1=0), ALL_BITS
    if kind < 0.4 or (wild and kind < 0.5):
        name = pick.choice(WILD if wild else READ_ON_QEMU)
        return word(pick.choice(("csrrs", "csrrc")), rd=12, csr=CSR[name], rs1=0), ALL_BITS
    name, form = pick.choice(WILD if wild else tuple(SAME_ON_QEMU)), pick.choice(FORMS)
    held = ALL_BITS if wild else SAME_ON_QEMU[name]
    operand = {"zimm": pick.getrandbits(5) & held} if form.endswith("i") else {"rs1": pick.choice((0, 11, 11))}
    return word(form, rd=pick.choice((0, 12)), csr=CSR[name], **operand), held


def _step(pick: random.Random, lines: int, wild: bool) -> Step:
    priv = pick.choice((PRIV_M, PRIV_S, PRIV_S, PRIV_U))
    status = sum(bit for bit in STATUS if pick.random() < 0.3)
    mideleg = sum(bit for bit in LOCAL if pick.random() < 0.5)
    mip = sum(bit for bit in LOCAL if pick.random() < 0.3)
    if wild:
        mie = sum(bit for bit in ALL if pick.random() < 0.4)
    else:  # QEMU 7.2 takes that with the lowest number of one level, here section 3.1.9 says which: so one of each
        mie = pick.choice((0, *(bit for bit in LOCAL if bit & mideleg)))
        mie |= pick.choice((0, *(bit for bit in ALL if not bit & mideleg)))
    satp = pick.choice((0, SATP_MODE | TABLES >> 12))
    landing = places()["landing"] + (USER - RAM_BASE if satp and not status & MSTATUS_SPP else 0)
    kind, held, others = pick.random(), ALL_BITS, ALL_BITS
    if kind < 0.5:
        op, held = _csr(pick, wild)
    elif kind < 0.6:
        op = pick.choice(ILLEGAL)
    elif kind < 0.75 and (lines | mip & ~MIP_STIP) & mie and (priv != PRIV_U or status & MSTATUS_TW):
        op = word("wfi")  # something is pending, so nobody waits
    else:
        op = word(pick.choice(PLAIN))
    second = word("addi", rd=13, rs1=0, imm=1)
    if pick.random() < 0.3:
        second, others = _csr(pick, wild)
    return Step(
        (op, second), priv, status, pick.choice((PRIV_U, PRIV_S, PRIV_M)), DATA,
        pick.getrandbits(32) & held & others, satp,
        medeleg=pick.getrandbits(16) & table()["medeleg"].writable & ~CALL_FROM_S, mideleg=mideleg, mie=mie, mip=mip,
        sepc=landing, fence=False,
    )  # fmt: skip


def program(seed: int, count: int, wild: bool = False) -> Program:
    """-> so many random steps. wild: also what differs on QEMU, and all CSRs with any values."""
    pick = random.Random(seed)
    made = Program(vectored=pick.random() < 0.5, counters=pick.getrandbits(3))
    root = [0] * 1024
    root[RAM_BASE >> 22] = RAM_BASE >> 2 | WHOLE
    root[USER >> 22] = RAM_BASE >> 2 | WHOLE | PTE_U
    made.memory = {TABLES: packed(root), REGISTERS: packed([0] * 32)}
    board = Board(pick, made)
    while len(made.records) < count:
        if pick.random() < 0.1:
            board.change()
        else:
            made.run(_step(pick, board.lines, wild))
    return made
