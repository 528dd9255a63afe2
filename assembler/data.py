"""Directives that put data into a section: numbers, strings, fillings, alignment, files."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from assembler import parse
from assembler.diagnostics import SourceFault
from assembler.directives import directive, file_name, find_file
from assembler.expressions import NotConstant
from assembler.nodes import Node
from assembler.sections import DATA, MAX_SIZE, Value

if TYPE_CHECKING:
    from assembler.assembly import Assembler


def _numbers(size: int) -> Callable[[Assembler, str], None]:
    """Bytes of an item -> the directive that puts out such items."""
    low, high = -(1 << (8 * size - 1)), (1 << 8 * size) - 1

    def run(asm: Assembler, text: str) -> None:
        for item in parse.operands(text):
            _number(asm, item, size, low, high)

    return run


def _number(asm: Assembler, item: str, size: int, low: int, high: int) -> None:
    section = asm.section
    if not item.strip():
        raise SourceFault("expected a value between the commas, found nothing")
    value: Value | Node
    node = parse.expression(item)
    try:
        value = asm.evaluate(node)
    except NotConstant:
        value = asm.freeze(node)
    if isinstance(value, Value) and value.constant:
        number = value.number
        if not low <= number <= high:
            # Like GNU as: the low bits count. A 64-bit result such as ~0 is meant as a negative number.
            asm.report(SourceFault(f"{number} does not fit in {8 * size} bits and is cut off", item), "warning")
        section.append((number & ((1 << 8 * size) - 1)).to_bytes(size, "little"))
        return
    if section.kind in ("bss", "abs"):
        raise SourceFault(f"section {section.name} has no bytes in the file, so it can hold zeros only", item)
    section.mark(DATA)
    asm.fixup(f"ABS{8 * min(size, 4)}", value, item)
    section.append(bytes(size))


for _size, _names in {
    1: ".byte",
    2: ".half .short .hword .2byte",
    4: ".word .long .int .4byte",
    8: ".dword .quad .8byte",
}.items():
    directive(_names)(_numbers(_size))


def _reals(layout: str) -> Callable[[Assembler, str], None]:
    def run(asm: Assembler, text: str) -> None:
        for item in parse.operands(text):
            try:
                asm.section.append(struct.pack(layout, float(item)))
            except (ValueError, OverflowError):
                raise SourceFault(f"expected a decimal number, found '{item.strip()}'", item) from None

    return run


directive(".float .single")(_reals("<f"))
directive(".double")(_reals("<d"))


def _strings(end: bytes) -> Callable[[Assembler, str], None]:
    def run(asm: Assembler, text: str) -> None:
        items = parse.operands(text)
        if not items and end:
            raise SourceFault("expected a string in double quotes")
        for item in items:
            asm.section.append(parse.string(item) + end)

    return run


directive(".ascii")(_strings(b""))
directive(".asciz .string")(_strings(b"\0"))


def _leb(signed: bool) -> Callable[[Assembler, str], None]:
    def run(asm: Assembler, text: str) -> None:
        for item in parse.operands(text):
            number = asm.constant(item, "the value")
            if number < 0 and not signed:
                raise SourceFault(f"{number} is negative; expected 0 or more", item)
            asm.section.append(_leb_bytes(number, signed))

    return run


def _leb_bytes(number: int, signed: bool) -> bytes:
    """Number -> LEB128 (DWARF standard, section "Variable Length Data")."""
    out = bytearray()
    while True:
        low, number = number & 0x7F, number >> 7
        done = (number == 0 and not (signed and low & 0x40)) or (signed and number == -1 and bool(low & 0x40))
        out.append(low | (0 if done else 0x80))
        if done:
            return bytes(out)


directive(".uleb128")(_leb(signed=False))
directive(".sleb128")(_leb(signed=True))


def _constants(asm: Assembler, text: str, names: tuple[str, ...], needed: int) -> list[int | None]:
    """Operands that must be numbers; None for those left out."""
    texts = parse.operands(text)
    if len(texts) > len(names) or len(texts) < needed:
        raise SourceFault(
            f"expected {', '.join(names[:needed])}"
            + (f" and at most {len(names)} values" if len(names) > needed else ""),
            text or None,
        )
    values: list[int | None] = [
        asm.constant(item, f"the {name}") if item.strip() else None for item, name in zip(texts, names, strict=False)
    ]
    if any(value is None for value in values[:needed]):
        raise SourceFault(f"expected {', '.join(names[:needed])}")
    return values + [None] * (len(names) - len(values))


@directive(".zero .skip .space")
def _space(asm: Assembler, text: str) -> None:
    count, value = _constants(asm, text, ("number of bytes", "value of each"), 1)
    assert count is not None
    asm.section.mark(DATA)
    asm.section.fill(count, bytes([(value or 0) & 255]))


@directive(".fill")
def _fill(asm: Assembler, text: str) -> None:
    """REPEAT, SIZE, VALUE: the value takes at most 4 of the size bytes, the rest is zero."""
    count, size, value = _constants(asm, text, ("number of items", "size of each", "value of each"), 1)
    size = 1 if size is None else min(size, 8)
    assert count is not None
    if count < 0 or size < 0 or count * size > MAX_SIZE:
        raise SourceFault(f"cannot fill with {count} items of {size} bytes", text)
    asm.section.mark(DATA)
    item = ((value or 0) & 0xFFFF_FFFF).to_bytes(8, "little")[:size]
    asm.section.fill(count * size, item or b"\0")


def _alignment(power: bool, size: int) -> Callable[[Assembler, str], None]:
    """power: the operand is the logarithm of the alignment. size: bytes of the filling value."""

    def run(asm: Assembler, text: str) -> None:
        amount, value, most = _constants(asm, text or "0", ("alignment", "filling value", "most bytes to skip"), 1)
        assert amount is not None
        if power and not 0 <= amount <= 16:
            raise SourceFault(f"cannot align to 2 to the power of {amount}; expected 0 to 16", text)
        pattern = None if value is None else (value & ((1 << 8 * size) - 1)).to_bytes(size, "little")
        asm.section.align_to(1 << amount if power else max(amount, 1), pattern, most, asm.dialect.padding)

    return run


for _suffix, _size in (("", 1), ("w", 2), ("l", 4)):
    directive(".balign" + _suffix)(_alignment(power=False, size=_size))
    directive(".p2align" + _suffix)(_alignment(power=True, size=_size))
directive(".align")(_alignment(power=True, size=1))


@directive(".org")
def _org(asm: Assembler, text: str) -> None:
    """Goes forward to an offset in the section."""
    parts = parse.operands(text)
    if not 1 <= len(parts) <= 2:
        raise SourceFault("expected an offset, and perhaps a filling value", text or None)
    value = asm.value(parts[0])
    section = asm.section
    if value.minus is not None or (value.plus is not None and value.plus.section is not section):
        raise SourceFault(f"expected an offset in section {section.name}", parts[0])
    target = value.number + (value.plus.value if value.plus is not None else 0)
    if target < section.offset:
        raise SourceFault(f"cannot go back from offset {section.offset:#x} to {target:#x}", parts[0])
    filling = asm.constant(parts[1], "the filling value") if len(parts) > 1 else 0
    section.mark(DATA)
    section.fill(target - section.offset, bytes([filling & 255]))


@directive(".incbin")
def _incbin(asm: Assembler, text: str) -> None:
    """FILE, SKIP, COUNT: bytes of a file as they are."""
    parts = parse.operands(text)
    if not 1 <= len(parts) <= 3:
        raise SourceFault("expected a file name, and perhaps how many bytes to skip and to take", text or None)
    path = find_file(asm, file_name(parts[0]))
    skip = asm.constant(parts[1], "the number of bytes to skip") if len(parts) > 1 and parts[1].strip() else 0
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise SourceFault(f"{path} cannot be read: {fault.strerror}", parts[0]) from None
    count = asm.constant(parts[2], "the number of bytes to take") if len(parts) > 2 else len(content) - skip
    if skip < 0 or count < 0 or skip + count > len(content):
        raise SourceFault(f"{path} has {len(content)} bytes, so {count} from {skip} on cannot be taken", text)
    asm.section.append(content[skip : skip + count])
