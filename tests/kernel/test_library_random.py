"""printf against Python's formatting, and the heap under random steps, on the real kernel."""

from __future__ import annotations

import functools
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.kernel.guest import LIMIT, PROGRAMS
from toyos import build
from toyos.boot import Computer
from toyos.variants import MODES

TEXT = 0xB0F0_0000  # programs/tests/format.s: upper half of a word that stands for a text
PLACES = 32  # programs/tests/heap.s

flags = st.sampled_from(["", "-", "0", "5", "-5", "05", "12", "-12", "012", "1"])
letter = st.sampled_from("duxcsp")
number = st.one_of(st.sampled_from([0, 1, 9, 10, 2**31 - 1, 2**31, 2**32 - 1]), st.integers(0, 2**32 - 1))
plain = st.text("ab %\n", max_size=5).map(lambda text: text.replace("%", "%%"))
text = st.text("xyz ", max_size=20)
piece = st.tuples(plain, flags, letter, number, text)
step = st.tuples(
    st.integers(0, PLACES - 1),
    st.one_of(st.integers(0, 64), st.integers(0, 3000), st.sampled_from([0, 1, 4088, 20000, 0x7FFF_FF00, 2**32 - 1])),
)


@functools.cache
def program(name: str, mode: str) -> bytes:
    return build.program([PROGRAMS / "tests" / f"{name}.s"], mode)


def run(mode: str, name: str, files: dict[str, bytes]) -> bytes:
    """Mode, program of programs/tests, guest files -> what it printed, after a run to its end that loses no page."""
    output = bytearray()
    files = {f"run/{name}": program(name, mode), **files}
    computer = Computer([name], files, console=output.extend, parts=build.system(mode))
    assert computer.run(max_instructions=LIMIT).reason == "halt"
    assert computer.counter("KS_FREE") == computer.counter("KS_FREE_BOOT")
    return bytes(output)


def expected(flag: str, kind: str, word: int, words: str) -> str:
    """What one conversion puts out, by Python's own formatting."""
    left, zero, width = "-" in flag, flag.startswith("0"), int(flag.strip("-") or 0)
    signed = word - (word >> 31 << 32)
    body = {
        "d": str(signed),
        "u": str(word),
        "x": f"{word:x}",
        "c": chr(word % 95 + 32),
        "s": words,
        "p": f"0x{word:x}",
    }[kind]
    if left:
        return body.ljust(width)
    return body.zfill(width) if zero and kind in "dux" else body.rjust(width)


@pytest.mark.parametrize("mode", MODES)
@given(pieces=st.lists(piece, max_size=12))
@example(pieces=[("", "012", "d", 2**31, "")])
@example(pieces=[("", "-5", "s", 0, "longer than that")] * 40)
def test_printf_formats_as_python_does(pieces: list[tuple[str, str, str, int, str]], mode: str) -> None:
    format_text, words, texts, output = "", [], b"", ""
    for before, flag, kind, word, string in pieces:
        if kind == "p":
            flag = flag.lstrip("0") if not flag.startswith("-") else flag  # C leaves %0p undefined
        format_text += f"{before}%{flag}{kind}"
        words.append({"c": word % 95 + 32, "s": TEXT + len(texts)}.get(kind, word if word >> 16 != TEXT >> 16 else 7))
        texts += string.encode() + b"\0"
        output += before.replace("%%", "%") + expected(flag, kind, words[-1] if kind not in "cs" else word, string)
    files = {
        "etc/format": format_text.encode() + b"\0",
        "etc/words": struct.pack(f"<{len(words)}I", *words),
        "etc/texts": texts,
    }
    assert run(mode, "format", files).decode() == output


@pytest.mark.parametrize("mode", MODES)
@given(steps=st.lists(step, min_size=1, max_size=300))
@example(steps=[(at, 100) for at in range(PLACES)] + [(at, 0) for at in range(0, PLACES, 2)] + [(0, 5000), (2, 60)])
@example(steps=[(0, 10), (0, 2**32 - 1), (0, 20), (0, 0)])
def test_the_heap_keeps_blocks_apart(steps: list[tuple[int, int]], mode: str) -> None:
    assert run(mode, "heap", {"etc/steps": b"".join(struct.pack("<2I", *one) for one in steps)}) == b"sound\n"
