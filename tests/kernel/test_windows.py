"""Programs in register windows behave as on a machine with a plain stack, whatever the kernel does with the windows.

Processes follow scripts of calls, returns, forks, switches and uses of all registers (windows/walk.s), on kernels of
all policies, with 2 to 32 windows, interrupted after some hundred instructions; window_model.py says what they must
find.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kernel.window_model import (
    CALL,
    CALL_KERNEL,
    FLUSH,
    FORK,
    INS,
    KILL,
    LEAVE,
    LOCALS,
    MIX,
    OPERATIONS,
    RETURN,
    SET,
    YIELD,
    hashes,
)
from tests.kernel.windowed import check_walk, every_kernel
from toyos.variants import Choice

DEEP = 300
FORKS_MAX = 3
WHOLE_TURN = 100_000  # ticks: a process ends its turn by itself
CHILD_MAKERS = (FORK, LEAVE, KILL)
SET_ALL = bytes(range(SET, SET + LOCALS + INS))
MIX_ALL = bytes(range(MIX, MIX + LOCALS + INS))


def closed(operations: list[int]) -> bytes:
    """Any operations -> a script: no return too much, all of them at the end, no more forks than there are PCBs for."""
    script, depth, forks = [], 1, 0
    for operation in operations:
        if operation == RETURN and depth == 1 or operation in CHILD_MAKERS and forks == FORKS_MAX:
            continue
        depth += {CALL: 1, RETURN: -1}.get(operation, 0)
        forks += operation in CHILD_MAKERS
        script.append(operation)
    return bytes(script + [RETURN] * depth)


operations = st.one_of(
    st.sampled_from([CALL, CALL, RETURN, RETURN, YIELD, FORK, LEAVE, KILL, FLUSH, CALL_KERNEL]),
    st.integers(SET, OPERATIONS - 1),
)
some_operations = st.one_of(
    st.lists(operations, max_size=150),
    # runs of calls and returns: the depth swings
    st.lists(st.tuples(st.sampled_from([CALL, RETURN, YIELD]), st.integers(1, 40)), max_size=12).map(
        lambda runs: [operation for one, count in runs for operation in [one, SET + count % LOCALS] * count]
    ),
)


@every_kernel
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=st.lists(some_operations.map(closed), min_size=1, max_size=6))
def test_any_script(tmp_path: Path, choice: Choice, scripts: list[bytes]) -> None:
    check_walk(choice, tmp_path, scripts)


@every_kernel
def test_deep_recursion(tmp_path: Path, choice: Choice) -> None:
    """Four processes with hundreds of frames each, whose registers are looked at on the way back; the stacks grow by
    what is spilled."""
    down = (SET_ALL + bytes([CALL])) * DEEP
    up = (MIX_ALL + bytes([RETURN])) * DEEP
    result = check_walk(choice, tmp_path, [down + up + bytes([RETURN])] * 4)
    assert result.stats["exceptions"]["window underflow"] >= DEEP


@every_kernel
def test_fork_in_a_deep_call(tmp_path: Path, choice: Choice) -> None:
    """Parent and child, and a child of each, return through the same calls, and go down again on shared pages."""
    down, up = (SET_ALL + bytes([CALL])) * 40, bytes([RETURN] * 40)
    swing = down[: len(down) // 2] + bytes([YIELD] + [RETURN] * 20)
    script = down + bytes([FORK]) + swing + bytes([FORK, YIELD]) + swing + up + bytes([RETURN])
    check_walk(choice, tmp_path, [script, script])


@every_kernel
def test_switches_at_every_depth(tmp_path: Path, choice: Choice) -> None:
    """Eight processes that give way before each call and each return."""
    down, up = (SET_ALL + bytes([YIELD, CALL])) * 35, bytes([YIELD, RETURN]) * 35
    check_walk(choice, tmp_path, [(down + up) * 2 + bytes([RETURN])] * 8)


@every_kernel
def test_processes_that_end_in_a_deep_call(tmp_path: Path, choice: Choice) -> None:
    """Their windows are nobody's afterwards, whoever has run since."""
    script = (SET_ALL + bytes([CALL, CALL, LEAVE, KILL, YIELD, RETURN])) * 3 + bytes([RETURN] * 4)
    check_walk(choice, tmp_path, [script] * 5)


@every_kernel
def test_calls_after_a_child_was_killed(tmp_path: Path, choice: Choice) -> None:
    """The end of a process that has lost its windows to another takes nothing from that one. Nobody is interrupted, as
    the next turn would hide it."""
    patient = choice._replace(parameters={**choice.parameters, "QUANTUM": WHOLE_TURN})
    deeper = bytes([KILL]) + (SET_ALL + bytes([CALL])) * 2 + bytes([YIELD])
    check_walk(patient, tmp_path, [deeper * 3 + (MIX_ALL + bytes([RETURN])) * 7] * 3)


@every_kernel
def test_flush_at_every_depth(tmp_path: Path, choice: Choice) -> None:
    """SYS_window_flush, the way of longjmp, loses nothing."""
    script = (SET_ALL + bytes([FLUSH, CALL, CALL, FLUSH, RETURN])) * 12 + bytes([FLUSH, RETURN]) * 13
    check_walk(choice, tmp_path, [script, script])


@pytest.mark.parametrize("script", [bytes([CALL, SET, RETURN, RETURN]), bytes([FORK, SET, MIX, RETURN])])
def test_the_model_tells_registers_apart(script: bytes) -> None:
    other = script.replace(bytes([SET]), bytes([SET + 1]))
    assert hashes([script]) != hashes([other])
