"""A seed -> a Case: random instructions of cisc mode that do something interesting often enough."""

from __future__ import annotations

import struct
from random import Random

from tests.cisc.rig import FIRST_FRAME, PAGES, RAM_SIZE, REGION, Case
from tests.cisc.simulator import CSR, Page
from vm.arch import (
    MSTATUS_MPP,
    MSTATUS_MXR,
    MSTATUS_SUM,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    RAM_BASE,
)
from vm.isa.cisc import ROWS, Operand, Row

USED = [row for row in ROWS if row.name != "wfi"]
BLOCKS = ("movc", "cmpc", "filc")
RARE = ("rei", "svpctx", "ldpctx", "chmk", "bpt")
CSRS = [CSR[name] for name in
        "mstatus sstatus mepc sepc mcause scause mtval stval mtvec stvec medeleg mscratch sscratch usp ksp msp pcbb "
        "mhartid".split()]  # fmt: skip
MAPPED = 12  # virtual pages
RIGHTS = ("rwx", "rwx", "rwx", "rw", "rx", "r", "x", "rwxu", "rwxu", "rwxu", "rwu", "ru", "xu")
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 31, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)


class Maker:
    """Draws from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.paged = self.random.random() < 0.6
        self.base = REGION if self.paged else RAM_BASE
        self.span = (MAPPED if self.paged else PAGES) * PAGE_SIZE
        self.favourites = [self.random.randrange(9) for _ in range(3)]

    def address(self) -> int:
        """Often near the border of a page."""
        r = self.random
        if r.random() < 0.03:
            return r.choice(NUMBERS) + r.randrange(-4, 5) & 0xFFFF_FFFF
        page = self.base + r.randrange(self.span // PAGE_SIZE) * PAGE_SIZE
        near = r.choice((r.randrange(PAGE_SIZE), r.randrange(PAGE_SIZE), -r.randrange(48), r.randrange(48)))
        address = page + near
        if r.random() < 0.5:
            address &= ~3
        return address & 0xFFFF_FFFF

    def number(self) -> int:
        r = self.random
        return r.choice((r.choice(NUMBERS), r.getrandbits(32), r.randrange(16), -r.randrange(16))) & 0xFFFF_FFFF

    def register(self) -> int:
        r = self.random
        return r.choice(self.favourites) if r.random() < 0.7 else r.randrange(9)

    def specifier(self, operand: Operand) -> bytes:
        r = self.random
        if r.random() < 0.01:
            return bytes([r.getrandbits(8)])
        index = bytes([0x40 | self.register()]) if r.random() < 0.12 else b""
        values = [] if index or operand.access not in "ru" else ["literal", "imm8", "imm16", "imm32"]
        registers = [] if index or operand.access == "a" else ["register"] * 6
        memory = ["deferred", "decrement", "increment"] * 2 + ["absolute", "disp8", "disp8", "pc8", "disp32", "pc32"]
        n = self.register()
        small = r.randrange(-128, 128)
        match r.choice(values + registers + memory):
            case "literal":
                return bytes([r.randrange(64)])
            case "imm8":
                return bytes([0x8D, r.getrandbits(8)])
            case "imm16":
                return bytes([0x8E]) + struct.pack("<H", r.getrandbits(16))
            case "imm32":
                return bytes([0x8F]) + struct.pack("<I", self.number())
            case "register":
                return bytes([0x50 | n])
            case "deferred":
                return index + bytes([0x60 | n])
            case "decrement":
                return index + bytes([0x70 | n])
            case "increment":
                return index + bytes([0x80 | n])
            case "absolute":
                return index + bytes([0x9F]) + struct.pack("<I", self.address())
            case "disp8":
                return index + bytes([0xA0 | n, small & 0xFF])
            case "pc8":
                return index + bytes([0xAF, small & 0xFF])
            case "disp32":
                return (
                    index + bytes([0xE0 | n]) + struct.pack("<i", r.choice((small, r.randrange(-(1 << 14), 1 << 14))))
                )
            case _:
                return index + bytes([0xEF]) + struct.pack("<i", r.choice((small, r.randrange(-(1 << 14), 1 << 14))))

    def direct(self, operand: Operand) -> bytes:
        r = self.random
        match operand.width:
            case "d8":
                return bytes([r.randrange(-40, 80) & 0xFF])
            case "d32":
                return struct.pack("<i", r.choice((r.randrange(-40, 80), r.randrange(-(1 << 14), 1 << 14))))
            case "i8":
                return bytes([r.getrandbits(8)])
            case _:
                known = r.choice(CSRS) if r.random() < 0.95 else r.getrandbits(16)
                return struct.pack("<H", known if operand.name == "csr" else r.getrandbits(16))

    def instruction(self, row: Row | None = None) -> bytes:
        r = self.random
        if row is None:
            row = r.choice(USED)
            if row.name in RARE and r.random() < 0.5:
                row = r.choice(USED)
        code = bytes([row.opcode])
        for operand in row.operands:
            code += self.specifier(operand) if operand.access else self.direct(operand)
        if row.name in BLOCKS and r.random() < 0.6:  # movl $n, a2
            code = bytes([0x56, r.randrange(24), 0x52]) + code
        return code

    def stream(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += self.instruction()
        return out[:size]

    def words(self, count: int) -> bytes:
        r = self.random
        return struct.pack(f"<{count}I", *(self.address() if r.random() < 0.5 else self.number() for _ in range(count)))

    def case(self) -> Case:
        r = self.random
        case = Case()
        for page in range(PAGES):
            at = page * PAGE_SIZE
            # Instructions and data lie near the borders of pages, where everything else is too.
            case.ram[at : at + 256] = self.stream(256) if r.random() < 0.6 else self.words(64)
            case.ram[at + PAGE_SIZE - 96 : at + PAGE_SIZE] = self.stream(96) if r.random() < 0.6 else self.words(24)
        case.x = [self.address() if r.random() < 0.7 else self.number() for _ in range(9)]
        case.x[8] = self.address()
        if r.random() < 0.7:
            case.x[2] = r.randrange(24)  # a2
        case.priv = r.choice((PRIV_U, PRIV_S, PRIV_M) if not self.paged else (PRIV_U, PRIV_U, PRIV_S, PRIV_S, PRIV_M))
        case.mstatus = MSTATUS_MPP & r.getrandbits(13) & r.choice((0x1800, 0x800))
        case.mstatus |= 0x1AA & r.getrandbits(9) | r.choice((0, MSTATUS_SUM, MSTATUS_MXR | MSTATUS_SUM))
        if self.paged:
            frames = [r.randrange(PAGES - 2) for _ in range(MAPPED)]
            first = REGION >> PAGE_SHIFT
            case.pages = {
                first + k: Page(FIRST_FRAME + frame, r.choice(RIGHTS))
                for k, frame in enumerate(frames)
                if r.random() < 0.9
            }
        physical = r.random() < 0.3 or not self.paged
        for name in "ksp usp msp pcbb stvec mtvec".split():
            case.csrs[name] = self.address()
        for name in ("msp", "mtvec"):  # machine mode has bare addresses
            if r.random() < 0.95:
                case.csrs[name] = RAM_BASE + r.randrange(RAM_SIZE - 512) & ~3
        case.csrs["stvec"] &= ~2
        case.csrs["mtvec"] &= ~2
        case.csrs["medeleg"] = r.choice((0, 0xB3FF, 0xB3FF, r.getrandbits(16) & 0xB3FF))
        case.pc = self.address()
        if case.priv == PRIV_M or (physical and not self.paged):
            case.pc = (
                RAM_BASE + r.randrange(PAGES) * PAGE_SIZE + r.choice((r.randrange(64), PAGE_SIZE - r.randrange(1, 64)))
            )
        return case

    def steps(self) -> list[int]:
        r = self.random
        return [r.choice((1, 1, 2, 5)) for _ in range(r.choice((4, 8, 16)))]
