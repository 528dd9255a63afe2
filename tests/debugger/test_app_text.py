"""What the application's panes show, as text: without a screen and without a machine."""

from __future__ import annotations

import re

import pytest

from toyos.debugger.app import layout
from toyos.debugger.app.keys import MOVES, bottom, hints
from toyos.debugger.app.text import code, kernel, state, timeline, windows
from toyos.debugger.app.text.console import console_rows
from toyos.debugger.app.text.rows import fit
from toyos.debugger.app.view import (
    Event,
    Frame,
    Instruction,
    Memory,
    PcbField,
    Positions,
    Process,
    Register,
    Source,
    Window,
)
from toyos.debugger.app.web import welcome


def texts(rows) -> list[str]:
    return [row.text.rstrip() for row in rows]


def span_roles(row) -> dict[str, str]:
    return {span.text.strip(): span.role for span in row.spans}


# ---- source and code -------------------------------------------------------------------------------------------------
def test_source_marks_current_line_breakpoints_and_comments():
    rows = code.source_rows(Source("a.s", ["main:\tli a0, 1 # one", '.asciz "#"', "ret"], 2, {1: True, 3: False}))
    assert texts(rows) == ["● 1 main:   li a0, 1 # one", ' ▶2 .asciz "#"', "○ 3 ret"]
    assert span_roles(rows[0])["# one"] == "dim"
    assert rows[1].role == "current" and rows[0].role == ""
    assert [row.key for row in rows] == [1, 2, 3]


def test_code_shows_symbols_as_lines_of_their_own():
    rows = code.code_rows([Instruction(16, b"\x13\0\0\0", "nop", "main", True), Instruction(20, b"\xff", "x")], 20)
    assert texts(rows) == ["  main:", "● 00000010 13000000     nop", " ▶00000014 ff           x"]
    assert code.line_of(rows, 20) == 2 and code.line_of(rows, 99) is None


# ---- registers, memory, stack ----------------------------------------------------------------------------------------
def test_registers_are_in_columns_and_changed_ones_are_lit():
    registers = [Register(f"r{n}", n, n - (n == 2), False) for n in range(4)]
    rows = state.register_rows([*registers, Register("sepc", 16, None, True, "main")], 2 * state.REGISTER_WIDTH)
    assert texts(rows)[:2] == ["r0    00000000  r2    00000002", "r1    00000001  r3    00000003"]
    assert texts(rows)[2:] == ["system registers", "sepc     00000010 main"]
    assert span_roles(rows[0])["00000002"] == "changed" and span_roles(rows[1])["00000003"] == "number"


def test_memory_says_what_is_not_mapped_and_what_has_changed():
    memory = Memory(0x1000, [65, 0, None, None, 1, 2, 3, 4, 5], {0x1004: "sum"}, frozenset({0x1001}))
    rows = state.memory_rows(memory, 60)
    assert texts(rows)[0] == "  sum:"
    assert texts(rows)[1].split() == ["00001000", "41", "00", "--", "--", "01", "02", "03", "04", "A......."]
    assert texts(rows)[2].split() == ["00001008", "05", "."]
    assert [span.role for span in rows[1].spans if span.text.strip() == "00"] == ["changed"]
    assert len(state.memory_rows(Memory(0, [0] * 32, {}, frozenset()), 100)) == 2


def test_stack_shows_where_the_trap_lies():
    frames = [Frame(0, 0x80000000, 0, "trap", "trap.s:1", "kernel"), Frame(1, 0x10000, 0, "", "", "user")]
    rows = state.stack_rows(frames, [(0x100, 0x80000000, "trap")])
    assert texts(rows) == [
        "#0  trap  trap.s:1", "── trap ──", "#1  00010000", "words at sp", "00000100 80000000  trap",
    ]  # fmt: skip
    assert [row.key for row in rows] == [("frame", 0), None, ("frame", 1), None, ("word", 0x100)]
    assert len(texts(state.stack_rows([], []))) == 1


# ---- register windows ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", range(2, 33))
@pytest.mark.parametrize("width", [30, 44, 76])
def test_ring_has_every_window_once_and_fits(count, width):
    rows = windows.ring([Window(n, n == 1, n == 0, 12 if n < 2 else None) for n in range(count)], width)
    drawn, legend = rows[:-1], rows[-1]
    numbers = [int(piece) for row in texts(drawn) for piece in re.findall(r"(\d+)(?:·12)?", row)]
    assert sorted(numbers) == list(range(count))
    assert "[1·12]" in "".join(texts(drawn)) and "current" in legend.text
    assert len({len(row.text) for row in drawn}) == 1 and len(drawn[0].text) <= width


def test_little_room_cuts_the_ring_open():
    some = [Window(n, n == 0, False, None) for n in range(8)]
    assert len(windows.windows_rows(some, 76, 5)) == 1 and len(windows.windows_rows(some, 76, 20)) > 3
    assert windows.windows_rows([], 76, 20) == []


# ---- the kernel ------------------------------------------------------------------------------------------------------
def test_processes_and_queues():
    process = Process(2, 1, "Running", "a_program_with_a_long_name", "", 0, True, False)
    rows = kernel.process_rows([process, process._replace(pid=3, running=False)], [("ready", [3, 4]), ("new", [])], 3)
    assert rows[1].text.startswith("▶    2    1 Running") and rows[2].text.startswith(" •   3")
    assert texts(rows)[-2:] == ["ready  3 → 4", "new    empty"]
    assert rows[1].key == 2 and len(kernel.process_rows([], [], None)) == 1


def test_pcb_lights_fields_that_changed():
    fields = [PcbField("P_PC", 0, 4, "0x1", "pc", True), PcbField("P_STATE", 4, 4, "Ready", "state", False)]
    rows = kernel.pcb_rows(fields)
    assert texts(rows) == ["  0 pc    0x1         pc", "  4 state Ready       state"]
    assert [row.spans[2].role for row in rows] == ["changed", "number"]


def test_log_of_traps_shows_what_is_behind_the_present_as_later():
    events = [
        Event(at, "call", "call write", "U main", "S trap_entry", [("pc", 16), ("ra", 0)], 2)
        for at in range(0, 10_000, 10)
    ]
    rows, last = kernel.event_rows(events, 5_005)
    assert rows[last].key == 5_000 and rows[last].role == "" and rows[last + 2].role == "later"
    assert rows[last + 1].text.split() == ["saved", "pc", "00000010"]
    assert len(rows) == len(events) + 1
    rows, last = kernel.event_rows(events, -1)
    assert last == 0 and rows[0].role == rows[1].role == "later"
    assert "no trap" in kernel.event_rows([], 0)[0][0].text


# ---- timeline --------------------------------------------------------------------------------------------------------
RUN = timeline.Range(0, 1000)
MARKS = Positions([100, 505, 507], [505])


def test_bar_shows_marks_and_where_the_machine_stands():
    bar = timeline.bar(MARKS, RUN, 1000, 101).text
    assert len(bar) == 101 and bar[10] == timeline.TRAP and bar[50] == timeline.CROSS and bar[100] == timeline.NOW
    assert bar.count(timeline.EMPTY) == 98


@pytest.mark.parametrize("width", [2, 20, 79, 101, 160])
def test_columns_and_positions_belong_together(width):
    for column in range(width):
        assert RUN.column(RUN.position(column, width), width) == column
    assert RUN.column(0, width) == 0 and RUN.column(1000, width) == width - 1


def test_a_click_near_a_mark_goes_to_it():
    assert timeline.nearest(MARKS, RUN, 11, 101) == 100
    assert timeline.nearest(MARKS, RUN, 50, 101) == 505
    assert timeline.nearest(MARKS, RUN, 80, 101) == 800
    assert timeline.nearest(MARKS, RUN, 100, 101) == 1000


def test_marks_before_and_behind():
    assert (timeline.before(MARKS, 100), timeline.before(MARKS, 505)) == (None, 100)
    assert (timeline.behind(MARKS, 505), timeline.behind(MARKS, 507)) == (507, None)


def test_zoom_keeps_the_position_in_sight_and_ends_at_the_whole():
    near = RUN.zoomed(1 / 4, 990, RUN)
    assert near == (749, 1000) and near.zoomed(4, 990, RUN) == RUN
    tiny = RUN
    for _ in range(20):
        tiny = tiny.zoomed(1 / 4, 3, RUN)
    assert tiny.first <= 3 <= tiny.last and tiny.last - tiny.first <= 2 * timeline.SHORTEST


@pytest.mark.parametrize("now", [0, 1, 5_000_000, 9_999_999, 10_000_000])
def test_scale_names_first_present_and_last_position(now):
    text = timeline.scale(timeline.Range(0, 10_000_000), now, 70).text
    assert len(text) == 70 and f"{now:,}" in text and text.startswith("0") and text.endswith("10,000,000")


# ---- console ---------------------------------------------------------------------------------------------------------
def test_console_shows_what_comes_later_as_later():
    rows = console_rows(b"one\r\ntw", b"o\r\nthree\n")
    assert [(row.text, row.role) for row in rows] == [("one", ""), ("two", ""), ("three", "later")]
    assert [span.role for span in rows[1].spans] == ["", "later"]


def test_console_shows_no_control_characters():
    shown = console_rows(b"a\x1b[31mb\x07c\tX\n\xff\r\nold\rnew\r\n", b"")
    assert texts(shown) == ["abc     X", "\ufffd", "new"]
    assert texts(console_rows(b"word\b\b  \b\b!\n", b"")) == ["wo!"]


# ---- keys and layout -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("width", [80, 100, 160])
def test_all_keys_are_at_the_bottom_whatever_the_width(width):
    rows = bottom(width)
    assert len(rows) <= 2 and all(len(row.text.rstrip()) <= width for row, _ in rows)
    assert [action for _, places in rows for *_, action in places] == [hint.action for hint in hints()]
    for row, places in rows:
        assert all(row.text[first:behind].strip() == row.text[first:behind] for first, behind, _ in places)


def test_letters_of_moves_differ():
    assert len({move.letter for move in MOVES} | {"b", "d", "q"}) == len(MOVES) + 3


def test_every_pane_can_be_brought_to_every_screen():
    for size in layout.SIZES[1:]:
        for pane in layout.PANES:
            assert {pane, layout.SOURCE} <= layout.Chosen().choose(pane).visible(size) or size == layout.MEDIUM
            assert pane in layout.Chosen().choose(pane).visible(size)
    assert layout.Chosen().visible(layout.TINY) == set()


@pytest.mark.parametrize(
    ("columns", "rows", "size"),
    [(79, 24, "tiny"), (80, 23, "tiny"), (80, 24, "small"), (160, 30, "small"), (120, 36, "medium"), (160, 50, "large")]
    + [(110, 34, "medium"), (139, 60, "medium"), (140, 44, "large"), (300, 100, "large")],
)
def test_size_of_the_terminal(columns, rows, size):
    assert layout.size_of(columns, rows) == size
    assert f"{columns} and {rows}" in layout.too_small(columns, rows)


def test_fit():
    assert (fit("ab", 4), fit("abcdef", 4), fit("ab", 0)) == ("ab  ", "abc…", "")


# ---- the page in a browser -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("host", "origin", "listening", "answer"),
    [
        ("localhost:8000", "http://localhost:8000", "127.0.0.1", True),
        ("localhost:8000", None, "127.0.0.1", True),
        ("localhost:8000", "http://evil.example", "127.0.0.1", False),
        ("evil.example:8000", "http://evil.example:8000", "127.0.0.1", False),
        ("box.example:8000", "http://box.example:8000", "0.0.0.0", True),
        ("box.example:8000", "http://evil.example", "0.0.0.0", False),
        ("[", "http://[", "127.0.0.1", False),
    ],
)
def test_only_our_own_page_may_open_a_session(host, origin, listening, answer):
    assert welcome(host, origin, listening) is answer
