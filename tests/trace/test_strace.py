"""Transcripts in strace's style: the same in every mode but for addresses, and written as strace writes them.

To make the golden files anew after a change that was meant: delete them, and run these tests with TOYOS_GOLDEN=write.
"""

from __future__ import annotations

import os

import pytest

from tests.trace.rig import GOLDEN, traced
from toyos.trace.calls import selected
from toyos.trace.strace import Strace
from toyos.variants import MODES, VARIANTS

TRANSCRIPTS = {
    "fork_sum": "lectures/fork_sum.s",
    "fork_chain": "lectures/fork_chain.s",
    "fork_ls": "lectures/fork_ls.s",
    "exec_keeps_pid": "lectures/exec_keeps_pid.s",
    "execcmd": "lectures/execcmd.s echo these words came through exec",
    "zombie": "lectures/zombie.s",
    "orphan": "lectures/orphan.s",
    "sleepers": "lectures/sleepers.s",
    "protection": "lectures/protection.s",
    "shell": "-c kill -9 1; sleep 1; kill 99; cat /nothing /etc/init.args; cd /bin; pwd; ls nowhere; nothing",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_transcript(name: str, mode: str) -> None:
    lines = traced(TRANSCRIPTS[name], mode).masked
    path = GOLDEN / f"{name}.strace"
    if os.environ.get("TOYOS_GOLDEN") == "write" and not path.exists():
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert lines == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("mode", "variant"), [(mode, name) for mode, names in VARIANTS.items() for name in names[1:]])
def test_how_registers_are_saved_changes_nothing(mode: str, variant: str) -> None:
    expected = (GOLDEN / "zombie.strace").read_text(encoding="utf-8").splitlines()
    assert traced(TRANSCRIPTS["zombie"], mode, variant).masked == expected


def test_results_stand_in_one_column() -> None:
    lines = traced("lectures/fork_sum.s").strace
    assert "[pid 3] getpid()                        = 3" in lines
    assert "[pid 3] exit(7)                         = ?" in lines
    assert "[pid 2] clone(child_stack=NULL, flags=SIGCHLD) = 3" in lines
    assert any(line.startswith('[pid 2] execve("/run/fork_sum", ["fork_sum"], 0x') for line in lines)


def test_a_call_that_sleeps_is_one_call() -> None:
    run = traced("lectures/fork_sum.s")
    waits = [call for call in run.history.calls if call.name == "wait4" and call.pid == 2]
    assert [len(call.attempts) for call in waits] == [2]
    assert sum("wait4" in line for line in run.strace) == 2
    assert "[pid 2] wait4(-1,  <unfinished ...>" in run.strace
    assert any(line.startswith("[pid 2] <... wait4 resumed>[{WIFEXITED(s)") for line in run.strace)


def test_a_killed_sleeper_never_returns() -> None:
    lines = traced("lectures/fork_limit.s").masked
    at = lines.index("[pid 3] +++ killed by SIGKILL +++")
    assert lines[at - 1] == "[pid 3] <... nanosleep resumed>NULL) = ?"


def test_init_is_shown_when_asked_for() -> None:
    run = traced("lectures/fork_sum.s", init=True)
    assert "[pid 1] clone(child_stack=NULL, flags=SIGCHLD) = 2" in run.strace
    assert run.strace[-1].startswith("[pid 1] reboot(REBOOT_MAGIC1, REBOOT_MAGIC2, REBOOT_POWER_OFF, 0")
    assert run.strace[-1].endswith(" <unfinished ...>")
    assert not any("[pid 1]" in line for line in traced("lectures/fork_sum.s").strace)


def test_only_chosen_calls() -> None:
    lines: list[str] = []
    strace = Strace(lines.append, selected("trace=write,fork"))
    for event in traced("lectures/fork_sum.s").history.events:
        strace(event)
    shown = {line.split()[2].partition("(")[0] for line in lines}
    assert shown == {"write", "clone", "+++"}


def test_every_call_of_a_thorough_program_is_decoded() -> None:
    """Calls that lectures do not make: what is printed is what the program's source asks for."""
    text = "\n".join(traced("tests/files.s").masked)
    for line in (
        'getcwd("/dev", 4096) = 5',
        "getcwd(<address>, 4) = -1 ERANGE (Numerical result out of range)",
        "dup3(1, 4, 0) = 4",
        "fcntl(3, F_GETFD) = 1",
        "fstat(0, {st_mode=S_IFCHR|0666, st_size=0, ...}) = 0",
        'faccessat(AT_FDCWD, "/bin/init", X_OK) = 0',
        'newfstatat(AT_FDCWD, "/dev", {st_mode=S_IFDIR|0755, st_size=0, ...}, 0) = 0',
        "lseek(15, 0, SEEK_CUR) = 8",
        "ioctl(3, TCGETS, <address>) = -1 ENOTTY (Inappropriate ioctl for device)",
        'read(3, "\\10\\1", 2) = 2',
        'writev(1, [{iov_base="one ", iov_len=4}, {iov_base="two ", iov_len=4}, {iov_base="three\\n", iov_len=6}], 3)',
    ):
        assert line in text
