"""Two neighbouring instructions -> one handler that runs both.

Half of an interpreter's time goes into getting from one instruction to the next, and a value that one instruction
leaves for the next goes through memory. So the decoder looks at each pair of neighbours: where a fused handler exists,
it is put into the first record. It reads both records, hands the first's result over in a machine register when the
second uses it, and ends where the second ends. The second record stays what it was, for those who jump to it.

Exactness is kept: with fewer than three instructions left until `due` the fused handler steps aside for the plain one,
and when the second instruction leaves its fast path, the first is complete and counted.
"""

from __future__ import annotations

from vm.micro.context import MicroOp
from vm.micro.handlers import PREFIX_FAST, Fast, define, run_path
from vm.micro.layout import NO_OP, REC_FN, REC_OP, REC_RD, REC_RS1, REC_RS2, RECORD_BYTES
from vm.micro.native import Native
from vm.micro.symbols import Function, Sym

# The most frequent neighbours in compiled C and in our kernel: nine tenths of all pairs that are executed.
FIRST = "add addi and andi auipc beq bgeu bltu bne lbu lui lw or sb slli srli sub sw xor".split()
SECOND = "add addi and andi beq bge bgeu blt bltu bne jal jalr lbu lw or sb slli srli sub sw xor".split()
APART, INTO_RS1, INTO_RS2 = "", "_rs1", "_rs2"  # where the second reads the first's result
LINKS = (APART, INTO_RS1, INTO_RS2)
_WRITES = frozenset(FIRST) - frozenset("beq bgeu bltu bne sb sw".split())
_READS_RS1 = frozenset(SECOND) - {"jal"}
_READS_RS2 = frozenset("add and beq bge bgeu blt bltu bne or sb sub sw xor".split())


def links(first: str, second: str) -> tuple[str, ...]:
    """Pair -> the ways in which a result can be handed over, for which it has handlers."""
    if first not in _WRITES:
        return (APART,)
    return APART, *([INTO_RS1] if second in _READS_RS1 else []), *([INTO_RS2] if second in _READS_RS2 else [])


def handler_name(first: str, second: str, link: str) -> str:
    return f"two_{first}_{second}{link}"


class Second(Fast):
    """The second instruction: one instruction later, with a value at hand; the budget is known to last."""

    def __init__(self, f: Function, op: MicroOp, link: str, value: Sym | None) -> None:
        ip = f.emit(f"getelementptr i8, ptr %ip, i64 {RECORD_BYTES}")
        super().__init__(f, op, near=True, ip=ip, budget=f.emit("sub i64 %bud, 1"))
        self.link, self.value = link, value

    @property
    def rs1(self) -> Sym:
        return self.value if self.link == INTO_RS1 and self.value is not None else super().rs1

    @property
    def rs2(self) -> Sym:
        return self.value if self.link == INTO_RS2 and self.value is not None else super().rs2

    def retire(self, ip: str) -> None:
        self.dispatch(ip, self.f.emit("sub i64 %bud, 2"))


class First(Fast):
    """The first instruction: its end is the second's beginning, unless it jumps."""

    def __init__(self, f: Function, op: MicroOp, second: MicroOp, link: str) -> None:
        super().__init__(f, op, near=True)
        self.second, self.link = second, link
        self.value: Sym | None = None

    def set_rd(self, value) -> None:
        self.value = self.word(value)
        super().set_rd(self.value)

    rd = property(None, set_rd)

    def finish(self) -> None:
        if not self.finished:
            run_path(Second(self.f, self.second, self.link, self.value), self.second)


def _build_pair(first: str, second: str, link: str) -> str:
    ops = MicroOp.registry
    f = define(handler_name(first, second, link))

    def body() -> None:
        handler = First(f, ops[first], ops[second], link)
        if f.fork(f.emit("icmp ugt i64 %bud, 2"), likely=True):
            run_path(handler, ops[first])
        else:
            handler.leave(f"@{PREFIX_FAST}{first}")

    return f.build(body)


def _table(link: str) -> str:
    """-> the text of the array of handlers by (first, second); row and column 0 are for all other micro-ops."""
    entries = []
    for first in ("", *FIRST):
        for second in ("", *SECOND):
            known = bool(first and second)
            use = link if known and link in links(first, second) else APART
            entries.append(f"ptr @{handler_name(first, second, use)}" if known else "ptr null")
    return f"@pairs{link} = internal constant [{len(entries)} x ptr] [{', '.join(entries)}]\n"


def _indices(name: str, members: list[str], numbers: dict[str, int]) -> str:
    """-> the text of an array from the number of a handler to its row or column in the tables."""
    places = {numbers[PREFIX_FAST + member]: place for place, member in enumerate(members, 1)}
    entries = ", ".join(f"i8 {places.get(number, 0)}" for number in range(NO_OP + 1))
    return f"@{name} = internal constant [{NO_OP + 1} x i8] [{entries}]\n"


def _build_fuse(numbers: dict[str, int]) -> str:
    """@fuse(record, the record behind it): puts the pair's handler into the first, if there is one."""
    f = Function("define internal void @fuse(ptr %first, ptr %second) nounwind noinline")

    def body() -> None:
        m = Native(f)

        def byte(base: str, offset: int) -> Sym:
            value = f.emit(f"load i8, ptr {m.gep(base, offset)}")
            return Sym(f, f.emit(f"zext i8 {value} to i32"), 32)

        def place(table: str, record: str) -> Sym:
            return byte(m.gep(table, str(byte(record, REC_OP).u64())), 0)

        index = place("@firsts", "%first") * (len(SECOND) + 1) + place("@seconds", "%second")
        result = byte("%first", REC_RD)
        tables = ("pairs" + link for link in LINKS)
        apart, into_rs1, into_rs2 = (
            f.emit(f"load ptr, ptr {m.gep('@' + table, str(index.u64() * 8))}") for table in tables
        )
        use_rs2 = f.emit(f"select i1 {result == byte('%second', REC_RS2)}, ptr {into_rs2}, ptr {apart}")
        chosen = f.emit(f"select i1 {result == byte('%second', REC_RS1)}, ptr {into_rs1}, ptr {use_rs2}")
        if f.fork(f.emit(f"icmp ne ptr {chosen}, null")):
            f.do(f"store ptr {chosen}, ptr {m.gep('%first', REC_FN)}")
        f.end("ret void")

    return f.build(body)


def build_fused(numbers: dict[str, int]) -> list[str]:
    """Numbers of the plain handlers -> the texts of the fused ones, of their tables and of @fuse."""
    parts = [_table(link) for link in LINKS]
    parts += [_indices("firsts", FIRST, numbers), _indices("seconds", SECOND, numbers), _build_fuse(numbers)]
    parts += [_build_pair(a, b, link) for a in FIRST for b in SECOND for link in links(a, b)]
    return parts
