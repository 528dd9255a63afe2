"""Machine's serial port <-> the terminal, pipe or file that the user runs it on.

Used by `toyos machine`, `toyos run` and `toyos boot`. While the guest runs, the host looks at its own input between two
slices of instructions; a guest that sleeps with nothing else to come costs no host CPU until somebody types.
"""

from __future__ import annotations

import os
import select
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vm import Machine, Stop

ESCAPE = 0x01  # Ctrl-A, as in QEMU: then x leaves, Ctrl-A sends one
LEAVE, SAVE = b"xX", b"sS"
SIGNALLED = 128  # and the signal's number: the exit status, as shells count
FATAL_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
INTERRUPT = 0x03  # Ctrl-C means what the guest makes of it; who types it again and again is told how to leave
INTERRUPTS_BEFORE_HELP = 2
ESCAPE_HELP = b"Ctrl-A x leaves, Ctrl-A Ctrl-A sends Ctrl-A"
SAVE_HELP = b"Ctrl-A s saves, " + ESCAPE_HELP
SLICE_SECONDS = 0.02  # how long typing may wait while the guest is busy
LONGEST_SECONDS = 2 * SLICE_SECONDS  # when it has suddenly become busy with devices, which take more of the host's time
FIRST_SLICE, SHORTEST_SLICE, LONGEST_SLICE = 100_000, 1_000, 20_000_000  # instructions
READ_SIZE = 4096
FLUSH_SIZE = 4096
# A pipe is heard when the guest sleeps, whatever the writer's timing: so a script fed to a guest that waits properly
# gives equal runs. A guest that polls never sleeps; after this many seconds of it the pipe is read all the same.
PATIENCE_SECONDS = 0.1

Runner = Callable[["int | None"], "Stop"]  # instructions at most -> why it stopped


class Left(Exception):
    """The user typed Ctrl-A x, or a signal asked for the end. status: exit status of the command."""

    def __init__(self, status: int = 0) -> None:
        self.status = status


class Console:
    """Two file descriptors of the host: input may be None (the guest hears nothing), and output (nobody hears it).

    Pass `sink` to the machine as its console; then `run(machine)` instead of machine.run(). saver: what saves the
    machine on Ctrl-A s, and returns a sentence about it. With a saver a run ends between two instructions also when a
    signal ends it.
    """

    saver: Callable[[], str] | None = None

    def __init__(self, input_fd: int | None = 0, output_fd: int | None = 1) -> None:
        self._input = input_fd if input_fd is not None and is_open(input_fd) else None
        self._output = output_fd
        self._pending = bytearray()
        self._escaped = False
        self._interrupts = 0  # typed since any other key
        self._slice = FIRST_SLICE
        self._typed = self._input is not None and os.isatty(self._input)
        self._escapes = self._live = self._typed  # Ctrl-A is ours; what comes is heard at once, in the host's time
        self._heard = 0.0  # host time of the last input or of the start
        self._save_wanted = False
        self._waits = False  # for input or time, so that nothing is in the middle of anything
        self._ended: int | None = None  # the signal that has asked for the end

    # ---- output ------------------------------------------------------------------------------------------------------
    def sink(self, data: bytes) -> None:
        """Bytes from the guest -> the host, collected up to the end of a line or of a slice."""
        self._pending += data
        if b"\n" in data or len(self._pending) >= FLUSH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Hands everything collected to the host. Raises OSError; BrokenPipeError when nobody reads any more."""
        while self._pending:
            try:
                del self._pending[: self._put(self._pending)]
            except OSError as error:
                self._pending.clear()  # the guest's end comes here once more
                raise OSError(error.errno, error.strerror, "the guest's output") from error

    def _put(self, data: bytes | bytearray) -> int:
        """-> how many of the bytes have been taken, or lost where nobody is to take them."""
        if self._output is None:
            return len(data)
        try:
            return os.write(self._output, data)
        except BlockingIOError:  # somebody who shares the terminal has set it so
            select.select([], [self._output], [])
            return 0

    # ---- input -------------------------------------------------------------------------------------------------------
    def _read(self, wait: float | None) -> bytes:
        """Waits up to `wait` seconds (None: for ever) -> bytes for the guest, escapes taken out; b"" when none came."""
        if not self._ready(wait):
            return b""
        data = self._get()
        self._heard = time.perf_counter()
        return self._unescape(data) if self._escapes else data

    def _ready(self, wait: float | None) -> bool:
        """Waits up to `wait` seconds (None: for ever) -> whether there is something to read, or the end of it."""
        with self._waiting():
            return self._input is not None and bool(select.select([self._input], [], [], wait)[0])

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Inside, a signal that asks for the end need not wait for it. Raises Left."""
        self._waits = True
        try:
            self._leave_if_asked()
            yield
        finally:
            self._waits = False

    def _get(self) -> bytes:
        """-> what can be read from the input, which is ready."""
        assert self._input is not None
        data = os.read(self._input, READ_SIZE)
        if not data:
            self._input = None  # end of file: nothing will ever come from there
        return data

    @property
    def fd(self) -> int | None:
        """-> descriptor to wait for input at; None once nothing will come from there."""
        return self._input

    @property
    def typed(self) -> bool:
        """-> whether a person sits at the input."""
        return self._typed

    def read(self) -> bytes:
        """-> bytes for the guest that are there by now; for those who run the machine themselves. Raises Left."""
        return self._read(0)

    def _listen(self, machine: Machine) -> None:
        """Between two slices: passes on what has arrived, if it is time to look."""
        self._leave_if_asked()
        if machine.uart.waiting >= READ_SIZE:
            return
        if self._live or time.perf_counter() - self._heard > PATIENCE_SECONDS:
            machine.receive(self._read(0))
        self._save_if_asked()

    def _swallow_file(self, machine: Machine) -> None:
        """Input from a regular file is there from the start, all of it."""
        if self._input is not None and stat.S_ISREG(os.fstat(self._input).st_mode):
            with open(self._input, "rb", closefd=False) as file:
                machine.receive(file.read())
            self._input = None

    def _unescape(self, data: bytes) -> bytes:
        """Typed bytes -> what is meant for the guest. Raises Left on Ctrl-A x."""
        result = bytearray()
        for byte in data:
            if not self._escaped:
                self._escaped = byte == ESCAPE
                if not self._escaped:
                    result.append(byte)
                self._interrupts = self._interrupts + 1 if byte == INTERRUPT else 0
                if self._interrupts == INTERRUPTS_BEFORE_HELP:
                    self._help()
                continue
            self._escaped = False
            if byte in LEAVE:
                raise Left
            if byte == ESCAPE:
                result.append(byte)
            elif self.saver and byte in SAVE:
                self._save_wanted = True
            else:
                self._help()
        return bytes(result)

    def _help(self) -> None:
        self._tell(SAVE_HELP if self.saver else ESCAPE_HELP)

    def _tell(self, sentence: bytes) -> None:
        """A line of ours between the guest's."""
        self._put(b"\r\n" + sentence + b"\r\n")

    # ---- saving, and the end from outside ----------------------------------------------------------------------------
    def _save_if_asked(self) -> None:
        """Between two instructions, when all that was typed has been received."""
        if self._save_wanted and self.saver:
            self._save_wanted = False
            self.flush()
            self._tell(self.saver().encode())

    def _leave_if_asked(self) -> None:
        if self._ended is not None:
            raise Left(SIGNALLED + self._ended)

    @contextmanager
    def _orderly(self) -> Iterator[None]:
        """Inside, with a saver, signals end the run at the next moment between two instructions; a second one does at
        once, and wherever it is."""
        if self.saver is None:
            yield
            return

        def leave(number: int, frame: FrameType | None) -> None:
            if self._ended is not None:
                sys.exit(SIGNALLED + number)
            self._ended = number
            if self._waits:
                self._leave_if_asked()

        handlers = {number: signal.signal(number, leave) for number in (*FATAL_SIGNALS, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    # ---- running -----------------------------------------------------------------------------------------------------
    def run(self, machine: Machine, max_instructions: int | None = None, run: Runner | None = None) -> Stop:
        """Runs until the machine halts, the limit is reached, or nothing can ever happen again -> why it stopped.

        max_instructions counts from here. run: what runs the machine for so many instructions; machine.run by itself.
        Raises Left when the user leaves, and KeyboardInterrupt.
        """
        self._swallow_file(machine)
        self._heard = time.perf_counter()
        self._live |= machine.host is not None
        if self._live:
            machine.pause = self._pause  # for a person at the keyboard a second is a second
        with raw_terminal(self._input), self._orderly():
            try:
                return self._slices(machine, max_instructions, run or machine.run)
            finally:
                machine.pause = machine.deadline = None
                self.flush()

    def _pause(self, seconds: float) -> float:
        """The guest sleeps for so long, by its timer: waits, but not beyond the next key -> seconds waited."""
        self.flush()
        begun = time.perf_counter()
        try:
            if self._input is not None:
                self._ready(seconds)
            else:
                with self._waiting():
                    time.sleep(seconds)
        except Left:
            pass  # comes again where the machine is not in the middle of an instruction
        return min(time.perf_counter() - begun, seconds)

    def _slices(self, machine: Machine, max_instructions: int | None, run: Runner) -> Stop:
        start = machine.started
        while True:
            self._listen(machine)
            budget, before = self._slice, machine.started
            if max_instructions is not None:
                budget = min(budget, max_instructions - (machine.started - start))
            begun = time.perf_counter()
            machine.deadline = begun + LONGEST_SECONDS
            stop = run(budget)
            seconds = time.perf_counter() - begun
            self.flush()
            if stop.reason == "pause":
                continue  # a key ended the guest's sleep
            done = max_instructions is not None and machine.started - start >= max_instructions
            if stop.reason == "idle" and not done:
                data = self._read(None)
                while not data and self._input is not None:  # an escape sequence was taken out
                    self._save_if_asked()
                    data = self._read(None)
                if not data:
                    return stop
                machine.receive(data)
            elif stop.reason != "limit" or done:
                return stop
            else:
                self._adapt(seconds, machine.started - before)

    def _adapt(self, seconds: float, instructions: int) -> None:
        """Seconds and instructions that the last slice took -> the next one aims at SLICE_SECONDS."""
        aim = instructions * SLICE_SECONDS / max(seconds, 1e-6)
        self._slice = int(min(max(aim, self._slice / 2, SHORTEST_SLICE), self._slice * 2, LONGEST_SLICE))


def is_open(fd: int) -> bool:
    """-> False when whoever started us closed this descriptor."""
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


@contextmanager
def raw_terminal(fd: int | None) -> Iterator[None]:
    """While inside, keys reach the guest one by one and unprocessed; the old settings return whatever happens.

    Does nothing when `fd` is None or no terminal. Fatal signals leave as SystemExit, so that they restore it too.
    """
    if fd is None or not os.isatty(fd):
        yield
        return
    import termios
    import tty

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(SIGNALLED + number)

    before = termios.tcgetattr(fd)
    handlers = {number: signal.signal(number, leave) for number in FATAL_SIGNALS}
    try:
        tty.setraw(fd, termios.TCSADRAIN)  # what has been typed ahead stays
        settings = termios.tcgetattr(fd)
        settings[1] |= termios.OPOST | termios.ONLCR  # a bare newline of the guest still starts a new line
        termios.tcsetattr(fd, termios.TCSADRAIN, settings)
        yield
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)
