"""A field of a PCB -> a text for people: a pid instead of an address, a path instead of an inode."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from toyos.constants import code_of, signal_of
from toyos.inspect import layout as kinds
from toyos.inspect.memory import WORD, text_of, words_of
from vm.arch import TIMEBASE_HZ

if TYPE_CHECKING:
    from toyos.inspect.process import Process

SMALL = 10  # numbers from here on are shown in both notations


def text(process: Process, row: kinds.Row, content: bytes) -> str:
    """A process, a field of its PCB and the bytes there -> the text."""
    words = words_of(content)
    return _RENDERERS[row.kind](process, words, content)


def _address(process: Process, words: list[int], _: bytes) -> str:
    name = process.inspector.symbols.name(words[0], process if words[0] < kinds_end(process) else None)
    return f"{words[0]:#010x}" + (f" <{name}>" if name else "")


def kinds_end(process: Process) -> int:
    """-> the first address that is the kernel's."""
    return process.inspector.layout.values["KERNEL_BASE"]


def _pcb(process: Process, words: list[int], _: bytes) -> str:
    return process.inspector.describe(words[0])


def _queue(process: Process, words: list[int], _: bytes) -> str:
    return process.inspector.queue_name(words[0]) if words[0] else "none"


def _queue_head(process: Process, words: list[int], _: bytes) -> str:
    head, tail = words[:2]
    if not head and not tail:
        return "empty"
    return f"first {process.inspector.describe(head)}, last {process.inspector.describe(tail)}"


def _time(_: Process, words: list[int], __: bytes) -> str:
    ticks = words[0] | words[1] << 32
    return f"{ticks} ticks, {ticks * 1000 / TIMEBASE_HZ:.4f} ms"


def _ticks(_: Process, words: list[int], __: bytes) -> str:
    return f"{words[0]} ticks, {words[0] * 1000 / TIMEBASE_HZ:g} ms"


def _space(_: Process, words: list[int], __: bytes) -> str:
    if not words[0]:
        return "none"
    return f"root table {words[0]:#010x}, {words[1]} page{'s' * (words[1] != 1)}"


def _status(process: Process, words: list[int], _: bytes) -> str:
    if process.state != "Zombie":
        return str(words[0])
    signal = signal_of(words[0])
    return f"ended by signal {signal}" if signal else f"exit code {code_of(words[0])}"


def _inode(process: Process, words: list[int], _: bytes) -> str:
    return process.inspector.path_of(words[0]) if words[0] else "none"


def _files(_: Process, words: list[int], __: bytes) -> str:
    used = [str(number) for number, word in enumerate(words) if word]
    return f"open: {' '.join(used)}" if used else "none open"


def _mask(_: Process, words: list[int], __: bytes) -> str:
    bits = [str(number) for number in range(8 * WORD) if words[0] >> number & 1]
    return f"{words[0]:#x}" + (f": {' '.join(bits)}" if bits else "")


def _number(_: Process, words: list[int], __: bytes) -> str:
    return " ".join(str(word) if word < SMALL else f"{word} ({word:#x})" for word in words)


def _part(process: Process, words: list[int], _: bytes) -> str:
    if not words[0]:
        return "none"
    size = process.inspector.layout.values["PART_SIZE"]
    return f"part {(words[0] - process.inspector.layout.values['parts']) // size}"


_RENDERERS: dict[str, Callable[[Process, list[int], bytes], str]] = {
    kinds.STATE_KIND: lambda process, _, __: process.state,
    kinds.PCB: _pcb,
    kinds.QUEUE: _queue,
    kinds.QUEUE_HEAD: _queue_head,
    kinds.TIME: _time,
    kinds.TICKS: _ticks,
    kinds.SPACE: _space,
    kinds.ADDRESS: _address,
    kinds.STATUS: _status,
    kinds.TEXT: lambda _, __, content: repr(text_of(content)),
    kinds.FILES: _files,
    kinds.INODE: _inode,
    kinds.MASK: _mask,
    kinds.NUMBER: _number,
    kinds.PART: _part,
}
