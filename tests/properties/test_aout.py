"""a.out files: whatever can be written can be read back, and no damage to a file is met with anything but AoutError."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assembler.disassemble import Style, listing
from assembler.dump import content_lines, header_lines, nm_line, relocation_lines, section_lines, symbol_table_lines
from assembler.linker import LinkError, link
from vm import aout
from vm.aout import AoutError, Line, Object, Relocation, Symbol

WORDS = st.integers(0, 0xFFFFFFFF)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
ALIGNMENTS = st.integers(2, 16).map(lambda power: 1 << power)
PLACES = st.sampled_from(["abs", "text", "data", "bss"])
KINDS = st.sampled_from(aout.KINDS_OF_SYMBOL)
SYMBOLS = st.one_of(
    st.builds(Symbol, NAMES, PLACES, WORDS, st.sampled_from(["local", "global", "weak"]), KINDS),
    st.builds(Symbol, NAMES, st.just("undef"), st.just(0), st.sampled_from(["global", "weak"]), KINDS),
    st.builds(
        Symbol, NAMES, st.just("common"), st.integers(1, 0xFFFFFFFF), st.just("global"), KINDS,
        st.integers(0, 16).map(lambda power: 1 << power),
    ),
)  # fmt: skip


@st.composite
def relocations(draw: st.DrawFn, size: int, symbols: list[Symbol]) -> list[Relocation]:
    kinds = [kind for kind, (_, width) in aout.RELOCATION_KINDS.items() if width <= size]
    if not kinds:
        return []
    targets = st.one_of(PLACES, *([st.sampled_from(symbols)] if symbols else []))
    result = []
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=4)):
        address = draw(st.integers(0, size - aout.RELOCATION_KINDS[kind][1]))
        result.append(Relocation(address, kind, draw(targets), draw(st.integers(-(2**31), 2**31 - 1))))
    return result


@st.composite
def objects(draw: st.DrawFn) -> Object:
    """Any relocatable Object that may be handed to write(); every line names a file, as assemblers do."""
    text, data = draw(st.binary(max_size=64)), draw(st.binary(max_size=64))
    symbols = draw(st.lists(SYMBOLS, max_size=6))
    obj = Object(
        draw(st.sampled_from(sorted(aout.MACHINE_IDS))), aout.OMAGIC, True, 0, text, data, draw(WORDS), symbols,
        lines=draw(st.lists(st.builds(Line, WORDS, NAMES, st.integers(0, 0xFFFFFF)), max_size=4)),
        text_align=draw(ALIGNMENTS), data_align=draw(ALIGNMENTS), bss_align=draw(ALIGNMENTS),
    )  # fmt: skip
    obj.text_relocations = draw(relocations(len(text), symbols))
    obj.data_relocations = draw(relocations(len(data), symbols))
    return obj


@st.composite
def executables(draw: st.DrawFn) -> Object:
    obj = draw(objects())
    obj.relocatable = False
    obj.magic = draw(st.sampled_from([aout.OMAGIC, aout.NMAGIC, aout.ZMAGIC]))
    obj.entry = draw(st.integers(0, 0xFFFFF)) << 12
    if obj.magic == aout.ZMAGIC:
        obj.text, obj.data = obj.text.ljust(aout.PAGE, b"\0"), b""
        obj.data_relocations = []
    return obj


@given(st.one_of(objects(), executables()))
@settings(deadline=None)
def test_written_objects_read_back_the_same(obj: Object) -> None:
    content = aout.write(obj)
    assert aout.read(content) == obj
    assert aout.write(aout.read(content)) == content


@given(st.one_of(objects(), executables()), st.data())
@settings(deadline=None)
def test_a_truncated_file_is_refused(obj: Object, data: st.DataObject) -> None:
    content = aout.write(obj)
    end = data.draw(st.integers(0, len(content) - 1))
    # Without symbols the string table may be missing; anything shorter is incomplete.
    with pytest.raises(AoutError):
        aout.read(content[:end])


def use(obj: Object) -> None:
    """Everything the tools do with an Object."""
    for section in ("text", "data"):
        list(listing(obj, section, Style(relocations=True, all_code=section == "data")))
        list(content_lines(obj, section))
    for lines in (header_lines, section_lines, symbol_table_lines, relocation_lines):
        list(lines(obj))
    for symbol in obj.symbols:
        nm_line(symbol)
    for relocatable in (False, True):
        try:
            content = aout.write(link([obj], relocatable=relocatable))
        except LinkError:
            continue
        assert aout.write(aout.read(content)) == content


@given(st.one_of(objects(), executables()), st.data())
@settings(max_examples=300, deadline=None)
def test_damage_is_either_harmless_or_refused(obj: Object, data: st.DataObject) -> None:
    content = bytearray(aout.write(obj))
    for _ in range(data.draw(st.integers(1, 8))):
        # Damage to the header and to the records is where it hurts.
        at = data.draw(st.one_of(st.integers(0, min(31, len(content) - 1)), st.integers(0, len(content) - 1)))
        content[at] = data.draw(st.integers(0, 255))
    try:
        damaged = aout.read(bytes(content))
    except AoutError as error:
        assert error.offset is not None and 0 <= error.offset <= len(content)
        return
    use(damaged)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(AoutError):
        aout.read(b"\x7fELF" + content)


def test_a_name_has_a_length_at_most() -> None:
    """Names may share their bytes: without a limit, a file of a megabyte could stand for gigabytes of them."""
    longest = "n" * aout.NAME_MOST
    obj = Object(mode="risc", symbols=[Symbol(longest, "abs", 1)])
    content = aout.write(obj)
    assert aout.read(content).symbols[0].name == longest
    with pytest.raises(AoutError, match="a name of 4097 bytes; expected 4096 at most"):
        aout.write(Object(mode="risc", symbols=[Symbol(longest + "n", "abs", 1)]))
    size = aout.WORD.unpack_from(content, len(content) - aout.NAME_MOST - 1 - aout.WORD.size)[0]
    longer = content[:-size] + aout.WORD.pack(size + 1) + content[-size + aout.WORD.size :].replace(b"\0", b"n\0")
    with pytest.raises(AoutError, match="symbol with a name of more than 4096 bytes"):
        aout.read(longer)
