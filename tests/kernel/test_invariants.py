"""The kernel's data structures, looked at from outside many times in a run: they are always in order."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.kernel.guest import LIMIT, PROGRAMS
from tests.kernel.pool import FREE, NAMES, NEW, RAM_BASE, READY, RUNNING, SLEEP, ZOMBIE, Kernel
from toyos import build
from toyos.boot import Computer

# Demonstration -> instructions between two looks.
STEPS = {
    "fork_sum": 97,
    "orphan": 97,
    "cow": 97,
    "protection": 97,
    "fork_limit": 97,
    "sleepers": 997,
    "round_robin": 39_989,
}
ENOUGH_LOOKS = 20
QUEUES = {FREE: "free_pcbs", NEW: "new_queue", READY: "ready_queue", ZOMBIE: "zombies"}
ALLOWED = {
    (FREE, NEW),
    (NEW, READY),
    (NEW, FREE),  # a fork that fails
    (READY, RUNNING),
    (RUNNING, READY),
    (RUNNING, SLEEP),
    (RUNNING, ZOMBIE),
    (SLEEP, READY),
    (READY, ZOMBIE),  # killed
    (SLEEP, ZOMBIE),
    (ZOMBIE, FREE),
}


def computer(name: str, mode: str) -> Computer:
    """Name of a demonstration, mode -> a machine that will run it."""
    parts = build.system(mode)
    program = build.program([PROGRAMS / "lectures" / f"{name}.s"], mode, parts)
    return Computer([name], {f"run/{name}": program}, parts=parts)


def check_queues(kernel: Kernel) -> None:
    """Every PCB is on exactly the queue of its state; the Running one is `current`, and only it is on none."""
    pcbs = kernel.pool()
    for state, name in QUEUES.items():
        on_it = kernel.queue(kernel.symbols[name])
        assert len(set(on_it)) == len(on_it)
        idle = kernel.variable("process0")
        assert set(on_it) == {pcb.address for pcb in pcbs if pcb.state == state and pcb.address != idle}, name
    running = [pcb for pcb in pcbs if pcb.state == RUNNING]
    assert [pcb.address for pcb in running] == [kernel.variable("current")] and not running[0].queue
    for pcb in pcbs:
        if pcb.state == SLEEP:
            assert pcb.address in kernel.queue(pcb.queue)


def check_family(kernel: Kernel) -> None:
    """Child and sibling links say what the parent links say; every family leads to process 0; pids differ."""
    pcbs = {pcb.address: pcb for pcb in kernel.pool() if pcb.state != FREE}
    assert len({pcb.pid for pcb in pcbs.values()}) == len(pcbs)
    for pcb in pcbs.values():
        children, at = [], pcb.child
        while at:
            children.append(at)
            at = pcbs[at].sibling
        assert sorted(children) == sorted(other.address for other in pcbs.values() if other.parent == pcb.address)
        steps, ancestor = 0, pcb
        while ancestor.parent:
            steps, ancestor = steps + 1, pcbs[ancestor.parent]
            assert steps <= len(pcbs)
        assert ancestor.pid == 0


def check_frames(kernel: Kernel) -> None:
    """A frame is referenced as often as page tables name it; what none names is free; PCBs count their pages."""
    used: Counter[int] = Counter()
    for pcb in kernel.pool():
        if pcb.state in (FREE, ZOMBIE) or pcb.address == kernel.variable("process0"):
            continue
        frames = list(kernel.user_frames(pcb.root))
        assert pcb.pages == sum(is_page for _, is_page in frames)
        used.update([pcb.root, *(frame for frame, _ in frames)])
    for frame, count in used.items():
        assert frame >= RAM_BASE and kernel.references(frame) == count
    shared = sum(count > 1 for count in used.values())
    counter = kernel.computer.counter
    assert counter("KS_SHARED") == shared
    assert counter("KS_FREE") == counter("KS_FREE_BOOT") - len(used)


@pytest.mark.parametrize("name", STEPS)
def test_structures_are_in_order_whenever_a_process_runs(name: str, mode: str) -> None:
    running = computer(name, mode)
    kernel, machine, looks = Kernel(running), running.machine, 0
    while machine.run(STEPS[name]).reason == "limit":
        assert machine.instructions < LIMIT
        if machine.pc < RAM_BASE:
            check_queues(kernel)
            check_family(kernel)
            check_frames(kernel)
            looks += 1
    assert looks > ENOUGH_LOOKS


def test_a_process_changes_state_only_as_the_lectures_say(mode: str) -> None:
    """Instruction by instruction. A sleeper becomes Ready before it runs; only a Running process goes to sleep.

    The first PCB of the pool is process 0's, which has states of its own: it is Ready on no queue.
    """
    running = computer("orphan", mode)
    kernel, machine = Kernel(running), running.machine
    start = kernel.symbols["dispatch"]
    while machine.pc != start:
        machine.run(1)
    before, seen = kernel.states(), set()
    while machine.run(1).reason == "limit":
        after = kernel.states()
        if after != before:
            seen |= {change for change in zip(before[1:], after[1:], strict=True) if change[0] != change[1]}
            before = after
    named = {f"{NAMES[old]} -> {NAMES[new]}" for old, new in seen - ALLOWED}
    assert not named
    assert {(FREE, NEW), (NEW, READY), (READY, RUNNING), (RUNNING, SLEEP), (SLEEP, READY), (RUNNING, ZOMBIE)} <= seen
    assert (ZOMBIE, FREE) in seen
