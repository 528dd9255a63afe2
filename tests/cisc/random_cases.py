"""A seed -> a Case: random instructions of cisc mode that do something interesting often enough."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from random import Random

from tests.cisc.arithmetic import WORD
from tests.cisc.hart import A2, CSR, SP, Page
from tests.cisc.rig import FIRST_FRAME, PAGES, REGION, Case, Comparison
from vm.arch import (
    MSTATUS_MPP,
    MSTATUS_MXR,
    MSTATUS_SUM,
    PAGE_MASK,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    RAM_BASE,
)
from vm.isa.cisc import ROWS, Operand, Row
from vm.micro.layout import SLOTS

USED = [row for row in ROWS if row.name != "wfi"]
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
        self.csrs: Sequence[int] = CSRS
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
                known = r.choice(self.csrs) if r.random() < 0.95 else r.getrandbits(16)
                return struct.pack("<H", known if operand.name == "csr" else r.getrandbits(16))

    def instruction(self, row: Row) -> bytes:
        code = bytes([row.opcode])
        for operand in row.operands:
            code += self.specifier(operand) if operand.access else self.direct(operand)
        return code

    # ---- worlds ------------------------------------------------------------------------------------------------------
    def world(self) -> Case:
        """RAM full of numbers and addresses, page tables, CSRs; nobody stands in it yet."""
        r = self.random
        case = Case()
        if self.paged:
            first = REGION >> PAGE_SHIFT
            case.pages = {
                first + k: Page(FIRST_FRAME + r.randrange(PAGES - 2), r.choice(RIGHTS))
                for k in range(MAPPED)
                if r.random() < 0.9
            }
        for page in range(PAGES):
            at = page * PAGE_SIZE
            for start in (at, at + PAGE_SIZE - 256):
                case.ram[start : start + 256] = self._words(case)
        for name in ("mtvec", "stvec"):
            table = r.randrange(1, PAGES - 3) * PAGE_SIZE + 1024
            table -= r.choice((0, 0, 1026, 1156))  # it lies on the border of two pages
            case.csrs[name] = (self._virtual(case, RAM_BASE + table) if name == "stvec" else RAM_BASE + table) & ~2
        case.csrs["medeleg"] = r.choice((0, 0xB3FF, 0xB3FF, r.getrandbits(16) & 0xB3FF))
        return case

    def _words(self, case: Case) -> bytes:
        r = self.random
        words = (self.place(case, r.choice((PRIV_U, PRIV_S, PRIV_M)), "r") if r.random() < 0.7 else self.number()
                 for _ in range(64))  # fmt: skip
        return struct.pack("<64I", *words)

    def _virtual(self, case: Case, physical: int) -> int:
        """Address in RAM -> an address where a supervisor finds it, if there is one."""
        for number, page in (case.pages or {}).items():
            if page.frame == physical >> PAGE_SHIFT:
                return number << PAGE_SHIFT | physical & PAGE_MASK
        return physical

    def place(self, case: Case, priv: int, rights: str) -> int:
        """-> an address that this privilege can use so, most of the time; often near the border of a page."""
        r = self.random
        if r.random() < 0.03:
            return self.number()
        page = FIRST_FRAME + r.randrange(PAGES - 2)
        if case.pages is not None and priv != PRIV_M:
            fit = [n for n, p in case.pages.items() if set(rights) <= set(p.rights) and ("u" in p.rights) == (not priv)]
            page = r.choice(fit if fit and r.random() < 0.97 else list(case.pages))
        near = r.choice((r.randrange(PAGE_SIZE), -r.randrange(48), -r.randrange(8), r.randrange(48)))
        return (page << PAGE_SHIFT) + near & r.choice((WORD, WORD - 3))

    def stand(self, case: Case) -> None:
        """Somebody appears in the world: privilege, registers, stacks, pc."""
        r = self.random
        case.priv = r.choice((PRIV_U, PRIV_S, PRIV_M) if not self.paged else (PRIV_U, PRIV_U, PRIV_S, PRIV_S, PRIV_M))
        case.mstatus = r.choice((0, MSTATUS_MPP, 0x800)) | 0x1AA & r.getrandbits(9)
        case.mstatus |= r.choice((0, 0, MSTATUS_SUM, MSTATUS_MXR | MSTATUS_SUM))
        self.favourites = [r.randrange(9) for _ in range(3)]
        for n in range(9):
            case.x[n] = self.place(case, case.priv, r.choice(("r", "rw", "rw", "x")))
            if n != SP and r.random() < 0.2:
                case.x[n] = self.number()
        if r.random() < 0.4:
            case.x[A2] = r.randrange(24)
        if r.random() < 0.3:
            case.x[r.randrange(8)] = r.randrange(-8, 9) & WORD  # an index
        for name in "ksp usp msp pcbb".split():
            case.csrs[name] = self.place(case, PRIV_M if name == "msp" else PRIV_S, "rw")
        case.pc = self.place(case, case.priv, "x")
        if r.random() < 0.3:
            case.pc = (case.pc | PAGE_MASK) - r.randrange(8)


def play(seed: int, shots: int, executors: tuple[str, ...] = ("native", "reference")) -> str:
    """Makes a world and runs so many short programs in it -> what differs from the simulator, or ""."""
    maker = Maker(seed)
    case = maker.world()
    comparison = Comparison(case, executors)
    for shot in range(shots):
        maker.stand(case)
        rows = [maker.random.choice(USED) for _ in range(maker.random.choice((1, 1, 1, 2, 4, 9)))]
        code = b"".join(maker.instruction(row) for row in rows)
        if maker.random.random() < 0.02:
            code = maker.random.randbytes(24)
        comparison.move(code)
        if maker.random.random() < 0.05:
            comparison.crowd(maker.random.choice((3, 4, 5, SLOTS)), maker.random.randrange(4, 400))
        found = comparison.step(maker.random.choice((1, len(rows), len(rows) + 2)))
        if found:
            return f"seed {seed}, shot {shot}, {' '.join(row.name for row in rows)}, {code.hex()}: {found}"
        if comparison.lost():
            break
    return ""
