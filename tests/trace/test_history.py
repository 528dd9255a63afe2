"""The life of every process as it was seen agrees with the rules of states and with what the kernel counts itself."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.trace.rig import Run, traced
from toyos.trace.events import (
    FREE,
    NEW,
    READY,
    RUNNING,
    SLEEP,
    ZOMBIE,
    Adopt,
    Copy,
    Exec,
    Exit,
    Fork,
    Reap,
    StateChange,
    Switch,
)
from toyos.trace.timeline import History
from toyos.variants import MODES, VARIANTS

# What the kernel's README draws, and process 0, which is made Running.
ALLOWED = {
    (FREE, NEW), (NEW, READY), (READY, RUNNING), (RUNNING, READY), (RUNNING, SLEEP), (SLEEP, READY),
    (RUNNING, ZOMBIE), (READY, ZOMBIE), (SLEEP, ZOMBIE), (ZOMBIE, FREE),
}  # fmt: skip
PROGRAMS = ["lectures/fork_sum.s", "lectures/orphan.s", "lectures/zombie.s", "lectures/cow.s", "lectures/sleepers.s"]
RUNS = [(program, mode, None) for program in PROGRAMS for mode in MODES] + [
    ("lectures/fork_fan.s", mode, variant) for mode, variants in VARIANTS.items() for variant in variants[1:]
]


@pytest.fixture(params=RUNS, ids=lambda run: "-".join(map(str, filter(None, run))).replace("/", "."))
def run(request: pytest.FixtureRequest) -> Run:
    """-> a run to its end."""
    run = traced(*request.param)
    assert run.stop.reason == "halt"
    return run


def test_states_divide_every_life_without_gap_or_overlap(run: Run) -> None:
    for life in run.history.lives:
        assert life.intervals and life.intervals[0].state == NEW
        for one, next_one in pairwise(life.intervals):
            assert (one.until, one.until_clock) == (next_one.at, next_one.clock)
            assert one.state != next_one.state
        assert all(each.at <= each.until and each.clock <= each.until_clock for each in life.intervals)
        assert life.freed or life.intervals[-1].until == run.history.end


def test_states_change_only_as_the_kernel_says(run: Run) -> None:
    changes = [event for event in run.history.events if isinstance(event, StateChange)]
    odd = {(event.before, event.after) for event in changes if event.pid} - ALLOWED
    assert odd == set(), "a sleeper never goes straight to Running"
    assert {(e.before, e.after) for e in changes if e.pid == 0} <= ALLOWED | {(NEW, RUNNING)}
    assert all(bool(event.on) == (event.after == SLEEP) for event in changes)


def test_one_process_runs_at_a_time(run: Run) -> None:
    running = sorted(
        (each.at, each.until) for life in run.history.lives for each in life.intervals if each.state == RUNNING
    )
    assert all(until <= at for (_, until), (at, _) in pairwise(running))


def test_the_kernel_counts_the_same(run: Run) -> None:
    counts, counter = run.history.counts(), run.computer.counter
    assert counts["switches"] == counter("KS_SWITCHES")
    assert counts["system_calls"] == counter("KS_SYSTEM_CALLS")
    assert counts["page_faults"] == counter("KS_PAGE_FAULTS")
    assert counts["pages_copied"] == counter("KS_COW_COPIES")
    assert counts["forks"] == counter("KS_FORKS")
    machine = run.computer.stats()
    assert counts["traps"] == sum(machine["exceptions"].values()) + sum(machine["interrupts"].values())


def test_switches_are_between_who_ran_and_who_runs(run: Run) -> None:
    for event in run.history.events:
        if isinstance(event, Switch):
            target = run.history.life_at(event.to, event.at)
            assert target is not None and target.state_at(event.at) == RUNNING


def test_events_come_in_order(run: Run) -> None:
    places = [(event.at, event.clock) for event in run.history.events]
    assert places == sorted(places)


def test_every_child_was_forked_and_every_zombie_reaped(run: Run) -> None:
    events = run.history.events
    forked = [event.child for event in events if isinstance(event, Fork)]
    assert forked == [life.pid for life in run.history.lives if life.pid]
    reaped = {event.child for event in events if isinstance(event, Reap)}
    assert reaped == {life.pid for life in run.history.lives if life.freed}
    assert all((life.status is not None) == (life.pid > 1) for life in run.history.lives)


def test_the_family_of_orphans() -> None:
    history = traced("lectures/orphan.s").history
    lives = {life.pid: life for life in history.lives}
    assert [(pid, life.parent.pid if life.parent else None) for pid, life in lives.items()] == [
        (0, None),
        (1, 0),
        (2, 1),
        (3, 2),
        (4, 3),
    ]
    assert [(e.pid, e.child) for e in history.events if isinstance(e, Adopt)] == [(1, 4)]
    assert [(e.pid, e.status) for e in history.events if isinstance(e, Exit)] == [(3, 0), (4, 0), (2, 0)]
    assert [prefix for _, prefix in history.tree()] == ["", "└─ ", "   └─ ", "      └─ ", "         └─ "]


def test_sleepers_say_what_they_wait_for() -> None:
    history = traced("lectures/orphan.s").history
    assert {each.on for life in history.lives for each in life.intervals if each.state == SLEEP} == {
        "children",
        "clock",
    }
    reading = traced("-c cat").history
    assert "console" in {each.on for life in reading.lives for each in life.intervals}


def test_preemption_is_told_from_giving_way() -> None:
    run = traced("lectures/round_robin.s", quantum=20_000)
    pcbs = run.history.switches
    assert sum(not switch.voluntary for switch in pcbs) > 10
    assert len(pcbs) == run.computer.counter("KS_SWITCHES")
    for switch in pcbs:
        source = run.history.life_at(switch.pid, switch.at)
        assert source is not None
        assert switch.voluntary or source.state_at(switch.at) == READY


def test_programs_and_names() -> None:
    history = traced("lectures/execcmd.s /bin/echo one two").history
    execs = [(event.pid, event.path, event.name) for event in history.events if isinstance(event, Exec)]
    assert execs[:2] == [(1, "/bin/init", "init"), (2, "/run/execcmd", "execcmd")]
    assert all(event.pid and event.address for event in history.events if isinstance(event, Copy))


def test_a_limit_ends_lives_where_recording_ends() -> None:
    history = traced("lectures/fork_sum.s", limit=40).history
    assert not history.complete and len(history.events) == 40
    last = history.events[-1].at
    assert all(life.intervals and life.intervals[-1].until <= last < history.end for life in history.lives)


def test_a_fork_without_memory_leaves_a_life_that_was_never_ready() -> None:
    run = traced("lectures/fork_limit.s", ram=1536 << 10)
    failed = next(call for call in run.history.calls if call.name == "clone" and call.failed)
    assert failed.returned == "-1 ENOMEM (Cannot allocate memory)"
    stillborn = run.history.lives[-1]
    assert [each.state for each in stillborn.intervals] == [NEW] and stillborn.freed and stillborn.status is None
    assert stillborn.parent is not None and stillborn.parent.pid == 2
    assert "[pid 2] +++ killed by SIGKILL +++" in run.strace, "for want of memory"
    assert not any("--- SIGKILL" in line for line in run.strace)


def test_a_pid_that_comes_again_is_another_life() -> None:
    history = History()

    def change(at: int, pid: int, before: str, after: str) -> None:
        history.add(StateChange(at, at, pid, before, after, "", "name"))

    change(0, 0, FREE, NEW)
    change(1, 0, NEW, RUNNING)
    for start in (10, 20):
        change(start, 5, FREE, NEW)
        history.add(Fork(start + 1, start + 1, 0, 5))
        change(start + 5, 5, NEW, FREE)
    history.close(30, 30)
    assert [(life.number, life.pid, life.born, life.freed) for life in history.lives] == [
        (0, 0, 0, False), (1, 5, 10, True), (2, 5, 20, True),
    ]  # fmt: skip
    assert [life.number for life in history.lives[0].children] == [1, 2]
    assert history.life_at(5, 12) is history.lives[1] and history.life_at(5, 22) is history.lives[2]
    assert history.life_at(5, 17) is None and history.life_at(None, 12) is None
