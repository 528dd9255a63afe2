"""Instruction word -> decoded record, from the rows of vm/isa: for Python, and as a function of generated code."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vm.arch import PAGE_SIZE
from vm.isa.codec import decode
from vm.isa.fields import CSR, RD, RS1, RS2, Field
from vm.isa.row import Row
from vm.micro.handlers import PREFIX_FAR, PREFIX_FAST
from vm.micro.layout import REC_FN, REC_IMM, REC_OP, REC_RD, REC_RS1, REC_RS2
from vm.micro.native import Native
from vm.micro.symbols import Sym
from vm.state import SINK

if TYPE_CHECKING:
    from vm.micro.interpreter import Builder

ILLEGAL = "illegal"
OPCODE, FUNCT3 = Field("opcode", ((0, 7, 0),)), Field("funct3", ((12, 3, 0),))


class Decoded(NamedTuple):
    """Micro-op and operands of one instruction word; rd is SINK for x0 and where there is none."""

    op: str
    rd: int
    rs1: int
    rs2: int
    imm: int


def immediate(row: Row) -> Field | None:
    """Row -> the field that a record's immediate comes from; CSR instructions carry the CSR's number there."""
    return CSR if "csr" in row.written else row.imm


def is_relative(row: Row) -> bool:
    """Row -> whether its immediate is a displacement of the pc, for which a near handler exists."""
    return "target" in row.written


@lru_cache(maxsize=65536)
def decode_word(word: int, mode: str) -> Decoded:
    """32-bit word, mode -> what the reference executor runs."""
    row = decode(word, mode)
    if row is None:
        return Decoded(ILLEGAL, SINK, 0, 0, word)
    rd = RD.get(word) if row.writes_rd else 0
    field = immediate(row)
    return Decoded(row.micro, rd or SINK, RS1.get(word), RS2.get(word), field.get(word) if field else 0)


def _field(m: Native, field: Field, word: Sym) -> Sym:
    value = m.word(0)
    for word_lsb, width, value_lsb in field.pieces:
        value = value | ((word >> word_lsb) & ((1 << width) - 1)) << value_lsb
    return value.sext(field.width) if field.signed and field.width < 32 else value


def build_decoder(builder: Builder, numbers: dict[str, int]) -> str:
    """Builder, numbers of the handlers -> the text of @decode(st, word, record, offset of the word in its page)."""
    f = builder.function("define internal void @decode(ptr %st, i32 %word, ptr %record, i32 %offset) nounwind noinline")

    def leaf(m: Native, row: Row | None, word: Sym, offset: Sym) -> None:
        def put(offset: int, kind: str, value) -> None:
            f.do(f"store {kind} {value}, ptr {m.gep('%record', offset)}")

        def byte(offset: int, value: Sym) -> None:
            put(offset, "i8", m.narrow(value, 1))

        name = row.micro if row else ILLEGAL
        handler = f"@{PREFIX_FAST}{name}"
        rd, imm = m.word(SINK), word
        if row:
            if row.writes_rd:
                rd = _field(m, RD, word)
                rd = m.select(rd == 0, m.word(SINK), rd)
            field = immediate(row)
            imm = _field(m, field, word) if field else m.word(0)
        byte(REC_RD, rd)
        byte(REC_RS1, _field(m, RS1, word))
        byte(REC_RS2, _field(m, RS2, word))
        put(REC_IMM, "i32", imm)
        number = m.word(numbers[PREFIX_FAST + name])
        if row and is_relative(row):
            target = offset + imm
            near = (target < PAGE_SIZE) & ((target & (m.layout.align - 1)) == 0)
            handler = f.emit(f"select i1 {near}, ptr {handler}, ptr @{PREFIX_FAR}{name}")
            number = m.select(near, number, m.word(numbers[PREFIX_FAR + name]))
        byte(REC_OP, number)
        put(REC_FN, "ptr", handler)
        f.end("ret void")

    def body() -> None:
        m = Native(f)
        word, offset = Sym(f, "%word", 32), Sym(f, "%offset", 32)
        candidates = list(builder.target.rows)
        for field in (OPCODE, FUNCT3):
            known = field.mask
            keys = sorted({field.get(row.match) for row in candidates if row.mask & known == known})
            if len(keys) > 1 or field is OPCODE:
                key = m.switch(_field(m, field, word), keys)
                candidates = [
                    row for row in candidates
                    if row.mask & known != known or (key is not None and field.get(row.match) == key)
                ]  # fmt: skip
        for row in candidates:
            if (word & row.mask) == row.match:
                return leaf(m, row, word, offset)
        return leaf(m, None, word, offset)

    return f.build(body)
