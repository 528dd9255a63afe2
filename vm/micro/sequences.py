"""The interpreter of a mode whose instructions are sequences of micro-ops and begin at any byte.

A record stands for the instruction that begins at its byte. Where that is one micro-op, it holds it, as in the other
modes, and the instruction's length in its `op`. Otherwise it holds @enter and a place in the *pool*, where the records
of the micro-ops lie one behind the other, `done` at the end. Of each micro-op there are handlers of both kinds:

    op_NAME, far_NAME, slow_NAME      a whole instruction, as in interpreter.py
    part_NAME, part_slow_NAME         part of one: goes on to the next record of the pool, and counts nothing

`home` in the state record is the instruction's own record while its parts are run, so that faults name its pc. An
instruction that reaches into the next page is lowered anew each time, into the pool's first records: the next page may
be another by then.
"""

from __future__ import annotations

from collections.abc import Sequence

from vm.arch import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
from vm.micro import lowering, paging, traps
from vm.micro.context import MicroOp, routine
from vm.micro.handlers import PREFIX_FAR, PREFIX_FAST, Handler, run_path
from vm.micro.interpreter import Builder
from vm.micro.layout import REC_FN, REC_IMM, REC_OP, REC_RD, REC_RS1, REC_RS2, RECORD_BYTES
from vm.micro.native import Native
from vm.micro.sequence_handlers import PREFIX_PART, PREFIX_PART_SLOW, Lengths, Part, PartSlow, Whole, WholeSlow
from vm.micro.slots import SLOT_MASK
from vm.micro.symbols import Sym
from vm.micro.templates import RELATIVE, STEPS, numbers, tables, used
from vm.state import EXIT_STOPPED, IO_NONE, LAYOUT, SINK

SCRATCH = 4 * STEPS  # records at the beginning of the pool for instructions that reach into the next page
ROOM = 4 * STEPS  # records that a sequence may take: more than any does
CLOSING = 1  # in rs1, which jal does not read: it is there to go on, and not the instruction's own
UNKNOWN_BYTE = 0x60  # stands for bytes behind the page's end: a specifier that any operand may have


class SequenceNative(Native):
    """The machine context of routines, with what lowering asks for."""

    def constant(self, name: str, index) -> Sym:
        """Element of a constant table."""
        bits, _ = tables(self.target)[name]
        at = self.gep(f"@table_{name}", str(self.word(index).u64() * (bits // 8)))
        if bits == 32:
            return self.at(at, 32)
        return Sym(self.f, self.f.emit(f"zext i{bits} {self.f.emit(f'load i{bits}, ptr {at}')} to i32"), 32)

    def emit(self, op: str, rd, rs1, rs2, imm) -> None:
        self.emit_number(numbers(self.target)[op], rd, rs1, rs2, imm)

    def emit_number(self, op, rd, rs1, rs2, imm) -> None:
        _emit(self, op, rd, rs1, rs2, imm)

    def last_rd(self) -> Sym:
        return self.s.low_last

    def set_last_rd(self, rd: Sym) -> None:
        self.s.low_last = rd
        self.put_byte(self.pool(self.s.pool_next - 1), REC_RD, rd)

    def forget_emitted(self) -> None:
        self.s.pool_next = self.s.low_start

    def pool(self, index) -> str:
        """Place in the pool -> the record there."""
        return self.gep(self._host("pool_host"), str(self.word(index).u64() * RECORD_BYTES))

    def put_byte(self, record: str, offset: int, value: Sym) -> None:
        self.f.do(f"store i8 {self.narrow(value, 1)}, ptr {self.gep(record, offset)}")

    def put_word(self, record: str, offset: int, value: Sym) -> None:
        self.f.do(f"store i32 {value}, ptr {self.gep(record, offset)}")

    def handler_of(self, table: str, op: Sym) -> str:
        """Table of handlers, number of a micro-op -> the handler."""
        return self.f.emit(f"load ptr, ptr {self.gep(f'@{table}', str(op.u64() * 8))}")

    def put_handler(self, record: str, handler: str) -> None:
        self.f.do(f"store ptr {handler}, ptr {self.gep(record, REC_FN)}")

    def byte(self, record: str, offset: int) -> Sym:
        value = self.f.emit(f"load i8, ptr {self.gep(record, offset)}")
        return Sym(self.f, self.f.emit(f"zext i8 {value} to i32"), 32)


@routine(32, 32, 32, 32, 32)
def _emit(m, op, rd, rs1, rs2, imm):
    """Puts a record behind the pool's last."""
    record = m.pool(m.s.pool_next)
    m.put_handler(record, m.handler_of("parts", op))
    m.put_word(record, REC_IMM, imm)
    for offset, value in ((REC_RD, rd), (REC_RS1, rs1), (REC_RS2, rs2), (REC_OP, op)):
        m.put_byte(record, offset, value)
    m.s.low_last = rd
    m.s.pool_next = m.s.pool_next + 1


@routine(32, 32, 32)
def read_code(m, offset, next_page, known):
    """RAM offset of an instruction, and of the page behind its own if that is known -> its bytes in `code`."""
    inside = offset & PAGE_MASK
    for k in range(m.target.layout.longest):
        within = inside + k < PAGE_SIZE
        byte = m.ram(m.select(within, offset + k, next_page + (inside + k & PAGE_MASK)), 1)
        m.put("code", k, m.select(m.bit(within) | known != 0, byte, m.word(UNKNOWN_BYTE)))


class SequenceBuilder(Builder):
    """The module of such a mode."""

    native = SequenceNative
    handler = Lengths
    fast = Whole
    slow = WholeSlow
    part: type[Part] = Part
    part_slow: type[PartSlow] = PartSlow
    reasons = (*Builder.reasons, (EXIT_STOPPED, lambda m: m.s.stopped != 0))

    def relative_ops(self) -> frozenset[str]:
        return RELATIVE

    def op(self, op: MicroOp) -> list[str]:
        if op.name not in used(self.target):
            return []
        texts, bails = super().op(op), False
        if not op.slow:
            f = self.define(PREFIX_PART + op.name)

            def fast() -> None:
                nonlocal bails
                handler = self.part(f, op, near=False)
                run_path(handler, op)
                bails |= handler.bails

            texts.append(f.build(fast))
        if op.slow or bails:
            g = self.define((PREFIX_PART if op.slow else PREFIX_PART_SLOW) + op.name)
            texts.append(g.build(lambda: run_path(self.part_slow(g), op)))
        return texts

    def decoder(self, handlers: dict[str, int]) -> str:
        """-> the tables that lowering reads, and those of handlers by number of a micro-op."""
        texts = []
        for name, (bits, values) in tables(self.target).items():
            texts.append(_array(f"table_{name}", f"i{bits}", values))
        names = [""] * 256
        for name in used(self.target):
            names[numbers(self.target)[name]] = name
        for table, prefix in (("parts", PREFIX_PART), ("wholes", PREFIX_FAST)):
            texts.append(_array(table, "ptr", [f"@{prefix}{name}" if name else "null" for name in names]))
        far = [f"@{PREFIX_FAR if name in RELATIVE else PREFIX_FAST}{name}" if name else "null" for name in names]
        return "".join([*texts, _array("far_wholes", "ptr", far), self.enter()])

    def enter(self) -> str:
        """The record of an instruction that is a sequence: goes to its first part."""
        f = self.define("enter")

        def body() -> None:
            handler = self.handler(f)
            handler.s.home = handler.address("%ip")
            place = handler.imm.u64() * RECORD_BYTES
            handler.dispatch(handler.gep(handler._host("pool_host"), str(place)))

        return f.build(body)

    def undecoded(self) -> str:
        """A record that is not valid: lowers its instruction, puts it into the record and the pool, and runs it."""
        f = self.define("undecoded")

        def body() -> None:
            handler = self.handler(f)
            pc, offset = handler.pc, handler.code_offset()
            if self.waits(handler):
                return None
            if handler.s.pool_next > self.target.layout.pool - ROOM:
                handler.forget_slots()
                handler.empty_tlb("itlb")
                handler.s.next_slot, handler.s.pool_next = handler.word(0), handler.word(SCRATCH)
                handler.s.pc, handler.s.clock = pc, handler.s.due - Sym(f, "%bud", 64)
                return handler.leave("@go_on")
            read_code(handler, offset, offset & ~PAGE_MASK, handler.word(0))
            start = handler.select(handler.s.pool_next < SCRATCH, handler.word(SCRATCH), handler.s.pool_next)
            begin(handler, start)
            length = lowering.lower(handler)
            behind = (offset & PAGE_MASK) + length
            if behind <= PAGE_SIZE:
                handler.f.do(f"call void @keep(ptr %st, ptr %ip, i32 {length}, i32 {offset & PAGE_MASK})")
                self.decoded(handler, offset)
                return handler.dispatch()
            following = (pc & ~PAGE_MASK) + PAGE_SIZE
            cause = paging.fetch_page(handler, following)
            handler.s.pool_next = start
            if cause != 0:
                handler.s.clock = handler.s.due - Sym(f, "%bud", 64)
                traps.take_exception(handler, pc, cause, following)
                handler.s.clock = handler.s.clock + 1
                return handler.leave("@resume")
            if handler.table("page_slot", offset >> PAGE_SHIFT) & SLOT_MASK == 0:
                # The next page has taken the last slot, and all are forgotten: this record is no longer that of our
                # instruction. Begin again; there is room for both pages, since there are at least three slots.
                handler.s.pc, handler.s.clock = pc, handler.s.due - Sym(f, "%bud", 64)
                return handler.leave("@go_on")
            frame = handler.peek(paging.itlb_entry(handler, following) + 4) << PAGE_SHIFT
            read_code(handler, offset, frame, handler.word(1))
            begin(handler, handler.word(0))
            whole = lowering.lower(handler)
            close(handler, whole)
            handler.s.pool_next = start
            handler.s.home = handler.address("%ip")
            return handler.enter_parts(handler._host("pool_host"), offset, whole)

        return f.build(body) + self.keep()

    def decoded(self, handler: Handler, inside: Sym) -> None:
        """Nothing is fused. inside: the offset in RAM, of which it is a part."""

    def waits(self, handler: Lengths) -> bool:
        """Before the instruction at ip is lowered -> whether the path has been ended."""
        return False

    def keep(self) -> str:
        """@keep(st, record, length, place in the page): an instruction that has just been lowered goes into its
        record."""
        f = self.function("define internal void @keep(ptr %st, ptr %record, i32 %length, i32 %inside) nounwind")

        def body() -> None:
            m = self.native(f)
            length, inside = Sym(f, "%length", 32), Sym(f, "%inside", 32)
            start = m.s.low_start
            m.put_byte("%record", REC_OP, length)
            if m.s.pool_next - start == 1:
                only = m.pool(start)
                op, imm = m.byte(only, REC_OP), m.at(m.gep(only, REC_IMM), 32)
                for offset in (REC_RD, REC_RS1, REC_RS2):
                    m.put_byte("%record", offset, m.byte(only, offset))
                m.put_word("%record", REC_IMM, imm)
                near = inside + imm < PAGE_SIZE
                near_handler, far_handler = m.handler_of("wholes", op), m.handler_of("far_wholes", op)
                m.put_handler("%record", f.emit(f"select i1 {near}, ptr {near_handler}, ptr {far_handler}"))
                m.s.pool_next = start
            else:
                m.emit("done", SINK, 0, 0, length)
                m.put_word("%record", REC_IMM, start)
                m.put_handler("%record", "@enter")
            f.end("ret void")

        return f.build(body)

    def run(self) -> str:
        """As in the other modes; after a device access that a part has made, goes on with that part."""
        f = self.define("go_on_part")

        def body() -> None:
            handler = self.handler(f)
            part = handler.s.part
            handler.s.part = handler.wide(0)
            tlb = f.emit(f"load ptr, ptr {handler.gep('%st', LAYOUT['dtlb_host'][0])}")
            record = f.emit(f"inttoptr i64 {part} to ptr")
            handler.dispatch(record, str(handler.s.due - handler.s.clock), tlb)

        g = self.function("define void @run(ptr %st) nounwind")

        def entry() -> None:
            m = self.native(g)
            target = "@resume"
            if (m.s.io_ready != IO_NONE) | (m.s.woken != 0):
                target = "@go_on" if m.s.part == 0 else "@go_on_part"
            g.end(f"call preserve_nonecc void {target}(ptr %st, ptr null, i64 0, ptr null)", "ret void")

        return f.build(body) + g.build(entry)


@routine(32)
def begin(m, start):
    """Lowering starts at this place of the pool."""
    m.s.low_start, m.s.pool_next, m.s.low_last = start, start, m.word(SINK)


@routine(32)
def close(m, length):
    """The sequence goes on to the next instruction, in whatever page that is."""
    m.emit("jal", SINK, CLOSING, 0, length)


def _array(name: str, kind: str, values: Sequence[object]) -> str:
    return f"@{name} = internal constant [{len(values)} x {kind}] [{', '.join(f'{kind} {v}' for v in values)}]\n"
