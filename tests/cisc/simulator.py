"""cisc mode a second time, from the text of the ISA alone: what the engine is compared with.

Plain Python on ints, written from the docstrings of vm/isa/specifiers.py and vm/isa/cisc.py and from docs/cisc.md, not
from the micro-ops: instructions are decoded byte by byte, executed on a copy of the registers and a list of stores, and
both are made at the end, or forgotten at a fault. There are no devices and no interrupts. Translation is a dictionary
of pages, which the test writes as page tables for the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from vm.arch import (
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPRV,
    MSTATUS_MXR,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_SUM,
    MSTATUS_TSR,
    MSTATUS_TVM,
    MSTATUS_TW,
    PAGE_MASK,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    RAM_BASE,
    SSTATUS_MASK,
)
from vm.isa.cisc import BY_OPCODE, Row
from vm.isa.csrs import numbers

CSR = numbers("cisc")

WORD = 0xFFFF_FFFF
A0, A1, A2, A3, SP = 0, 1, 2, 3, 8  # numbers in a specifier
SAVED = 8  # registers that a mask, and the PCB, has
SIZES = {"b": 1, "h": 2, "l": 4}
R, W, X = "r", "w", "x"
PAGE_FAULTS, ACCESS_FAULTS = {R: 13, W: 15, X: 12}, {R: 5, W: 7, X: 1}
ILLEGAL, BREAKPOINT, CALL, DOUBLE = 2, 3, 8, 16
STATUS_BITS = MSTATUS_SIE | MSTATUS_MIE | MSTATUS_SPIE | MSTATUS_MPIE | MSTATUS_SPP | MSTATUS_MPP
STATUS_BITS |= MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TSR  # that tests with this simulator let change
UNKNOWN = MSTATUS_MPRV | MSTATUS_TVM | MSTATUS_TW
WHOLE_CSRS = "mscratch mepc mcause mtval sscratch sepc scause stval usp ksp msp pcbb".split()
READ_ONLY_ZERO = (CSR["mhartid"],)


class Fault(Exception):
    """An exception of the guest: cause, and what xtval gets."""

    def __init__(self, cause: int, value: int) -> None:
        super().__init__(cause, value)
        self.cause, self.value = cause, value


class Page(NamedTuple):
    """Where a virtual page is: number of a physical page, and some of "rwxu"."""

    frame: int
    rights: str


class Specifier(NamedTuple):
    """The upper half of its byte (4 for a literal), the lower one, what follows it, the address behind it."""

    mode: int
    low: int
    scale: int | None  # the index register
    number: int
    end: int


class Place(NamedTuple):
    """An operand: a register, or an address, or a value that cannot be written."""

    register: int | None
    address: int | None
    value: int
    size: int


def signed(value: int, size: int = 4) -> int:
    """Low bytes -> number with its sign."""
    value &= (1 << 8 * size) - 1
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


def quotient(a: int, b: int) -> int:
    """Towards zero; -1 for a division by zero."""
    if b == 0:
        return -1
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a: int, b: int) -> int:
    """With the sign of the dividend; a for a division by zero."""
    return a if b == 0 else a - b * quotient(a, b)


def unsigned(a: int) -> int:
    return a & WORD


DYADIC: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": quotient, "rem": remainder,
    "and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b,
    "sll": lambda a, b: a << (b & 31), "srl": lambda a, b: unsigned(a) >> (b & 31), "sra": lambda a, b: a >> (b & 31),
    "divu": lambda a, b: quotient(unsigned(a), unsigned(b)), "remu": lambda a, b: remainder(unsigned(a), unsigned(b)),
    "mulh": lambda a, b: a * b >> 32, "mulhu": lambda a, b: unsigned(a) * unsigned(b) >> 32,
    "mulhsu": lambda a, b: a * unsigned(b) >> 32,
    "slt": lambda a, b: int(a < b), "sltu": lambda a, b: int(unsigned(a) < unsigned(b)),
}  # fmt: skip
MONADIC: dict[str, Callable[[int], int]] = {
    "mov": lambda a: a, "mneg": lambda a: -a, "mcom": lambda a: ~a, "mova": lambda a: a,
    "cvtb": lambda a: a, "cvth": lambda a: a, "movzb": lambda a: a, "movzh": lambda a: a,
}  # fmt: skip
CONDITIONS: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b, "bne": lambda a, b: a != b, "blt": lambda a, b: a < b, "bge": lambda a, b: a >= b,
    "bltu": lambda a, b: unsigned(a) < unsigned(b), "bgeu": lambda a, b: unsigned(a) >= unsigned(b),
}  # fmt: skip


@dataclass
class Simulator:
    """A hart of cisc mode. x: registers by their numbers in specifiers. pages: None for bare addresses."""

    ram: bytearray
    pc: int = RAM_BASE
    x: list[int] = field(default_factory=lambda: [0] * 9)
    priv: int = PRIV_M
    mstatus: int = MSTATUS_MPP
    csrs: dict[str, int] = field(default_factory=dict)
    pages: dict[int, Page] | None = None
    stopped: bool = False
    lost: bool = False  # in what the simulator does not know: interrupts, some bits of mstatus
    started: int = 0
    unretired: int = 0  # that trapped, or have another round to do

    def __post_init__(self) -> None:
        for name in (*WHOLE_CSRS, "mtvec", "stvec", "medeleg"):
            self.csrs.setdefault(name, 0)
        self._begin()

    def _begin(self) -> None:
        self.r, self.at = list(self.x), self.pc
        self.stores: dict[int, int] = {}  # offset in RAM -> byte
        self.changes: list[Callable[[], None]] = []  # of CSRs

    # ---- memory ------------------------------------------------------------------------------------------------------
    def _translate(self, va: int, access: str) -> int:
        """Address of a byte -> its offset in RAM."""
        if self.pages is not None and self.priv != PRIV_M:
            page = self.pages.get(va >> PAGE_SHIFT)
            if page is None or not self._permitted(page.rights, access):
                raise Fault(PAGE_FAULTS[access], va)
        offset = self.offset(va)
        if offset is None:
            raise Fault(ACCESS_FAULTS[access], va)
        return offset

    def offset(self, va: int) -> int | None:
        """Address, rights aside -> offset in RAM, or None for what is not there."""
        physical = va
        if self.pages is not None and self.priv != PRIV_M:
            page = self.pages.get(va >> PAGE_SHIFT)
            if page is None:
                return None
            physical = page.frame << PAGE_SHIFT | va & PAGE_MASK
        return physical - RAM_BASE if 0 <= physical - RAM_BASE < len(self.ram) else None

    def _permitted(self, rights: str, access: str) -> bool:
        users = "u" in rights
        if self.priv == PRIV_U and not users:
            return False
        if self.priv == PRIV_S and users and (access == X or not self.mstatus & MSTATUS_SUM):
            return False
        return access in rights or (access == R and "x" in rights and bool(self.mstatus & MSTATUS_MXR))

    def _span(self, va: int, size: int, access: str) -> list[int]:
        """Where the bytes are. A fault names the first byte that cannot be reached."""
        return [self._translate((va + k) & WORD, access) for k in range(size)]

    def load(self, va: int, size: int = 4) -> int:
        found = [self.stores.get(at, self.ram[at]) for at in self._span(va, size, R)]
        return int.from_bytes(bytes(found), "little")

    def store(self, va: int, value: int, size: int = 4) -> None:
        for k, at in enumerate(self._span(va, size, W)):
            self.stores[at] = value >> 8 * k & 0xFF

    # ---- decoding ----------------------------------------------------------------------------------------------------
    def _bytes(self, count: int) -> int:
        """The next bytes of the instruction as a number."""
        value = 0
        for k in range(count):
            value |= self.ram[self._translate(self.at, X)] << 8 * k
            self.at = (self.at + 1) & WORD
        return value

    def _register(self, byte: int) -> int:
        if byte & 15 > SP:
            raise self.illegal
        return byte & 15

    def _specifier(self, access: str) -> Specifier:
        """The next specifier."""
        byte, index = self._bytes(1), None
        if byte >> 4 == 4:
            index = self._register(byte)
            byte = self._bytes(1)
        mode, low = byte >> 4, byte & 15
        extra = 0
        if mode < 4 or (mode == 8 and low >= 13):
            if index is not None or access not in "ru":
                raise self.illegal
            extra = 0 if mode < 4 else {13: 1, 14: 2, 15: 4}[low]
        elif mode == 5 and (index is not None or access == "a"):
            raise self.illegal
        elif mode == 9 and low == 15:
            extra = 4
        elif mode in (0xA, 0xE):
            extra = 1 if mode == 0xA else 4
            low = low if low == 15 else self._register(byte)
        elif mode in (5, 6, 7, 8):
            self._register(byte)
        else:
            raise self.illegal
        number = signed(self._bytes(extra), extra) if extra else byte
        return Specifier(4 if mode < 4 else mode, low, index, number, self.at)

    def _operand(self, specifier: Specifier, access: str, size: int) -> Place:
        """Specifier -> the operand; registers that it steps are stepped."""
        mode, low, number = specifier.mode, specifier.low, specifier.number
        if mode == 4 or (mode == 8 and low > SP):
            return Place(None, None, number, size)
        if mode == 5:
            return Place(low, None, self._extended(self.r[low], access, size), size)
        index = 0 if specifier.scale is None else self.r[specifier.scale] * size
        match mode:
            case 6:
                address = self.r[low]
            case 7:
                address = self.r[low] = (self.r[low] - size) & WORD
            case 8:
                address = self.r[low]
                self.r[low] = (address + size) & WORD
            case 9:
                address = number
            case _:
                address = number + (specifier.end if low == 15 else self.r[low])
        address = (address + index) & WORD
        value = address if access == "a" else 0
        if access in "rum":
            value = self._extended(self.load(address, size), access, size)
        return Place(None, address, value, size)

    @staticmethod
    def _extended(value: int, access: str, size: int) -> int:
        return value & ((1 << 8 * size) - 1) if access == "u" else signed(value, size)

    def _direct(self, width: str) -> int:
        size = {"d8": 1, "d32": 4, "i8": 1, "i16": 2}[width]
        value = self._bytes(size)
        return signed(value, size) if width[0] == "d" else value

    # ---- running -----------------------------------------------------------------------------------------------------
    def step(self) -> None:
        """One instruction, or one round of one, or a trap."""
        if self.stopped:
            return
        self._begin()
        self.started += 1
        try:
            self._execute()
        except Fault as fault:
            self.unretired += 1
            self._begin()
            self._trap(fault.cause, fault.value)
            return
        self.x = self.r
        self._make_stores()
        self.pc = self.target & WORD
        for change in self.changes:
            change()

    def _make_stores(self) -> None:
        for at, byte in self.stores.items():
            self.ram[at] = byte
        self.stores = {}

    def _execute(self) -> None:
        opcode = self._bytes(1)
        self.illegal = Fault(ILLEGAL, opcode)
        row = BY_OPCODE.get(opcode)
        if row is None:
            raise self.illegal
        # All of it is decoded first; then the operands are fetched.
        words = [self._specifier(o.access) if o.access else self._direct(o.width) for o in row.operands]
        self.target = self.at
        places = [
            Place(None, None, word, 0) if isinstance(word, int) else self._operand(word, operand.access, operand.size)
            for word, operand in zip(words, row.operands, strict=True)
        ]
        self._do(row, places)

    def _put(self, place: Place, value: int) -> None:
        """Writes an operand."""
        if place.register is None:
            assert place.address is not None
            self.store(place.address, value, place.size)
        else:
            mask = (1 << 8 * place.size) - 1
            self.r[place.register] = self.r[place.register] & ~mask & WORD | value & mask

    def _push(self, value: int) -> None:
        self.r[SP] = (self.r[SP] - 4) & WORD
        self.store(self.r[SP], value)

    def _pop(self) -> int:
        value = self.load(self.r[SP])
        self.r[SP] = (self.r[SP] + 4) & WORD
        return value

    def _do(self, row: Row, o: list[Place]) -> None:
        name, _, reach = row.name.partition(".")
        stem, last = name[:-1], name[-1]
        if last in "23" and stem[:-1] in DYADIC:
            a, b = (o[0], o[1]) if last == "3" else (o[1], o[0])
            self._put(o[-1], DYADIC[stem[:-1]](a.value, b.value))
        elif stem in MONADIC and last in SIZES:
            self._put(o[1], MONADIC[stem](o[0].value))
        elif stem in CONDITIONS and reach:
            if CONDITIONS[stem](o[0].value, o[1].value):
                self.target += o[2].value
        elif stem in ("clr", "inc", "dec"):
            self._put(o[0], {"clr": 0, "inc": o[0].value + 1, "dec": o[0].value - 1}[stem])
        else:
            getattr(self, "_do_" + {"fence.i": "fence_i", "sfence.vma": "sfence"}.get(row.name, name))(*o)

    # ---- stack and jumps
    def _do_pushl(self, src: Place) -> None:
        self._push(src.value)

    _do_pushal = _do_pushl

    def _do_popl(self, dst: Place) -> None:
        self._put(dst, self._pop())

    def _push_many(self, values: list[int]) -> None:
        """Both ends of what is pushed are looked at first."""
        if values:
            self._span((self.r[SP] - 4) & WORD, 4, W)
            self._span((self.r[SP] - 4 * len(values)) & WORD, 4, W)
        for value in values:
            self._push(value)

    def _named(self, mask: int) -> list[int]:
        return [number for number in range(SAVED) if mask >> number & 1]

    def _do_pushr(self, mask: Place) -> None:
        self._push_many([self.r[n] for n in reversed(self._named(mask.value))])

    def _do_popr(self, mask: Place) -> None:
        named = self._named(mask.value)
        if named:
            self._span(self.r[SP], 4, R)
            self._span((self.r[SP] + 4 * (len(named) - 1)) & WORD, 4, R)
        for number in named:
            self.r[number] = self._pop()

    def _do_sob(self, index: Place, target: Place) -> None:
        self._put(index, index.value - 1)
        if signed(index.value - 1) > 0:
            self.target += target.value

    def _do_aob(self, limit: Place, index: Place, target: Place) -> None:
        self._put(index, index.value + 1)
        if signed(index.value + 1) < limit.value:
            self.target += target.value

    def _do_br(self, target: Place) -> None:
        self.target += target.value

    def _do_bsr(self, target: Place) -> None:
        self._push(self.at)
        self.target += target.value

    def _do_jmp(self, target: Place) -> None:
        self.target = target.value

    def _do_jsr(self, target: Place) -> None:
        self._push(self.at)
        self.target = target.value

    def _do_rsb(self) -> None:
        self.target = self._pop()

    def _do_calls(self, mask: Place, target: Place) -> None:
        registers = [self.r[n] for n in reversed(self._named(mask.value))]
        self._push_many([self.at, *registers, mask.value])
        self.target = target.value

    def _do_rets(self) -> None:
        sp = self.r[SP]
        named = self._named(self.load(sp))
        behind = (sp + 4 + 4 * len(named)) & WORD
        self.target = self.load(behind)
        for k, number in enumerate(named, 1):
            self.r[number] = self.load((sp + 4 * k) & WORD)
        self.r[SP] = (behind + 4) & WORD

    # ---- blocks: a round is a word where the addresses are multiples of four and as much is left, or else a byte
    def _round(self, addresses: int) -> int:
        return 4 if addresses & 3 == 0 and self.r[A2] >= 4 else 1

    def _dealt(self, size: int, *pointers: int) -> None:
        for pointer in pointers:
            self.r[pointer] = (self.r[pointer] + size) & WORD
        self.r[A2] -= size
        if self.r[A2]:
            self.unretired += 1
            self.target = self.pc

    def _do_movc(self) -> None:
        if self.r[A2]:
            size = self._round(self.r[A0] | self.r[A1])
            self.store(self.r[A0], self.load(self.r[A1], size), size)
            self._dealt(size, A0, A1)

    def _do_filc(self) -> None:
        if self.r[A2]:
            size = self._round(self.r[A0])
            self.store(self.r[A0], (self.r[A1] & 0xFF) * 0x0101_0101, size)
            self._dealt(size, A0)

    def _do_cmpc(self) -> None:
        size = self._round(self.r[A0] | self.r[A1])
        if not self.r[A2]:
            self.r[A3] = 0
        elif size == 4 and self.load(self.r[A0]) == self.load(self.r[A1]):
            self.r[A3] = 0
            self._dealt(4, A0, A1)
        else:
            one, other = self.load(self.r[A0], 1), self.load(self.r[A1], 1)
            self.r[A3] = (one - other) & WORD
            if one == other:
                self._dealt(1, A0, A1)

    # ---- queues
    def _do_insque(self, entry: Place, pred: Place) -> None:
        e, p = entry.value, pred.value
        following = self.load(p)
        for at in (e, e + 4, p, following + 4):
            self._span(at & WORD, 4, W)
        self.store(e, following)
        self.store((e + 4) & WORD, p)
        self.store((following + 4) & WORD, e)
        self.store(p, e)

    def _do_remque(self, entry: Place) -> None:
        following, before = self.load(entry.value), self.load((entry.value + 4) & WORD)
        self._span(before, 4, W)
        self._span((following + 4) & WORD, 4, W)
        self.store(before, following)
        self.store((following + 4) & WORD, before)

    # ---- CSRs
    def _read_csr(self, number: int) -> int:
        name = next((name for name, n in CSR.items() if n == number), "")
        if self.priv < number >> 8 & 3:
            raise self.illegal
        if number in READ_ONLY_ZERO:
            return 0
        if name == "mstatus":
            return self.mstatus
        if name == "sstatus":
            return self.mstatus & SSTATUS_MASK
        if name not in self.csrs:
            raise self.illegal
        return self.csrs[name]

    def _write_csr(self, number: int, value: int) -> None:
        self._read_csr(number)
        if number & 0xC00 == 0xC00:
            raise self.illegal
        name = next(name for name, n in CSR.items() if n == number)
        if name in ("mstatus", "sstatus"):
            mask = STATUS_BITS & (SSTATUS_MASK if name == "sstatus" else WORD)
            self.lost |= bool(value & (UNKNOWN if name == "mstatus" else 0))
            if value & MSTATUS_MPP == 2 << 11:
                mask &= ~MSTATUS_MPP
            self.changes.append(lambda: setattr(self, "mstatus", self.mstatus & ~mask | value & mask))
        else:
            legal = {"mtvec": ~2 & WORD, "stvec": ~2 & WORD, "medeleg": 0xB3FF}.get(name, WORD)
            self.changes.append(lambda: self.csrs.__setitem__(name, value & legal))

    def _do_csrr(self, dst: Place, csr: Place) -> None:
        self._put(dst, self._read_csr(csr.value))

    def _do_csrw(self, csr: Place, src: Place) -> None:
        self._write_csr(csr.value, src.value & WORD)

    def _do_csrs(self, csr: Place, src: Place) -> None:
        self._write_csr(csr.value, self._read_csr(csr.value) | src.value & WORD)

    def _do_csrc(self, csr: Place, src: Place) -> None:
        self._write_csr(csr.value, self._read_csr(csr.value) & ~src.value & WORD)

    def _do_csrrw(self, dst: Place, csr: Place, src: Place) -> None:
        old = self._read_csr(csr.value)
        self._write_csr(csr.value, src.value & WORD)
        self._put(dst, old)

    # ---- privilege
    def _do_nop(self) -> None:
        pass

    _do_fence = _do_fence_i = _do_nop

    def _do_sfence(self) -> None:
        if self.priv == PRIV_U:
            raise self.illegal

    def _do_wfi(self) -> None:
        self._do_sfence()
        self.lost = True

    def _do_bpt(self) -> None:
        raise Fault(BREAKPOINT, self.pc)

    def _do_chmk(self, code: Place) -> None:
        raise Fault(CALL + self.priv, code.value)

    def _do_svpctx(self) -> None:
        if self.priv == PRIV_U:
            raise self.illegal
        pcb, sp = self.csrs["pcbb"], self.r[SP]
        for k in (0, 10):
            self._span((pcb + 4 * k) & WORD, 4, W)
        pc, psw = self.load(sp), self.load((sp + 4) & WORD)
        for k, value in enumerate([*self.r[:SAVED], self.csrs["usp"], pc, psw]):
            self.store((pcb + 4 * k) & WORD, value)
        self.r[SP] = (sp + 8) & WORD

    def _do_ldpctx(self) -> None:
        if self.priv == PRIV_U:
            raise self.illegal
        pcb, sp = self.csrs["pcbb"], self.r[SP]
        for k in (0, 10):
            self._span((pcb + 4 * k) & WORD, 4, R)
        words = [self.load((pcb + 4 * k) & WORD) for k in range(11)]
        for k in (4, 8):
            self._span((sp - k) & WORD, 4, W)
        self.r[:SAVED] = words[:SAVED]
        self.changes.append(lambda: self.csrs.__setitem__("usp", words[8]))
        self._push(words[10])
        self._push(words[9])

    def _do_rei(self) -> None:
        if self.priv == PRIV_U or (self.priv == PRIV_S and self.mstatus & MSTATUS_TSR):
            raise self.illegal
        sp = self.r[SP]
        self.target, psw = self.load(sp), self.load((sp + 4) & WORD)
        self.r[SP] = (sp + 8) & WORD
        self.changes.append(lambda: self._return(psw))

    def _return(self, psw: int) -> None:
        """The registers and the pc have been made: the privilege and the stack follow."""
        status = self.mstatus
        if self.priv == PRIV_S:
            self.csrs["sepc"] = self.pc
            self.priv = PRIV_S if psw & MSTATUS_SPP else PRIV_U
            status &= ~(MSTATUS_SPP | MSTATUS_SIE)
            self.mstatus = status | MSTATUS_SPIE | (MSTATUS_SIE if psw & MSTATUS_SPIE else 0)
            if self.priv == PRIV_U:
                self.csrs["ksp"], self.x[SP] = self.x[SP], self.csrs["usp"]
        else:
            self.csrs["mepc"] = self.pc
            self.priv = psw >> 11 & 3
            if self.priv == 2:
                self.priv = PRIV_U
            status &= ~(MSTATUS_MPP | MSTATUS_MIE)
            self.mstatus = status | MSTATUS_MPIE | (MSTATUS_MIE if psw & MSTATUS_MPIE else 0)
            if self.priv != PRIV_M:
                self.csrs["msp"], self.x[SP] = self.x[SP], self.csrs["msp"]

    # ---- traps -------------------------------------------------------------------------------------------------------
    def _trap(self, cause: int, value: int) -> None:
        source, pc = self.priv, self.pc
        if source != PRIV_M and self.csrs["medeleg"] >> cause & 1:
            self.csrs |= {"scause": cause, "sepc": pc, "stval": value}
            status = self.mstatus & ~(MSTATUS_SPP | MSTATUS_SPIE | MSTATUS_SIE)
            status |= MSTATUS_SPIE if self.mstatus & MSTATUS_SIE else 0
            self.mstatus = status | (MSTATUS_SPP if source == PRIV_S else 0)
            self.priv = PRIV_S
            sp = self.x[SP]
            if source == PRIV_U:
                self.csrs["usp"], sp = sp, self.csrs["ksp"]
            if self._enter(sp, self.csrs["stvec"], cause, self.mstatus & SSTATUS_MASK):
                return
            source, cause, value = PRIV_S, DOUBLE, sp
            self.x[SP] = sp
        self.csrs |= {"mcause": cause, "mepc": pc, "mtval": value}
        status = self.mstatus & ~(MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE)
        status |= MSTATUS_MPIE if self.mstatus & MSTATUS_MIE else 0
        self.mstatus = status | source << 11
        self.priv = PRIV_M
        sp = self.x[SP]
        if source != PRIV_M:
            self.csrs["msp"], sp = sp, self.csrs["msp"]
        self.stopped = not self._enter(sp, self.csrs["mtvec"], cause, self.mstatus)

    def _enter(self, sp: int, vector: int, cause: int, psw: int) -> bool:
        """Pushes psw and pc, takes the new pc from the table -> whether that was possible; if not, nothing changes."""
        self.r[SP] = sp
        try:
            # The entry is what it was before the pushes.
            handler = self.load(((vector & ~3) + 4 * cause) & WORD)
            self._push(psw)
            self._push(self.pc)
        except Fault:
            self._begin()
            return False
        self._make_stores()
        self.x[SP], self.pc = self.r[SP], handler
        return True


def page_count(size: int) -> int:
    """Bytes -> pages."""
    return -(-size // PAGE_SIZE)
