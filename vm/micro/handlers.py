"""Contexts of one instruction in generated code: how a micro-op's semantics become a handler.

Each handler is a function that ends in a tail call to the next record's handler. Four values live in machine registers
from handler to handler (LLVM's preserve_none convention): st, the state record; ip, the decoded record being executed;
bud, the instructions until `due`; tlb, the data TLB bank in force.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vm.arch import CAUSE_MISALIGNED_FETCH, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
from vm.micro import access, traps
from vm.micro.context import Ended, MicroOp, Trap
from vm.micro.layout import (
    REC_FN,
    REC_IMM,
    REC_RD,
    REC_RS1,
    REC_RS2,
    WORD_BYTES,
)
from vm.micro.native import Native
from vm.micro.symbols import BuildError, Function, Sym
from vm.state import (
    DTLB,
    DTLB_ENTRIES,
    ITLB,
    ITLB_ENTRIES,
    LAYOUT,
    SINK,
)

PARAMETERS = "ptr %st, ptr %ip, i64 %bud, ptr %tlb"
DTLB_SHIFT = DTLB.itemsize.bit_length() - 1  # of an entry's size
PREFIX_FAST, PREFIX_FAR, PREFIX_SLOW = "op_", "far_", "slow_"


class Handler(Native):
    """What every handler can do: read its record, go on, leave."""

    def __init__(self, f: Function, ip: str = "%ip", budget: str = "%bud") -> None:
        super().__init__(f)
        self.ip, self.budget = ip, budget
        self.changed = False  # something was written on this path: too late to bail out
        self.finished = False

    # ---- the record
    def _record(self, offset: int, kind: str) -> str:
        return self.f.emit(f"load {kind}, ptr {self.gep(self.ip, offset)}")

    def _index(self, offset: int) -> Sym:
        return Sym(self.f, self.f.emit(f"zext i8 {self._record(offset, 'i8')} to i32"), 32)

    def _register(self, offset: int) -> str:
        index = self.f.emit(f"zext i8 {self._record(offset, 'i8')} to i64")
        return self.f.emit(f"getelementptr i32, ptr %st, i64 {index}")

    @property
    def rs1(self) -> Sym:
        return self.at(self._register(REC_RS1), 32)

    @property
    def rs2(self) -> Sym:
        return self.at(self._register(REC_RS2), 32)

    @property
    def rs1_index(self) -> Sym:
        return self._index(REC_RS1)

    @property
    def rd_is_named(self):
        return self._index(REC_RD) != SINK

    @property
    def imm(self) -> Sym:
        return Sym(self.f, self._record(REC_IMM, "i32"), 32)

    def set_rd(self, value) -> None:
        self.changed = True
        value = self.word(value)
        self.f.do(f"store i32 {value}, ptr {self._register(REC_RD)}")

    rd = property(None, set_rd)

    def address(self, pointer: str) -> Sym:
        return Sym(self.f, self.f.emit(f"ptrtoint ptr {pointer} to i64"), 64)

    @property
    def pc(self) -> Sym:
        return (self.address(self.ip) >> self.layout.record_shift).low() + self.s.pcd

    @property
    def length(self) -> int:
        """-> bytes of the instruction, where its handler is of instructions of one length."""
        return self.layout.longest

    @property
    def next_pc(self) -> Sym:
        """Address of the instruction behind this one."""
        return self.pc + self.length

    @property
    def next_record(self) -> str:
        """The record of the instruction behind this one."""
        return self.gep(self.ip, self.layout.step(self.length))

    @property
    def encoding(self) -> Sym:
        """The instruction word, from memory."""
        return self.ram(self.code_offset(), 4)

    def code_offset(self) -> Sym:
        at = self.address(self.ip) - self.s.records_host
        slot = at.udiv(self.layout.slot_bytes)
        inside = (at - slot * self.layout.slot_bytes) >> self.layout.record_shift
        return (self.table("slot_page", slot.low()) << PAGE_SHIFT) + inside.low()

    # ---- going on
    def trap(self, trap: Trap) -> None:
        raise BuildError("only the general handlers can trap")

    def leave(self, target: str, ip: str = "", budget: str = "", tlb: str = "%tlb") -> None:
        """Ends the path in another handler."""
        arguments = f"ptr %st, ptr {ip or self.ip}, i64 {budget or self.budget}, ptr {tlb}"
        self.f.end(f"musttail call preserve_nonecc void {target}({arguments})", "ret void")
        self.finished = True

    def dispatch(self, ip: str = "", budget: str = "", tlb: str = "%tlb") -> None:
        """Ends the path in the handler of the record at ip."""
        self.leave(self.f.emit(f"load ptr, ptr {self.gep(ip or self.ip, REC_FN)}"), ip, budget, tlb)

    def retire(self, ip: str) -> None:
        """Ends the path: this instruction is done, the record at ip is next."""
        budget = self.f.emit(f"sub i64 {self.budget}, 1")
        if self.f.fork(self.f.emit(f"icmp ne i64 {budget}, 0"), likely=True):
            self.dispatch(ip, budget)
        else:
            self.leave("@event", ip, budget)

    def exit(self, reason: int) -> None:
        """Ends the path: back to the caller of generated code."""
        self.s.reason = reason
        self.f.end("ret void")
        self.finished = True

    def jump(self, link: bool = False) -> None:
        """To pc + imm."""
        self.jump_to(self.pc + self.imm, link)

    def jump_to(self, target: Sym, link: bool = False, then: Callable[[], None] | None = None) -> None:
        """To that address. `then` is what else the instruction does, once it is certain that it jumps."""
        raise NotImplementedError

    def branch(self, condition) -> None:
        if condition:
            self.jump()

    def finish(self) -> None:
        """After the semantics: the next instruction, unless they went elsewhere."""
        if not self.finished:
            self.retire(self.next_record)

    def find_page(self, target: Sym):
        """Virtual address -> (condition: aligned, and its page is in the instruction TLB; pointer to the entry)."""
        bank = self.f.emit(f"load ptr, ptr {self.gep('%st', LAYOUT['itlb_host'][0])}")
        index = (target >> PAGE_SHIFT) & (ITLB_ENTRIES - 1)
        entry = self.gep(bank, str(index.u64() * ITLB.itemsize))
        return self.at(self.gep(entry, offset_of(ITLB, "tag")), 32) == (target & ~self.layout.place_mask), entry

    def enter(self, target: Sym, entry: str) -> str:
        """Makes the entry's page the current one -> pointer to the target's record."""
        base = self.at(self.gep(entry, offset_of(ITLB, "base")), 64)
        page = target & ~PAGE_MASK
        self.s.pcd = page - (base >> self.layout.record_shift).low()
        host = base + ((target & self.layout.place_mask).u64() << self.layout.record_shift)
        return self.f.emit(f"inttoptr i64 {host} to ptr")


def offset_of(dtype, field: str) -> int:
    """Field of a TLB entry's dtype -> its byte offset."""
    return int(dtype.fields[field][1])


class Fast(Handler):
    """The handler for the usual case. Whatever is not usual starts over in slow_NAME."""

    slow_prefix = PREFIX_SLOW  # how the names of the general handlers begin

    def __init__(self, f: Function, op: MicroOp, near: bool, ip: str = "%ip", budget: str = "%bud") -> None:
        super().__init__(f, ip, budget)
        self.op, self.near = op, near
        self.bails = False

    def bail(self) -> None:
        """Ends the path in the general handler, which starts the instruction over."""
        self._start_over()
        raise Ended

    def _start_over(self) -> None:
        if self.changed:
            raise BuildError(f"{self.op.name} leaves its fast path after it changed something")
        self.bails = True
        self.leave(f"@{self.slow_prefix}{self.op.name}")

    def _link(self, link: bool) -> None:
        if link:
            self.rd = self.next_pc

    def jump(self, link: bool = False) -> None:
        if not self.near:
            return super().jump(link)
        self._link(link)
        distance = self.imm.s64() << self.layout.record_shift
        return self.retire(self.gep(self.ip, str(distance)))

    def trap(self, trap: Trap) -> None:
        self._start_over()

    def jump_to(self, target: Sym, link: bool = False, then: Callable[[], None] | None = None) -> None:
        found, entry = self.find_page(target)
        if not self.f.fork(str(found), likely=True):
            self.bail()
        if then:
            then()
        self._link(link)
        self.retire(self.enter(target, entry))

    def _host_address(self, va: Sym, size: int, tag: str) -> str:
        index = (va >> (PAGE_SHIFT - DTLB_SHIFT)) & ((DTLB_ENTRIES - 1) << DTLB_SHIFT)
        entry = self.gep("%tlb", str(index.u64()))
        hit = self.at(self.gep(entry, offset_of(DTLB, tag)), 32) == (va & (~PAGE_MASK | (size - 1)))
        if not self.f.fork(str(hit), likely=True):
            self.bail()
        host = self.at(self.gep(entry, offset_of(DTLB, "addend")), 64) + va.u64()
        return self.f.emit(f"inttoptr i64 {host} to ptr")

    def put(self, name: str, index, value) -> None:
        self.changed = True
        super().put(name, index, value)

    def _words_address(self, va: Sym, count: int, tag: str) -> str:
        pointer = self._host_address(va, WORD_BYTES, tag)
        if not self.f.fork(str((va & PAGE_MASK) <= PAGE_SIZE - WORD_BYTES * count), likely=True):
            self.bail()
        return pointer

    def load_words(self, va: Sym, count: int) -> list[Sym]:
        pointer = self._words_address(va, count, "rtag")
        return [self.at(self.gep(pointer, WORD_BYTES * word), 32) for word in range(count)]

    def store_words(self, va: Sym, values: Sequence[Sym]) -> None:
        pointer = self._words_address(va, len(values), "wtag")
        self.changed = True
        for word, value in enumerate(values):
            self.f.do(f"store i32 {value}, ptr {self.gep(pointer, WORD_BYTES * word)}")

    def load(self, va: Sym, size: int) -> Sym:
        value = self.f.emit(f"load i{8 * size}, ptr {self._host_address(va, size, 'rtag')}, align {size}")
        if size < 4:
            value = self.f.emit(f"zext i{8 * size} {value} to i32")
        return Sym(self.f, value, 32)

    def store(self, va: Sym, value: Sym, size: int) -> None:
        pointer = self._host_address(va, size, "wtag")
        self.changed = True
        self.f.do(f"store i{8 * size} {self.narrow(value, size)}, ptr {pointer}, align {size}")


class Slow(Handler):
    """The general handler: the clock is written back first, so that routines see it."""

    def __init__(self, f: Function) -> None:
        super().__init__(f)
        self.must_resume = False
        self.s.clock = self.s.due - Sym(f, "%bud", 64)

    def finish(self) -> None:
        if not self.finished and self.must_resume:
            self.resume_next()
        super().finish()

    def resume(self) -> None:
        """Ends the path: done, and s.pc is the next instruction; interrupts and translations are looked at anew."""
        self.s.clock = self.s.clock + 1
        self.leave("@resume")

    def resume_next(self) -> None:
        self.s.pc = self.next_pc
        self.resume()

    def trap(self, trap: Trap) -> None:
        traps.take_exception(self, self.pc, self.word(trap.cause), self.word(trap.value))
        self.resume()

    def stop(self, reason: int) -> None:
        """Leaves generated code before the instruction, which is run again later."""
        self.s.pc = self.pc
        self.exit(reason)
        raise Ended

    def look_again(self) -> None:
        """Interrupts or translations may be others at the end of the instruction."""
        self.must_resume = True

    def jump_to(self, target: Sym, link: bool = False, then: Callable[[], None] | None = None) -> None:
        if (target & (self.layout.align - 1)) != 0:
            raise Trap(CAUSE_MISALIGNED_FETCH, target)
        self.s.pc = target
        if then:
            then()
        if link:
            self.rd = self.next_pc
        self.resume()

    def load(self, va: Sym, size: int) -> Sym:
        return access.load(self, va, size)

    def store(self, va: Sym, value: Sym, size: int) -> None:
        access.store(self, va, value, size)

    def load_words(self, va: Sym, count: int) -> list[Sym]:
        return access.load_words(self, va, count)

    def store_words(self, va: Sym, values: Sequence[Sym]) -> None:
        access.store_words(self, va, values)


def run_path(handler: Handler, op: MicroOp) -> None:
    """Runs the semantics once, along one path, in this handler."""
    try:
        op.fn(handler)
        handler.finish()
    except Trap as trap:
        handler.trap(trap)
    except Ended:
        pass
