"""The application on real sessions, driven by keys and mouse."""

from __future__ import annotations

import asyncio

import pytest

from tests.debugger.app_rig import LARGE, PROGRAM, SMALL, command, debugging, done, pane, press, shown, status, title
from toyos.debugger.app import layout
from toyos.debugger.app.application import QUIET, Debugger
from toyos.debugger.app.help import Help
from toyos.debugger.app.panes.lines import Lines
from toyos.debugger.app.panes.tabs import Keys
from toyos.debugger.app.panes.timeline import TimelineBar
from toyos.debugger.app.picture import desk_of

pytestmark = pytest.mark.asyncio

ENDLESS = """
.include "common.inc"
.text
proc main
1:      j       1b
endp
"""


# ---- moving ----------------------------------------------------------------------------------------------------------
async def test_begins_at_main_with_a_hint():
    async with debugging() as (app, pilot):
        assert title(app) == "fork_sum risc  user mode  pid 2 fork_sum  main"
        assert "? explains" in status(app)
        assert app.query_one("#source", Lines).border_title == "programs/lectures/fork_sum.s:17"
        assert "▶17 proc main" in pane(app, "source")


async def test_steps_and_goes_back():
    async with debugging() as (app, pilot):
        begin = app.view.place.position
        await press(pilot, "f11", "s")
        assert app.view.place.position == begin + 2 and app.view.place.symbol == "main+0x8"
        await press(pilot, "S")
        assert app.view.place.position == begin + 1
        await press(pilot, "ctrl+f11", "S")
        assert app.view.place.position == begin - 1 and app.view.place.privilege == "user"


async def test_trap_shows_the_pcb_being_filled():
    async with debugging() as (app, pilot):
        await command(pilot, "break fork")
        await press(pilot, "c", "t")
        assert title(app).startswith("fork_sum risc  supervisor mode  pid 2 fork_sum  trap_entry")
        assert "── trap ──" in pane(app, "stack") and "call clone" in pane(app, "traps")
        await press(pilot, "s", "s", "s", "s")
        assert [field.name for field in app.view.pcb if field.changed] == ["P_RA"]
        assert app.query_one("#pcb", Lines).rows[1].spans[2].role == "changed"
        await press(pilot, "u")
        assert app.view.place.privilege == "user"
        await press(pilot, "T")
        assert app.view.place.symbol == "trap_entry"


async def test_over_and_out():
    async with debugging() as (app, pilot):
        await command(pilot, "break fork")
        await press(pilot, "f5", "shift+f11")
        assert app.view.place.symbol.startswith("main+")
        symbol, position = app.view.place.symbol, app.view.place.position
        await press(pilot, "f10", "N")
        assert (app.view.place.symbol, app.view.place.position) == (symbol, position)


async def test_switch_and_marks():
    async with debugging() as (app, pilot):
        await press(pilot, "c", "left_square_bracket")
        assert app.view.place.position == app.view.events[-1].position
        await press(pilot, "left_square_bracket", "right_square_bracket")
        assert app.view.place.position == app.view.events[-1].position
        await press(pilot, "W")
        switches = [event.position for event in app.view.events if event.kind == "switch"]
        assert app.view.place.position in switches
        later = app.view.place.position
        await press(pilot, "W", "w")
        assert app.view.place.position == later


async def test_end_and_beginning_are_told():
    async with debugging() as (app, pilot):
        await press(pilot, "c")
        assert status(app).startswith("ended") and "exit status 0" in status(app)
        assert "parent: child 3 has ended with code 7; my own sum is 0" in pane(app, "console-text")
        await press(pilot, "C")
        assert app.view.place.position == 0 and "beginning" in status(app)
        later = [row for row in app.query_one("#console-text", Lines).rows if row.role == "later"]
        assert len(later) == 5


# ---- breakpoints -----------------------------------------------------------------------------------------------------
async def test_breakpoint_at_the_cursor_goes_on_and_off():
    async with debugging() as (app, pilot):
        source = app.query_one("#source", Lines)
        source.put_cursor(19)
        await press(pilot, "f9")
        assert "● 20" in pane(app, "source") and app.view.source.points == {20: True}
        await press(pilot, "c")
        assert app.view.place.line == 20 and "breakpoint 1" in status(app)
        source.put_cursor(19)
        await press(pilot, "b")
        assert app.view.source.points == {}


async def test_breakpoint_by_clicking_on_the_margin():
    async with debugging(size=LARGE) as (app, pilot):
        source = app.query_one("#source", Lines)
        row = 19 - source.scroll_offset.y + source.gutter.top
        await pilot.click("#source", offset=(0, row))
        await done(pilot)
        assert app.view.source.points == {20: True}
        await pilot.click("#source", offset=(20, row))
        await done(pilot)
        assert app.view.source.points == {20: True}


async def test_breakpoint_on_an_instruction():
    async with debugging() as (app, pilot):
        await press(pilot, "2", "down", "b")
        marked = [each for each in app.view.code if each.point]
        assert [each.address for each in marked] == [app.view.place.pc + 4]


# ---- running ---------------------------------------------------------------------------------------------------------
async def test_keys_that_come_quickly_are_served_one_after_the_other():
    async with debugging() as (app, pilot):
        before = app.view.place.position
        for key in "sssssSss":
            app.simulate_key(key)
        await done(pilot)
        assert app.view.place.position == app.desk.position == before + 6
        assert not app.waiting


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_a_machine_that_runs_can_be_stopped(tmp_path, key):
    program = tmp_path / "endless.s"
    program.write_text(ENDLESS)
    async with debugging(program) as (app, pilot):
        app.simulate_key("c")
        while app.desk.position < 1_000_000:
            await pilot.pause(0.01)
        await pilot.pause(2 * QUIET)
        assert app.busy and status(app).startswith("running") and app.query_one("#body").has_class("running")
        app.simulate_key("s")  # not now
        while not app.waiting:
            await pilot.pause(0.01)
        assert app.busy
        await press(pilot, key)
        assert not app.waiting and "interrupted" in status(app) and not app.query_one("#body").has_class("running")
        assert app.view.place.symbol.startswith("main")
        await press(pilot, "S")
        assert app.view.place.position == app.view.span[1] - 1


async def test_leaving_while_the_machine_runs(tmp_path):
    program = tmp_path / "endless.s"
    program.write_text(ENDLESS)
    async with debugging(program) as (app, pilot):
        app.simulate_key("c")
        await pilot.pause(0.05)
        app.simulate_key("q")
        while app.return_value is None:
            await asyncio.sleep(0.01)
    assert app.return_value == 0


async def test_nothing_to_stop_is_told():
    async with debugging() as (app, pilot):
        await press(pilot, "ctrl+c")
        assert "nothing runs" in status(app)


# ---- choosing --------------------------------------------------------------------------------------------------------
async def test_choosing_a_process_shows_its_pcb():
    async with debugging() as (app, pilot):
        assert app.query_one("#pcb", Lines).border_title.startswith("PCB of pid 2 fork_sum")
        await press(pilot, "6", "home", "down", "down", "enter")
        assert app.query_one("#pcb", Lines).border_title.startswith("PCB of pid 1 init")
        await press(pilot, "s")
        assert app.view.pcb_of.pid == 1 and " •   1" in pane(app, "processes")


async def test_choosing_a_trap_goes_to_it_and_a_frame_shows_its_source():
    async with debugging() as (app, pilot):
        await press(pilot, "t")
        there = app.view.place.position
        await press(pilot, "s", "s", "8", "enter")
        assert app.view.place.position == there
        await press(pilot, "4", "home", "down", "down", "down", "enter")
        assert app.view.source.file.endswith("puts.s") or app.view.source.file != app.view.place.file
        await press(pilot, "s")
        assert app.view.source.file == app.view.place.file


async def test_choosing_a_word_of_the_stack_shows_memory():
    async with debugging() as (app, pilot):
        await press(pilot, "4", "end", "enter")
        assert app.view.memory.address == app.view.words[-1][0] & -16
        await command(pilot, "x/4x &waited")
        assert app.view.memory.what == "waited" and "waited:" in pane(app, "memory")


async def test_clicking_on_the_timeline_jumps():
    async with debugging(size=LARGE) as (app, pilot):
        await press(pilot, "c")
        bar = app.query_one(TimelineBar)
        width = bar.size.width
        switch = next(event.position for event in app.view.events if event.kind == "switch")
        await pilot.click("#timeline", offset=(bar.part.column(switch, width) + bar.gutter.left, 0))
        await done(pilot)
        assert app.view.place.position == switch
        whole = bar.part
        await press(pilot, "plus")
        assert bar.part.last - bar.part.first < whole.last - whole.first
        assert bar.part.first <= switch <= bar.part.last
        await press(pilot, "minus")
        assert bar.part == whole


# ---- typing ----------------------------------------------------------------------------------------------------------
async def test_the_guest_gets_what_is_typed():
    async with debugging(None) as (app, pilot):
        await press(pilot, "c")
        assert status(app).startswith("waits") and "press 9" in status(app)
        await press(pilot, "9")
        app.query_one("#console-input").value = "echo hi"
        await press(pilot, "enter")
        assert pane(app, "console-text").splitlines()[-3:] == ["$ echo hi", "hi", "$"]
        await press(pilot, "ctrl+d")
        assert status(app).startswith("ended")


async def test_commands_history_and_completion():
    async with debugging() as (app, pilot):
        line = app.query_one("#command")
        await pilot.press("colon", *"rev", "tab")
        assert line.value == "reverse-" and "reverse-stepi" in status(app)
        line.value = "break perr"
        await press(pilot, "end", "tab")
        assert line.value == "break perror"
        await press(pilot, "enter")
        line.value = "p $a0"
        await press(pilot, "enter")
        assert "$1 = 1" in status(app) and "perror" in pane(app, "output")
        await press(pilot, "up", "up")
        assert line.value == "break perror"
        await press(pilot, "down", "down")
        assert line.value == ""
        line.value = "zzz"
        await press(pilot, "tab")
        assert "nothing begins like this" in status(app)


async def test_what_is_wrong_is_told_in_a_sentence():
    async with debugging() as (app, pilot):
        await command(pilot, "brake fork")
        assert "did you mean 'break'" in status(app)
        await command(pilot, "x/4x 0")
        assert "cannot read memory" in status(app)
        app.query_one("#source", Lines).put_cursor(10_000)
        await press(pilot, "b")
        assert "code" in status(app) and app.view.source.points == {}


async def test_an_error_of_the_program_ends_the_application_with_it(tmp_path):
    program = tmp_path / "wrong.s"
    program.write_text("main: addd a0, a0, a1\n")
    app = Debugger(lambda: desk_of(program))
    async with app.run_test() as pilot:
        while not app.failure:
            await pilot.pause(0.01)
    assert "addd" in app.failure and app.return_value == 1


async def test_quit_as_a_command():
    async with debugging() as (app, pilot):
        await press(pilot, "colon")
        app.query_one("#command").value = "quit"
        app.simulate_key("enter")
        while app.return_value is None:
            await asyncio.sleep(0.01)
    assert app.return_value == 0


# ---- the screen ------------------------------------------------------------------------------------------------------
async def test_every_pane_can_be_seen_at_80_by_24():
    async with debugging(size=SMALL) as (app, pilot):
        assert shown(app) == {"source", "registers"}
        for number, name in enumerate(layout.PANES, 1):
            await press(pilot, "escape", str(number % 10))
            assert {"source", name} <= shown(app) and len(shown(app)) == 2
        await pilot.click("#tabs", offset=(22, 0))
        await done(pilot)
        assert "stack" in shown(app)


async def test_nothing_overlaps_or_leaves_the_screen():
    async with debugging(size=SMALL) as (app, pilot):
        for size in [SMALL, (110, 34), (139, 60), (140, 44), (250, 80), SMALL]:
            await pilot.resize_terminal(*size)
            await done(pilot)
            seen = [each.region for each in app.screen.walk_children() if not each.children and each.display]
            seen = [region for region in seen if region.area]
            assert all(app.screen.region.contains_region(region) for region in seen)
            assert not any(a.overlaps(b) for i, a in enumerate(seen) for b in seen[:i])
            assert app.query_one(Keys).size.height >= len(app.query_one(Keys).rows)


async def test_a_terminal_that_is_too_small_gets_a_sentence():
    async with debugging(size=(60, 20)) as (app, pilot):
        message = app.query_one("#too-small")
        assert message.display and "80 columns and 24 rows; this terminal has 60 and 20" in str(message.render())
        assert shown(app) == set()
        await pilot.resize_terminal(*SMALL)
        await done(pilot)
        assert not message.display and shown(app) == {"source", "registers"}


async def test_help_and_theme():
    async with debugging(size=SMALL) as (app, pilot):
        await press(pilot, "question_mark")
        assert isinstance(app.screen, Help)
        box = app.screen.query_one("#help-box")
        assert box.virtual_size.height <= box.size.height and app.screen.region.contains_region(box.region)
        before = app.desk.position
        await press(pilot, "s", "escape")
        assert not isinstance(app.screen, Help) and app.desk.position == before
        await press(pilot, "d")
        assert app.theme == "textual-light"


@pytest.mark.parametrize("mode", ["window", "cisc"])
async def test_the_other_modes(mode):
    async with debugging(PROGRAM, mode, LARGE) as (app, pilot):
        await press(pilot, "t")
        await command(pilot, "stepi 8")
        assert f"{mode}  supervisor mode" in title(app)
        assert any(field.changed for field in app.view.pcb) or mode == "cisc"
        if mode == "window":
            ring = pane(app, "registers")
            assert "╭" in ring and "[" in ring and "current" in ring
        else:
            assert app.view.windows == [] and "usp" in pane(app, "registers")
        await command(pilot, "reverse-stepi 9")
        assert app.view.place.privilege == "user"
