"""Snapshots: everything that is state is in them, and taking or restoring them is seen by nobody."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tests.timetravel.rig import SMALL, bare, busy, state
from vm import pages
from vm.arch import PAGE_SIZE, PTE_A, PTE_D, PTE_PPN_SHIFT, PTE_R, PTE_V, PTE_W, PTE_X, RAM_BASE, SATP_MODE
from vm.devices.kept import ForeignState, Kept
from vm.devices.uart import Uart
from vm.hart_state import DERIVED, KEPT, PASSING
from vm.machine import Machine
from vm.snapshot import SnapshotError, capture, digest, restore
from vm.state import STATE
from vm.timetravel import Timeline

WIRES = {
    "_now",
    "_sink",
    "_line",
    "_memory",
    "halt",
}  # of devices: what leads elsewhere, and what is empty between instructions


def test_every_field_of_the_cpu_state_is_classified_once() -> None:
    lists = [*KEPT, *DERIVED, *PASSING]
    assert sorted(lists) == sorted(STATE.names or ())


def test_every_attribute_of_a_device_is_kept_or_a_wire() -> None:
    for _, device in Machine(ram=SMALL).bus.devices():
        attributes = set(vars(device)) - WIRES
        assert isinstance(device, Kept)
        assert attributes == {*device.KEPT, *device.PARTS}, type(device).__name__
        other = type(device).__new__(type(device))
        vars(other).update(vars(device))
        other.load(device.save())
        assert other.save() == device.save()


def test_a_device_takes_no_state_of_another_kind() -> None:
    port = Uart(lambda data: None, lambda level: None)
    before = port.save()
    for change in ({"_queue": 5}, {"irq": b""}, {"_divisor": -1}, {"_divisor": 1 << 64}, {"_scratch": [1]}):
        with pytest.raises(ForeignState):
            port.load({**before, **change})
    with pytest.raises(ForeignState):
        port.load({"irq": 0})
    assert port.save() == before


@pytest.mark.parametrize("observed", [False, True], ids=["plain", "observed"])
def test_looking_changes_nothing(mode: str, observed: bool) -> None:
    one, other = busy(mode, observed=observed), busy(mode, observed=observed)
    pick = Random(1)
    kept = []
    for _ in range(60):
        step = pick.randrange(1, 9000)
        one.run(step)
        other.run(step)
        kept.append(capture(other))
        if pick.random() < 0.5:
            restore(other, kept[-1])
    assert state(one) == state(other)
    early = kept[20]
    restore(other, early)
    assert digest(capture(other)) == digest(early)
    other.run(one.started - other.started)
    assert state(one) == state(other)


def test_another_machine_goes_on_where_the_first_stood(mode: str) -> None:
    one = busy(mode)
    one.run(300_000)
    one.receive(b"waits in the queue\n")
    snapshot = capture(one)
    for observed in (True, False):
        other = Machine(mode, one.ram_size, nwin=one.nwin or None, observed=observed)
        restore(other, snapshot)
        one_end, other_end = (machine.run(5_000_000).reason for machine in (one, other))
        assert one_end == other_end == "idle"
        assert state(one) == state(other)
        restore(one, snapshot)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (Machine("cisc", SMALL), "mode"),
        (Machine(ram=2 * SMALL), "RAM"),
        (Machine("window", SMALL, nwin=4), "windows"),
    ],
    ids=["mode", "ram", "windows"],
)
def test_a_snapshot_of_another_kind_of_machine_is_refused(other: Machine, what: str) -> None:
    mode = other.mode if what == "windows" else "risc"
    snapshot = capture(Machine(mode, SMALL))
    before = state(other)
    with pytest.raises(SnapshotError, match=what):
        restore(other, snapshot)
    assert state(other) == before


# Supervisor code whose page at 0x400000 is moved to another frame without a fence: what it reads there is the old
# frame's as long as the TLB remembers it. s0 counts the rounds; every 51st one fences.
UNFENCED = f"""
        .equ TABLES, {RAM_BASE + 0x4000:#x}
        .equ LEAVES, {RAM_BASE + 0x5000:#x}
        .equ SEEN, {RAM_BASE + 0x8000:#x}
        la t0, supervisor
        csrw mepc, t0
        li t0, 0x800
        csrw mstatus, t0
        li t0, {SATP_MODE | (RAM_BASE + 0x4000) >> 12:#x}
        csrw satp, t0
        mret
supervisor:
        li s1, 0x400000
        li s0, 0
1:      li t0, LEAVES
        andi t1, s0, 1
        slli t1, t1, 10
        li a0, {(RAM_BASE + 0x6000 >> 12) << PTE_PPN_SHIFT | PTE_V | PTE_R | PTE_W | PTE_A | PTE_D:#x}
        add t1, t1, a0
        sw t1, 0(t0)
        lw a1, 0(s1)
        li t0, SEEN
        slli a2, s0, 2
        andi a2, a2, 2047
        add t0, t0, a2
        sw a1, 0(t0)
        addi s0, s0, 1
        li t1, 51
        remu t0, s0, t1
        bnez t0, 1b
        sfence.vma
        j 1b
"""


def unfenced(observed: bool) -> Machine:
    machine = bare(UNFENCED, observed=observed)
    flags = PTE_V | PTE_R | PTE_W | PTE_X | PTE_A | PTE_D
    entries = {0x4000 + 4 * (RAM_BASE >> 22): RAM_BASE >> 12 << PTE_PPN_SHIFT | flags}
    entries[0x4000 + 4] = RAM_BASE + 0x5000 >> 12 << PTE_PPN_SHIFT | PTE_V
    for frame in (0, 1):
        entries[0x6000 + PAGE_SIZE * frame] = 100 + frame
    for offset, value in entries.items():
        machine.write(RAM_BASE + offset, value.to_bytes(4, "little"))
    return machine


def test_a_guest_that_does_not_fence_sees_the_same_stale_translations_again() -> None:
    plain = unfenced(False)
    plain.run(20_000)
    words = np.frombuffer(plain.read(RAM_BASE + 0x8000, 2048), "<u4")
    assert set(words.tolist()) == {100, 101} and (words[1:] == words[:-1]).sum() > 400, "translations are stale"
    machine = unfenced(True)
    timeline = Timeline(machine, spacing=700)
    pick = Random(5)
    seen = {}
    while timeline.now < 20_000:
        timeline.step(pick.randrange(1, 200))
        seen[timeline.now] = state(machine)
    timeline.goto(20_000)
    assert state(machine) == state(plain)
    for position in pick.choices(sorted(seen), k=60):
        timeline.goto(position)
        assert state(machine) == seen[position], position
    timeline.goto(20_000)
    assert state(machine) == state(plain)


def test_pages_that_do_not_change_are_shared(mode: str) -> None:
    machine = busy(mode)
    machine.run(200_000)
    one = capture(machine)
    machine.run(20_000)
    other = capture(machine)
    different = list(pages.differing(one.pages, other.pages))
    held = dict(pages.contents(one.pages))
    assert 0 < len(different) < 20 < 30 < len(held)
    page = different[0]
    machine.write(RAM_BASE + page * PAGE_SIZE, bytes(PAGE_SIZE))
    assert page not in dict(pages.contents(capture(machine).pages)), "a page of zeros takes nothing"


def test_the_ledger_counts_what_is_held_once() -> None:
    pick = Random(3)
    ram = np.zeros(1 << 20, np.uint8)
    table, tables = pages.empty(ram.size), []
    ledger = pages.Ledger()
    for _ in range(200):
        if tables and pick.random() < 0.45:
            ledger.remove(tables.pop(pick.randrange(len(tables))))
        else:
            touched = sorted(pick.sample(range(256), pick.randrange(4)))
            for page in touched:
                ram[page * PAGE_SIZE + pick.randrange(PAGE_SIZE)] = pick.randrange(3)
            table = pages.taken(ram, table, touched)
            assert b"".join(pages.page(table, page) for page in range(256)) == ram.tobytes()
            tables.append(table)
            ledger.add(table)
        groups = {id(group): group for each in tables for group in each if group is not pages.ZERO_GROUP}
        held = {id(page) for group in groups.values() for page in group if page is not pages.ZERO}
        assert ledger.bytes == len(groups) * pages.GROUP_COST + len(held) * pages.PAGE_COST
