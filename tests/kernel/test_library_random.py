"""printf against Python's formatting, and the heap under random steps, on the real kernel."""

from __future__ import annotations

import functools
import struct

from hypothesis import example, given
from hypothesis import strategies as st

from tests.kernel.guest import LIMIT, PROGRAMS
from toyos import build
from toyos.boot import Computer

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
def program(name: str) -> bytes:
    return build.program([PROGRAMS / "tests" / f"{name}.s"])


def run(name: str, files: dict[str, bytes]) -> bytes:
    """Program of programs/tests, guest files -> what it printed, after a run to its end that loses no page."""
    output = bytearray()
    computer = Computer([name], {f"run/{name}": program(name), **files}, console=output.extend)
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


@given(st.lists(piece, max_size=12))
@example([("", "012", "d", 2**31, "")])
@example([("", "-5", "s", 0, "longer than that")] * 40)
def test_printf_formats_as_python_does(pieces: list[tuple[str, str, str, int, str]]) -> None:
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
    assert run("format", files).decode() == output


@given(st.lists(step, min_size=1, max_size=300))
@example(
    [(place, 100) for place in range(PLACES)] + [(place, 0) for place in range(0, PLACES, 2)] + [(0, 5000), (2, 60)]
)
@example([(0, 10), (0, 2**32 - 1), (0, 20), (0, 0)])
def test_the_heap_keeps_blocks_apart(steps: list[tuple[int, int]]) -> None:
    assert run("heap", {"etc/steps": b"".join(struct.pack("<2I", *one) for one in steps)}) == b"sound\n"
