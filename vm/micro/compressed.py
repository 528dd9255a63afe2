"""The interpreter with instructions of 16 bits beside those of 32: a record a halfword.

Both are decoded to the same micro-ops. Of those that short instructions need there are handlers for each length:

    op_NAME, far_NAME, slow_NAME           four bytes long, as in interpreter.py
    short_op_NAME, short_far_NAME, ...     two bytes long

An instruction of four bytes in a page's last two reaches into the next page, which may be another by the next time it
is run. Its record holds @straddle, which looks whether the second half is what it was when it was decoded, and goes on
in the handler that is kept behind the page's records (`spare` of the layout); the second half is kept in the immediate
of the record that leads to the next page. Nothing is fused with it.
"""

from __future__ import annotations

from vm.arch import PAGE_MASK, PAGE_SHIFT, PAGE_SIZE
from vm.isa import rv32c
from vm.isa.fields import Field
from vm.micro import paging, traps
from vm.micro.compressed_fusion import SHORT, MixedStep, build_fused
from vm.micro.context import MicroOp
from vm.micro.decoder import Encodings, Operands, build_decoder, field_value
from vm.micro.fusion import Step
from vm.micro.handlers import PREFIX_FAR, PREFIX_FAST, PREFIX_SLOW, Fast, Handler, Slow, offset_of
from vm.micro.interpreter import Builder
from vm.micro.layout import NO_OP, REC_FN, REC_IMM, REC_OP, REC_RD, REC_RS1, REC_RS2, RECORD_BYTES
from vm.micro.native import Native
from vm.micro.slots import SLOT_MASK
from vm.micro.symbols import Sym
from vm.state import ITLB

LAST_PLACE = PAGE_SIZE - rv32c.LENGTH  # in a page
NONE = 0xFFFF_FFFF  # kept as second half: no halfword
# From a page's last record: to the one that keeps the second half, and to the one that keeps the handler.
_SECOND_HALF, _KEPT = RECORD_BYTES, 3 * RECORD_BYTES
_FIELDS = ((REC_IMM, "i32"), (REC_RD, "i8"), (REC_RS1, "i8"), (REC_RS2, "i8"))
_KEYS = (Field("quadrant", ((0, 2, 0),)), Field("funct3", ((13, 3, 0),)))
SHORT_OPS = frozenset(row.micro for row in rv32c.ROWS)


def is_long(first):
    """First halfword of an instruction -> condition: it has another."""
    return (first & rv32c.LONG) == rv32c.LONG


# ---- decoding --------------------------------------------------------------------------------------------------------
def _operands(row: rv32c.ShortRow | None) -> Operands:
    if row is None:
        return Operands(None, rv32c.NOTHING, rv32c.NOTHING, None)
    of, nothing = row.operands, rv32c.NOTHING
    return Operands(of.get("rd"), of.get("rs1", nothing), of.get("rs2", nothing), row.imm)


def _fits(row: rv32c.ShortRow, half: Sym):
    found = (half & row.mask) == row.match
    return found & ((half & row.not_zero) != 0) if row.not_zero else found


def _value(m: Native, field: Field, half: Sym) -> Sym:
    if isinstance(field, rv32c.Fixed):
        return m.word(field.value)
    value = field_value(m, field, half)
    return value + field.FIRST if isinstance(field, rv32c.Popular) else value


HALVES = Encodings("decode_short", rv32c.ROWS, _KEYS, _operands, _fits, _value, SHORT)


# ---- contexts --------------------------------------------------------------------------------------------------------
class LongSlow(Slow):
    """The general case of an instruction of four bytes."""

    @property
    def encoding(self) -> Sym:
        """The instruction, from memory: an instruction that is not legal may be short."""
        offset = self.code_offset()
        crosses = (offset & PAGE_MASK) == LAST_PLACE
        first, kept = self.ram(offset, 2), self.at(self.gep(self.ip, _SECOND_HALF + REC_IMM), 32)
        second = self.ram(self.select(crosses, offset, offset + rv32c.LENGTH), 2)
        return first | self.select(crosses, kept, second) << rv32c.BITS


class ShortFast(Fast):
    """The usual case of an instruction of two bytes."""

    length = rv32c.LENGTH
    slow_prefix = SHORT + PREFIX_SLOW


class ShortSlow(Slow):
    """The general case."""

    length = rv32c.LENGTH


# ---- the module ------------------------------------------------------------------------------------------------------
class CompressedBuilder(Builder):
    """The module of an instruction set with both lengths."""

    slow: type[Slow] = LongSlow
    step: type[Step] = MixedStep
    short: type[Fast] = ShortFast
    short_slow: type[Slow] = ShortSlow

    def numbers(self) -> dict[str, int]:
        found = super().numbers()
        names = [SHORT + PREFIX_FAST + name for name in sorted(SHORT_OPS)]
        names += [SHORT + PREFIX_FAR + name for name in sorted(SHORT_OPS & self.relative)]
        return found | {name: number for number, name in enumerate(names, len(found))}

    def op(self, op: MicroOp) -> list[str]:
        short = self.forms(op, self.short, self.short_slow, SHORT) if op.name in SHORT_OPS else []
        return super().op(op) + short

    def fused(self, numbers: dict[str, int]) -> list[str]:
        return build_fused(self, numbers)

    def decoded(self, handler: Handler, inside: Sym) -> None:
        """As in interpreter.py; those in front may begin at any halfword."""
        layout = self.target.layout
        handler.f.do("call void @fuse(ptr %ip)")
        for before in range(rv32c.LENGTH, (layout.chain - 1) * layout.longest + 1, rv32c.LENGTH):
            if inside < before:
                break
            handler.f.do(f"call void @fuse(ptr {handler.gep('%ip', -layout.step(before))})")

    def decoder(self, numbers: dict[str, int]) -> str:
        return super().decoder(numbers) + build_decoder(self, numbers, HALVES)

    def undecoded(self) -> str:
        f = self.define("undecoded")

        def body() -> None:
            handler = self.handler(f)
            offset = handler.code_offset()
            inside, first = offset & PAGE_MASK, handler.ram(offset, rv32c.LENGTH)
            if not is_long(first):
                f.do(f"call void @decode_short(ptr %st, i32 {first}, ptr %ip, i32 {inside})")
            elif inside != LAST_PLACE:
                f.do(f"call void @decode(ptr %st, i32 {handler.ram(offset, 4)}, ptr %ip, i32 {inside})")
            else:
                f.do(f"store ptr @straddle, ptr {handler.gep('%ip', REC_FN)}")
                f.do(f"store i8 {NO_OP}, ptr {handler.gep('%ip', REC_OP)}")
                f.do(f"store i32 {NONE}, ptr {handler.gep('%ip', _SECOND_HALF + REC_IMM)}")
            self.decoded(handler, inside)
            handler.dispatch()

        return f.build(body) + self.straddle()

    def straddle(self) -> str:
        """The record of an instruction of which one half is in the next page."""
        f = self.define("straddle")

        def body() -> None:
            handler = self.handler(f)
            pc, offset = handler.pc, handler.code_offset()
            following = pc + rv32c.LENGTH
            found, entry = handler.find_page(following)
            if not found and not self.fetch_next(handler, pc, offset, following):
                return
            frame = handler.at(handler.gep(entry, offset_of(ITLB, "page")), 32) << PAGE_SHIFT
            second, kept = handler.ram(frame, rv32c.LENGTH), handler.gep("%ip", _KEPT)
            place = handler.gep("%ip", _SECOND_HALF + REC_IMM)
            if second != handler.at(place, 32):
                word = handler.ram(offset, rv32c.LENGTH) | second << rv32c.BITS
                f.do(f"call void @decode(ptr %st, i32 {word}, ptr {kept}, i32 {LAST_PLACE})")
                for at, kind in _FIELDS:
                    value = f.emit(f"load {kind}, ptr {handler.gep(kept, at)}")
                    f.do(f"store {kind} {value}, ptr {handler.gep('%ip', at)}")
                f.do(f"store i32 {second}, ptr {place}")
            self.run_kept(handler, kept)

        return f.build(body)

    def fetch_next(self, handler: Handler, pc: Sym, offset: Sym, following: Sym) -> bool:
        """The page behind an instruction's is not in the TLB: gets it there -> whether to go on, or False with the path
        ended."""
        handler.s.clock = handler.s.due - Sym(handler.f, "%bud", 64)
        cause = paging.fetch_page(handler, following)
        if cause != 0:
            traps.take_exception(handler, pc, cause, following)
            handler.s.clock = handler.s.clock + 1
            handler.leave("@resume")
            return False
        if (handler.table("page_slot", offset >> PAGE_SHIFT) & SLOT_MASK) == 0:
            # The next page has taken the last slot, and all are forgotten: this record is no longer that of our
            # instruction. Begin again; there is room for both pages, since there are at least three slots.
            handler.s.pc = pc
            handler.leave("@go_on")
            return False
        return True

    def run_kept(self, handler: Handler, kept: str) -> None:
        """Ends the path in the handler of the instruction at ip, which is in the record `kept`."""
        handler.leave(handler.f.emit(f"load ptr, ptr {handler.gep(kept, REC_FN)}"))
