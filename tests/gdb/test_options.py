"""--gdb: places where gdb cannot be awaited are a sentence each."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.gdb.real import ROOT
from tests.gdb.rig import COUNTING
from tests.images import guest
from toyos.cli.main import main
from toyos.errors import FAILURE, USAGE
from toyos.gdb.serve import Door

HELLO = ROOT / "programs" / "bin" / "hello.s"


def refused(capfd: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    """Words after `toyos` -> exit status, and the one line that is said."""
    status = main([str(word) for word in words])
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1, err
    return status, err


@pytest.mark.parametrize("place", ["", "x", "-1", "65536", "1.5", "host:", "host:x", "²", ":"])
def test_what_is_no_place(capfd: pytest.CaptureFixture[str], place: str) -> None:
    for words in (["run", HELLO], ["boot"]):
        status, said = refused(capfd, *words, f"--gdb={place}")
        assert status == USAGE and "expected PORT or HOST:PORT" in said


def test_a_port_that_is_taken(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, said = refused(capfd, "run", HELLO, "--gdb", str(taken.getsockname()[1]))
    assert status == FAILURE and "the port is in use; expected another one" in said


def test_a_host_that_is_none_or_elsewhere(capfd: pytest.CaptureFixture[str]) -> None:
    status, said = refused(capfd, "boot", "--gdb", "no-such-host.invalid:0")
    assert status == FAILURE and "no such host" in said
    status, said = refused(capfd, "boot", "--gdb", "192.0.2.1:0")
    assert status == FAILURE and said.startswith("toyos boot: --gdb 192.0.2.1:0: ")


def test_a_mode_that_gdb_does_not_know(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    image = tmp_path / "image"
    image.write_bytes(guest(COUNTING))
    for words in (["run", HELLO], ["boot"], ["machine", "--kernel", image]):
        status, said = refused(capfd, *words, "--gdb", "0", "--mode", "cisc")
        assert status == USAGE and "expected risc or window" in said


def test_only_this_machine_unless_asked() -> None:
    with Door("0", "risc").listener as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
    door = Door("127.0.0.1:0", "window")
    with door.listener:
        assert door.address == f"127.0.0.1:{door.listener.getsockname()[1]}"


def test_a_privileged_port(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*place: object) -> socket.socket:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("toyos.gdb.serve.listen", refuse)
    status, said = refused(capfd, "boot", "--gdb", "80")
    assert status == FAILURE and "below 1024" in said
