"""Which systems there are: the machine's modes, each mode's kernel variants (how a process's registers are saved), the
parameters of a build, and where the sources of each lie.

What must differ between modes lies in folders arch/MODE of the guest's sources; what differs between the variants of a
mode, in arch/MODE/VARIANT of the kernel's. Of files of one name in these folders the first that is found counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from toyos.paths import source_folder
from vm.arch import NWIN_DEFAULT, NWIN_LEAST, NWIN_MOST

# Mode -> the variants of its kernel, the default first.
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "risc": ("soft", "xdump"),
    "window": ("flush", "lazy", "partition"),
    "cisc": ("svpctx", "pushr", "soft"),
}
MODES = tuple(VARIANTS)
# Mode -> folders of arch/ in which its sources are looked for: a mode that is another with additions names that, too.
ARCHITECTURES: Mapping[str, tuple[str, ...]] = {"risc": ("risc",), "window": ("window", "risc"), "cisc": ("cisc",)}
# Build parameters of the kernel, and what each may be: PCBs in the pool; ticks of 100 ns in a quantum; parts into which
# the register windows are divided.
PARAMETERS: Mapping[str, range] = {
    "NPROC": range(3, 1 << 20),  # a PCB has some 300 bytes, so they take a third of a GiB
    "QUANTUM": range(1000, 1 << 31),
    "PARTITIONS": range(1, 1 << 31),
}
# Register windows, whose number machine and kernel must agree on: the modes that have them, how many there may be.
WINDOWED_MODES = ("window",)
WINDOWS = range(NWIN_LEAST, NWIN_MOST + 1)
PARTITIONED = ("window", "partition")  # the one system that has parts
PARTITIONS_DEFAULT = 2  # where there are windows enough
PART_WINDOWS = 2  # at least, in a part
FIRST_SOURCE = "start.s"  # of the kernel
SOURCE_SUFFIXES = (".s", ".S", ".asm")


class BuildError(Exception):
    """Files that no program can be made of, or a system that does not exist; the message is a sentence for the user."""


class ChoiceError(BuildError):
    """A mode, variant or parameter that no system has. parameter: the name of what has a wrong value, if it is that."""

    def __init__(self, sentence: str, parameter: str = "", value: int = 0) -> None:
        super().__init__(f"{parameter} = {value}: {sentence}" if parameter else sentence)
        self.sentence, self.parameter, self.value = sentence, parameter, value

    @property
    def on_command_line(self) -> str:
        """-> the sentence for one who has written options: --nwin 1 where the library says NWIN = 1."""
        return f"--{self.parameter.lower()} {self.value}: {self.sentence}" if self.parameter else self.sentence


class Choice(NamedTuple):
    """One system: mode, variant, and what the kernel's sources are told as symbols."""

    mode: str
    variant: str
    parameters: Mapping[str, int]

    @property
    def windows(self) -> int | None:
        """-> register windows of the machine, None in a mode that has none."""
        return self.parameters.get("NWIN")


def choose(
    mode: str = "risc",
    variant: str | None = None,
    parameters: Mapping[str, int] = MappingProxyType({}),
    nwin: int | None = None,
) -> Choice:
    """What the user says -> the system that is meant. variant None: the mode's default; nwin: register windows.

    Parameters that are not named keep the kernel's own values. Raises ChoiceError.
    """
    check_mode(mode)
    variants = VARIANTS[mode]
    if variant is not None and variant not in variants:
        raise ChoiceError(f"the {mode} kernel has no variant {variant!r}; it has {', '.join(variants)}")
    for name, value in parameters.items():
        if name not in PARAMETERS:
            raise ChoiceError(f"the kernel has no parameter {name!r}; it has {', '.join(PARAMETERS)}")
        if value not in PARAMETERS[name]:
            first, last = PARAMETERS[name][0], PARAMETERS[name][-1]
            raise ChoiceError(f"expected a number from {first} to {last}", name, value)
    variant = variant or variants[0]
    return Choice(mode, variant, {**parameters, **_windows(mode, variant, nwin, parameters.get("PARTITIONS"))})


def check_mode(mode: str) -> None:
    """Raises ChoiceError for a mode that does not exist."""
    if mode not in VARIANTS:
        raise ChoiceError(f"there is no mode {mode!r}; expected one of: {', '.join(VARIANTS)}")


def _windows(mode: str, variant: str, nwin: int | None, partitions: int | None) -> dict[str, int]:
    """Number of windows and of the parts they are divided into, or None -> the parameters that tell the kernel."""
    if partitions is not None and (mode, variant) != PARTITIONED:
        raise ChoiceError(f"only the {' kernel with variant '.join(PARTITIONED)} has parts", "PARTITIONS", partitions)
    if mode not in WINDOWED_MODES:
        if nwin is not None:
            raise ChoiceError(
                f"a {mode} machine has no register windows, {WINDOWED_MODES[0]} machines have", "NWIN", nwin
            )
        return {}
    nwin = NWIN_DEFAULT if nwin is None else nwin
    if nwin not in WINDOWS:
        raise ChoiceError(f"expected a number of register windows from {WINDOWS[0]} to {WINDOWS[-1]}", "NWIN", nwin)
    if (mode, variant) != PARTITIONED:
        return {"NWIN": nwin}
    partitions = min(PARTITIONS_DEFAULT, nwin // PART_WINDOWS) if partitions is None else partitions
    if nwin < partitions * PART_WINDOWS:
        raise ChoiceError(
            f"expected at most {nwin // PART_WINDOWS} of {nwin} register windows, as a part needs {PART_WINDOWS}",
            "PARTITIONS",
            partitions,
        )
    return {"NWIN": nwin, "PARTITIONS": partitions}


def include_folders(mode: str = "risc") -> list[Path]:
    """-> where guest sources find what they .include."""
    include = source_folder("include")
    return [include, *_architecture_folders(include, mode)]


def kernel_include_folders(choice: Choice, folder: Path | None = None) -> list[Path]:
    """-> the same for the kernel's sources: its own folders come first. folder: where they are, if not here."""
    kernel = folder or source_folder("kernel")
    return [*_variant_folders(kernel, choice), kernel, *include_folders(choice.mode)]


def kernel_sources(choice: Choice, folder: Path | None = None) -> list[Path]:
    """-> the kernel's assembly sources; that with its first instruction comes first."""
    kernel = folder or source_folder("kernel")
    sources = _sources([kernel]) + _sources(_variant_folders(kernel, choice))
    return sorted(sources, key=lambda path: path.name != FIRST_SOURCE)


def library_sources(mode: str = "risc") -> list[Path]:
    """-> the C library's assembly sources."""
    library = source_folder("lib")
    return _sources([library]) + _sources(_architecture_folders(library, mode))


def _architecture_folders(folder: Path, mode: str) -> list[Path]:
    return [folder / "arch" / name for name in ARCHITECTURES[mode]]


def _variant_folders(folder: Path, choice: Choice) -> list[Path]:
    """-> the folders of a mode's own sources; what another mode lends comes as in that one's default variant."""
    folders = []
    for name, architecture in zip(ARCHITECTURES[choice.mode], _architecture_folders(folder, choice.mode), strict=True):
        variant = choice.variant if name == choice.mode else VARIANTS[name][0]
        folders += [architecture / variant, architecture]
    return folders


def _sources(folders: list[Path]) -> list[Path]:
    """Folders -> sources in them, of each name the one in the first folder that has it."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in folder.glob("*.s"):
            found.setdefault(path.name, path)
    return [found[name] for name in sorted(found)]


def all_sources(folder: Path) -> list[Path]:
    """-> the assembly sources and include files below a folder, whatever they are for, in the order of their names."""
    return sorted(file for file in folder.rglob("*") if file.suffix in (*SOURCE_SUFFIXES, ".inc"))
