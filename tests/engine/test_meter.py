"""Accounting: what hand-counted programs count, exactly, on both executors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.meter_rig import HALT, HALT_CLASSES, address, counted, counters, meter_of
from tests.engine.rig import EXECUTORS, code, differences, machine
from vm.arch import RAM_BASE
from vm.machine import Stop
from vm.meter import CLASSES, CacheShape, Meter, MeterError, TlbShape
from vm.micro.meter_layout import USER_SPAN

pytestmark = pytest.mark.parametrize("executor", EXECUTORS)

SUM = f"""
        .globl loop, mark
        li a0, 0
        li a1, 5
        la t0, cell
loop:   lw t1, 0(t0)
        add a0, a0, t1
        sw a0, 4(t0)
        sb a0, 8(t0)
        addi a1, a1, -1
mark:   bnez a1, loop
        {HALT}
cell:   .word 3, 0, 0
"""


def test_every_counter_of_a_loop(executor: str) -> None:
    made = counted(executor, SUM)
    meter = meter_of(made)
    found = counters(meter)
    assert meter.by_class() == {"alu": 4 + 5 * 2 + 3, "load": 5, "store": 10 + 1, "branch": 5}
    assert meter.instructions == made.started == 4 + 5 * 6 + 4
    assert (found["loads"], found["read_bytes"]) == (5, 20)
    assert (found["stores"], found["written_bytes"]) == (11, 5 * (4 + 1) + 4)
    assert (found["taken"], found["load_use"]) == (4, 5)
    assert found["fetched_bytes"] == 4 * meter.instructions
    assert found["levels"] == [0, 0, 0, meter.instructions]
    assert found["masked"] == meter.instructions, "MIE is 0 after power-on"
    assert (found["micro_ops"], found["rounds"]) == (meter.instructions, 0)
    assert sum(found["exceptions"]) == sum(found["interrupts"]) == found["returns"] == 0
    assert found["fetch_lines"] == found["read_lines"] == found["tlb_lookups"] == 0, "nothing is simulated"


def test_histogram_and_symbols(executor: str) -> None:
    meter = meter_of(counted(executor, SUM))
    addresses, counts, classes = meter.histogram()
    assert addresses.tolist() == [RAM_BASE + 4 * k for k in range(14)]
    assert counts.tolist() == [1] * 4 + [5] * 6 + [1] * 4
    assert [CLASSES[k] for k in classes[4:10]] == ["load", "alu", "store", "store", "alu", "branch"]
    symbols = meter.by_symbol({"start": RAM_BASE, "loop": address(SUM, "loop"), "end": RAM_BASE + 4 * 10})
    assert list(symbols) == ["loop", "end", "start"]
    assert symbols["loop"].classes == {"load": 5, "alu": 10, "store": 10, "branch": 5}
    assert symbols["end"].classes == HALT_CLASSES
    assert sum(each.instructions for each in symbols.values()) == meter.instructions


@pytest.mark.parametrize("log_rows", [1, 2, 5, 4096])
def test_the_log_is_exact_however_small(executor: str, log_rows: int) -> None:
    cell = RAM_BASE + 4 * 14
    marks = {"turn": address(SUM, "mark"), "never": RAM_BASE + 0x100}
    log = meter_of(counted(executor, SUM, marks=marks, words=[cell, cell + 4], log_rows=log_rows)).log
    assert log["moment"].tolist() == [0] * 5
    assert log["clock"].tolist() == [9 + 6 * k for k in range(5)], "before the instruction"
    assert log["words"].tolist() == [[3, 3 * (k + 1)] for k in range(5)]
    assert log["counters"]["loads"].tolist() == [1, 2, 3, 4, 5]
    assert log["counters"]["taken"].tolist() == [0, 1, 2, 3, 4]
    assert log["counters"]["classes"].sum(axis=1).tolist() == log["clock"].tolist()


DEVICE = f"""
        li t0, 0x10000000
        li a0, 65
        li a1, 3
loop:   sb a0, 0(t0)
        lbu a2, 5(t0)
        add a2, a2, a0
        addi a1, a1, -1
        bnez a1, loop
        {HALT}
"""


def test_an_access_to_a_device_counts_once(executor: str) -> None:
    made = counted(executor, DEVICE, dcache=CacheShape(64, 1, 16))
    found = counters(meter_of(made))
    assert (found["loads"], found["stores"], found["load_use"]) == (3, 4, 3)
    assert found["read_lines"] == found["write_lines"] == 0, "devices are not cached"
    assert meter_of(made).instructions == made.started == 3 + 3 * 5 + 4
    assert max(meter_of(made).histogram()[1]) == 3


MISALIGNED = f"""
        li t0, 0x80010fff
        sw t0, 0(t0)
        lw a0, 0(t0)
        lhu a1, -2(t0)
        {HALT}
"""


def test_a_misaligned_access_counts_once_and_reaches_two_lines(executor: str) -> None:
    found = counters(meter_of(counted(executor, MISALIGNED, dcache=CacheShape(256, 4, 16))))
    assert (found["stores"], found["written_bytes"]) == (2, 8)
    assert (found["loads"], found["read_bytes"]) == (2, 6)
    assert (found["write_lines"], found["write_misses"]) == (2, 2)
    assert (found["read_lines"], found["read_misses"]) == (3, 2)


ATOMICS = f"""
        la t0, cell
        li a0, 2
        amoadd.w a1, a0, (t0)
        lr.w a2, (t0)
        sc.w a3, a0, (t0)
        sc.w a3, a0, (t0)
        {HALT}
        .balign 4
cell:   .word 40
"""


def test_atomics(executor: str) -> None:
    made = counted(executor, ATOMICS)
    found = counters(meter_of(made))
    assert made.x[13] == 1, "the second sc.w fails"
    assert (found["loads"], found["stores"]) == (2, 3), "amo and lr; amo, one sc, the halt"
    assert meter_of(made).by_class()["amo"] == 4


def test_a_dump_moves_31_words(executor: str) -> None:
    text = f"li a0, 0x80010000\nxdump (a0)\nxload (a0)\n{HALT}"
    found = counters(meter_of(counted(executor, text)))
    assert (found["stores"], found["written_bytes"]) == (32, 128)
    assert (found["loads"], found["read_bytes"]) == (31, 124)


def test_a_sleep_is_counted_when_it_is_over(executor: str) -> None:
    made = machine(executor, code(f"wfi\nli a0, 1\n{HALT}"), meter=Meter(marks={"sleep": RAM_BASE}))
    assert made.run(100) == Stop("idle")
    assert meter_of(made).instructions == made.started == 0
    assert made.run(100) == Stop("idle")
    made.core.state["mip"], made.core.state["mie"] = 2, 2
    assert made.run(100) == Stop("halt", 0)
    assert meter_of(made).instructions == made.started == 6
    assert meter_of(made).histogram()[1].tolist() == [1] * 6
    found = counters(meter_of(made))
    assert found["masked"] == found["micro_ops"] == found["levels"][3] == 6


@pytest.mark.parametrize("slices", [1, 3, 7])
def test_slices_count_the_same(executor: str, slices: int) -> None:
    whole = counted(executor, SUM, marks={"turn": address(SUM, "mark")})
    sliced = machine(executor, code(SUM), meter=Meter(marks={"turn": address(SUM, "mark")}))
    stop = Stop("limit")
    while stop.reason == "limit":
        before = sliced.instructions
        stop = sliced.run(slices)
        assert stop.reason == "halt" or sliced.instructions == before + slices
    assert counters(meter_of(whole)) == counters(meter_of(sliced))
    assert (meter_of(whole).log == meter_of(sliced).log).all()
    assert differences(whole.core, sliced.core) == {}
    plain = machine(executor, code(SUM))
    plain.run()
    assert differences(plain.core, sliced.core) == {}, "a machine that counts ends in the same state"


def test_a_reset_keeps_what_was_counted(executor: str) -> None:
    meter = Meter()
    made = machine(executor, code(SUM), meter=meter)
    made.run()
    before = meter.instructions
    made.core.reset(RAM_BASE)
    made.run(10)
    assert meter.instructions == before + 10


PROGRAM_MODES = {
    "cisc": ("movl $5, a0\nloop: addl2 $1, *$0x80010000\nsob a0, loop\nmovl $0x5555, *$0x100000\n", 1 + 2 * 5 + 1),
    "window": ("wsave -64\nwrest\nli a0, 1\n" + HALT, 7),
}


@pytest.mark.parametrize("mode", PROGRAM_MODES)
def test_other_modes(executor: str, mode: str) -> None:
    text, instructions = PROGRAM_MODES[mode]
    made = counted(executor, text, mode)
    meter, found = meter_of(made), counters(meter_of(made))
    assert meter.instructions == made.started == instructions
    if mode == "cisc":
        assert meter.by_class() == {"move": 2, "alu": 5, "branch": 5}
        assert (found["loads"], found["stores"], found["taken"]) == (5, 6, 4)
        assert found["fetched_bytes"] == 3 + 5 * (7 + 3) + 9
        assert found["micro_ops"] > instructions
    else:
        assert meter.by_class() == {"window": 2, "alu": 4, "store": 1}


def test_block_instructions_have_rounds(executor: str) -> None:
    text = "movl $0x80010000, a0\nmovl $7, a1\nmovl $10, a2\nfilc\nmovl $0x5555, *$0x100000\n"
    made = counted(executor, text, "cisc")
    found = counters(meter_of(made))
    assert meter_of(made).by_class() == {"move": 4, "block": 1}
    assert (found["rounds"], found["stores"], found["written_bytes"]) == (3, 4 + 1, 10 + 4), "two words, two bytes"
    assert meter_of(made).instructions + found["rounds"] == made.started


def test_a_popped_word_can_lie_on_two_lines(executor: str) -> None:
    text = "movl $0x8001000e, sp\nrets\n"  # the mask, and behind it the pc
    made = machine(executor, code(text, "cisc"), mode="cisc", meter=Meter(dcache=CacheShape(64, 1, 16)))
    made.run(2)
    found = counters(meter_of(made))
    assert (found["loads"], found["read_bytes"]) == (2, 8)
    assert (found["read_lines"], found["read_misses"]) == (2 + 1, 2)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "three bytes": ({"size": 3, "ways": 1, "line": 16}, "cache size in bytes of 3: expected 4 to"),
    "no ways": ({"size": 64, "ways": 0, "line": 16}, "ways of a cache of 0: expected 1 to"),
    "line": ({"size": 96, "ways": 1, "line": 24}, "cache line of 24 bytes: expected a power of two"),
    "ragged": ({"size": 100, "ways": 2, "line": 16}, "cache of 100 bytes: expected a multiple of a set's 32 bytes"),
    "sets": ({"size": 96, "ways": 1, "line": 16}, "cache of 96 bytes has 6 sets of 16 bytes: expected a power of two"),
    "text": ({"size": "8K", "ways": 1, "line": 16}, "cache size in bytes: expected a whole number, not '8K'"),
    "no entries": ({"entries": 0}, "entries of a TLB of 0: expected 1 to"),
    "ragged TLB": ({"entries": 10, "ways": 4}, "TLB of 10 entries: expected a multiple of its 4 ways"),
    "sets of a TLB": ({"entries": 12, "ways": 4}, "TLB of 12 entries has 3 sets: expected a power of two"),
    "two kinds": ({"cache": CacheShape(64, 1, 16), "icache": CacheShape(64, 1, 16)}, "one cache for both sides, or"),
    "too many words": ({"words": [RAM_BASE + 4 * k for k in range(9)]}, "9 watched words: expected at most 8"),
    "one address": ({"marks": {"a": RAM_BASE, "b": RAM_BASE}}, "two moments are marked at one address: a, b"),
    "no rows": ({"log_rows": 0}, "rows of the log of 0: expected 1 to"),
    "half an instruction": ({"marks": {"a": RAM_BASE + 2}}, "moment 'a' at 0x80000002: expected an instruction's"),
    "nowhere": ({"marks": {"a": USER_SPAN}}, "moment 'a' at 0x400000: expected an instruction's address, in RAM or"),
    "device": ({"words": [0x1000_0000]}, "watched word at 0x10000000: expected the aligned address of a word in RAM"),
}


@pytest.mark.parametrize("fault", BAD)
def test_senseless_parameters_are_refused(executor: str, fault: str) -> None:
    arguments, expected = BAD[fault]
    with pytest.raises(MeterError) as raised:
        if "size" in arguments:
            CacheShape(**arguments)
        elif "entries" in arguments:
            TlbShape(**arguments)
        else:
            machine(executor, meter=Meter(**arguments))
    assert expected in str(raised.value)


def test_a_meter_belongs_to_one_machine(executor: str) -> None:
    meter = Meter()
    machine(executor, meter=meter)
    with pytest.raises(MeterError, match="belongs to another machine"):
        machine(executor, meter=meter)
