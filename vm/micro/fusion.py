"""Two or three neighbouring instructions -> one handler that runs them all.

Half of an interpreter's time goes into getting from one instruction to the next, and a value that one instruction
leaves for the next goes through memory. So the decoder looks at neighbours: where a fused handler exists, it is put
into the first record. It reads all their records, hands a result over in a machine register when the next instruction
uses it, and ends where the last one ends. The other records stay what they were, for those who jump to them.

Exactness is kept: with too few instructions left until `due` the fused handler steps aside for the plain one, and when
a later instruction leaves its fast path, those before it are complete and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vm.isa.codec import rows
from vm.micro.handlers import PREFIX_FAST, Fast, run_path
from vm.micro.layout import NO_OP, REC_FN, REC_OP, REC_RD, REC_RS1, REC_RS2
from vm.micro.native import Native
from vm.micro.symbols import Function, Sym

if TYPE_CHECKING:
    from vm.micro.interpreter import Builder

# The most frequent neighbours in compiled C and in our kernel: nine tenths of all pairs that are executed.
FIRST = "add addi and andi auipc beq bgeu bltu bne lbu lui lw or sb slli srli sub sw xor".split()
SECOND = "add addi and andi beq bge bgeu blt bltu bne jal jalr lbu lw or sb slli srli sub sw xor".split()
# Where an instruction reads the result of the one before it. The numbers are those of the tables below.
APART, INTO_RS1, INTO_RS2 = range(3)
LINKS = (APART, INTO_RS1, INTO_RS2)
# The most frequent triples there, four fifths of all: with the links that they nearly always have.
TRIPLES: tuple[tuple[str, int, int], ...] = (
    ("addi addi addi", APART, APART), ("lw addi bne", APART, APART), ("addi bne bne", APART, APART),
    ("lw addi addi", APART, APART), ("sb add add", APART, APART), ("add add bltu", APART, APART),
    ("addi addi bltu", APART, APART), ("sw sw addi", APART, APART), ("lbu beq addi", INTO_RS1, APART),
    ("lbu addi addi", APART, APART), ("sw addi addi", APART, APART), ("addi sw sw", INTO_RS1, APART),
    ("lw addi jalr", APART, APART), ("addi lw addi", APART, APART), ("addi addi bgeu", APART, APART),
    ("lw addi lw", APART, APART), ("addi addi jal", APART, APART), ("addi addi sb", APART, APART),
    ("beq addi addi", APART, APART), ("addi addi bne", APART, APART), ("addi sb bne", APART, APART),
    ("addi lbu addi", INTO_RS1, APART), ("addi addi beq", APART, APART), ("add lw addi", APART, APART),
    ("addi bgeu addi", APART, APART), ("bgeu addi jal", APART, APART), ("beq addi lbu", APART, INTO_RS1),
    ("sw sw sw", APART, APART), ("addi sw bne", INTO_RS1, APART), ("lw lw lw", APART, APART),
    ("lw lw addi", APART, APART), ("slli add lw", INTO_RS2, INTO_RS1), ("lw slli add", APART, INTO_RS2),
    ("slli xor srli", INTO_RS1, INTO_RS1), ("xor srli xor", INTO_RS1, INTO_RS1), ("srli xor slli", INTO_RS1, INTO_RS1),
    ("xor slli xor", INTO_RS1, INTO_RS1), ("lw sw lw", APART, APART), ("sw lw sw", APART, APART),
    ("addi add lw", INTO_RS2, INTO_RS1), ("auipc addi lw", INTO_RS1, INTO_RS1),
)  # fmt: skip
_ROWS = {row.micro: row for row in rows("risc")}  # whoever fuses has these


def links(first: str, second: str) -> tuple[int, ...]:
    """Pair -> the ways in which a result can be handed over."""
    reader = _ROWS[second]
    if not _ROWS[first].writes_rd:
        return (APART,)
    return APART, *([INTO_RS1] if reader.reads_rs1 else []), *([INTO_RS2] if reader.reads_rs2 else [])


def handler_name(names: Sequence[str], chain: Sequence[int]) -> str:
    """Micro-ops and the link from each to the next -> name of their handler."""
    return "fused_" + "_".join(names) + "_" + "".join(map(str, chain))


class Step(Fast):
    """One instruction of a fused handler. Its end is the beginning of the next one, unless it jumps."""

    def __init__(self, f: Function, ops: Sequence[Any], chain: Sequence[int], at: int, value: Sym | None) -> None:
        ip = f.emit(f"getelementptr i8, ptr %ip, i64 {self.place(f, ops, at)}")
        super().__init__(f, ops[at], near=True, ip=ip, budget=f.emit(f"sub i64 %bud, {at}"))
        self.ops, self.chain, self.at_step = ops, chain, at
        self.link = chain[at - 1] if at else APART
        self.given = value  # the result of the instruction before this one
        self.value: Sym | None = None

    @staticmethod
    def place(f: Function, ops: Sequence[Any], at: int) -> int:
        """Instructions of a handler, number of one -> bytes from the first one's record to its."""
        return at * f.target.layout.step(f.target.layout.longest)

    @property
    def rs1(self) -> Sym:
        return self.given if self.link == INTO_RS1 and self.given is not None else super().rs1

    @property
    def rs2(self) -> Sym:
        return self.given if self.link == INTO_RS2 and self.given is not None else super().rs2

    def set_rd(self, value) -> None:
        self.value = self.word(value)
        super().set_rd(self.value)

    rd = property(None, set_rd)

    def retire(self, ip: str) -> None:
        """The budget is known to last: no look at it."""
        self.dispatch(ip, self.f.emit(f"sub i64 %bud, {self.at_step + 1}"))

    def finish(self) -> None:
        following = self.at_step + 1
        if self.finished or following == len(self.ops):
            return super().finish()
        step = type(self)(self.f, self.ops, self.chain, following, self.value)
        return run_path(step, step.op)


def build_chain(builder: Builder, names: Sequence[str], chain: Sequence[int], ops: Sequence[Any], first: str) -> str:
    """Names and links, their micro-ops, the plain handler of the first -> the text of the handler."""
    f = builder.define(handler_name(names, chain))

    def body() -> None:
        step = builder.step(f, ops, chain, 0, None)
        if f.fork(f.emit(f"icmp ugt i64 %bud, {len(ops)}"), likely=True):
            run_path(step, step.op)
        else:
            step.leave(f"@{first}", "%ip", "%bud")

    return f.build(body)


# ---- tables: generated code finds the handler for records that it has just decoded -------------------------------
def array(name: str, kind: str, entries: Sequence[object]) -> str:
    """-> the text of a constant table."""
    return f"@{name} = internal constant [{len(entries)} x {kind}] [{', '.join(f'{kind} {e}' for e in entries)}]\n"


def _pair_table(link: int) -> str:
    """Handlers by (first, second); row and column 0 stand for all other micro-ops."""
    entries = []
    for first in ("", *FIRST):
        for second in ("", *SECOND):
            if not (first and second):
                entries.append("null")
                continue
            use = link if link in links(first, second) else APART
            entries.append(f"@{handler_name((first, second), (use,))}")
    return array(f"pairs{link}", "ptr", entries)


def _triple_tables() -> str:
    """triples: number by (first, second, third), 0 for none. By number: the links wanted, and the handlers with those
    links and without any."""
    columns = len(SECOND) + 1
    numbers = [0] * ((len(FIRST) + 1) * columns * columns)
    wanted, linked, apart = [0], ["null"], ["null"]
    for number, (text, *chain) in enumerate(TRIPLES, 1):
        names = text.split()
        a, b, c = FIRST.index(names[0]) + 1, SECOND.index(names[1]) + 1, SECOND.index(names[2]) + 1
        numbers[(a * columns + b) * columns + c] = number
        wanted.append(chain[0] * len(LINKS) + chain[1])
        linked.append("@" + handler_name(names, chain))
        apart.append("@" + handler_name(names, (APART, APART)))
    tables = array("triples", "i8", numbers) + array("wanted", "i8", wanted)
    return tables + array("linked", "ptr", linked) + array("unlinked", "ptr", apart)


def _places(name: str, members: list[str], numbers: dict[str, int]) -> str:
    """Row or column in the tables by the number of a handler."""
    places = {numbers[PREFIX_FAST + member]: place for place, member in enumerate(members, 1)}
    return array(name, "i8", [places.get(number, 0) for number in range(NO_OP + 1)])


class Lookup(Native):
    """Emission of @fuse: reads the records and the tables."""

    def byte(self, base: str, offset: int | str) -> Sym:
        value = self.f.emit(f"load i8, ptr {self.gep(base, offset)}")
        return Sym(self.f, self.f.emit(f"zext i8 {value} to i32"), 32)

    def place(self, table: str, record: str) -> Sym:
        return self.byte(table, str(self.byte(record, REC_OP).u64()))

    def link(self, first: str, second: str) -> Sym:
        """Two records -> how the second uses the first's result; SINK never equals a register that is read."""
        result = self.byte(first, REC_RD)
        second_too = self.select(result == self.byte(second, REC_RS2), self.word(INTO_RS2), self.word(APART))
        return self.select(result == self.byte(second, REC_RS1), self.word(INTO_RS1), second_too)

    def pointer(self, table: str, index: Sym) -> str:
        return self.f.emit(f"load ptr, ptr {self.gep(table, str(index.u64() * 8))}")


def _build_fuse(builder: Builder) -> str:
    """@fuse(record): puts the handler for it and what follows into it, if there is one. The record behind a page's last
    has no number, so nothing behind that one is looked at."""
    f = builder.function("define internal void @fuse(ptr %first) nounwind noinline")

    def body() -> None:
        m = Lookup(f)
        step = m.layout.step(m.layout.longest)
        second, third = m.gep("%first", step), m.gep("%first", 2 * step)
        row, column = m.place("@firsts", "%first"), m.place("@seconds", second)
        if (row == 0) | (column == 0):
            return f.end("ret void")
        columns = len(SECOND) + 1
        index = row * columns + column
        link = m.link("%first", second)
        pair = m.switch(link, LINKS[1:]) or APART
        handler = m.pointer(f"@pairs{pair}", index)
        number = m.byte("@triples", str((index * columns + m.place("@seconds", third)).u64()))
        links_here = link * len(LINKS) + m.link(second, third)
        matches = m.byte("@wanted", str(number.u64())) == links_here
        linked, unlinked = m.pointer("@linked", number), m.pointer("@unlinked", number)
        triple = f.emit(f"select i1 {matches}, ptr {linked}, ptr {unlinked}")
        chosen = f.emit(f"select i1 {number != 0}, ptr {triple}, ptr {handler}")
        return f.end(f"store ptr {chosen}, ptr {m.gep('%first', REC_FN)}", "ret void")

    return f.build(body)


def build_fused(builder: Builder, numbers: dict[str, int]) -> list[str]:
    """Builder, numbers of the plain handlers -> the texts of the fused ones, of their tables and of @fuse."""
    parts = [_pair_table(link) for link in LINKS]
    parts += [_triple_tables(), _places("firsts", FIRST, numbers), _places("seconds", SECOND, numbers)]
    parts.append(_build_fuse(builder))
    found: list[tuple[Sequence[str], Sequence[int]]] = [
        ((a, b), (link,)) for a in FIRST for b in SECOND for link in links(a, b)
    ]
    for text, *how in TRIPLES:
        found += [(tuple(text.split()), each) for each in dict.fromkeys((tuple(how), (APART, APART)))]
    ops = builder.target.micro_ops
    for names, chain in found:
        parts.append(build_chain(builder, names, chain, [ops[name] for name in names], PREFIX_FAST + names[0]))
    return parts
