"""Registers, memory and the stack -> rows."""

from __future__ import annotations

from collections.abc import Sequence

from toyos.debugger.app.text.rows import Row, Span, note, row, word
from toyos.debugger.app.view import Frame, Memory, Register

REGISTER_WIDTH = 16  # columns of a register in the table: name, value, space
BYTES = 16  # of memory in a row, when the pane is wide enough
NARROW_BYTES = 8


def register_rows(registers: Sequence[Register], width: int) -> list[Row]:
    """-> the registers in as many columns as fit, the machine's own behind the general ones, one a row with its
    meaning."""
    general = [register for register in registers if not register.system]
    across = max(1, width // REGISTER_WIDTH)
    down = -(-len(general) // across)
    rows = []
    for level in range(down):
        spans: list[Span] = []
        for register in general[level::down]:
            spans += _register(register, REGISTER_WIDTH)
        rows.append(Row(tuple(spans)))
    system = [register for register in registers if register.system]
    if system:
        rows.append(row(("system registers", "heading")))
    for register in system:
        rows.append(Row((*_register(register, 18, 8), Span(register.note, "name"))))
    return rows


def _register(register: Register, width: int, names: int = 5) -> list[Span]:
    role = "changed" if register.changed else "number" if register.value else "dim"
    text = f"{register.name:<{names}} "
    return [Span(text), Span(word(register.value), role), Span(" " * max(width - len(text) - 8, 1))]


def memory_rows(memory: Memory | None, width: int) -> list[Row]:
    """-> a dump with a line for every symbol; the key of a row is its first address."""
    if memory is None:
        return [note("x ADDRESS or x NAME in the command line shows memory here")]
    across = BYTES if width >= 8 + 2 + BYTES * 3 + 2 + BYTES else NARROW_BYTES
    rows = []
    for start in range(0, len(memory.data), across):
        address = memory.address + start
        piece = memory.data[start : start + across]
        names = [(at, name) for at, name in memory.labels.items() if address <= at < address + across]
        rows += [row(("  " + ", ".join(name for _, name in sorted(names)) + ":", "name"))] if names else []
        spans = [Span(word(address) + " ", "number")]
        for index, byte in enumerate(piece):
            role = "changed" if address + index in memory.changed else "" if byte else "dim"
            spans.append(Span((" " if index % 4 == 0 else "") + ("--" if byte is None else f"{byte:02x}"), role))
            spans.append(Span(" "))
        letters = "".join(chr(byte) if byte is not None and 32 <= byte < 127 else "." for byte in piece)
        rows.append(Row((*spans, Span(" " + letters, "dim")), address))
    return rows


def memory_title(memory: Memory | None) -> str:
    return f"memory at {word(memory.address)}, {memory.what}" if memory else "memory"


def stack_rows(frames: Sequence[Frame], words: Sequence[tuple[int, int, str]]) -> list[Row]:
    """-> the calls, the innermost first, across the trap, and the words at the stack pointer. Keys: ("frame", level)
    and ("word", address)."""
    rows = []
    sides = [frame.side for frame in frames]
    for index, frame in enumerate(frames):
        if index and sides[index - 1] != frame.side:
            rows.append(row(("── trap ──", "heading")))
        spans = [Span(f"#{frame.level:<2} "), Span(frame.symbol or word(frame.pc), frame.side)]
        if frame.place:
            spans.append(Span(f"  {frame.place}", "dim"))
        if frame.note:
            spans.append(Span(f"  {frame.note}", "dim"))
        rows.append(Row(tuple(spans), ("frame", frame.level)))
    if words:
        rows.append(row(("words at sp", "heading")))
    for address, value, symbol in words:
        rows.append(row((f"{word(address)} ", "number"), word(value), (f"  {symbol}", "name"), key=("word", address)))
    return rows or [note("no stack here")]
