"""What the kernel's exec makes of program files: headers that are wrong in one way each, and the three magics."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel.guest import LIMIT, PROGRAMS
from toyos import build
from toyos.boot import RAM, Computer
from vm.aout import EX_OBJECT, HEADER, MACHINE_IDS, NMAGIC, OMAGIC, PAGE, ZMAGIC

ENOEXEC, ENOMEM = 8, 12
BASE = 0x10000
MID = MACHINE_IDS["risc"]
FLAGS_SHIFT = 10  # of a header's flags above its machine id
STATUS = 42


def code_of(*words: int) -> bytes:
    """Instruction words -> code."""
    return b"".join(word.to_bytes(4, "little") for word in words)


LI_A7_EXIT, ECALL = 0x05D00893, 0x00000073
EXIT_42 = code_of(LI_A7_EXIT, STATUS << 20 | 0x513, ECALL)  # li a0, 42


def header(text: int, data: int = 0, bss: int = 0, magic: int = NMAGIC, mid: int = MID, entry: int = BASE) -> bytes:
    """Fields of an a.out header -> its 32 bytes."""
    return code_of(*(word & 0xFFFF_FFFF for word in (mid << 16 | magic, text, data, bss, 0, entry, 0, 0)))


def reader(data: int) -> bytes:
    """Address of a word -> code that exits with it: lui a0; lw a0, low(a0); li a7, 93; ecall."""
    high, low = (data + 0x800) >> 12, data & 0xFFF
    return code_of(high << 12 | 0x537, low << 20 | 0x52503, LI_A7_EXIT, ECALL)


def execute(files: Mapping[str, bytes], *words: str, ram: int = RAM) -> tuple[int | None, str]:
    """Guest files, and the command that is run beside them -> exit status, output. Checks that no page is lost."""
    output = bytearray()
    program = build.program([PROGRAMS / "tests" / "exec_files.s"])
    computer = Computer(words, {"run/exec_files": program, **files}, ram=ram, console=output.extend)
    stop = computer.run(max_instructions=LIMIT)
    assert stop.reason == "halt" and b"panic" not in output, output.decode()
    assert computer.counter("KS_FREE") == computer.counter("KS_FREE_BOOT")
    return stop.status, output.decode()


WRONG = {
    "empty": (b"", ENOEXEC),
    "short": (header(len(EXIT_42))[:-1], ENOEXEC),
    "no-text": (header(0), ENOEXEC),
    "cut": ((header(len(EXIT_42)) + EXIT_42)[:-1], ENOEXEC),
    "no-data": (header(len(EXIT_42), data=4) + EXIT_42, ENOEXEC),
    "elf": (b"\x7fELF\x01\x01\x01" + bytes(200), ENOEXEC),
    "script": (b"#!/bin/sh\necho this is longer than a header\n", ENOEXEC),
    "object": (header(len(EXIT_42), magic=OMAGIC, mid=MID | EX_OBJECT << FLAGS_SHIFT) + EXIT_42, ENOEXEC),
    "window": (header(len(EXIT_42), mid=MACHINE_IDS["window"]) + EXIT_42, ENOEXEC),
    "cisc": (header(len(EXIT_42), mid=MACHINE_IDS["cisc"]) + EXIT_42, ENOEXEC),
    "bad-magic": (header(len(EXIT_42), magic=0o411) + EXIT_42, ENOEXEC),
    "entry-0": (header(len(EXIT_42), entry=0) + EXIT_42, ENOEXEC),
    "entry-behind": (header(len(EXIT_42), entry=BASE + len(EXIT_42)) + EXIT_42, ENOEXEC),
    "entry-kernel": (header(len(EXIT_42), entry=0x8000_0000) + EXIT_42, ENOEXEC),
    "entry-last": (header(len(EXIT_42), entry=0xFFFF_FFFC) + EXIT_42, ENOEXEC),
    "huge-text": (header(0xFFFF_FFFF) + EXIT_42, ENOEXEC),
    "text-wraps": (header(0x8000_0000, data=0x8000_0000 + len(EXIT_42)) + EXIT_42, ENOEXEC),
    "huge-data": (header(len(EXIT_42), data=-1) + EXIT_42, ENOEXEC),
    "huge-bss": (header(len(EXIT_42), bss=-1) + EXIT_42, ENOMEM),
    "bss-over-stack": (header(len(EXIT_42), bss=0x1FFF_FFFF, entry=0x6000_0000) + EXIT_42, ENOMEM),
    "bss-over-ram": (header(len(EXIT_42), bss=128 << 20) + EXIT_42, ENOMEM),
    "text-over-stack": (header(len(EXIT_42), entry=0x7FFF_0000) + EXIT_42, ENOMEM),
    "odd-zmagic": (header(len(EXIT_42), magic=ZMAGIC) + bytes(PAGE - HEADER.size) + EXIT_42, ENOEXEC),
    "short-zmagic": (header(PAGE, magic=ZMAGIC) + bytes(PAGE), ENOEXEC),
}


def test_wrong_headers_are_refused_and_the_old_program_goes_on() -> None:
    files = {f"run/{name}": content for name, (content, _) in WRONG.items()}
    expected = "".join(f"/run/{name}: {-error}\n" for name, (_, error) in WRONG.items())
    assert execute(files, "exec_files", *(f"/{path}" for path in files)) == (0, expected)


@pytest.mark.parametrize("magic", [OMAGIC, NMAGIC, ZMAGIC])
def test_each_magic_finds_its_data(magic: int) -> None:
    word = STATUS.to_bytes(4, "little")
    if magic == OMAGIC:
        code = reader(BASE + 16)
        content = header(len(code), data=4, bss=4, magic=magic) + code + word
    elif magic == NMAGIC:
        code = reader(BASE + PAGE)
        content = header(len(code), data=4, bss=4, magic=magic) + code + word
    else:
        code = reader(BASE + PAGE).ljust(PAGE, b"\0")
        sizes = header(PAGE, data=PAGE, bss=4, magic=magic)
        content = sizes.ljust(PAGE, b"\0") + code + word.ljust(PAGE, b"\0")
    assert execute({"run/it": content}, "it")[0] == STATUS


def test_no_more_memory_than_there_is_in_a_small_machine() -> None:
    ram = 8 << 20
    large = header(len(EXIT_42), bss=ram) + EXIT_42
    fitting = header(len(EXIT_42), bss=ram // 2) + EXIT_42
    status, output = execute(
        {"run/large": large, "run/fitting": fitting}, "exec_files", "/run/large", "/run/fitting", ram=ram
    )
    assert (status, output.split()) == (STATUS, ["/run/large:", str(-ENOMEM)])


WORDS = st.sampled_from([0, 1, 12, PAGE, BASE, 1 << 20, 1 << 29, 1 << 31, 0xFFFF_FFFF]) | st.integers(0, 0xFFFF_FFFF)


IMAGES = st.tuples(st.sampled_from([OMAGIC, NMAGIC, ZMAGIC]), WORDS, WORDS, WORDS, WORDS)


@given(st.lists(IMAGES, min_size=1, max_size=12))
@settings(max_examples=10)
def test_random_headers_never_hurt_the_kernel(images: list[tuple[int, int, int, int, int]]) -> None:
    files = {
        f"run/{number}": header(text, data, bss, magic, entry=entry) + EXIT_42 * 400
        for number, (magic, text, data, bss, entry) in enumerate(images)
    }
    execute(files, "exec_files", *(f"/{path}" for path in files))
