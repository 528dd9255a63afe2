"""Recordings and saved machines as files: they run again elsewhere, and whatever is wrong with one is said in a
sentence."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.engine.rig import examples
from tests.timetravel.rig import SMALL, SPACING, STATUS, bare, busy, live, state
from vm import container, recording
from vm.arch import RAM_BASE
from vm.container import HEADER, RecordingError
from vm.machine import Machine
from vm.recording import (
    KINDS,
    MACHINE,
    RECORDING,
    Recorder,
    load_machine,
    of_timeline,
    play,
    read,
    replay,
    save_machine,
)
from vm.recording import write as write_recording
from vm.timetravel import Timeline

EXTRA = {"title": "busy", "programs": {"run/busy": b"\x00\x01"}, "numbers": [1, 2, None, True]}
COUNTER = """
1:      addi a0, a0, 1
        j 1b
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "run.rec"


def record(mode: str, file: Path) -> tuple[bytes, str, int]:
    """Records busy on a machine that is not observed -> what it printed, the digest of its end, the end's position."""
    shown = bytearray()
    machine = busy(mode, shown.extend, observed=False)
    recorder, pick = Recorder(machine), Random(6)
    lines = [b"one\n", b"two", b" and three\n", b"\n"]
    while (stop := machine.run(pick.randrange(1, 400_000))).reason != "halt":
        if lines and (stop.reason == "idle" or pick.random() < 0.5):
            machine.receive(lines.pop(0))
    write_recording(file, recorder.recording(EXTRA))
    return bytes(shown), state(machine), machine.started


@pytest.mark.parametrize("observed", [False, True], ids=["plain", "observed"])
def test_a_recording_runs_again_to_the_bit(mode: str, observed: bool, file: Path) -> None:
    printed, last, end = record(mode, file)
    shown = bytearray()
    found = read(file, shown.extend, observed)
    assert (found.extra, found.end, found.digest) == (EXTRA, end, last)
    stop = play(found)
    assert (stop.reason, stop.status, bytes(shown)) == ("halt", STATUS, printed)
    assert state(found.machine) == last
    assert play(found, until=end // 2).reason == "limit" and found.machine.started == end // 2


def test_a_recording_can_be_walked_both_ways_and_recorded_again(mode: str, file: Path) -> None:
    printed, last, end = record(mode, file)
    timeline = replay(read(file))
    assert (timeline.now, timeline.end) == (0, end)
    seen = {}
    for position in Random(8).sample(range(end), 20):
        timeline.goto(position)
        seen[position] = state(timeline.machine)
    assert timeline.run().reason == "halt"
    assert (timeline.output, state(timeline.machine)) == (printed, last)
    timeline.goto(end // 3)
    write_recording(file, of_timeline(timeline, EXTRA))
    assert timeline.now == end // 3
    again = replay(read(file))
    for position, there in seen.items():
        again.goto(position)
        assert state(again.machine) == there


def test_the_end_of_a_recording_is_the_end_until_another_future_is_made(file: Path) -> None:
    machine = bare(COUNTER)
    recorder = Recorder(machine)
    machine.run(1000)
    write_recording(file, recorder.recording())
    timeline = replay(read(file))
    for move in (timeline.run, lambda: timeline.goto(2000), timeline.step):
        assert (move().reason, timeline.now) == ("end", 1000)
    timeline.goto(500)
    assert timeline.step(400).reason == "limit"
    timeline.receive(b"x")
    assert (timeline.end, timeline.goto(2000).reason, timeline.now) == (900, "limit", 2000)


def test_pokes_are_recorded(mode: str, file: Path) -> None:
    timeline = Timeline(busy(mode), spacing=SPACING)
    timeline.step(100_000)
    timeline.machine.write(RAM_BASE + timeline.machine.ram_size - 8192, b"poked" * 1000)
    timeline.changed()
    timeline.step(1000)
    timeline.machine.x[31] ^= 4  # which the kernel does not use
    timeline.changed()
    live(timeline, Random(2))
    write_recording(file, of_timeline(timeline))
    found = read(file, observed=False)
    assert play(found).status == STATUS
    assert state(found.machine) == state(timeline.machine)
    again = replay(read(file))
    for position in (101_000, 100_000, 50_000, timeline.end):
        timeline.goto(position)
        again.goto(position)
        assert state(again.machine) == state(timeline.machine)


def test_a_reset_after_a_recording_loads_the_image_of_it(file: Path) -> None:
    text = "li t0, 0x100000\nli t1, 0x7777\nli a0, 9\n1: addi a0, a0, -1\nbnez a0, 1b\nsw t1, 0(t0)"
    machine = bare(text)
    recorder = Recorder(machine)
    machine.run(200)
    write_recording(file, recorder.recording())
    found = read(file, observed=False)
    assert play(found).reason == "limit"
    assert state(found.machine) == state(machine) and found.machine.instructions < 200 == found.machine.started


def test_a_saved_machine_goes_on_elsewhere(mode: str, file: Path) -> None:
    machine = busy(mode)
    machine.run(1_234_567)
    machine.receive(b"still in the queue\n")
    save_machine(file, machine, EXTRA)
    shown = bytearray()
    for observed in (False, True):
        other, extra = load_machine(file, shown.extend, observed)
        assert (extra, state(other)) == (EXTRA, state(machine))
    for each in (machine, other):
        each.run(3_000_000)
    assert state(other) == state(machine) and shown


# ---- what can be wrong -----------------------------------------------------------------------------------------------
def small(file: Path) -> bytes:
    """Records a run of few bytes -> the file's content."""
    machine = bare(COUNTER)
    recorder = Recorder(machine)
    machine.run(10)
    machine.receive(b"typed")
    machine.run(10)
    write_recording(file, recorder.recording({"made_by": "me"}))
    return file.read_bytes()


def forged(content: bytes, change: Any) -> bytes:
    """A file's content, a function that changes the value in it -> a file whose checksum is right all the same."""
    _, _, kind, _, size, _ = HEADER.unpack_from(content)
    value = container._unpacked(container.Unpacking(BytesIO(content[HEADER.size :]), size))
    made = BytesIO()
    container._fill(made, kind, change(value))
    return made.getvalue()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda data: b"", "it is empty"),
        (lambda data: b"#!/bin/sh\n", "it begins otherwise"),
        (lambda data: data.replace(b"\r\n", b"\n", 1), "it begins otherwise"),
        (lambda data: data[:20], "cut short: even the header"),
        (lambda data: data[:-1], "cut short: .* bytes where"),
        (lambda data: data + b"\0", "damaged: its checksum"),
        (lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:], "damaged: its checksum"),
        (lambda data: data[:8] + b"\x63" + data[9:], "written in format 99; this version reads format 2"),
        (lambda data: data[:12] + MACHINE + data[16:], "a saved machine; expected a recording of a run"),
        (lambda data: data[:12] + b"what" + data[16:], "of an unknown kind; expected a recording"),
        (lambda data: data[:24] + b"\1" + data[25:], "damaged: what is in it makes no sense"),
        (lambda data: forged(data, lambda value: [value]), "damaged"),
        (lambda data: forged(data, lambda value: {}), "damaged"),
        (lambda data: forged(data, lambda value: {**value, "end": -1}), "damaged: its inputs are out of order"),
        (lambda data: forged(data, lambda value: {**value, "log": [[3, "shout", b""]]}), "an input that a machine"),
        (
            lambda data: forged(data, lambda value: {**value, "machine": {**value["machine"], "layout": "x"}}),
            "made by another version",
        ),
        (
            lambda data: forged(data, lambda value: {**value, "machine": {**value["machine"], "ram": 5}}),
            "a machine that cannot be",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said_in_a_sentence(spoil: Any, sentence: str, file: Path) -> None:
    file.write_bytes(spoil(small(file)))
    with pytest.raises(RecordingError, match=sentence) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_no_damage_goes_unnoticed(file: Path) -> None:
    content = small(file)
    pick = Random(4)
    for at in [*range(HEADER.size), *pick.sample(range(HEADER.size, len(content)), examples(150))]:
        spoilt = bytearray(content)
        spoilt[at] ^= 1 << pick.randrange(8)
        file.write_bytes(spoilt)
        with pytest.raises(RecordingError):
            read(file)
    for end in pick.sample(range(len(content)), examples(50)):
        file.write_bytes(content[:end])
        with pytest.raises(RecordingError):
            read(file)


def mangled(value: Any, pick: Random) -> Any:
    """A value -> the same with one part of it, at random, made something else."""
    if isinstance(value, dict) and value and pick.random() < 0.95:
        key = pick.choice(sorted(value))
        return {**value, key: mangled(value[key], pick)}
    if isinstance(value, list) and value and pick.random() < 0.8:
        at = pick.randrange(len(value))
        return [*value[:at], mangled(value[at], pick), *value[at + 1 :]]
    if isinstance(value, bytes) and value and pick.random() < 0.7:
        at = pick.randrange(len(value))
        return value[:at] + bytes([pick.randrange(256)]) + value[at + 1 :]
    return pick.choice([None, -1, 0, 3, 1 << 40, 1 << 70, "text", b"", b"1234", [], {}, [1], True, 0.5])


def test_nonsense_with_the_right_checksum_harms_nobody(file: Path) -> None:
    content = small(file)
    pick = Random(12)
    refused = 0
    for _ in range(examples(250)):
        file.write_bytes(forged(content, lambda value: mangled(value, pick)))
        try:
            found = read(file, observed=False)
            if found.end < 1 << 20:
                play(found)
        except RecordingError as fault:
            assert "\n" not in str(fault)
            refused += 1
    assert refused > examples(100)


def test_a_run_that_comes_out_otherwise_is_not_passed_off_as_the_recorded_one(file: Path) -> None:
    small(file)
    content = file.read_bytes()
    file.write_bytes(forged(content, lambda value: {**value, "digest": "0" * 32}))
    with pytest.raises(RecordingError, match="does not come out as recorded"):
        play(read(file))
    machine = bare("li t0, 0x100000\nli t1, 0x5555\nsw t1, 0(t0)")
    recorder = Recorder(machine)
    machine.run(100)
    write_recording(file, recorder.recording())
    content = file.read_bytes()
    file.write_bytes(forged(content, lambda value: {**value, "log": [[70, "receive", b"x"]], "end": 90}))
    with pytest.raises(RecordingError, match="does not come out as recorded"):
        play(read(file))


def test_a_run_that_was_broken_off_is_played_without_a_look_at_its_end(file: Path) -> None:
    machine = bare(COUNTER)
    recorder = Recorder(machine)
    machine.run(10)
    write_recording(file, recorder.recording(whole=False))
    machine.x[10] = 5
    assert play(read(file)).reason == "limit"


# ---- writing ---------------------------------------------------------------------------------------------------------
def test_a_file_is_written_whole_or_not_at_all(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = small(file)

    def fails(*what: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(container.os, "fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        small(file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file], "nothing is left lying about"


def test_a_link_leads_to_the_file_that_is_written(file: Path, tmp_path: Path) -> None:
    file.symlink_to(tmp_path / "there.rec")
    small(file)
    assert file.is_symlink() and read(tmp_path / "there.rec").end == 20


def test_kinds_are_told_apart(file: Path) -> None:
    save_machine(file, Machine(ram=SMALL))
    with pytest.raises(RecordingError, match="a saved machine; expected a recording of a run"):
        read(file)
    small(file)
    with pytest.raises(RecordingError, match="a recording of a run; expected a saved machine"):
        load_machine(file)
    assert set(KINDS) == {RECORDING, MACHINE} and recording.UNKNOWN == ""
