"""The data files: JSON as docs/trace.md describes it, and Chrome's trace events as their format wants them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from tests.trace.rig import Run, traced
from toyos.trace.document import FORMAT, VERSION, document
from toyos.trace.events import FREE, NEW, OUTCOMES, STATES
from toyos.trace.perfetto import perfetto
from toyos.variants import MODES

RUNS = [("lectures/fork_sum.s", mode) for mode in MODES] + [
    ("lectures/orphan.s", "risc"),
    ("lectures/protection.s", "window"),
    ("lectures/fork_limit.s", "risc"),
    ("lectures/sleepers.s", "cisc"),
]
ABOUT = {
    "system": {"mode": "risc", "variant": "soft", "parameters": {}},
    "command": ["x"],
    "reason": "halt",
    "status": 0,
}
NUMBER = (int, float)
COUNTS = ("switches", "voluntary_switches", "system_calls", "page_faults", "pages_copied", "traps", "forks")
MOMENT = {"at": int, "us": NUMBER}
# What docs/trace.md says: name -> type, or a list of one element's description, or a description.
SCHEMA: dict[str, Any] = {
    "format": str, "version": int, "system": {"mode": str, "variant": str, "parameters": dict},
    "command": [str], "reason": str, "status": (int, type(None)),
    "instructions": int, "us": NUMBER, "complete": bool,
    "counts": dict.fromkeys(COUNTS, int),
    "processes": [
        {
            "number": int, "pid": int, "parent": (int, type(None)), "name": str,
            "names": [{"at": int, "name": str}], "status": (int, type(None)), "freed": bool,
            "states": [{"state": str, "on": str, **MOMENT, "until": int, "until_us": NUMBER}],
        }
    ],
    "calls": [
        {
            "process": int, "pid": int, "name": str, "number": int, "words": [int], "arguments": [(str, type(None))],
            "pc": int, "result": (int, type(None)), "returned": str, "failed": bool,
            "attempts": [{**MOMENT, "until": int, "until_us": NUMBER}],
        }
    ],
    "events": list,
}  # fmt: skip
EVENTS: dict[str, dict[str, Any]] = {
    "state": {"before": str, "after": str, "on": str, "name": str},
    "fork": {"child": int},
    "exec": {"path": str, "name": str},
    "exit": {"status": int, "value": (int, type(None))},
    "reap": {"child": int},
    "adopt": {"child": int},
    "switch": {"to": int, "voluntary": bool},
    "trap": {"cause": int, "name": str, "pc": int, "value": int},
    "copy": {"address": int},
    "fault": {"cause": int, "name": str, "pc": int, "value": int, "access": str, "outcome": str, "since": int,
              "since_us": NUMBER},
}  # fmt: skip


@pytest.fixture(params=RUNS, ids=lambda run: "-".join(run).replace("/", "."))
def run(request: pytest.FixtureRequest) -> Run:
    return traced(*request.param)


def check(value: Any, description: Any, where: str) -> None:
    """Fails where a value is not what the schema says."""
    if isinstance(description, dict):
        assert isinstance(value, dict) and set(value) == set(description), f"{where}: {set(value) ^ set(description)}"
        for name, inner in description.items():
            check(value[name], inner, f"{where}.{name}")
    elif isinstance(description, list):
        assert isinstance(value, list), where
        for number, each in enumerate(value):
            check(each, description[0], f"{where}[{number}]")
    else:
        assert isinstance(value, description), f"{where}: {value!r}"
        assert not isinstance(value, bool) or description is bool, where


def test_json_is_as_described(run: Run) -> None:
    data = json.loads(json.dumps(document(run.history, ABOUT)))
    check(data, SCHEMA, "document")
    assert (data["format"], data["version"]) == (FORMAT, VERSION)
    for number, event in enumerate(data["events"]):
        check(event, {"kind": str, "pid": (int, type(None)), **MOMENT, **EVENTS[event["kind"]]}, f"events[{number}]")
    states = {each["state"] for life in data["processes"] for each in life["states"]}
    assert states <= set(STATES) and NEW in states and FREE not in states
    assert {event["outcome"] for event in data["events"] if event["kind"] == "fault"} <= set(OUTCOMES)
    assert [life["number"] for life in data["processes"]] == list(range(len(data["processes"])))
    assert sum(len(call["attempts"]) for call in data["calls"]) == data["counts"]["system_calls"]
    assert all(call["pid"] == data["processes"][call["process"]]["pid"] for call in data["calls"])


def test_the_description_names_everything() -> None:
    text = (Path(__file__).parents[2] / "docs" / "trace.md").read_text(encoding="utf-8")
    names = set(SCHEMA) | set(EVENTS) | {name for fields in EVENTS.values() for name in fields}
    names |= set(SCHEMA["processes"][0]) | set(SCHEMA["calls"][0]) | set(SCHEMA["counts"]) | set(OUTCOMES)
    assert {name for name in names if f"`{name}`" not in text} == set()


# ---- Chrome's trace events -------------------------------------------------------------------------------------------
COMMON = {"ph": str, "name": str, "ts": NUMBER, "pid": int, "tid": int}
PHASES: dict[str, dict[str, Any]] = {
    "M": {"args": dict},
    "X": {"cat": str, "dur": NUMBER, "args": dict},
    "i": {"cat": str, "s": str, "args": dict},
    "s": {"cat": str, "id": int},
    "f": {"cat": str, "id": int, "bp": str},
}
METADATA = {
    "process_name": "name",
    "thread_name": "name",
    "process_sort_index": "sort_index",
    "thread_sort_index": "sort_index",
}


@pytest.fixture
def records(run: Run) -> list[dict[str, Any]]:
    data = json.loads(json.dumps(perfetto(run.history, ABOUT), allow_nan=False))
    assert set(data) == {"traceEvents", "displayTimeUnit", "otherData"}
    assert data["displayTimeUnit"] in ("ms", "ns")  # the only two that the format knows
    return list(data["traceEvents"])


def test_every_record_has_the_fields_of_its_phase(records: list[dict[str, Any]]) -> None:
    for number, record in enumerate(records):
        fields = {name: value for name, value in record.items() if name != "cname"}
        check(fields, COMMON | PHASES[record["ph"]], f"traceEvents[{number}]")
        assert record["ts"] >= 0 and record.get("dur", 0) >= 0
        if record["ph"] == "M":
            assert set(record["args"]) == {METADATA[record["name"]]}


def test_slices_of_a_track_are_nested(records: list[dict[str, Any]]) -> None:
    """Viewers draw a slice inside another only if it ends before that one does."""
    tracks = defaultdict(list)
    for record in records:
        if record["ph"] == "X":
            tracks[record["pid"], record["tid"]].append((record["ts"], -record["dur"], record["name"]))
    assert len(tracks) > 3
    for track in tracks.values():
        open_until: list[float] = []
        for begin, negative, name in sorted(track):
            end = begin - negative
            while open_until and open_until[-1] <= begin + 1e-6:
                open_until.pop()
            assert not open_until or end <= open_until[-1] + 1e-6, name
            open_until.append(end)


def test_arrows_have_two_ends_inside_slices(records: list[dict[str, Any]]) -> None:
    ends = defaultdict(list)
    slices = defaultdict(list)
    for record in records:
        if record["ph"] == "X":
            slices[record["pid"], record["tid"]].append((record["ts"], record["ts"] + record["dur"]))
        if record["ph"] in "sf":
            ends[record["id"]].append(record)
    assert ends
    for begin, end in ends.values():
        assert (begin["ph"], end["ph"], end["bp"]) == ("s", "f", "e") and begin["ts"] <= end["ts"]
        assert (begin["cat"], begin["name"]) == (end["cat"], end["name"])
        for record in (begin, end):
            around = slices[record["pid"], record["tid"]]
            assert any(first <= record["ts"] <= last for first, last in around), record


def test_tracks_have_names_and_no_two_the_same_number(records: list[dict[str, Any]], run: Run) -> None:
    named = {(r["pid"], r["tid"]): r["args"]["name"] for r in records if r["name"] == "thread_name"}
    used = {(r["pid"], r["tid"]) for r in records if r["ph"] != "M"}
    assert used <= set(named) and set(named.values()) <= {"states", "system calls"}
    assert len({tid for _, tid in named}) == len(named)
    processes = [r["args"]["name"] for r in records if r["name"] == "process_name"]
    assert len(processes) == len(run.history.lives) and f"pid 2 {run.history.lives[2].name}" in processes


def test_a_sleeping_call_is_one_slice_around_its_sleep() -> None:
    records = perfetto(traced("lectures/fork_sum.s").history, ABOUT)["traceEvents"]
    whole = [r for r in records if r["ph"] == "X" and r["name"] == "wait4" and r["pid"] == 2 and r["tid"] % 10 == 2]
    pieces = [r for r in records if r["ph"] == "X" and r["name"] == "wait4" and r["pid"] == 2 and r["tid"] % 10 == 1]
    sleep = next(r for r in records if r["name"] == "Sleep (children)" and r["pid"] == 2)
    assert len(whole) == 1 and len(pieces) == 2 and whole[0]["args"]["attempts"] == 2
    assert whole[0]["ts"] < sleep["ts"] and sleep["ts"] + sleep["dur"] < whole[0]["ts"] + whole[0]["dur"]
