"""Images into RAM: three kinds, and a sentence for each thing that can be wrong with them."""

import struct
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.images import make_elf
from vm import aout
from vm.arch import RAM_BASE
from vm.loader import Image, LoadError, Segment, load
from vm.machine import Machine

RAM = 1 << 20
CODE = b"\x13\0\0\0" * 16


def make_aout(**changes: int) -> bytes:
    """-> an executable of two words of text, one of data, eight bytes of bss, with some header words changed."""
    fields = {"midmag": 0x301 << 16 | aout.NMAGIC, "text": 8, "data": 4, "bss": 8, "syms": 0, "entry": RAM_BASE}
    fields |= {"trsize": 0, "drsize": 0} | changes
    return struct.pack("<8I", *fields.values()) + b"TEXTTEXT" + b"DATA"


def refused(source: str | Path | bytes, mode: str = "risc", ram: int = RAM) -> str:
    """-> the message of the LoadError that loading must raise."""
    with pytest.raises(LoadError) as caught:
        load(source, ram, mode)
    return str(caught.value)


def test_raw_loads_at_the_start_of_ram() -> None:
    image = load(CODE, RAM)
    assert (image.kind, image.segments, image.entry) == ("raw", [Segment(RAM_BASE, CODE, len(CODE))], RAM_BASE)
    assert image.end == RAM_BASE + len(CODE)
    assert image.symbols() == {}


def test_aout_text_data_and_bss() -> None:
    image = load(make_aout(entry=RAM_BASE + 0x1004), RAM)
    assert image.kind == "a.out"
    assert image.entry == RAM_BASE + 0x1004
    assert image.segments == [Segment(RAM_BASE + 0x1000, b"TEXTTEXT", 8), Segment(RAM_BASE + 0x2000, b"DATA", 12)]


def test_aout_omagic_data_follows_text_directly() -> None:
    image = load(make_aout(midmag=0x301 << 16 | aout.OMAGIC), RAM)
    assert image.segments[1] == Segment(RAM_BASE + 8, b"DATA", 12)


def test_aout_symbols_by_name() -> None:
    program = aout.Object(relocatable=False, magic=aout.NMAGIC, entry=RAM_BASE, text=CODE)
    program.symbols = [aout.Symbol("_start", "text", RAM_BASE), aout.Symbol("elsewhere")]
    assert load(aout.write(program), RAM).symbols() == {"_start": RAM_BASE}


@pytest.mark.parametrize("symbol", ["tohost", "fromhost"])
@pytest.mark.parametrize("where", [0, RAM_BASE - 8, RAM_BASE + RAM - 4, 0xFFFF_FFFC])
def test_what_the_host_looks_at_must_lie_in_ram(symbol: str, where: int) -> None:
    image = make_elf((RAM_BASE, RAM_BASE, CODE, len(CODE)), symbols={symbol: where})
    assert f"its symbol {symbol}, 8 bytes at {where:#010x}, lies outside RAM" in refused(image)


@pytest.mark.parametrize(("isa", "entry", "align"), [("rv32ima", 2, 4), ("rv32ima", 1, 4), ("rv32imac", 1, 2)])
def test_an_entry_inside_an_instruction_is_refused(isa: str, entry: int, align: int) -> None:
    made = Machine(ram=RAM, isa=isa)
    with pytest.raises(LoadError, match=f"the entry {RAM_BASE + entry:#x} is no multiple of {align}"):
        made.load(make_elf((RAM_BASE, RAM_BASE, CODE, len(CODE)), entry=RAM_BASE + entry))


def with_symbols(records: bytes, names: bytes, kind: int = 2) -> bytes:
    """-> an ELF whose section of symbols, of that type, and of their names are these."""
    image = bytearray(make_elf((RAM_BASE, RAM_BASE, CODE, len(CODE)), symbols={"x": RAM_BASE}))
    headers = struct.unpack_from("<I", image, 32)[0]
    for number, content in ((1, records), (2, names)):
        at = headers + 40 * number
        struct.pack_into("<2I", image, at + 16, len(image), len(content))
        struct.pack_into("<I", image, at + 4, (0, kind, 3)[number])
        image += content
    return bytes(image)


def test_a_hostile_symbol_table_costs_no_more_than_its_size() -> None:
    """A name that is there 20 000 times, and as many symbols without a section; names of a megabyte in each other."""
    symbols = [struct.pack("<IIIBBH", 7 * k, 5, 0, 0x10, 0, 0) for k in range(20_000)]
    begun = time.process_time()
    assert load(with_symbols(b"".join(symbols), b"tohost\0" * 20_000), RAM).tohost is None
    shared = b"".join(struct.pack("<IIIBBH", k, 5, 0, 0x10, 0, 1) for k in range(1, 20_000))
    names = load(with_symbols(shared, b"a" * (1 << 20)), RAM).symbols()
    assert time.process_time() - begun < 5
    assert max(map(len, names)) < 5000


def test_symbols_that_take_no_room_in_the_file_are_none() -> None:
    image = bytearray(with_symbols(b"", b"tohost\0", kind=8))  # SHT_NOBITS
    struct.pack_into("<I", image, struct.unpack_from("<I", image, 32)[0] + 40 + 20, 0xFFFF_FFF0)
    assert load(bytes(image), RAM).symbols() == {}


@pytest.mark.parametrize(("place", "value"), [(46, 44), (48, 9), (88, 1 << 11), (104, 3), (104, 1)])
def test_a_damaged_symbol_table_is_refused(place: int, value: int) -> None:
    """Sections of another size or beyond the end, packed symbols, names that are no section or no texts."""
    image = bytearray(make_elf((RAM_BASE, RAM_BASE, CODE, len(CODE)), symbols={"x": RAM_BASE}))
    if place < 52:
        struct.pack_into("<H", image, place, value)
    else:
        struct.pack_into("<I", image, struct.unpack_from("<I", image, 32)[0] + place - 40, value)
    assert "damaged ELF symbol table" in refused(bytes(image))


def test_elf_segments_load_at_physical_addresses_and_the_entry_follows() -> None:
    virtual = 0xC000_0000
    image = load(make_elf((virtual, RAM_BASE + 0x400, CODE, 0x1000), entry=virtual + 8), RAM)
    assert (image.kind, image.entry) == ("elf", RAM_BASE + 0x408)
    assert image.segments == [Segment(RAM_BASE + 0x400, CODE, 0x1000)]
    assert image.end == RAM_BASE + 0x1400


def test_elf_segments_whose_zeros_would_lie_on_others_have_none() -> None:
    """As ld gives them to programs that copy their data themselves: .bss has the address where .data is stored."""
    stored, moved, apart = RAM_BASE + 0x1000, RAM_BASE + 0x8000, RAM_BASE + 0x4000
    image = load(
        make_elf((RAM_BASE, RAM_BASE, CODE, 0x100), (moved, stored, CODE, len(CODE)),
                 (moved + 0x100, stored, b"", 0x400), (moved + 0x500, stored - 8, b"abcd", 0x100),
                 (apart, apart, b"", 0x100)), RAM,
    )  # fmt: skip
    assert image.segments == [
        Segment(RAM_BASE, CODE, 0x100),
        Segment(stored, CODE, len(CODE)),
        Segment(stored - 8, b"abcd", 4),
        Segment(apart, b"", 0x100),
    ]


def test_elf_symbols_and_tohost() -> None:
    symbols = {"write_tohost": RAM_BASE + 8, "tohost": RAM_BASE + 0x100, "fromhost": RAM_BASE + 0x108}
    image = load(make_elf((RAM_BASE, RAM_BASE, CODE, 0x200), symbols=symbols), RAM)
    assert (image.tohost, image.fromhost) == (RAM_BASE + 0x100, RAM_BASE + 0x108)
    assert image.symbols() == symbols
    plain = load(make_elf((RAM_BASE, RAM_BASE, CODE, 0x200), symbols={"write_tohost": RAM_BASE}), RAM)
    assert (plain.tohost, plain.fromhost) == (None, None)


def test_messages_name_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "kernel.elf"
    assert refused(missing) == f"{missing}: No such file or directory"
    assert "directory" in refused(tmp_path)
    assert refused("/dev/zero") == "/dev/zero: a device, which may have no end; expected a file"
    missing.write_bytes(b"")
    assert refused(missing) == f"{missing}: the file is empty; expected an ELF, a.out or raw image"
    missing.write_bytes(b"\x7fELF\x02\x01".ljust(64, b"\0"))
    assert refused(missing).startswith(f"{missing}: a 64-bit little-endian ELF; expected")


ONE = (RAM_BASE, RAM_BASE, CODE, len(CODE))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (make_elf(ONE, ident=b"\x7fELF\x01\x02\x01"), "32-bit big-endian ELF"),
        (make_elf(ONE, machine=40), "machine ARM; expected RISC-V"),
        (make_elf(ONE, machine=0xBEEF), "machine number 48879"),
        (make_elf(ONE, kind=1), "object file that is not linked"),
        (make_elf(), "without anything to load"),
        (make_elf(ONE)[:20], "truncated: 20 bytes"),
        (make_elf(ONE)[:60], "program headers lie beyond"),
        (make_elf((RAM_BASE, RAM_BASE, CODE, len(CODE)))[:100], "truncated: a segment needs 148 bytes"),
        (make_elf((RAM_BASE, RAM_BASE, CODE, 4)), "damaged ELF: a segment of 4 bytes has 64"),
        (make_elf((0x1_0000, 0x1_0000, CODE, len(CODE)), entry=0x1_0000), "0x00010000, where no RAM can be"),
        (
            make_elf((RAM_BASE, RAM_BASE, CODE, 5 << 20)),
            "RAM ends at 0x80100000; it would have to be at least 5M large",
        ),
        (make_elf((RAM_BASE, 0xFFFF_FFF0, CODE, len(CODE))), "no RAM can be"),
        (make_elf(ONE, entry=0x100), "entry 0x00000100 lies outside RAM"),
        (bytes(RAM + 1), "would have to be at least 2M"),
        (make_aout()[:30], "a.out header"),
        (make_aout()[:40], "truncated: text and data need 44 bytes, the file has 40"),
        (make_aout(midmag=0x123 << 16 | aout.NMAGIC), "foreign machine"),
        (make_aout(midmag=0x302 << 16 | aout.NMAGIC), "for mode 'window', but the machine is in mode 'risc'"),
        (make_aout(midmag=1 << 26 | 0x301 << 16 | aout.OMAGIC), "not linked yet"),
        (make_aout(entry=0x1_0000), "no RAM can be"),
        (make_aout(bss=0x1000_0000), "would have to be at least"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_bad_images_are_refused_with_a_reason(content: bytes, expected: str) -> None:
    assert expected in refused(content)


def test_an_elf_does_not_fit_the_cisc_machine() -> None:
    assert "mode 'cisc'" in refused(make_elf(ONE), mode="cisc")


SOUND = (make_elf(ONE, symbols={"tohost": RAM_BASE, "main": RAM_BASE + 4}), make_aout())


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(SOUND),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    st.integers(0, 500),
)
def test_damaged_images_raise_nothing_but_load_error(
    content: bytes, patches: list[tuple[int, int]], length: int
) -> None:
    damaged = bytearray(content)
    for at, value in patches:
        damaged[at % len(damaged)] = value
    damaged = damaged[: max(length, 1)]
    try:
        image = load(bytes(damaged), RAM)
        names = image.symbols()
    except LoadError:
        return
    assert isinstance(image, Image)
    assert all(RAM_BASE <= segment.address <= RAM_BASE + RAM - segment.size for segment in image.segments)
    assert all(isinstance(name, str) for name in names)
