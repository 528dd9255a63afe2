"""Register windows: whose each is and what it holds, under the three policies."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspect.guests import Guest
from toyos.inspect.windows import CALLER, CURRENT, MEANING, PART, PLACE, Window, WindowFile, callers
from toyos.variants import VARIANTS

# Each level keeps its own number in s0, and the level above it in s1; the parent waits at the bottom while the child
# goes as deep itself.
DEEP = """
.equ LEVELS, 4
proc main
        li      a0, LEVELS
        call    down
        mv      a0, zero
endp
proc down, args=1
        mv      s0, a0
        addi    s1, a0, 100
        beqz    a0, 1f
        addi    a0, a0, -1
        call    down
        return
1:      call    bottom
endp
proc bottom
        call    fork
        beqz    a0, child
        call    sleeper
        return
child:  li      a0, 1
        call    again
endp
proc sleeper                            # a window that is there when its process gives way
        mv      a0, zero
        call    wait
endp
proc again, args=1
        mv      s0, a0
        beqz    a0, 1f
        addi    a0, a0, -1
        call    again
        return
1:
here:   call    yield
endp
"""
POLICIES = pytest.mark.parametrize("policy", VARIANTS["window"])
LEVELS = 4


def file_of(guest: Guest) -> WindowFile:
    found = guest.inspector.windows()
    assert found is not None
    return found


def owned(file: WindowFile, role: str, pid: int | None) -> list[Window]:
    return [window for window in file.windows if (window.role, window.owner) == (role, pid)]


def test_machines_without_windows_have_none(tmp_path: Path) -> None:
    for mode in ("risc", "cisc"):
        assert Guest(tmp_path, "proc main\nendp\n", mode).inspector.windows() is None


@POLICIES
def test_callers_windows_hold_what_they_kept(policy: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, DEEP, "window", policy, 16)
    guest.to("bottom")
    file = file_of(guest)
    process = guest.current
    assert (file.nwin, file.policy, file.user) == (16, policy, process.pid)
    assert set(MEANING) >= {window.role for window in file.windows}
    current = file.windows[file.cwp]
    assert (current.role, current.owner) == (CURRENT, process.pid)
    # The innermost `down` is the current one: `bottom` has no window yet.
    expected = [(level, level + 100) for level in range(LEVELS + 1)]
    assert (current.registers["l0"], current.registers["l1"]) == expected[0]
    of_callers = owned(file, CALLER, process.pid)
    assert len(of_callers) == LEVELS + 2, "main and _start are among them"
    below = [file.windows[(file.cwp - distance) % 16] for distance in range(1, LEVELS + 1)]
    assert [(window.registers["l0"], window.registers["l1"]) for window in below] == expected[1:]
    assert [window.outs["sp"] for window in below] == [
        file.windows[(window.number + 1) % 16].registers["isp"] for window in below
    ]
    assert not any(window.forbidden for window in [*of_callers, current])
    forbidden = [window.number for window in file.windows if window.forbidden]
    assert sum(1 << number for number in forbidden) == file.wim and forbidden


@POLICIES
def test_the_windows_of_a_process_that_does_not_run(policy: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, DEEP, "window", policy, 16)
    guest.to("here")
    file, child = file_of(guest), guest.current
    parent = guest.inspector.process(child.ppid)
    assert parent is not None and parent.state == "Sleep" and file.user == child.pid
    assert owned(file, CURRENT, child.pid) == [file.windows[file.cwp]]
    assert len(owned(file, CALLER, child.pid)) >= 1
    kept = {"flush": 0, "lazy": 1, "partition": 1}[policy]
    assert len(owned(file, PLACE, parent.pid)) == kept
    assert bool(owned(file, PART, parent.pid)) == (policy == "partition")
    names = [frame.symbol.partition("+")[0] for frame in guest.inspector.backtrace(parent)]
    assert names[-LEVELS - 4 :] == ["bottom", *["down"] * (LEVELS + 1), "main", "_start"]
    names = [frame.symbol.partition("+")[0] for frame in guest.inspector.backtrace()]
    assert names == ["again", "again", "bottom", *["down"] * (LEVELS + 1), "main", "_start"]


@POLICIES
@pytest.mark.parametrize("nwin", [4, 8])
def test_no_window_has_two_owners_and_the_forbidden_ones_are_never_current(
    policy: str, nwin: int, tmp_path: Path
) -> None:
    guest = Guest(tmp_path, DEEP, "window", policy, nwin)
    guest.to("main")
    looks = 0
    while guest.machine.run(11).reason == "limit":
        file = file_of(guest)
        assert [window.number for window in file.windows] == list(range(nwin))
        if guest.inspector.in_kernel:
            continue
        current = guest.current
        assert file.user == current.pid
        assert not file.windows[file.cwp].forbidden and file.windows[file.cwp].owner == current.pid
        held = [number for process in guest.inspector.processes() for number in callers(guest.inspector, process)]
        assert len(set(held)) == len(held) and file.cwp not in held
        looks += 1
    assert looks > 10
