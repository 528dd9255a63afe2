"""Whatever is given as kernel, firmware or device tree: it runs as long as it is let, or is refused in a sentence."""

from __future__ import annotations

import random
import struct

from tests.devices.test_loader import make_aout
from tests.fuzz.decoding import word
from tests.fuzz.knob import seeds
from tests.images import make_elf
from vm.arch import RAM_BASE
from vm.devices.boardtree import board_tree
from vm.loader import LoadError
from vm.machine import Machine

RAM = 1 << 20
BUDGET = 20_000  # instructions
TREE = board_tree(RAM, "quiet")
REASONS = {"limit", "halt", "idle"}
EDGES = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF_FFFF, 0x8000_0000, RAM_BASE + RAM, RAM_BASE - 4, 0x7FFF_FFFF)


def _code(pick: random.Random) -> bytes:
    """-> bytes to run: at random, or instructions that are nearly right."""
    if pick.random() < 0.3:
        return pick.randbytes(pick.randrange(1, 4000))
    return struct.pack("<256I", *(word(pick) for _ in range(256)))


def _mutated(pick: random.Random, image: bytes, headers: int = 120) -> bytes:
    """-> with some bytes or words changed, most of them in headers, or cut short."""
    found = bytearray(image)
    for _ in range(pick.choice((0, 1, 1, 2, 4))):
        at = pick.randrange(min(len(found), pick.choice((52, headers, len(found)))))
        if pick.random() < 0.5:
            found[at] = pick.randrange(256)
        else:
            at &= ~3
            found[at : at + 4] = pick.choice(EDGES).to_bytes(4, pick.choice(("little", "big")))
    return bytes(found[: pick.randrange(len(found))] if pick.random() < 0.1 else found)


def _image(pick: random.Random) -> bytes:
    code = _code(pick)
    kind = pick.randrange(3)
    if kind == 0:
        return code
    if kind == 1:
        return _mutated(pick, make_aout(text=8, entry=RAM_BASE + pick.choice((0, 4))))
    names = ("tohost", "fromhost", "main")
    symbols = {name: pick.choice((RAM_BASE + 64, *EDGES)) for name in names if pick.random() < 0.2}
    segment = (pick.choice((RAM_BASE, 0xC000_0000)), RAM_BASE, code, len(code) + pick.choice((0, 100, 1 << 12)))
    return _mutated(pick, make_elf(segment, entry=segment[0], symbols=symbols))


def test_any_image_runs_or_is_refused() -> None:
    loaded = refused = 0
    made = Machine(ram=RAM)
    for seed in seeds(250):
        pick = random.Random(seed)
        image, both = _image(pick), pick.random() < 0.3
        tree = _mutated(pick, TREE, len(TREE)) if pick.random() < 0.3 else None
        try:
            if both:
                made.load(_image(pick), bios=image, dtb=tree)
            else:
                made.load(image, dtb=tree)
        except LoadError as refusal:
            refused += 1
            assert len(str(refusal)) > len("<bytes>: "), f"seed {seed}"
            continue
        loaded += 1
        assert made.run(BUDGET).reason in REASONS, f"seed {seed}"
    assert min(loaded, refused) > 60, (loaded, refused)
