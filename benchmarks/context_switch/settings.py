"""Which machines and kernels are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from toyos import variants
from vm.isa import registers, specifiers
from vm.state import STATE

# Registers of a machine that programs see (x0 and the pc aside), and those that a machine with windows has in its file.
_WRITABLE = len(registers.X_NAMES) - 1
VISIBLE = {"risc": _WRITABLE, "window": _WRITABLE, "cisc": len(specifiers.REGISTERS)}
REGISTERS_A_WINDOW = len(registers.WINDOW_NUMBERS)  # local and in registers: what is out is in the next window's
_OUT = sum(name.startswith("i") for name in registers.WINDOW_NUMBERS)
GLOBALS = _WRITABLE - REGISTERS_A_WINDOW - _OUT  # gp tp t0-t2 a6 a7: the same in every window
WORD = STATE["x"].base.itemsize  # bytes of a register


@dataclass(frozen=True, order=True)
class Setting:
    """One machine with one kernel. windows: of the machine, 0 in modes that have none; parts: into which the kernel
    divides them, 0 if it does not."""

    mode: str
    variant: str
    windows: int = 0
    parts: int = 0

    @property
    def label(self) -> str:
        """-> such as "risc soft", "window flush 8", "window partition 16/4"."""
        windows = f" {self.windows}" if self.windows else ""
        parts = f"/{self.parts}" if self.parts else ""
        return f"{self.mode} {self.variant}{windows}{parts}"

    @property
    def registers(self) -> int:
        """-> words in the processor's register file."""
        return self.windows * REGISTERS_A_WINDOW + GLOBALS if self.windows else VISIBLE[self.mode]

    def choice(self, parameters: dict[str, int]) -> variants.Choice:
        """-> the system of this setting, with these parameters of the kernel. Raises ChoiceError."""
        parts = {"PARTITIONS": self.parts} if self.parts else {}
        return variants.choose(self.mode, self.variant, parameters | parts, self.windows or None)

    def resized(self, windows: int, parts: int) -> Setting:
        """-> the same with a file of so many windows, and so many parts if the kernel divides it; itself without
        windows."""
        return replace(self, windows=windows, parts=parts if self.parts else 0) if self.windows else self


def setting(mode: str, variant: str | None = None, windows: int | None = None) -> Setting:
    """-> the setting; variant None: the mode's default. A file too small for the usual number of parts has fewer.
    Raises ChoiceError."""
    parts = {}
    if (mode, variant) == variants.PARTITIONED and windows is not None and windows in variants.WINDOWS:
        parts["PARTITIONS"] = min(windows // variants.PART_WINDOWS, variants.PARTITIONS_DEFAULT)
    choice = variants.choose(mode, variant, parts, windows)
    return Setting(mode, choice.variant, choice.windows or 0, choice.parameters.get("PARTITIONS", 0))


def chosen(modes: Sequence[str] = (), names: Sequence[str] = (), windows: int | None = None) -> list[Setting]:
    """What the user asks for; nothing means all -> settings. Raises ChoiceError for what does not exist."""
    for mode in modes:
        variants.check_mode(mode)
    known = dict.fromkeys(name for mode in modes or variants.MODES for name in variants.VARIANTS[mode])
    for name in names:
        if name not in known:
            raise variants.ChoiceError(f"there is no variant {name!r}; expected one of: {', '.join(known)}")
    return list(_settings(modes or variants.MODES, names, windows))


def _settings(modes: Sequence[str], names: Sequence[str], windows: int | None) -> Iterator[Setting]:
    for mode in modes:
        for name in variants.VARIANTS[mode]:
            if not names or name in names:
                yield setting(mode, name, windows if mode in variants.WINDOWED_MODES else None)
