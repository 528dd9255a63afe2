"""Device registers beside QEMU's board: the real-time clock, ports whose bytes go out, and where the two boards differ
on purpose, with both results (Debian's QEMU 7.2; docs/machine.md has the reasons)."""

from __future__ import annotations

import random
from pathlib import Path

from tests.differential.test_board_qemu import (
    FINISHER,
    PLIC,
    UART,
    Access,
    both,
    making,
    on_ours,
    on_qemu,
    pytestmark,  # noqa: F401
    read,
    write,
)

RTC = 0x0010_1000
PRIORITY, PENDING, ENABLE, THRESHOLD = PLIC + 4 * 10, PLIC + 0x1000, PLIC + 0x2000, PLIC + 0x20_0000
CLAIM, CLAIM_S = PLIC + 0x20_0004, PLIC + 0x20_1004
FAULT = 0xDEADFA17


def put(register: int, value: int) -> Access:
    return write(UART + register, value, 1)


def get(register: int) -> Access:
    return read(UART + register, 1)


RAISE, LOWER = put(1, 2), put(1, 0)  # the UART's line, by its empty transmitter
PREPARE = [write(PRIORITY, 1), write(ENABLE, 1 << 10), write(THRESHOLD, 0), LOWER]
CLEAN_UP = [LOWER, write(THRESHOLD, 0), read(CLAIM), write(CLAIM, 10), read(CLAIM), write(CLAIM, 10), put(4, 0), get(6)]
# What is done -> what the reads among it give here, and on QEMU.
DIFFERENCES: dict[str, tuple[list[Access], list[int], list[int]]] = {
    "a completion by a context that has not enabled the source: ignored (chapter 9)": (
        [RAISE, read(CLAIM), write(CLAIM_S, 10), LOWER, RAISE, read(CLAIM)],
        [10, 0],
        [10, 10],
    ),
    "a claim under a threshold: the threshold masks the interrupt only (chapter 8)": (
        [RAISE, write(THRESHOLD, 7), read(CLAIM)],
        [10],
        [0],
    ),
    "the enable bit of source 0, which does not exist": (
        [write(ENABLE, 1 << 10 | 1), read(ENABLE), write(ENABLE, 1 << 10)],
        [1 << 10],
        [1 << 10 | 1],
    ),
    "modem lines that change in loop-back mode (PC16550D, section 8.6.4)": (
        [put(4, 0x10), get(6), get(6), put(1, 8), put(4, 0x1B), get(2), LOWER],
        [0x0B, 0x00, 0x00],
        [0x00, 0x00, 0x01],
    ),
    "a word of a device at an odd place": (
        [read(FINISHER + 2), read(FINISHER + 1, 2)],
        [FAULT, FAULT],
        [0, 0],
    ),
}


def test_what_differs_on_purpose(tmp_path: Path) -> None:
    accesses: list[Access] = []
    places: dict[str, slice] = {}
    for name, (steps, _, _) in DIFFERENCES.items():
        first = len(accesses) + len(PREPARE)
        places[name] = slice(first, first + len(steps))
        accesses += [*PREPARE, *steps, *CLEAN_UP]
    elf = making(accesses)
    found = on_ours(elf, len(accesses), "native"), on_qemu(elf, len(accesses), tmp_path)
    for name, (steps, *expected) in DIFFERENCES.items():
        for results, wanted, where in zip(found, expected, ("here", "on QEMU"), strict=True):
            values = [int(value, 16) for value, _ in results[places[name]]]
            assert [value for value, step in zip(values, steps, strict=True) if not step[0]] == wanted, (
                f"{name}: {where}"
            )


def test_an_interrupt_during_service_and_after_it(tmp_path: Path) -> None:
    """A line that is high still makes no other interrupt, until its device has something to do with it: kernels whose
    driver never acknowledges the transmitter's interrupt live by that, others by the receiver's, a byte at a time."""
    serve = [read(CLAIM), read(PENDING), write(CLAIM, 10), read(PENDING), read(CLAIM)]
    unheard = [RAISE, *serve, get(5), get(3), put(7, 5), read(PENDING), put(0, 0x20), *serve, read(PENDING)]
    falling = [RAISE, read(CLAIM), LOWER, RAISE, LOWER, read(PENDING), read(CLAIM), write(CLAIM, 10), *serve]
    received = [put(4, 0x10), put(2, 1), put(1, 1), put(0, 0x41), put(0, 0x42), read(CLAIM), get(0), read(PENDING)]
    received += [write(CLAIM, 10), read(CLAIM), get(0), read(PENDING), write(CLAIM, 10), read(CLAIM), put(4, 0)]
    both([*PREPARE, *unheard, *CLEAN_UP, *falling, *CLEAN_UP, *received], tmp_path)


def test_the_real_time_clock_under_random_accesses(tmp_path: Path) -> None:
    """Alarms far from the time, which is set to 2**60 ns or a little more, so that how long it takes does not count."""
    dice = random.Random(3)
    high, later = 1 << 28, (1 << 28) + 0x800
    accesses = [
        write(PLIC + 4 * 11, 1),
        write(ENABLE, 1 << 11),
        write(THRESHOLD, 0),
        write(RTC + 4, high),
        write(RTC, 0),
    ]
    steps = [
        lambda: [write(RTC + 0x0C, dice.choice([0, high - 1, later + 0x800, 0xFFFF_FFFF]))],
        lambda: [write(RTC + 0x08, dice.getrandbits(32))],
        lambda: [write(RTC + dice.choice([0x10, 0x14, 0x1C]), dice.getrandbits(32))],
        lambda: [read(PENDING)],
        lambda: [read(RTC + dice.choice([0x08, 0x0C, 0x10, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x40]))],
        lambda: [write(RTC + dice.choice([0x18, 0x20, 0x24, 0x40]), dice.getrandbits(32))],
        lambda: [read(RTC + dice.choice([0, 8]), dice.choice([1, 2])), write(RTC + 8, 1, dice.choice([1, 2]))],
        lambda: [write(RTC + 4, dice.choice([high, later])), write(RTC, 0), read(RTC + 4)],
    ]
    for _ in range(200):
        accesses += dice.choice(steps)()
    both(accesses, tmp_path)


def test_the_uart_under_random_accesses(tmp_path: Path) -> None:
    """Whose bytes go out, with all interrupts; and in and out of loop-back mode, with its modem lines left alone."""
    dice = random.Random(4)
    accesses = [write(PRIORITY, 3), write(ENABLE, 1 << 10), write(THRESHOLD, 0)]
    for modes, enables in (([0, 0xB, 0xF], 0x0F), ([0, 0xB, 0x10, 0x1B, 0x1F, 0xFF], 0x07)):
        accesses += [put(3, 3), put(1, 0)]
        for _ in range(200):
            register = dice.randrange(8)
            value = {1: dice.getrandbits(8) & enables, 2: dice.getrandbits(3), 4: dice.choice(modes)}.get(register)
            line = dice.choice([3, 3, 0x43, 0x83]) if register == 3 else dice.getrandbits(8)
            accesses.append(get(register) if dice.random() < 0.5 else put(register, line if value is None else value))
    both(accesses, tmp_path)
