"""The common assembly in cisc mode: RISC-V's mnemonics for the registers that all modes have -> native instructions.

A table line says: this mnemonic with operands of these shapes is that native instruction. Of several lines for one
mnemonic and number of operands the first that fits is taken, so the short forms stand before the general ones.

    d        a register, the result                s t      a register, or `zero` as a source
    i        a constant                            v        a register, `zero` or a constant
    k        a constant that is known by now       -i       one from -63 to -1       0 255    this one
    m        an address in memory: 4(a0), label    r        a register that holds an address
    a        a label, the address of something     L        a label to branch to
    c        a CSR                                 x y      whatever the native instruction takes

The same letter twice is the same register twice. In the native part (r) stands for the memory that r points to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from assembler import parse, specify
from assembler.diagnostics import SourceFault
from vm.isa.specifiers import LITERAL_END

if TYPE_CHECKING:
    from assembler.assembly import Assembler
    from assembler.cisc import Native

ZERO = "zero"
_REGISTER_SOURCES = (("add", "addl"), ("and", "andl"), ("or", "orl"), ("xor", "xorl"), ("mul", "mull"))
_ORDERED = (
    ("sub", "subl"), ("sll", "slll"), ("srl", "srll"), ("sra", "sral"), ("slt", "sltl"), ("sltu", "sltul"),
    ("div", "divl"), ("divu", "divul"), ("rem", "reml"), ("remu", "remul"), ("mulh", "mulhl"), ("mulhu", "mulhul"),
    ("mulhsu", "mulhsul"),
)  # fmt: skip
_IMMEDIATES = (
    ("and", "andl"), ("or", "orl"), ("xor", "xorl"), ("sll", "slll"), ("srl", "srll"), ("sra", "sral"),
    ("slt", "sltl"),
)  # fmt: skip
_BRANCHES = ("beq", "bne", "blt", "bge", "bltu", "bgeu")
_SWAPPED = (("bgt", "blt"), ("ble", "bge"), ("bgtu", "bltu"), ("bleu", "bgeu"))
_AGAINST_ZERO = (("beqz", "beql s, $0, L"), ("bnez", "bnel s, $0, L"), ("bltz", "bltl s, $0, L"),
                 ("bgez", "bgel s, $0, L"), ("blez", "bgel $0, s, L"), ("bgtz", "bltl $0, s, L"))  # fmt: skip
_LOADS = (("lw", "movl"), ("lh", "cvthl"), ("lb", "cvtbl"), ("lhu", "movzhl"), ("lbu", "movzbl"))
_STORES = (("sw", "l"), ("sh", "h"), ("sb", "b"))


def table() -> Iterator[tuple[str, str, str]]:
    """-> mnemonic, shapes of its operands, native instruction."""
    yield from (
        ("add", "d, d, 1", "incl d"), ("addi", "d, d, 1", "incl d"),
        ("add", "d, d, -1", "decl d"), ("addi", "d, d, -1", "decl d"),
        ("add", "d, s, 0", "movl s, d"), ("addi", "d, s, 0", "movl s, d"),
        ("add", "d, d, -i", "subl2 i, d"), ("addi", "d, d, -i", "subl2 i, d"),
        ("add", "d, s, -i", "subl3 s, i, d"), ("addi", "d, s, -i", "subl3 s, i, d"),
        ("addi", "d, zero, i", "movl i, d"), ("addi", "d, d, i", "addl2 i, d"), ("addi", "d, s, i", "addl3 s, i, d"),
        ("and", "d, s, 255", "movzbl s, d"), ("andi", "d, s, 255", "movzbl s, d"),
        ("xor", "d, s, -1", "mcoml s, d"), ("xori", "d, s, -1", "mcoml s, d"),
        ("sub", "d, zero, t", "mnegl t, d"),
    )  # fmt: skip
    for name, native in _IMMEDIATES:
        yield name + "i", "d, d, i", f"{native}2 i, d"
        yield name + "i", "d, s, i", f"{native}3 s, i, d"
    yield "sltiu", "d, d, i", "sltul2 i, d"
    yield "sltiu", "d, s, i", "sltul3 s, i, d"
    for name, native in _REGISTER_SOURCES:
        yield name, "d, d, v", f"{native}2 v, d"
        yield name, "d, s, d", f"{native}2 s, d"
        yield name, "d, s, v", f"{native}3 s, v, d"
    for name, native in _ORDERED:
        yield name, "d, d, v", f"{native}2 v, d"
        yield name, "d, s, v", f"{native}3 s, v, d"
    yield from (
        ("li", "d, 0", "clrl d"), ("li", "d, k", "movl k, d"),
        ("la", "d, k", "movl k, d"), ("la", "d, a", "moval a, d"),
        ("mv", "d, zero", "clrl d"), ("mv", "d, s", "movl s, d"),
        ("move", "d, zero", "clrl d"), ("move", "d, s", "movl s, d"),
        ("not", "d, s", "mcoml s, d"), ("neg", "d, s", "mnegl s, d"),
        ("seqz", "d, d", "sltul2 $1, d"), ("seqz", "d, s", "sltul3 s, $1, d"), ("snez", "d, s", "sltul3 $0, s, d"),
        ("sltz", "d, d", "sltl2 $0, d"), ("sltz", "d, s", "sltl3 s, $0, d"), ("sgtz", "d, s", "sltl3 $0, s, d"),
        ("sgt", "d, s, t", "sltl3 t, s, d"), ("sgtu", "d, s, t", "sltul3 t, s, d"),
        ("zext.b", "d, s", "movzbl s, d"), ("zext.h", "d, s", "movzhl s, d"),
        ("sext.b", "d, s", "cvtbl s, d"), ("sext.h", "d, s", "cvthl s, d"),
    )  # fmt: skip
    for name, native in _LOADS:
        yield name, "d, m", f"{native} m, d"
    for name, width in _STORES:
        yield name, "zero, m", f"clr{width} m"
        yield name, "s, m", f"mov{width} s, m"
        yield name, "s, m, d", f"mov{width} s, m"  # the register that the RISC modes need on the way stays as it is
    for name in _BRANCHES:
        yield name, "s, t, L", f"{name}l s, t, L"
    for name, native in _SWAPPED:
        yield name, "s, t, L", f"{native}l t, s, L"
    for name, native in _AGAINST_ZERO:
        yield name, "s, L", native
    yield from (
        ("j", "L", "br L"), ("call", "L", "bsr L"), ("ret", "", "rsb"), ("ebreak", "", "bpt"),
        ("jr", "r", "jmp (r)"), ("jr", "m", "jmp m"), ("jalr", "r", "jsr (r)"), ("jalr", "m", "jsr m"),
        ("csrw", "c, zero", "csrw c, $0"), ("csrw", "c, i", "csrw c, i"), ("csrw", "c, x", "csrw c, x"),
    )  # fmt: skip
    for name in ("csrs", "csrc"):
        yield name, "c, i", f"{name} c, i"
        yield name, "c, x", f"{name} c, x"
    for name in ("csrw", "csrs", "csrc"):
        yield name + "i", "c, i", f"{name} c, i"
    yield "csrrw", "x, c, zero", "csrrw x, c, $0"
    yield "csrrw", "x, c, i", "csrrw x, c, i"
    yield "csrrw", "x, c, y", "csrrw x, c, y"
    yield "csrrwi", "d, c, i", "csrrw d, c, i"


class Operand(NamedTuple):
    """An operand's text and what it is: register, zero, constant (`number` is its value), later (a name that is not
    defined yet, where a constant is wanted), memory or symbol."""

    text: str
    kind: str
    number: int = 0


@lru_cache(maxsize=1 << 14)
def by_text(text: str) -> Operand:
    """Text of an operand -> what it is, so far as the text tells: a name may turn out to be a constant."""
    whole = text.strip()
    if whole in specify.NUMBERS:
        return Operand(whole, "register")
    if whole == ZERO:
        return Operand(whole, ZERO)
    number = parse.literal(whole)
    if number is not None:
        return Operand(whole, "constant", number)
    if match := _AT_NUMBER.fullmatch(whole):
        return Operand(f"*${match[1] or 0}", "memory")
    if whole.endswith(")") and not whole.startswith("%") and specify.shape(whole).kind in ("deferred", "displacement"):
        return Operand(whole, "memory")
    return Operand(whole, "symbol")


class Allowed(NamedTuple):
    """What a letter of the table stands for: kinds of operands, and how messages and syntax lines call it."""

    kinds: tuple[str, ...]
    expected: str
    written: str


_ANY = ("register", "memory", "symbol")
LETTERS = {
    "d": Allowed(("register",), "a register for the result", "rd"),
    "r": Allowed(("register",), "a register", "rs"),
    "s": Allowed(("register", ZERO), "a register or zero", "rs1"),
    "t": Allowed(("register", ZERO), "a register or zero", "rs2"),
    "v": Allowed(("register", ZERO, "constant", "later"), "a register, zero or a constant", "rs2"),
    "i": Allowed(("constant", "later"), "a constant", "constant"),
    "k": Allowed(("constant",), "a constant", "constant"),
    "m": Allowed(("memory", "symbol"), "an address such as 4(a0) or a label", "imm(rs)"),
    "a": Allowed(("symbol",), "a label", "symbol"),
    "L": Allowed(("symbol", "register"), "a label", "target"),  # which of both is meant the native form finds out
    "c": Allowed(("symbol", "constant"), "a CSR", "csr"),
    "x": Allowed(_ANY, "an operand of cisc mode", "operand"),
    "y": Allowed(_ANY, "an operand of cisc mode", "operand"),
    ZERO: Allowed((ZERO,), "zero", ZERO),
}
_AT_NUMBER = re.compile(r"(.*)\(\s*zero\s*\)", re.DOTALL)  # an absolute address in the notation of the RISC modes
_FIXED = re.compile(r"-?\d+")


def _fits(shape: str, operand: Operand) -> bool:
    """Whether an operand has a shape of the table."""
    if shape == "-i":
        return operand.kind == "constant" and -LITERAL_END < operand.number < 0
    if _FIXED.fullmatch(shape):
        return operand.kind == "constant" and operand.number == int(shape)
    return operand.kind in LETTERS[shape].kinds


class Line:
    """A line of the table: `shapes` of the operands, the native form, and what the native operands are made of."""

    def __init__(self, shapes: str, native: str, table: Mapping[str, Native]) -> None:
        self.shapes = tuple(shapes.split(", ")) if shapes else ()
        name, _, rest = native.partition(" ")
        self.native = table[name]
        self.made = tuple(rest.split(", ")) if rest else ()
        self.sources = tuple(self.negated(part.strip("()$")) for part in self.made)

    def negated(self, name: str) -> str:
        return "-i" if name == "i" and "-i" in self.shapes else name

    def fits(self, operands: Sequence[Operand]) -> bool:
        """Whether all operands have the shapes of this line."""
        known: dict[str, str] = {}
        for shape, operand in zip(self.shapes, operands, strict=True):
            if not _fits(shape, operand) or known.setdefault(shape, operand.text) != operand.text:
                return False
        return True

    def texts(self, operands: Sequence[Operand]) -> list[str]:
        """Operands of the common assembly -> texts of the native operands."""
        known = dict(zip(self.shapes, operands, strict=True))
        found = []
        for part, name in zip(self.made, self.sources, strict=True):
            operand = known.get(name)
            if operand is None:
                found.append(part)  # such as $0
            elif operand.kind == ZERO:
                found.append("$0")
            elif operand.kind == "constant" and name not in "cL":
                found.append(f"${-operand.number if name == '-i' else operand.number}")
            elif operand.kind == "later":
                found.append(f"${operand.text}")
            else:
                found.append(f"({operand.text})" if part[0] == "(" else operand.text)
        return found


class Common:
    """A mnemonic of the common assembly with one number of operands."""

    def __init__(self, name: str, lines: Sequence[Line]) -> None:
        self.name = name
        self.lines = lines
        self.slots: Any = lines[-1].shapes
        self.symbolic = any(shape in "aL" for shape in self.slots)
        self.syntax = ", ".join(LETTERS[shape].written for shape in self.slots)

    def plain(self, texts: Sequence[str]) -> bytes | None:
        if self.symbolic:
            return None
        operands = [by_text(text) for text in texts]
        if any(operand.kind == "symbol" for operand in operands):
            return None
        for line in self.lines:
            if line.fits(operands):
                return line.native.plain(line.texts(operands))
        return None

    def emit(self, texts: Sequence[str], asm: Assembler) -> None:
        operands = [self._operand(text, position, asm) for position, text in enumerate(texts)]
        for line in self.lines:
            if line.fits(operands):
                line.native.emit(line.texts(operands), asm)
                return
        self._refuse(operands)

    def _operand(self, text: str, position: int, asm: Assembler) -> Operand:
        """Text -> operand; a name that has a value by now is a constant."""
        shape = self.slots[position]
        operand = by_text(text)
        if operand.kind != "symbol" or shape in ("L", "c"):
            return operand
        if shape not in ("a", "m") and specify.is_foreign(text):
            specify.register(text)  # says that there is no such register
        specify.check_modifier(text)
        if shape in ("x", "y") and specify.shape(text) != specify.Shape("relative", 0, text.strip()):
            return operand
        value = asm.value(text)
        if value.constant:
            return operand._replace(kind="constant", number=value.number)
        undefined = value.plus is not None and not value.plus.defined and value.minus is None
        return operand._replace(kind="later") if undefined and shape in ("i", "v") else operand

    def _refuse(self, operands: Sequence[Operand]) -> None:
        """SourceFault: says which operand has the wrong shape, by the last and most general line of the table."""
        for shape, operand in zip(self.slots, operands, strict=True):
            if _fits(shape, operand):
                continue
            text = operand.text
            if shape == "d" and operand.kind == ZERO:
                raise SourceFault("zero cannot be written in cisc mode; expected a register for the result", text)
            if shape in ("i", "k") and operand.kind == "symbol":
                raise SourceFault(
                    f"{self.name} needs a value that is known here, '{text}' is not; use la for an address, or define "
                    "the constant earlier",
                    text,
                )
            raise SourceFault(f"expected {LETTERS[shape].expected}, found '{text}'", text)
        raise SourceFault(f"{self.name} cannot have these operands; expected '{self.name} {self.syntax}'")


def forms(native: Mapping[str, Native]) -> Iterator[tuple[str, int, Common]]:
    """Native forms by mnemonic -> (mnemonic, number of operands, form) of the common assembly."""
    found: dict[tuple[str, int], list[Line]] = {}
    for name, shapes, meaning in table():
        line = Line(shapes, meaning, native)
        found.setdefault((name, len(line.shapes)), []).append(line)
    for (name, count), lines in found.items():
        yield name, count, Common(name, lines)
