"""Register names: text <-> number 0..31. Source: RISC-V ABIs Specification, "Integer Register Convention"; the names of
window mode follow the roles in docs/machine.md, section "Register windows"."""

from __future__ import annotations

from collections.abc import Mapping

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

# Further spellings in window mode: local registers, and the in registers that the caller's sp, ra, a0-a5 have become.
WINDOW_NUMBERS: dict[str, int] = {
    **{f"l{place}": number for place, number in enumerate((8, 9, *range(18, 24)))},
    **dict(zip(("isp", "ira", "i0", "i1", "i2", "i3", "i4", "i5"), range(24, 32), strict=True)),
}
_OF_MODE = {"window": {**NUMBERS, **WINDOW_NUMBERS}}
_COMMON = ("s0", "s1")  # source for every mode uses these two, so they keep their names


def numbers(mode: str = "risc") -> Mapping[str, int]:
    """Mode -> every accepted spelling, with its number."""
    return _OF_MODE.get(mode, NUMBERS)


def names(mode: str = "risc") -> tuple[str, ...]:
    """Mode -> the name by which each register is shown."""
    if mode != "window":
        return ABI_NAMES
    by_number = {number: name for name, number in WINDOW_NUMBERS.items()}
    return tuple(name if name in _COMMON else by_number.get(number, name) for number, name in enumerate(ABI_NAMES))


def mode_of(name: str) -> str | None:
    """Name of a register -> the only mode that knows it; None for the names of several modes, and for other words."""
    return "window" if name in WINDOW_NUMBERS else None


def suggest(wrong: str, mode: str = "risc") -> str | None:
    """A misspelt register name -> the nearest correct one, or None when nothing is near."""
    from difflib import get_close_matches  # only on the way to an error message

    known = X_NAMES if wrong[:1] in "xX" else tuple(dict.fromkeys((*ABI_NAMES, *names(mode))))
    near = get_close_matches(wrong.lower(), known, n=1, cutoff=0.5)
    return near[0] if near else None
