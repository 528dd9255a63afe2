"""The application of `toyos debug`: panes over a session, which runs in a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from io import StringIO
from threading import Lock
from time import monotonic
from typing import ClassVar

from textual import events, on, work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from toyos.debugger.app import layout
from toyos.debugger.app.bindings import BINDINGS
from toyos.debugger.app.desk import Choice, Desk
from toyos.debugger.app.help import Help
from toyos.debugger.app.panes.command import CommandLine
from toyos.debugger.app.panes.console import Console
from toyos.debugger.app.panes.drawn import Line, Palette
from toyos.debugger.app.panes.lines import Lines
from toyos.debugger.app.panes.tabs import Buttons, Keys, Tabs
from toyos.debugger.app.panes.timeline import TimelineBar
from toyos.debugger.app.present import Presenter
from toyos.debugger.app.text import place
from toyos.debugger.app.text.rows import note, row
from toyos.debugger.app.view import WAITS, View
from toyos.debugger.replies import Reply
from toyos.errors import INTERNAL, CommandError

Job = Callable[[Desk], Reply]
THEMES = "textual-dark", "textual-light"
PROMPT = "(toyos) "
FIRST_HINT = "s steps, t runs to the next trap, S and T go back again; ? explains all"
PLACEHOLDER = "press : and type a command as in gdb (b main, c, si, p $a0, help)"
TICK = 0.1  # seconds between two looks at a machine that runs
QUIET = 0.15  # seconds that a step may take before the panes say that the machine runs
FRAME = 0.2  # seconds between two pictures, at least, while commands are waiting
MOST_WAITING = 32  # commands: more, and a key that is held down would go on long after it is let go
RUNNING = "running"  # class of the panes while the machine runs
RUNS = "the machine runs; Esc stops it"


class Debugger(App[int]):
    """open_desk: makes the session, in the worker thread, as that takes a while; what it raises ends the application
    with its message."""

    TITLE = "toyos debug"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    class Opened(Message):
        """The session has been made; said: what was odd about it."""

        def __init__(self, desk: Desk, view: View, said: str) -> None:
            super().__init__()
            self.desk, self.view, self.said = desk, view, said

    class Failed(Message):
        """The session could not be made."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    class Done(Message):
        """A command has been executed; view: None when the next one is waiting already."""

        def __init__(self, label: str, reply: Reply, view: View | None) -> None:
            super().__init__()
            self.label, self.reply, self.view = label, reply, view

    def __init__(self, open_desk: Callable[[], Desk], light: bool = False) -> None:
        super().__init__()
        self._open = open_desk
        self._light = light
        self.desk: Desk | None = None
        self.view: View | None = None
        self.choice = Choice()
        self.busy = True  # the worker thread has the session
        self.since = 0  # position where the present command began
        self._begun = 0.0  # when
        self._shown = 0.0  # when the panes were filled last
        self.waiting: deque[tuple[str, Job | None]] = deque()  # what was asked for meanwhile
        self.message = ""
        self.chosen = layout.Chosen()
        self.size_now = ""
        self._lock = Lock()  # one command at a time
        self.failure = ""  # why the session could not be made
        self.presenter: Presenter

    def compose(self) -> ComposeResult:
        yield Palette()
        yield Line(id="title")
        yield Tabs(id="tabs")
        with Container(id="body"):
            with Container(id="main"):
                with Vertical(id="left"):
                    yield Lines(id="source", title="source")
                    yield Lines(id="code", title="code")
                with Container(id="side"):
                    with Vertical(id="middle"):
                        yield Lines(id="registers", title="registers")
                        yield Lines(id="stack", title="stack")
                        yield Lines(id="memory", title="memory")
                    with Vertical(id="right"):
                        yield Lines(id="processes", title="processes")
                        yield Lines(id="pcb", title="PCB")
                        yield Lines(id="traps", title="traps and switches")
            with Container(id="strip"):
                yield Console(id="console")
                yield Lines(id="output", title="answers")
        yield TimelineBar(id="timeline")
        yield Line(id="status")
        with Horizontal(id="command-row"):
            yield Static(PROMPT, id="prompt", markup=False)
            yield CommandLine(self._complete, id="command", placeholder=PLACEHOLDER)
        yield Keys(id="keys")
        yield Static(id="too-small", markup=False)

    def on_mount(self) -> None:
        for pane in layout.PANES:
            self.query_one(f"#{pane}").add_class("pane")
        self.theme = THEMES[self._light]
        self.presenter = Presenter(self)
        self.query_one("#title", Line).show(row(("toyos debug", "heading")))
        self.say("assembling and booting …")
        self.query_one("#source").focus()
        self.set_interval(TICK, self._tick)
        self._make()

    # ---- the worker thread -------------------------------------------------------------------------------------------
    @work(thread=True, exit_on_error=False)
    def _make(self) -> None:
        said = StringIO()  # what the assembler prints would be lost behind the screen
        try:
            with redirect_stderr(said):
                desk = self._open()
            view = desk.view(self.choice, None)
        except (CommandError, OSError) as error:  # the user reads it after the screen is gone
            self.post_message(self.Failed(f"{said.getvalue()}{error}"))
            return
        except Exception as error:
            self.post_message(self.Failed(f"{said.getvalue()}{INTERNAL} ({type(error).__name__}: {error})"))
            return
        self.post_message(self.Opened(desk, view, said.getvalue()))

    @work(thread=True, exit_on_error=False)
    def _do(self, desk: Desk, label: str, job: Job) -> None:
        with self._lock:
            try:
                reply = job(desk)
                if reply.moved:
                    self.choice = self.choice._replace(frame=None)
                hurry = self.waiting and monotonic() < self._shown + FRAME
                view = None if hurry else desk.view(self.choice, self.view)
            except Exception as error:
                reply = Reply((f"{INTERNAL} ({type(error).__name__}: {error})",), failed=True)
                view = self.view or desk.view(Choice(), None)
            self.post_message(self.Done(label, reply, view))

    def perform(self, label: str, job: Job | None = None) -> None:
        """Does something with the session, after what is being done. label: what was asked for, in words; job: by
        itself, to execute them as a command."""
        if self.desk is None:
            self.say("one moment: the machine is being made")
            return
        if self.busy:
            if len(self.waiting) < MOST_WAITING:
                self.waiting.append((label, job))
            if monotonic() > self._begun + QUIET:
                self.say(RUNS)
            return
        self.busy, self.since = True, self.desk.position
        self._begun = monotonic()
        self._do(self.desk, label, job or (lambda desk: desk.execute(label)))

    def look(self) -> None:
        """Reads the session again, for another choice of what is shown."""
        self.perform("", lambda desk: desk.hear())

    def on_debugger_opened(self, event: Opened) -> None:
        self.desk, self.busy = event.desk, False
        self.message = FIRST_HINT if event.desk.fresh else ""
        if event.said:
            self.presenter.answer("", Reply(tuple(event.said.splitlines())))
        self._show(event.view)

    def on_debugger_failed(self, event: Failed) -> None:
        self.failure = event.sentence
        if self.is_web:  # there nobody would see what is printed at the end
            self.busy = False
            self.say(event.sentence)
        else:
            self.exit(1)

    def on_debugger_done(self, event: Done) -> None:
        self.busy = False
        if not self.query("#output"):  # the user has left meanwhile
            return
        self.query_one("#body").remove_class(RUNNING)
        if event.label:
            self.presenter.answer(event.label, event.reply)
            self.message = self.presenter.headline(event.reply)
        if event.view is not None:
            self._show(event.view)
        if len(event.reply.lines) > 1 and not event.reply.moved and self.size_now != layout.LARGE:
            self.action_pane(layout.OUTPUT, focus=False)
        if event.reply.leave:
            self.exit(0)
        elif self.waiting:
            self.perform(*self.waiting.popleft())

    def _show(self, view: View) -> None:
        self.view = view
        self.presenter.show(view)
        self._shown = monotonic()
        self._say_standing()
        if view.state == WAITS and self.size_now != layout.LARGE:
            self.action_pane(layout.CONSOLE, focus=False)

    def _tick(self) -> None:
        """What moves while the machine runs."""
        if self.desk is None or not self.busy or monotonic() < self._begun + QUIET:
            return
        self.query_one("#body").add_class(RUNNING)
        self.query_one("#status", Line).show(place.running(self.since, self.desk.position))
        self.query_one(Console).show(*self.desk.output())

    # ---- what is said ------------------------------------------------------------------------------------------------
    def say(self, message: str) -> None:
        """Shows a sentence in the row above the command line."""
        self.message = message
        if self.view is None:
            self.query_one("#status", Line).show(note(message))
        else:
            self._say_standing()

    def _say_standing(self) -> None:
        if self.view is not None:
            self.query_one("#status", Line).show(place.standing(self.view, self.message))

    # ---- size, panes and focus ---------------------------------------------------------------------------------------
    def on_resize(self, event: events.Resize) -> None:
        columns, rows = event.size
        self.size_now = layout.size_of(columns, rows)
        for size in layout.SIZES:
            self.set_class(size == self.size_now, size)
        message = self.query_one("#too-small", Static)
        message.update(layout.too_small(columns, rows))
        message.display = self.size_now == layout.TINY
        self._arrange()
        self.call_after_refresh(self._redraw)

    def _redraw(self) -> None:
        if self.view is not None:
            self.presenter.show(self.view)

    def _arrange(self) -> None:
        """Shows the panes that fit, and of the parts of the screen those that have any."""
        visible = self.chosen.visible(self.size_now)
        for pane in layout.PANES:
            self.query_one(f"#{pane}").display = pane in visible
        for part in ("left", "middle", "right", "side", "main", "strip"):
            inside = self.query(f"#{part} .pane")
            self.query_one(f"#{part}").display = any(pane.id in visible for pane in inside)
        self.query_one(Tabs).mark(visible)

    def action_pane(self, pane: str, focus: bool = True) -> None:
        """Brings a pane to the screen and the keyboard to it."""
        self.chosen = self.chosen.choose(pane)
        self._arrange()
        self.call_after_refresh(self._redraw)
        if focus:
            self.query_one("#console-input" if pane == layout.CONSOLE else f"#{pane}").focus()

    def action_command(self) -> None:
        self.query_one(CommandLine).focus()

    def action_help(self) -> None:
        if not isinstance(self.screen, Help):
            self.push_screen(Help())

    def action_dark(self) -> None:
        self.theme = THEMES[self.theme == THEMES[0]]

    # ---- moving ------------------------------------------------------------------------------------------------------
    def action_go(self, command: str) -> None:
        if not isinstance(self.screen, Help):
            self.perform(command)

    def action_leave(self) -> None:
        """Esc: stops the machine, or leaves what is open, or goes back to the source."""
        if isinstance(self.screen, Help):
            self.screen.dismiss()
        elif self.busy and self.desk:
            self._stop(self.desk)
        else:
            self.query_one("#source").focus()

    def action_interrupt(self) -> None:
        if self.busy and self.desk:
            self._stop(self.desk)
        else:
            self.say("nothing runs that could be stopped; q leaves the debugger")

    def _stop(self, desk: Desk) -> None:
        """Ends what is being done, and forgets what waits for it."""
        self.waiting.clear()
        desk.interrupt()

    async def action_quit(self) -> None:
        if self.desk is not None:
            self.desk.interrupt()
        self.exit(0)

    def action_mark(self, direction: int) -> None:
        self.query_one(TimelineBar).action_mark(direction)

    def action_zoom(self, factor: float) -> None:
        self.query_one(TimelineBar).action_zoom(factor)

    def on_timeline_bar_jump(self, event: TimelineBar.Jump) -> None:
        self.perform(f"goto {event.position}")

    def action_toggle_point(self) -> None:
        """A breakpoint on the line under the cursor of the source, or the instruction under that of the code."""
        pane = self.query_one("#code" if self.focused and self.focused.id == "code" else "#source", Lines)
        place = pane.key
        source = self.view.source if self.view else None
        if not isinstance(place, int):
            self.say("put the cursor on a line with code first: the arrow keys move it")
        elif pane.id == "code":
            self.perform("break", lambda desk: desk.toggle("", 0, place))
        elif source is not None:
            file = source.file
            self.perform("break", lambda desk: desk.toggle(file, place, 0))

    # ---- choosing, typing --------------------------------------------------------------------------------------------
    def on_lines_chosen(self, event: Lines.Chosen) -> None:
        """A row of a pane: a line's or instruction's breakpoint, a process's PCB, a trap's position, what a word of the
        stack points to, a frame's source."""
        pane, key = event.pane.id, event.key
        if pane in ("source", "code"):
            if event.column is None or event.column < 2:
                self.action_toggle_point()
        elif pane == "traps":
            self.perform(f"goto {key}")
        elif pane == "processes" and isinstance(key, int):
            self._choose(self.choice._replace(pid=key), layout.PCB)
        elif pane == "stack" and isinstance(key, tuple):
            kind, value = key
            if kind == "word":
                self._choose(self.choice._replace(memory=value), layout.MEMORY)
            else:
                self._choose(self.choice._replace(frame=value), layout.SOURCE)

    def _choose(self, choice: Choice, pane: str) -> None:
        self.choice = choice
        if self.size_now != layout.LARGE:
            self.action_pane(pane)
        self.look()

    def on_buttons_pressed(self, event: Buttons.Pressed) -> None:
        self.call_later(self.run_action, event.action)

    def _complete(self, line: str) -> Sequence[str]:
        return self.desk.complete(line) if self.desk else ()

    @on(CommandLine.Candidates)
    def _candidates(self, event: CommandLine.Candidates) -> None:
        names = [line.rpartition(" ")[2] for line in event.lines]
        self.say("  ".join(names) if names else "nothing begins like this; help lists the commands")

    def on_command_line_entered(self, event: CommandLine.Entered) -> None:
        memory = self.presenter.memory_wanted(event.line)
        if memory is not None:
            self.choice = self.choice._replace(memory=memory)
        self.perform(event.line)

    def on_console_typed(self, event: Console.Typed) -> None:
        if self.desk is None:
            return
        self.desk.send(event.data)
        if self.busy:
            return
        if self.view and self.view.state == WAITS:  # it goes on; else the input is there when it asks for it
            self.perform("continue")
        else:
            self.look()
