"""Register names: text <-> number 0..31. Source: RISC-V ABIs Specification, "Integer Register Convention"."""

from __future__ import annotations

# fmt: off
ABI_NAMES = (
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
)
# fmt: on
X_NAMES = tuple(f"x{number}" for number in range(32))

# Every accepted spelling -> number. `fp` is the other name of s0.
NUMBERS: dict[str, int] = {name: number for names in (X_NAMES, ABI_NAMES) for number, name in enumerate(names)}
NUMBERS["fp"] = NUMBERS["s0"]


def suggest(wrong: str) -> str | None:
    """A misspelt register name -> the nearest correct one, or None when nothing is near."""
    from difflib import get_close_matches  # only on the way to an error message

    near = get_close_matches(wrong.lower(), X_NAMES if wrong[:1] in "xX" else ABI_NAMES, n=1, cutoff=0.5)
    return near[0] if near else None
