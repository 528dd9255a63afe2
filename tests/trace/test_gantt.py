"""The Gantt chart: the same run gives the same file, all that is shown has a name, the picture is not empty."""

from __future__ import annotations

import re
import struct
import sys
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.trace.rig import traced
from toyos.trace import gantt
from toyos.trace.axis import Axis, axis_of, converter, short
from toyos.trace.choices import Unit
from toyos.trace.events import STATES
from toyos.trace.timeline import History

pytest.importorskip("matplotlib")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(path: Path, program: str = "lectures/orphan.s", unit: Unit = Unit.instructions) -> bytes:
    gantt.draw(traced(program).history, "a title", path, unit)
    return path.read_bytes()


def pixels(content: bytes) -> list[bytes]:
    """PNG with eight bits a colour -> its scan lines, still filtered."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, kind = struct.unpack(">IIBB", content[16:26])
    assert (depth, kind) == (8, 6)
    data, at = b"", 8
    while at < len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        if content[at + 4 : at + 8] == b"IDAT":
            data += content[at + 8 : at + 8 + length]
        at += 12 + length
    raw, stride = zlib.decompress(data), 1 + 4 * width
    assert len(raw) == stride * height
    return [raw[row * stride : (row + 1) * stride] for row in range(height)]


def test_svg_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = drawn(tmp_path / "a.svg"), drawn(tmp_path / "b.svg")
    assert first == second
    assert b"<dc:date>" not in first
    assert len(first) < 100_000


@pytest.mark.parametrize("unit", Unit)
def test_svg_shows_processes_states_and_axes(tmp_path: Path, unit: Unit) -> None:
    root = ElementTree.fromstring(drawn(tmp_path / "run.svg", unit=unit))
    texts = ["".join(each.itertext()).replace("\u00a0", " ").strip() for each in root.iter(f"{SVG}text")]
    assert "a title" in texts
    for name in ("0 idle", "└─ 1 init", "└─ 2 orphan", "└─ 3 orphan", "└─ 4 orphan"):
        assert name in texts
    assert set(STATES) <= set(texts)
    assert {"system call", "exec", "fork", "page copied", "orphan is adopted"} <= set(texts)
    assert {"instructions", "µs (virtual)", "children", "clock"} <= set(texts)


def test_png_is_the_same_each_time_and_has_content(tmp_path: Path) -> None:
    first, second = drawn(tmp_path / "a.png"), drawn(tmp_path / "b.png")
    assert first == second
    lines = pixels(first)
    assert len(set(lines)) > len(lines) // 10, "rows of pixels that differ"


def test_states_stay_apart_in_greyscale() -> None:
    """Two states whose brightness is near must differ in hatching or in height."""

    def brightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    looks = list(gantt.LOOKS.values())
    assert set(gantt.LOOKS) == set(STATES)
    for number, (colour, hatch, height) in enumerate(looks):
        for other, other_hatch, other_height in looks[number + 1 :]:
            near = abs(brightness(colour) - brightness(other)) < 40
            assert not near or hatch != other_hatch or abs(height - other_height) > 0.2


def test_what_cannot_be_drawn_is_said_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(gantt.PlotError, match=r"run\.gif: expected a name that ends with \.svg or \.png"):
        gantt.check(tmp_path / "run.gif")
    with pytest.raises(gantt.PlotError, match="there is no folder"):
        gantt.check(tmp_path / "nowhere" / "run.svg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(gantt.PlotError, match=re.escape("pip install 'toyos[plot]'")):
        gantt.check(tmp_path / "run.svg")


def test_a_run_that_shows_nothing_is_drawn_all_the_same(tmp_path: Path) -> None:
    history = History()
    history.close(1000, 1000)
    gantt.draw(history, "nothing", tmp_path / "empty.svg")
    assert "nothing" in (tmp_path / "empty.svg").read_text(encoding="utf-8")


# ---- axes ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("first", "last"), [(0, 1), (142_000, 258_000), (0.01, 0.02), (0, 9_999_999), (5, 5), (0, 1e12)]
)
def test_marks_are_round_few_and_inside(first: float, last: float) -> None:
    for most in (1, 3, 8):
        marks = Axis(Unit.instructions, first, last).marks(most)
        assert len(marks) <= most and all(first - 1e-9 <= mark <= last + 1e-9 for mark in marks)
        steps = {round(b - a, 9) for a, b in zip(marks, marks[1:], strict=False)}
        assert len(steps) <= 1 and all(f"{step:e}"[0] in "125" for step in steps)
    assert last == first or len(Axis(Unit.instructions, first, last).marks(8)) >= 3


def test_numbers_of_marks() -> None:
    assert [short(n) for n in (0, 0.5, 20, 9_000, 10_000, 12_471, 250_000, 1_500_000, 2e6)] == [
        "0", "0.5", "20", "9,000", "10k", "12,471", "250k", "1.5M", "2M",
    ]  # fmt: skip


def test_the_two_units_lead_to_each_other() -> None:
    history = traced("lectures/orphan.s").history
    there, back = converter(history, Unit.instructions), converter(history, Unit.time)
    for event in history.events[10::20]:
        us = there(event.at)
        assert us == pytest.approx(event.clock / 100)
        assert back(us) == pytest.approx(event.at, abs=1)
    assert axis_of(history, Unit.time).last == pytest.approx(history.end_clock / 100)
    assert axis_of(history, Unit.instructions).first == history.begin > 100_000


def test_more_processes_than_fit_are_left_out_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gantt, "ROWS_MOST", 3)
    text = drawn(tmp_path / "run.svg").decode()
    assert "a title: the first 3 of 5 processes" in text and "2\u00a0orphan" in text and "3\u00a0orphan" not in text
