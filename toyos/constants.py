"""The guest's own files -> the numbers and texts that system calls are made of: nothing of them is written twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from toyos.paths import source_folder

_EQU = re.compile(r"^\s*\.equ\s+(\w+)\s*,\s*(-?(?:0x[0-9a-fA-F]+|\d+))\s*(?:#|$)", re.MULTILINE)
_TEXT = re.compile(r'^\s*\.asciz\s+"([^"]*)"', re.MULTILINE)
CALL_PREFIX, SIGNAL_PREFIX = "SYS_", "SIG"


@cache
def equates(folder: str, file: str) -> Mapping[str, int]:
    """A guest source -> name -> number of each `.equ` whose value is written as a number."""
    text = (source_folder(folder) / file).read_text(encoding="utf-8")
    return {name: int(value, 0) for name, value in _EQU.findall(text)}


@cache
def call_names() -> Mapping[int, str]:
    """-> number -> name of every system call."""
    rows = equates("include", "syscall.inc").items()
    return {number: name.removeprefix(CALL_PREFIX) for name, number in rows if name.startswith(CALL_PREFIX)}


@cache
def error_names() -> Mapping[int, str]:
    """-> number -> such as "ENOENT"."""
    rows = equates("include", "errno.inc").items()
    return {number: name for name, number in rows if "_" not in name}


@cache
def signal_names() -> Mapping[int, str]:
    """-> number -> such as "SIGKILL"."""
    rows = equates("include", "signal.inc").items()
    return {number: name for name, number in rows if name.startswith(SIGNAL_PREFIX) and "_" not in name}


@cache
def error_texts() -> tuple[str, ...]:
    """-> what the guest's strerror says, by number."""
    text = (source_folder("lib") / "errno.s").read_text(encoding="utf-8")
    return tuple(_TEXT.findall(text.partition("error_texts:")[2]))


def error_text(number: int) -> str:
    """Number -> "ENOENT (No such file or directory)"; the number itself for one that has no name."""
    name = error_names().get(number)
    if name is None:
        return str(number)
    texts = error_texts()
    return f"{name} ({texts[number]})" if number < len(texts) else name


def signal_of(status: int) -> int:
    """Status of wait(2) -> the number of the signal that has ended the process, 0 for one that has exited."""
    return status & equates("include", "wait.inc")["STATUS_SIGNAL_MASK"]


def code_of(status: int) -> int:
    """Status of wait(2) of a process that has exited -> its exit code."""
    wait = equates("include", "wait.inc")
    return status >> wait["STATUS_CODE_SHIFT"] & wait["STATUS_CODE_MASK"]
