"""A kernel -> where it returns from traps: found by the instruction, as it has no symbol; for bills and checks."""

from __future__ import annotations

from functools import lru_cache

from vm import aout
from vm.arch import INSTRUCTION_BYTES

RETURN_INSTRUCTION = {"risc": "sret", "window": "sret", "cisc": "rei"}
VARIABLE_LENGTH = ("cisc",)  # modes whose instructions must be decoded one after the other to be found


@lru_cache(maxsize=32)
def trap_returns(kernel: bytes) -> tuple[int, ...]:
    """a.out of a kernel -> the addresses of its instructions that return from traps, in order."""
    import numpy as np

    from vm.isa import codec

    image = aout.read(kernel, "kernel")
    name = RETURN_INSTRUCTION[image.mode]
    if image.mode in VARIABLE_LENGTH:
        from assembler.disassemble import instructions

        return tuple(item.address for item in instructions(image) if item.text.partition("\t")[0] == name)
    words = np.frombuffer(image.text[: len(image.text) & -INSTRUCTION_BYTES], "<u4")
    places = np.flatnonzero(words == codec.by_name(image.mode)[name].match)
    return tuple(image.text_address + INSTRUCTION_BYTES * int(place) for place in places)
