"""A run -> JSON, as docs/trace.md, section "JSON", describes it: versioned, for programs that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toyos.trace.events import Call, CallEvent, microseconds
from toyos.trace.timeline import History, Interval, Life

FORMAT, VERSION = "toyos-trace", 1


def document(history: History, about: Mapping[str, Any]) -> dict[str, Any]:
    """A run, and what the caller says about it (system, command, how it ended) -> what json.dump takes."""
    return {
        "format": FORMAT,
        "version": VERSION,
        **about,
        "instructions": history.end,
        "us": microseconds(history.end_clock),
        "complete": history.complete,
        "counts": history.counts(),
        "processes": [_life(life) for life in history.lives],
        "calls": [_call(call, life) for life in history.lives for call in life.calls],
        "events": [event.data() for event in history.events if not isinstance(event, CallEvent)],
    }


def _life(life: Life) -> dict[str, Any]:
    return {
        "number": life.number,
        "pid": life.pid,
        "parent": None if life.parent is None else life.parent.number,
        "name": life.name,
        "names": [{"at": at, "name": name} for at, name in life.names],
        "status": life.status,
        "freed": life.freed,
        "states": [_interval(each) for each in life.intervals],
    }


def _interval(each: Interval) -> dict[str, Any]:
    return {
        "state": each.state,
        "on": each.on,
        "at": each.at,
        "us": microseconds(each.clock),
        "until": each.until,
        "until_us": microseconds(each.until_clock),
    }


def _call(call: Call, life: Life) -> dict[str, Any]:
    return {
        "process": life.number,
        "pid": call.pid,
        "name": call.name,
        "number": call.number,
        "words": list(call.words),
        "arguments": [text for text in call.texts if text != ""],
        "pc": call.pc,
        "result": call.result,
        "returned": call.returned,
        "failed": call.failed,
        "attempts": [
            {
                "at": each.at,
                "us": microseconds(each.clock),
                "until": each.until,
                "until_us": microseconds(each.until_clock),
            }
            for each in call.attempts
        ],
    }
