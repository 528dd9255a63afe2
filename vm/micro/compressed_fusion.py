"""Fusion where instructions have two lengths: see fusion.py.

A short instruction is written with c. in front of its micro-op. There are handlers for neighbours that were counted in
code of gcc -O2 (Dhrystone, small benchmarks, a kernel, MicroPython), not for all pairs of frequent instructions, which
would be three times as many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from vm.arch import INSTRUCTION_BYTES
from vm.isa.rv32c import LENGTH
from vm.micro.context import MicroOp
from vm.micro.fusion import APART, INTO_RS1, INTO_RS2, LINKS, Lookup, Step, array, build_chain, handler_name, links
from vm.micro.handlers import PREFIX_FAST, PREFIX_SLOW
from vm.micro.layout import NO_OP, REC_FN
from vm.micro.symbols import Function, Sym

if TYPE_CHECKING:
    from vm.micro.interpreter import Builder

MARK = "c."  # in front of short ones
SHORT = "short_"  # in front of the names of their handlers
# First -> second: 230 pairs, 29 of 30 that are executed.
PAIRS: Mapping[str, str] = {
    "add": "auipc beq bgeu bltu c.add c.addi c.bne c.jalr c.lw lbu slli xori",
    "addi": "add addi andi auipc beq bgeu bltu bne c.add c.addi c.and c.bne c.jal c.lw c.slli c.sw lbu lw sb slli",
    "and": "bne c.slli",
    "andi": "andi beq c.add c.addi c.beq c.bne c.slli",
    "auipc": "addi lw sw",
    "beq": "add addi c.lw sub",
    "bgeu": "add addi c.add c.lw c.sw slli",
    "blt": "c.lw lw slli",
    "bltu": "addi auipc bgeu c.add c.addi c.andi c.sw sw",
    "bne": "bgeu c.addi c.jalr c.lw",
    "c.add":
        "add addi andi beq bge bgeu blt bltu bne c.add c.addi c.beq c.jal c.jalr c.lui c.lw c.slli c.srli c.sub "
        "c.sw jal lbu lw or sb slli srli sw",
    "c.addi":
        "add addi auipc beq bgeu blt bltu bne c.add c.addi c.andi c.beq c.jal c.jalr c.slli c.sw jal lw sb slli sw",
    "c.andi": "add c.beq",
    "c.beq": "addi c.add c.addi lbu",
    "c.bne": "auipc c.jalr c.lw",
    "c.lui": "c.addi",
    "c.lw": "add addi beq bltu c.add c.addi c.bne c.jalr c.lw c.slli c.sw lbu lui lw slli",
    "c.or": "c.sw",
    "c.slli": "add addi auipc c.add c.lw c.sw or srli",
    "c.srli": "c.beq c.or",
    "c.sub": "c.addi c.sw",
    "c.sw": "addi auipc bltu c.add c.addi c.jal c.jalr c.lw c.slli c.sw lw slli sw",
    "c.xor": "add c.sw slli srli",
    "lbu": "add addi andi c.add c.addi c.beq c.bne c.jal lbu",
    "lui": "addi c.sw lbu lui",
    "lw": "addi bgeu bltu c.add c.addi c.lw c.sub c.sw lui lw",
    "or": "and c.sw sw",
    "sb": "andi c.add c.bne sb",
    "slli": "add addi andi auipc bgeu c.add c.addi c.srli c.sub c.xor",
    "srli": "c.addi c.xor or",
    "sub": "c.addi c.jalr slli",
    "sw": "auipc bne c.addi c.jalr c.lw c.sw lbu or sw",
    "xori": "addi jalr",
}  # fmt: skip
# With the links that they nearly always have: three quarters of all.
TRIPLES: tuple[tuple[str, int, int], ...] = (
    ("sw sw sw", APART, APART), ("addi slli add", INTO_RS1, INTO_RS2), ("slli add xori", INTO_RS2, INTO_RS1),
    ("xori addi slli", INTO_RS1, INTO_RS1), ("add xori addi", INTO_RS1, INTO_RS1), ("c.sw c.sw c.sw", APART, APART),
    ("c.lw c.lw c.lw", APART, APART), ("sw c.addi bne", APART, INTO_RS1), ("sw sw c.addi", APART, APART),
    ("lbu c.addi c.andi", APART, APART), ("c.addi c.andi c.beq", APART, INTO_RS1), ("lui lbu c.addi", INTO_RS1, APART),
    ("c.add c.add bltu", APART, APART), ("sb c.add c.add", APART, APART), ("c.add c.addi c.addi", APART, APART),
    ("lbu c.addi c.addi", APART, APART), ("c.addi c.addi sb", APART, APART), ("c.addi sb c.bne", APART, APART),
    ("c.lw c.lw c.addi", APART, APART), ("c.addi c.sw c.sw", INTO_RS1, APART), ("srli c.xor slli", INTO_RS1, INTO_RS1),
    ("c.xor slli c.xor", INTO_RS1, INTO_RS1), ("c.xor srli c.xor", INTO_RS1, INTO_RS1),
    ("slli c.xor srli", INTO_RS1, INTO_RS1), ("slli andi c.add", APART, APART), ("c.add c.srli c.beq", APART, APART),
    ("c.lw c.addi c.jalr", APART, APART), ("andi c.add c.srli", APART, APART), ("c.sw c.sw c.addi", APART, APART),
    ("c.sw c.addi c.add", APART, APART), ("c.addi c.add bgeu", APART, APART), ("c.addi c.add bltu", APART, APART),
    ("c.addi c.addi bltu", APART, APART), ("c.lw c.add c.addi", APART, APART), ("c.addi addi beq", APART, APART),
    ("lbu c.addi addi", APART, APART), ("slli c.xor c.sw", INTO_RS1, INTO_RS2), ("c.xor c.sw c.addi", INTO_RS2, APART),
    ("c.sw c.addi bne", APART, INTO_RS1), ("c.add lbu c.addi", INTO_RS1, APART), ("c.beq c.add lbu", APART, INTO_RS1),
    ("lbu c.beq c.add", INTO_RS1, APART), ("c.lw c.addi c.addi", APART, APART), ("bgeu c.add c.addi", APART, APART),
    ("c.addi addi c.jal", APART, APART), ("c.add bgeu c.add", APART, APART), ("c.addi c.addi addi", APART, APART),
    ("c.add bltu c.andi", APART, APART), ("add c.lw c.lw", APART, APART), ("bltu c.andi add", APART, INTO_RS1),
    ("c.andi add c.lw", INTO_RS1, APART), ("lw lw lw", APART, APART), ("c.addi sw bne", INTO_RS1, APART),
    ("c.addi c.addi sw", APART, INTO_RS1), ("slli add c.addi", INTO_RS2, APART), ("add c.addi lw", APART, APART),
)  # fmt: skip
FIRST = list(PAIRS)
SECOND = sorted({name for line in PAIRS.values() for name in line.split()} | {
    name for text, *_ in TRIPLES for name in text.split()[1:]
})  # fmt: skip


class Form(NamedTuple):
    """A micro-op as an instruction of one length. text: as in the tables."""

    text: str
    op: MicroOp

    @property
    def name(self) -> str:
        return self.op.name

    @property
    def fn(self) -> Callable[[Any], None]:
        return self.op.fn

    @property
    def length(self) -> int:
        """-> bytes."""
        return LENGTH if self.text.startswith(MARK) else INSTRUCTION_BYTES

    @property
    def kind(self) -> str:
        """-> what is in front of its handlers' names."""
        return SHORT if self.text.startswith(MARK) else ""

    @property
    def plain(self) -> str:
        """-> the name of its plain handler."""
        return self.kind + PREFIX_FAST + self.name


class MixedStep(Step):
    """One instruction of a fused handler, of its own length."""

    length = INSTRUCTION_BYTES

    def __init__(self, f: Function, ops: Sequence[Form], chain: Sequence[int], at: int, value: Sym | None) -> None:
        super().__init__(f, ops, chain, at, value)
        self.length, self.slow_prefix = ops[at].length, ops[at].kind + PREFIX_SLOW

    @staticmethod
    def place(f: Function, ops: Sequence[Form], at: int) -> int:
        return sum(f.target.layout.step(form.length) for form in ops[:at])


def forms(builder: Builder, texts: Sequence[str]) -> tuple[Form, ...]:
    """Texts of the tables -> what they mean."""
    return tuple(Form(text, builder.target.micro_ops[text.removeprefix(MARK)]) for text in texts)


def _name(chain: Sequence[Form], how: Sequence[int]) -> str:
    return handler_name([form.kind + form.name for form in chain], how)


def _links(first: Form, second: Form) -> tuple[int, ...]:
    return links(first.name, second.name)


def _pair_table(builder: Builder, link: int) -> str:
    """Handlers by (first, second), null for none; row and column 0 stand for all other instructions."""
    entries = ["null"] * (len(SECOND) + 1)
    for first in FIRST:
        entries.append("null")
        for second in SECOND:
            pair = forms(builder, (first, second))
            use = link if link in _links(*pair) else APART
            entries.append(f"@{_name(pair, (use,))}" if second in PAIRS[first].split() else "null")
    return array(f"pairs{link}", "ptr", entries)


def _triple_tables(builder: Builder) -> str:
    """triples: number by (first, second, third), 0 for none. By number: the links wanted, and the handlers with those
    links and without any."""
    columns = len(SECOND) + 1
    numbers = [0] * ((len(FIRST) + 1) * columns * columns)
    wanted, linked, apart = [0], ["null"], ["null"]
    for number, (text, *how) in enumerate(TRIPLES, 1):
        names = text.split()
        a, b, c = FIRST.index(names[0]) + 1, SECOND.index(names[1]) + 1, SECOND.index(names[2]) + 1
        numbers[(a * columns + b) * columns + c] = number
        wanted.append(how[0] * len(LINKS) + how[1])
        chain = forms(builder, names)
        linked.append("@" + _name(chain, how))
        apart.append("@" + _name(chain, (APART, APART)))
    tables = array("triples", "i8", numbers) + array("wanted", "i8", wanted)
    return tables + array("linked", "ptr", linked) + array("unlinked", "ptr", apart)


def _places(builder: Builder, name: str, members: Sequence[str], numbers: dict[str, int]) -> str:
    """Row or column in the tables by the number of a handler."""
    places = {numbers[form.plain]: place for place, form in enumerate(forms(builder, members), 1)}
    return array(name, "i8", [places.get(number, 0) for number in range(NO_OP + 1)])


def _steps(builder: Builder, numbers: dict[str, int]) -> str:
    """Bytes from a record to that of the next instruction, by the number of a handler."""
    step, found = builder.target.layout.step, [0] * (NO_OP + 1)
    for name, number in numbers.items():
        found[number] = step(LENGTH if name.startswith(SHORT) else INSTRUCTION_BYTES)
    return array("steps", "i8", found)


def _build_fuse(builder: Builder) -> str:
    """@fuse(record): as in fusion.py. Where there is no handler for a pair, the record keeps its own."""
    f = builder.function("define internal void @fuse(ptr %first) nounwind noinline")

    def body() -> None:
        m = Lookup(f)

        def behind(record: str) -> str:
            return m.gep(record, str(m.place("@steps", record).u64()))

        row = m.place("@firsts", "%first")
        if row == 0:
            return f.end("ret void")
        second = behind("%first")
        column = m.place("@seconds", second)
        if column == 0:
            return f.end("ret void")
        columns = len(SECOND) + 1
        index = row * columns + column
        link = m.link("%first", second)
        handler = m.pointer(f"@pairs{m.switch(link, LINKS[1:]) or APART}", index)
        if not f.fork(f.emit(f"icmp ne ptr {handler}, null")):
            return f.end("ret void")
        third = behind(second)
        number = m.byte("@triples", str((index * columns + m.place("@seconds", third)).u64()))
        matches = m.byte("@wanted", str(number.u64())) == link * len(LINKS) + m.link(second, third)
        linked, unlinked = m.pointer("@linked", number), m.pointer("@unlinked", number)
        triple = f.emit(f"select i1 {matches}, ptr {linked}, ptr {unlinked}")
        chosen = f.emit(f"select i1 {number != 0}, ptr {triple}, ptr {handler}")
        return f.end(f"store ptr {chosen}, ptr {m.gep('%first', REC_FN)}", "ret void")

    return f.build(body)


def chains(builder: Builder) -> list[tuple[tuple[Form, ...], tuple[int, ...]]]:
    """-> what each fused handler runs, and how results are handed over."""
    found: list[tuple[tuple[Form, ...], tuple[int, ...]]] = []
    for first, line in PAIRS.items():
        for second in line.split():
            pair = forms(builder, (first, second))
            found += [(pair, (link,)) for link in _links(*pair)]
    for text, *how in TRIPLES:
        found += [(forms(builder, text.split()), each) for each in dict.fromkeys((tuple(how), (APART, APART)))]
    return found


def build_fused(builder: Builder, numbers: dict[str, int]) -> list[str]:
    """Builder, numbers of the plain handlers -> the texts of the fused ones, of their tables and of @fuse."""
    parts = [_pair_table(builder, link) for link in LINKS]
    parts += [_triple_tables(builder), _steps(builder, numbers)]
    parts += [_places(builder, "firsts", FIRST, numbers), _places(builder, "seconds", SECOND, numbers)]
    parts.append(_build_fuse(builder))
    for chain, how in chains(builder):
        parts.append(build_chain(builder, [form.kind + form.name for form in chain], how, chain, chain[0].plain))
    return parts
