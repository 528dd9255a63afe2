"""`toyos machine --serial`: the guest's serial port at a pseudo-terminal, in a file, nowhere."""

from __future__ import annotations

import os
import select
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images import guest
from tests.machine_cli.test_machine import ECHO, FINISH, SLEEP
from toyos.cli.main import main
from toyos.pseudo_terminal import PseudoTerminal
from vm import Machine, Stop

SOON = 20  # seconds: what takes longer will never come
# Says so when it listens, and claims its interrupts, so that it sleeps again.
CLAIM = """lbu a0, 0(s0)
    li t1, 0x0c200004
    lw t0, 0(t1)
    sw t0, 0(t1)"""
HELLO = ECHO.format(wait="wfi").replace("again:", "li t0, '$'\n    sb t0, 0(s0)\nagain:", 1)
HELLO = HELLO.replace("lbu a0, 0(s0)", CLAIM)


class Guest:
    """A guest that runs in a thread, its serial port at a pseudo-terminal."""

    def __init__(self, text: str) -> None:
        self.terminal = PseudoTerminal()
        self.machine = Machine(console=self.terminal.sink, ram=1 << 20)
        self.machine.load(guest(text))
        self.stop: Stop | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self.stop = self.terminal.run(self.machine)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> Stop | None:
        self._thread.join(SOON)
        return self.stop

    def peer(self) -> int:
        """-> descriptor of somebody who opens the terminal and leaves its settings alone."""
        return os.open(self.terminal.name, os.O_RDWR | os.O_NOCTTY)


@pytest.fixture
def echo() -> Iterator[Guest]:
    made = Guest(HELLO)
    yield made
    made.terminal.close()


def heard(fd: int, count: int) -> bytes:
    """-> as many bytes from there, fewer when they do not come."""
    found = b""
    while len(found) < count and select.select([fd], [], [], SOON)[0]:
        found += os.read(fd, count - len(found))
    return found


def test_peers_of_a_pseudo_terminal_come_and_go(echo: Guest) -> None:
    """Every byte is the guest's, Ctrl-A x and Ctrl-C too; it costs nothing to wait for the next peer."""
    first = echo.peer()
    settings = termios.tcgetattr(first)
    assert not settings[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
    assert not settings[1] & termios.OPOST
    echo.start()
    assert heard(first, 1) == b"$"
    os.write(first, b"HAL\x01x\x03\r")
    assert heard(first, 7) == b"IBM\x02y\x04\x0e"
    os.close(first)
    busy = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - busy < 0.15
    second = echo.peer()
    os.write(second, b"a")
    assert heard(second, 1) == b"b"
    os.write(second, b".")
    assert echo.join() == Stop("halt", 0)
    os.close(second)


def test_without_a_peer_output_is_lost_and_the_guest_goes_on(echo: Guest) -> None:
    echo.start()
    time.sleep(0.1)
    late = echo.peer()
    os.write(late, b"z.")
    assert heard(late, 1) == b"{", "the prompt went nowhere"
    assert echo.join() == Stop("halt", 0)
    os.close(late)


def test_a_wide_paste_from_a_peer_that_does_not_read_meanwhile_is_whole(echo: Guest) -> None:
    text = bytes(range(ord("0"), ord("z"))) * 400  # more than the host holds for both of us
    peer = echo.peer()
    echo.start()
    view = memoryview(text)
    while view:  # blocks when nobody takes it
        view = view[os.write(peer, view) :]
    assert heard(peer, len(text) + 1) == b"$" + bytes(byte + 1 for byte in text)
    os.write(peer, b".")
    assert echo.join() == Stop("halt", 0)
    os.close(peer)


def image(folder: Path, text: str) -> str:
    path = folder / "guest"
    path.write_bytes(guest(text))
    return str(path)


def test_output_goes_to_a_file_or_nowhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And nothing comes from there, so that a guest that waits for it sleeps for ever."""
    log, kernel = tmp_path / "log", image(tmp_path, HELLO)
    log.write_text("of an earlier run")
    for where, left in ((f"file:{log}", b"$"), ("none", b"$")):
        assert main(["machine", "--kernel", kernel, "--serial", where]) == 125
        assert log.read_bytes() == left
        out, err = capfd.readouterr()
        assert (out, err) == ("", "toyos machine: the guest sleeps, and nothing can wake it any more\n")


def test_the_name_of_the_pseudo_terminal_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["machine", "--kernel", image(tmp_path, FINISH.format(word=0x5555)), "--serial", "pty"]) == 0
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("toyos machine: the serial port is at /dev/")


@pytest.mark.parametrize(
    ("where", "status", "sentence"),
    [
        ("tty", 2, "--serial tty: expected stdio, file:PATH, pty or none"),
        ("file:", 2, "--serial file:: expected stdio, file:PATH, pty or none"),
        ("file:no/such/folder/log", 1, "--serial file:no/such/folder/log: no such file or directory"),
        ("file:/", 1, "--serial file:/: is a directory"),
    ],
)
def test_wrong_places_are_sentences(
    where: str, status: int, sentence: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["machine", "--kernel", image(tmp_path, SLEEP), "--serial", where]) == status
    assert capfd.readouterr() == ("", f"toyos machine: {sentence}\n")
