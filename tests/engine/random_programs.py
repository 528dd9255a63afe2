"""Random programs for the lockstep test: two draws an instruction -> words that do something interesting often enough.

Layout in RAM (offsets): 0 the program; 0x1000 trap handlers; 0x2000 root page table; 0x3000 second-level page table;
0x4000, 0x5000 data. Registers x1 to x15 are the program's, x16 to x31 hold the pointers and values named in PRESETS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from tests.engine.rig import code, word
from vm.arch import (
    CLINT_BASE,
    CSR,
    CSR_OF_MODE,
    MSTATUS_MPP_SHIFT,
    PLIC_BASE,
    PTE_A,
    PTE_D,
    PTE_PPN_SHIFT,
    PTE_R,
    PTE_U,
    PTE_V,
    PTE_W,
    PTE_X,
    RAM_BASE,
    SATP_MODE,
    UART_BASE,
)
from vm.isa.codec import by_name, rows
from vm.micro.fusion import FIRST, SECOND, TRIPLES
from vm.micro.layout import SLOTS

PROGRAM, HANDLERS, ROOT, LEAVES, DATA = (RAM_BASE + 0x1000 * k for k in range(5))
S_HANDLER = HANDLERS + 0x400
START = 12  # offset in the program behind its prologue; fetches that fail come back to here
USER = 0x0040_0000  # virtual: its second-level table is LEAVES
USER_SUPERPAGE = 0x0080_0000  # virtual: all RAM, for user mode
MTIMECMP = CLINT_BASE + 0x4000
PLIC_ENABLE = PLIC_BASE + 0x2000

_ALL = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D


def _entry(address: int, flags: int) -> int:
    return address >> 12 << PTE_PPN_SHIFT | flags


TABLES: dict[int, int] = {  # RAM address of an entry -> the entry
    ROOT + 4 * (RAM_BASE >> 22): _entry(RAM_BASE, _ALL),
    ROOT + 4 * (USER >> 22): _entry(LEAVES, PTE_V),
    ROOT + 4 * (USER_SUPERPAGE >> 22): _entry(RAM_BASE, PTE_V | PTE_R | PTE_W | PTE_X | PTE_U),
    ROOT + 4 * 3: _entry(RAM_BASE + 0x1000, _ALL),  # misaligned superpage
    ROOT + 4 * (UART_BASE >> 22): _entry(UART_BASE, PTE_V | PTE_R | PTE_W | PTE_U),
    LEAVES + 0: _entry(PROGRAM, PTE_V | PTE_R | PTE_W | PTE_X | PTE_U),
    LEAVES + 4: _entry(DATA, PTE_V | PTE_R | PTE_W | PTE_U),
    LEAVES + 8: _entry(DATA + 0x1000, PTE_V | PTE_R | PTE_U),
    LEAVES + 12: _entry(PROGRAM, PTE_V | PTE_X | PTE_U),
    LEAVES + 16: _entry(CLINT_BASE + 0x4000, PTE_V | PTE_R | PTE_W | PTE_U),
    LEAVES + 20: _entry(LEAVES, PTE_V | PTE_R | PTE_W),
    LEAVES + 24: _entry(DATA, PTE_V | PTE_W),
}
PRESETS = {
    16: DATA, 17: DATA + 0x1000 - 2, 18: PROGRAM + START, 19: ROOT, 20: LEAVES, 21: SATP_MODE | ROOT >> 12,
    22: USER + 0x1000, 23: MTIMECMP, 24: UART_BASE, 25: 0, 26: 0, 27: USER + START, 28: USER + 0x1FFE, 29: 0xAAA,
    30: PLIC_ENABLE, 31: USER_SUPERPAGE + START,
}  # fmt: skip

# Machine handler: a failed fetch starts the program again in M-mode, other exceptions are skipped, an interrupt that
# came is switched off. The supervisor's skips, or switches off. Both spoil x14 and x15.
HANDLER_CODE = code(
    """
    .rept 12            # vectored or not, everything comes to the same place
    j 5f
    .endr
5:  csrr a5, mcause
    bltz a5, 3f
    slti a5, a5, 2
    bnez a5, 2f
    csrr a5, mcause
    addi a5, a5, -12
    beqz a5, 2f
    csrr a5, mepc
    addi a5, a5, 4
1:  csrw mepc, a5
    mret
2:  li a5, 0x1800
    csrs mstatus, a5
    li a5, 0x80000000 + 12
    j 1b
3:  li a4, 1
    sll a4, a4, a5
    csrc mie, a4
    mret
    .balign 0x400
    .rept 12
    j 6f
    .endr
6:  csrr a5, scause
    bltz a5, 4f
    csrr a5, sepc
    addi a5, a5, 4
    csrw sepc, a5
    sret
4:  li a4, 1
    sll a4, a4, a5
    csrc sie, a4
    sret
    """
)

_CSRS = [
    "mstatus", "mstatus", "sstatus", "mie", "mip", "sie", "sip", "mideleg", "medeleg", "mtvec", "stvec", "mepc", "sepc",
    "mcause", "scause", "mtval", "stval", "mscratch", "sscratch", "satp", "mcounteren", "scounteren", "menvcfgh",
    "mcountinhibit", "mcycle", "mcycleh", "minstret", "minstreth", "cycle", "time", "timeh", "instret", "stimecmp",
    "stimecmph", "pmpcfg0", "pmpaddr3", "misa", "mhartid", "mhpmcounter3",
]  # fmt: skip
_BY_COST: dict[str, list[str]] = {}
for _row in rows():
    _BY_COST.setdefault(_row.cost, []).append(_row.name)
_SHIFTS_I = ("slli", "srli", "srai")
_ALU_R = [n for c in ("alu", "shift") for n in _BY_COST[c] if not n.endswith(("i", "iu", "pc"))]
_ALU_R += ["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"]
_ALU_I = ["addi", "slti", "sltiu", "xori", "ori", "andi"]
_MEMORY = (16, 16, 17, 17, 18, 22, 22, 28, 31)
_TABLES = (19, 20)
_DEVICES = (23, 23, 24, 24, 30)


class Bits:
    """A 32-bit draw, spent a few bits at a time."""

    def __init__(self, value: int) -> None:
        self.value = value

    def take(self, bound: int) -> int:
        self.value, digit = divmod(self.value, bound)
        return digit

    def pick(self, options: Sequence[int]) -> int:
        return options[self.take(len(options))]

    def name(self, options: Sequence[str]) -> str:
        return options[self.take(len(options))]

    def reg(self) -> int:
        return self.take(16)

    def offset(self, span: int = 64) -> int:
        return self.take(2 * span) - span


def _alu(b: Bits) -> list[int]:
    if b.take(2):
        return [word(b.name(_ALU_R), rd=b.reg(), rs1=b.reg(), rs2=b.reg())]
    if b.take(4) == 0:
        return [word(b.name(_SHIFTS_I), rd=b.reg(), rs1=b.reg(), shamt=b.take(32))]
    if b.take(4) == 0:
        return [word(b.name(("lui", "auipc")), rd=b.reg(), uimm=b.take(1 << 20) << 12)]
    return [word(b.name(_ALU_I), rd=b.reg(), rs1=b.reg(), imm=b.take(4096) - 2048)]


def _branch(b: Bits) -> list[int]:
    target = b.offset(12) * 4 + (2 if b.take(16) == 0 else 0)
    if b.take(4) == 0:
        return [word("jal", rd=b.reg(), target=target)]
    return [word(b.name(_BY_COST["branch"]), rs1=b.reg(), rs2=b.reg(), target=target)]


def _jump(b: Bits) -> list[int]:
    return [word("jalr", rd=b.reg(), rs1=b.pick((18, 18, 27, 27, 31, 16)), imm=b.take(64) * 4 + (b.take(8) == 0) * 2)]


def _memory(b: Bits, bases: Sequence[int] = _MEMORY) -> list[int]:
    if b.take(2):
        name = b.name(("lb", "lh", "lw", "lbu", "lhu"))
        return [word(name, rd=b.reg(), rs1=b.pick(bases), imm=b.offset(40))]
    return [word(b.name(("sb", "sh", "sw")), rs2=b.reg(), rs1=b.pick(bases), imm=b.offset(40))]


def _own_code(b: Bits) -> list[int]:
    """Puts an instruction, or a part of one, in the place of another."""
    name = b.name(("sw", "sw", "sw", "sh", "sb"))
    align = {"sw": 4, "sh": 2, "sb": 1}[name]
    return [word(name, rs2=b.pick((8, 9, 10, 11)), rs1=b.pick((18, 31)), imm=b.take(240 // align) * align)]


def _tables(b: Bits) -> list[int]:
    if b.take(3) == 0:
        return _memory(b, _TABLES)
    fence = [word("sfence.vma", rs1=b.pick((0, 27)), rs2=b.pick((0, 1)))] if b.take(2) else []
    return [word("sw", rs2=b.pick((26, 25, 12)), rs1=b.pick(_TABLES), imm=b.take(8) * 4), *fence]


def _devices(b: Bits) -> list[int]:
    if b.take(4) == 0:  # the timer, soon
        rd = b.reg()
        return [
            word("csrrs", rd=rd, rs1=0, csr=CSR["time"]),
            word("addi", rd=rd, rs1=rd, imm=b.take(4)),
            word("sw", rs2=rd, rs1=23, imm=0),
            word("sw", rs2=0, rs1=23, imm=4),
        ]
    name = b.name(("lw", "lbu", "lhu", "sw", "sb"))
    step = 4 if name in ("lw", "sw") else 1
    imm = b.take(8) * step
    if name.startswith("l"):
        return [word(name, rd=b.reg(), rs1=b.pick(_DEVICES), imm=imm)]
    return [word(name, rs2=b.pick((0, 1, 2, 29)), rs1=b.pick(_DEVICES), imm=imm)]


def _atomic(b: Bits) -> list[int]:
    name, rs1 = b.name([*_BY_COST["amo"], "lr.w", "sc.w", "sc.w"]), b.pick((16, 16, 16, 22, 22, 18, 17, 24))
    if name == "lr.w":
        return [word(name, rd=b.reg(), rs1=rs1)]
    return [word(name, rd=b.reg(), rs1=rs1, rs2=b.reg())]


def _fusible(b: Bits) -> list[int]:
    """Neighbours that have a fused handler, on few registers, so that results are handed over."""
    if b.take(2):
        names = [b.name(FIRST), b.name(SECOND)]
    else:
        names = TRIPLES[b.take(len(TRIPLES))][0].split()
    return [_with_few_registers(name, b) for name in names]


def _with_few_registers(name: str, b: Bits) -> int:
    fields = by_name()[name].operands
    values = {field: 1 + b.take(3) for field in ("rd", "rs1", "rs2") if field in fields}
    if name in ("lw", "lbu", "sw", "sb"):
        values |= {"rs1": b.pick((16, 16, 17, 22, 1, 2)), "imm": b.take(8) * 4}
    elif "target" in fields:
        values["target"] = 4 * b.pick((1, 2, 3, -1, -2))
    elif "uimm" in fields:
        values["uimm"] = RAM_BASE + 0x4000 * b.take(2)
    elif "shamt" in fields:
        values["shamt"] = b.take(5)
    elif name == "jalr":
        values["rs1"] = b.pick((18, 18, 18, 1))
        values["imm"] = 4 * b.take(16)
    elif "imm" in fields:
        values["imm"] = b.take(64) - 32
    return word(name, **values)


def _csr(b: Bits) -> list[int]:
    number = b.take(4096) if b.take(8) == 0 else CSR[b.name(_CSRS)]
    if b.take(2):
        return [word(b.name(("csrrwi", "csrrsi", "csrrci")), rd=b.reg(), csr=number, zimm=b.take(32))]
    rs1 = b.pick((0, 1, 2, 3, 25, 26, 29, 21))
    return [word(b.name(("csrrw", "csrrs", "csrrc")), rd=b.reg(), csr=number, rs1=rs1)]


def _timer(b: Bits) -> list[int]:
    rd = b.reg()
    return [
        word("csrrs", rd=rd, rs1=0, csr=CSR["time"]),
        word("addi", rd=rd, rs1=rd, imm=b.take(4)),
        word("csrrw", rd=0, rs1=0, csr=CSR["stimecmph"]),
        word("csrrw", rd=0, rs1=rd, csr=CSR["stimecmp"]),
    ]


def _system(b: Bits) -> list[int]:
    name = b.name(("ecall", "ebreak", "mret", "sret", "wfi", "wfi", "fence.i", "fence", "sfence.vma"))
    return [word(name)]


def _lower(start: int) -> list[int]:
    """Down to the privilege that x25 says, at the address in register `start`."""
    return [
        word("csrrw", rd=0, rs1=start, csr=CSR["mepc"]),
        word("csrrw", rd=0, rs1=25, csr=CSR["mstatus"]),
        word("mret"),
    ]


def _paging(b: Bits) -> list[int]:
    return [word("csrrw", rd=0, rs1=b.pick((21, 21, 21, 0)), csr=CSR["satp"])]


def _dump(b: Bits) -> list[int]:
    """Everything to memory, or from there; what a program reads is often what one has written."""
    name, rd = b.name(("xload", "xdump", "xdump")), 1 + b.take(15)
    base, odd = b.pick((16, 16, 16, 22, 22, 18, 31, 24)), b.take(16) == 15
    return [word("addi", rd=rd, rs1=base, imm=b.take(320) * 4 + odd), word(name, rs1=rd)]


def _windows(b: Bits) -> list[int]:
    """Calls and returns; kernels that move the view and forbid windows."""
    kind = b.take(16)
    if kind < 6:
        return [word("wsave", imm=b.take(4096) - 2048)]
    if kind < 9:
        return [word("wrest")]
    if kind < 12:
        to_itself = [word("auipc", rd=25, uimm=0), word("addi", rd=25, rs1=25, imm=8 + 4 * b.take(6) + b.take(3))]
        return [*(to_itself if b.take(4) else ()), word("wret")]
    name = b.name(("cwp", "cwp", "wim", "nwin"))
    if b.take(2):
        return [word(b.name(("csrrwi", "csrrsi", "csrrci")), rd=b.take(32), csr=_WINDOW_CSRS[name], zimm=b.take(32))]
    return [word(b.name(("csrrw", "csrrs", "csrrc")), rd=b.take(32), csr=_WINDOW_CSRS[name], rs1=b.take(32))]


KINDS: dict[str, Callable[[Bits], list[int]]] = {
    "alu": _alu, "branch": _branch, "jump": _jump, "memory": _memory, "own code": _own_code, "tables": _tables,
    "devices": _devices, "atomic": _atomic, "csr": _csr, "timer": _timer, "system": _system,
    "fusible": _fusible, "lower": lambda b: _lower(b.pick((27, 27, 18, 31))), "paging": _paging,
    "anything": lambda b: [b.value & 0xFFFF_FFFF], "dump": _dump, "windows": _windows,
}  # fmt: skip
_WEIGHTS = {"alu": 4, "branch": 3, "memory": 4, "csr": 3, "fusible": 4} | dict.fromkeys(
    ("own code", "atomic", "tables", "system", "timer", "devices"), 2
)
_DRAWN = [name for name in KINDS if name != "windows" for _ in range(_WEIGHTS.get(name, 1))]
_WINDOW_CSRS = CSR_OF_MODE["window"]


def _begin(choice: int, status: int, satp: int) -> list[int]:
    """The prologue, START bytes: stays in M-mode, or goes down to the privilege in x25."""
    if choice == 0:
        return [word("addi", rd=0, rs1=0, imm=0)] * (START // 4)
    user_page = satp != 0 and status >> MSTATUS_MPP_SHIFT & 3 == 0
    return _lower(27 + 4 * (choice & 1) if user_page else 18)


_BITS = st.integers(0, 0xFFFF_FFFF)
_MSTATUS = st.builds(
    lambda mpp, bits: mpp << MSTATUS_MPP_SHIFT | bits, st.sampled_from((0, 0, 1, 1, 3)),
    st.integers(0, 0xFFFF_FFFF).map(lambda v: v & 0x007E_01AA),
)  # fmt: skip
_ENTRY = st.builds(
    lambda page, flags: _entry(RAM_BASE + (page << 12), flags),
    st.sampled_from((0, 0, 1, 2, 3, 4, 5, 63, 64, 0x400, 0x8_0000)),
    st.one_of(st.integers(0, 255), st.sampled_from((_ALL, _ALL | PTE_U))),
)


class Program(NamedTuple):
    """A machine's beginning: code, registers x1 to x31, page-table entries by address, CSRs by state field, and whether
    the UART may interrupt."""

    code: tuple[int, ...]
    registers: tuple[int, ...]
    entries: dict[int, int]
    fields: dict[str, int]
    external: bool


@st.composite
def programs(draw: st.DrawFn, least: int = 12, most: int = 60, windows: bool = False) -> Program:
    """-> Program; windows: for window mode."""
    drawn = _DRAWN + ["windows"] * (len(_DRAWN) // 2) if windows else _DRAWN
    parts = draw(st.lists(st.tuples(st.sampled_from(drawn), _BITS), min_size=least, max_size=most))
    status, satp = draw(_MSTATUS), draw(st.sampled_from((0, PRESETS[21], PRESETS[21])))
    body = _begin(draw(st.integers(0, 4)), status, satp) + [w for kind, bits in parts for w in KINDS[kind](Bits(bits))]
    body.append(word("jal", rd=0, target=START - 4 * len(body)))
    spare = [w for kind, bits in parts[:4] for w in KINDS[kind](Bits(bits ^ 0xFFFF))]  # what _own_code stores
    registers = [draw(st.one_of(_BITS, st.integers(-4, 40).map(lambda v: v & 0xFFFF_FFFF))) for _ in range(8)]
    values = dict(enumerate(registers, 1)) | PRESETS | {8 + k: (spare * 4)[k] for k in range(4)}
    values |= {25: status, 26: draw(_ENTRY)}
    entries = dict(TABLES)
    for at, entry in draw(st.lists(st.tuples(st.integers(0, 15), _ENTRY), max_size=3)):
        entries[(ROOT if at < 6 else LEAVES) + 4 * (at % 8)] = entry
    fields = {
        "mtvec": draw(st.sampled_from((HANDLERS, HANDLERS | 1))),
        "stvec": draw(st.sampled_from((S_HANDLER, S_HANDLER | 1))),
        "medeleg": draw(st.sampled_from((0, 0, 0xA3FC, 0xA3FC, 0xB3FF))), "mideleg": draw(st.sampled_from((0, 0x222))),
        "mcounteren": draw(st.sampled_from((0, 7))), "scounteren": 7, "menvcfgh": draw(st.sampled_from((0, 1 << 31))),
        "satp": satp, "mie": draw(st.sampled_from((0, 0xAAA, 0xAAA))),
        "mip": draw(st.sampled_from((0, 0, 0x222))), "slot_limit": draw(st.sampled_from((SLOTS, SLOTS, 2, 3))),
    }  # fmt: skip
    if windows:
        nwin = draw(st.sampled_from((2, 3, 4, 8, 31, 32)))
        forbidden = draw(st.one_of(st.just(1 << nwin - 1), _BITS.map(lambda v: v & (1 << nwin) - 1), st.just(0)))
        fields |= {"nwin": nwin, "cwp": draw(st.integers(0, nwin - 1)), "wim": forbidden}
        fields["medeleg"] |= draw(st.sampled_from((0, 3 << 24)))
    return Program(tuple(body), tuple(values.get(k, 0) for k in range(1, 32)), entries, fields, draw(st.booleans()))
