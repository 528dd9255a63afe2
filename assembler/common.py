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

from collections.abc import Iterator
from typing import NamedTuple

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
