"""Symbolic words and the path explorer: a plain Python function -> the text of one LLVM function.

A `Sym` is an operand of LLVM IR with the operations of `values.Word`; operations on constants fold. The semantics may
use Python's own `if`, `and`, `or` and `raise` on such values: when a symbolic condition is asked for its truth, the
explorer emits a conditional branch, follows one side now and runs the function again later for the other side. In the
second run the part before the branch is replayed, not emitted twice. The function must therefore be deterministic, and
its loops must have bounds known at build time. IR is written as text: five times as quick as building objects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vm.micro.values import U32, U64

if TYPE_CHECKING:
    from vm.micro.context import Routine
    from vm.micro.target import Target

_CONST: dict[int, Callable[[int], int]] = {32: U32, 64: U64, 1: lambda v: int(v) & 1}
_OPS = {
    "__add__": "add", "__sub__": "sub", "__mul__": "mul", "__and__": "and", "__or__": "or", "__xor__": "xor",
    "__lshift__": "shl", "__rshift__": "lshr", "sar": "ashr",
    "sdiv": "sdiv", "srem": "srem", "udiv": "udiv", "urem": "urem",
}  # fmt: skip
_COMPARES = {
    "__eq__": "eq", "__ne__": "ne", "__lt__": "ult", "__le__": "ule", "__gt__": "ugt", "__ge__": "uge",
    "slt": "slt", "sge": "sge",
}  # fmt: skip


class BuildError(Exception):
    """The semantics asked for something that cannot be emitted: a mistake in vm/micro, never the guest's."""


class Node:
    """A basic block: its lines, what each emission returned (for replays), and where it leads."""

    __slots__ = ("label", "lines", "results", "kids", "branch")

    def __init__(self, label: str) -> None:
        self.label = label
        self.lines: list[str] = []
        self.results: list[str] = []
        self.kids: dict[object, Node] | None = None
        self.branch: Callable[[], str] | None = None


class Function:
    """Builds one LLVM function by exploring every path of a Python function. `calls` collects the routines that it
    calls, by name; `target` is for those who emit."""

    def __init__(self, header: str, target: Target, calls: dict[str, Routine]) -> None:
        self.header, self.target, self.calls = header, target, calls
        self.count = 0
        self.nodes: list[Node] = []
        self.root = self._node()
        self.pending: list[list[object]] = []

    def _node(self) -> Node:
        node = Node(f"b{len(self.nodes)}")
        self.nodes.append(node)
        return node

    def build(self, body: Callable[[], None]) -> str:
        """Runs `body` once a path -> the function's text."""
        self.pending = [[]]
        while self.pending:
            self.script = self.pending.pop()
            self.taken: list[object] = []
            self.node, self.position, self.ended = self.root, 0, False
            body()
            if not self.ended:
                raise BuildError(f"a path of {self.header} does not end")
        blocks = []
        for node in self.nodes:
            tail = node.branch() if node.branch else ""
            blocks.append(f"{node.label}:\n" + "\n".join(node.lines) + ("\n" + tail if tail else ""))
        return f"{self.header} {{\n" + "\n".join(blocks) + "\n}\n"

    # ---- emission
    def emit(self, text: str) -> str:
        """Appends an instruction with a result -> its name."""
        if self.ended:
            raise BuildError(f"code after the end of a path in {self.header}: {text}")
        if self.position < len(self.node.results):
            name = self.node.results[self.position]
        else:
            self.count += 1
            name = f"%v{self.count}"
            self.node.results.append(name)
            self.node.lines.append(f"  {name} = {text}")
        self.position += 1
        return name

    def do(self, text: str) -> None:
        """Appends an instruction without a result."""
        if self.ended:
            raise BuildError(f"code after the end of a path in {self.header}: {text}")
        if self.position >= len(self.node.results):
            self.node.results.append("")
            self.node.lines.append("  " + text)
        self.position += 1

    def end(self, *lines: str) -> None:
        """Ends the path with these instructions, the last of them a terminator."""
        for line in lines:
            self.do(line)
        self.ended = True

    # ---- control flow
    def _follow(self, keys: Sequence[object], render: Callable[[dict[object, Node]], str]) -> object:
        node = self.node
        if node.kids is None:
            kids = {key: self._node() for key in keys}
            node.kids = kids
            node.branch = lambda: render(kids)
        depth = len(self.taken)
        if depth < len(self.script):
            key = self.script[depth]
        else:
            key = keys[0]
            self.pending.extend([*self.taken, other] for other in reversed(keys[1:]))
        self.taken.append(key)
        self.node, self.position = node.kids[key], 0
        return key

    def fork(self, condition: str, likely: bool | None = None) -> bool:
        """Emits a two-way branch; returns the side that is being followed."""
        weight = "" if likely is None else f", !prof !{0 if likely else 1}"

        def render(kids: dict[object, Node]) -> str:
            return f"  br i1 {condition}, label %{kids[True].label}, label %{kids[False].label}{weight}"

        return bool(self._follow((True, False), render))

    def switch(self, value: Sym, cases: Sequence[int]) -> int | None:
        """Emits a multi-way branch -> the case that is being followed, or None for all other values."""
        if isinstance(value.x, int):
            return int(value.x) if int(value.x) in cases else None

        def render(kids: dict[object, Node]) -> str:
            arms = " ".join(f"i{value.width} {case}, label %{kids[case].label}" for case in cases)
            return f"  switch i{value.width} {value.x}, label %{kids[None].label} [{arms}]"

        key = self._follow((*cases, None), render)
        return None if key is None else int(key)  # type: ignore[call-overload]


class Sym:
    """An operand of LLVM IR: x is a register's name, or a constant."""

    __slots__ = ("f", "x", "width")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, f: Function, x: int | str, width: int) -> None:
        self.f, self.x, self.width = f, x, width

    @property
    def constant(self) -> bool:
        return not isinstance(self.x, str)

    def __str__(self) -> str:
        return self.x if isinstance(self.x, str) else str(int(self.x))

    def _operand(self, other) -> int | str:
        if isinstance(other, Sym):
            if other.width != self.width:
                raise BuildError(f"operands of {self.width} and {other.width} bits meet in {self.f.header}")
            return other.x
        return _CONST[self.width](other)

    def _binary(self, method: str, other) -> Sym:
        y = self._operand(other)
        if self.constant and not isinstance(y, str):
            return Sym(self.f, getattr(_CONST[self.width](self.x), method)(y), self.width)  # type: ignore[arg-type]
        if y == 0 and method in ("__add__", "__sub__", "__or__", "__xor__", "__lshift__", "__rshift__", "sar"):
            return self
        return Sym(self.f, self.f.emit(f"{_OPS[method]} i{self.width} {self}, {y}"), self.width)

    def _compare(self, method: str, other):
        y = self._operand(other)
        if self.constant and not isinstance(y, str):
            return bool(getattr(_CONST[self.width](self.x), method)(y))  # type: ignore[arg-type]
        return Bit(self.f, self.f.emit(f"icmp {_COMPARES[method]} i{self.width} {self}, {y}"), 1)

    # fmt: off
    def __add__(self, other): return self._binary("__add__", other)
    def __sub__(self, other): return self._binary("__sub__", other)
    def __mul__(self, other): return self._binary("__mul__", other)
    def __and__(self, other): return self._binary("__and__", other)
    def __or__(self, other): return self._binary("__or__", other)
    def __xor__(self, other): return self._binary("__xor__", other)
    def __lshift__(self, other): return self._binary("__lshift__", other)
    def __rshift__(self, other): return self._binary("__rshift__", other)
    def sar(self, other): return self._binary("sar", other)
    def sdiv(self, other): return self._binary("sdiv", other)
    def srem(self, other): return self._binary("srem", other)
    def udiv(self, other): return self._binary("udiv", other)
    def urem(self, other): return self._binary("urem", other)
    def __eq__(self, other): return self._compare("__eq__", other)
    def __ne__(self, other): return self._compare("__ne__", other)
    def __lt__(self, other): return self._compare("__lt__", other)
    def __le__(self, other): return self._compare("__le__", other)
    def __gt__(self, other): return self._compare("__gt__", other)
    def __ge__(self, other): return self._compare("__ge__", other)
    def slt(self, other): return self._compare("slt", other)
    def sge(self, other): return self._compare("sge", other)
    # fmt: on

    def __invert__(self) -> Sym:
        return self ^ ((1 << self.width) - 1)

    def __bool__(self) -> bool:
        return bool(self != 0)

    def _convert(self, how: str, width: int, fold: Callable[[int], int]) -> Sym:
        if not isinstance(self.x, str):
            return Sym(self.f, fold(self.x), width)
        return Sym(self.f, self.f.emit(f"{how} i{self.width} {self} to i{width}"), width)

    def u64(self) -> Sym:
        return self._convert("zext", 64, U64)

    def s64(self) -> Sym:
        return self._convert("sext", 64, lambda v: U32(v).s64())

    def low(self) -> Sym:
        return self._convert("trunc", 32, U32)

    def high(self) -> Sym:
        return (self >> 32).low()

    def sext(self, bits: int) -> Sym:
        shift = self.width - bits
        return (self << shift).sar(shift)

    def _product(self, extend_a: str, extend_b: str, other) -> Sym:
        b = other if isinstance(other, Sym) else Sym(self.f, U32(other), 32)
        return (getattr(self, extend_a)() * getattr(b, extend_b)()).high()

    def mulh(self, other) -> Sym:
        return self._product("s64", "s64", other)

    def mulhu(self, other) -> Sym:
        return self._product("u64", "u64", other)

    def mulhsu(self, other) -> Sym:
        return self._product("s64", "u64", other)


class Bit(Sym):
    """A truth value; asking for its truth in Python forks the path."""

    __slots__ = ()
    __hash__ = None

    def __bool__(self) -> bool:
        return self.f.fork(str(self))

    def _logic(self, op: str, other) -> Bit | bool:
        y = int(other) if isinstance(other, (bool, int)) else other.x
        if isinstance(y, int):
            if op == "and":
                return self if y else False
            return True if y else self
        return Bit(self.f, self.f.emit(f"{op} i1 {self}, {y}"), 1)

    def __and__(self, other):
        return self._logic("and", other)

    def __or__(self, other):
        return self._logic("or", other)

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Bit:
        return Bit(self.f, self.f.emit(f"xor i1 {self}, 1"), 1)
