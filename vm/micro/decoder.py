"""Instruction word -> decoded record, from the rows of vm/isa: for Python, and as a function of generated code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

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


class Operands(NamedTuple):
    """The fields that a record is filled from; rd, imm: None where there is none."""

    rd: Field | None
    rs1: Field
    rs2: Field
    imm: Field | None


def operands_of(row: Row | None) -> Operands:
    """Row, or None for what is illegal -> its fields. The registers that it does not read mean nothing."""
    return Operands(RD if row and row.writes_rd else None, RS1, RS2, immediate(row) if row else None)


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


def field_value(m: Native, field: Field, word: Sym) -> Sym:
    """The value of a field of an instruction word."""
    value = m.word(0)
    for word_lsb, width, value_lsb in field.pieces:
        value = value | ((word >> word_lsb) & ((1 << width) - 1)) << value_lsb
    return value.sext(field.width) if field.signed and field.width < 32 else value


class Encodings(NamedTuple):
    """Instructions of one length, as a decoder is made for them. name: of the decoder; rows: in the order in which they
    are tried; keys: what their encodings are told apart by, one field after the other; kind: in front of their
    handlers' names; value: emits an operand's value."""

    name: str
    rows: Sequence[Any]
    keys: Sequence[Field]
    operands: Callable[[Any], Operands]
    fits: Callable[[Any, Sym], Any]
    value: Callable[[Native, Field, Sym], Sym]
    kind: str = ""


def words_of(rows: Sequence[Row]) -> Encodings:
    """Rows -> instructions of 32 bits."""
    return Encodings(
        "decode", rows, (OPCODE, FUNCT3), operands_of, lambda row, word: (word & row.mask) == row.match, field_value
    )


def build_decoder(builder: Builder, numbers: dict[str, int], code: Encodings) -> str:
    """Builder, numbers of the handlers -> the text of @NAME(st, word, record, offset of the word in its page)."""
    header = f"define internal void @{code.name}(ptr %st, i32 %word, ptr %record, i32 %offset) nounwind noinline"
    f = builder.function(header)

    def leaf(m: Native, row: Any, word: Sym, offset: Sym) -> None:
        def put(offset: int, kind: str, value) -> None:
            f.do(f"store {kind} {value}, ptr {m.gep('%record', offset)}")

        def byte(offset: int, value: Sym) -> None:
            put(offset, "i8", m.narrow(value, 1))

        name = code.kind + PREFIX_FAST + row.micro if row else PREFIX_FAST + ILLEGAL
        handler = f"@{name}"
        operands = code.operands(row)
        rd, imm = m.word(SINK), word
        if row:
            if operands.rd:
                rd = code.value(m, operands.rd, word)
                rd = m.select(rd == 0, m.word(SINK), rd)
            imm = code.value(m, operands.imm, word) if operands.imm else m.word(0)
        byte(REC_RD, rd)
        byte(REC_RS1, code.value(m, operands.rs1, word))
        byte(REC_RS2, code.value(m, operands.rs2, word))
        put(REC_IMM, "i32", imm)
        number = m.word(numbers[name])
        if row and is_relative(row):
            target = offset + imm
            near = (target < PAGE_SIZE) & ((target & (m.layout.align - 1)) == 0)
            far = code.kind + PREFIX_FAR + row.micro
            handler = f.emit(f"select i1 {near}, ptr {handler}, ptr @{far}")
            number = m.select(near, number, m.word(numbers[far]))
        byte(REC_OP, number)
        put(REC_FN, "ptr", handler)
        f.end("ret void")

    def body() -> None:
        m = Native(f)
        word, offset = Sym(f, "%word", 32), Sym(f, "%offset", 32)
        candidates = list(code.rows)
        for number, field in enumerate(code.keys):
            known = field.mask
            keys = sorted({field.get(row.match) for row in candidates if row.mask & known == known})
            if len(keys) > 1 or number == 0:
                key = m.switch(field_value(m, field, word), keys)
                candidates = [
                    row for row in candidates
                    if row.mask & known != known or (key is not None and field.get(row.match) == key)
                ]  # fmt: skip
        for row in candidates:
            if code.fits(row, word):
                return leaf(m, row, word, offset)
        return leaf(m, None, word, offset)

    return f.build(body)
