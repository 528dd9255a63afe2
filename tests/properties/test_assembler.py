"""Round trips through text, and what must hold for any source text at all."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from assembler import AssemblyError, assemble
from vm import aout
from vm.isa import codec
from vm.isa.text import text


@st.composite
def words(draw: st.DrawFn, mode: str = "risc") -> int:
    """Any valid instruction word."""
    row = draw(st.sampled_from(codec.rows(mode)))
    return row.match | draw(st.integers(0, 0xFFFF_FFFF)) & ~row.mask


def written(word: int, aliases: bool, mode: str = "risc") -> str:
    """Word -> source text, branch targets as distances."""
    row = codec.decode(word, mode)
    assert row is not None
    return text(
        row, word, 0, aliases, address=lambda target: f".{(target + (1 << 31)) % (1 << 32) - (1 << 31):+d}", mode=mode
    )


def reaches(word: int) -> bool:
    """Whether the word is no conditional branch; those to places outside of the section are made long."""
    row = codec.decode(word)
    return row is not None and row.cost != "branch"


@settings(max_examples=300)
@given(st.lists(words(), min_size=1, max_size=30), st.booleans())
def test_what_is_disassembled_assembles_to_itself(content: list[int], aliases: bool) -> None:
    code = b"".join(word.to_bytes(4, "little") for word in content)
    source = "\n".join(written(word, aliases) for word in content) + "\n"
    assert assemble(source).text == code


@settings(max_examples=300)
@given(st.lists(words("window"), min_size=1, max_size=30), st.booleans())
def test_so_it_does_in_window_mode(content: list[int], aliases: bool) -> None:
    code = b"".join(word.to_bytes(4, "little") for word in content)
    source = "\n".join(written(word, aliases, "window") for word in content) + "\n"
    assert assemble(source, mode="window").text == code


@given(st.text(alphabet=st.sampled_from(list("ab0159.:,()%\\\"'#;/*+-<>=!&| \t\n_$@{}~^\x00é")), max_size=60))
@example(".macro a\na\n.endm\na\n")
@example(".rept 3\n.if 1\n.endr\n")
@example("'")
@example('.ascii "\\')
@example("(" * 2000)
@example(".word " + "-" * 3000 + "1")
@example(".word " + "(" * 3000)
@example(".equ a, b\n.equ b, a\n.word a")
@example(".if 1\n.else\n.else\n")
@example("a = a + 1\n.word a")
@example(".word 1 << 100000000")
@example("li a0, 99999999999999999999999999")
@example(".word 0" + "9" * 20)
@example(".byte 9" * 5000)
@example(".word " + "9" * 5000)
@example(".fill 1000000000, 8\n")
@example('.include "/dev/null/x"')
@example(".align 3, \n.org -1")
@example("x: .set x, 1")
@example(".irp x\n\\x\n.endr")
@example(".struct 5\n.word 1\nadd a0, a0, a0")
@example(".bss\n.word 1\n.space 5\n.text\n.space -1")
def test_any_text_is_assembled_or_refused(source: str) -> None:
    check(source)


DIRECTIVES = [
    ".word", ".byte", ".if", ".else", ".endif", ".macro m x", ".endm", "m", ".rept 2", ".endr", ".irp x, 1, 2", "\\x",
    ".section", ".text", ".data", ".bss", ".align", ".org", ".set x,", "x:", "1:", "j 1b", "j 1f", "lw a0,", "la a0, x",
    ".globl x", ".weak x", ".comm x, 4", ".string", ".ascii", ".equ", "x =", ".struct", ".popsection", ".previous",
    ".exitm", ".purgem m", ".fill", ".space", "li a0, x", "beq a0, a1, x", ".option rvc", ".loc 1 1", "call x", ".end",
]  # fmt: skip
OPERANDS = ["x", "1", "x - .", "1b", "1f", '"s"', "", "-1", "x, 2", "%lo(x)", "(", "a0", "4(a0)", ".", "x*2", "1 << 4"]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(DIRECTIVES), st.sampled_from(OPERANDS)), max_size=14))
def test_any_heap_of_statements_is_assembled_or_refused(statements: list[tuple[str, str]]) -> None:
    check("\n".join(f"{name} {operand}" for name, operand in statements))


def check(source: str) -> None:
    """A source gives an object that can be written and read again, or an error that shows lines of the source."""
    try:
        made = assemble(source, filename="any.s")
    except AssemblyError as error:
        assert error.diagnostics
        assert all(each.column >= 1 and each.width >= 1 for each in error.diagnostics)
        assert str(error).startswith("any.s:")
    else:
        assert aout.read(aout.write(made), "any.s") == made
