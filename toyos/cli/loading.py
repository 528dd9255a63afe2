"""The options of `toyos machine` that say what is put into the machine, in QEMU's words, and what is read out of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toyos.errors import USAGE, CommandError
from vm.arch import RAM_BASE, WORD

if TYPE_CHECKING:
    from vm import Machine
    from vm.loader import Image

NO_BIOS = "none"
Kernel = Annotated[
    Path | None, typer.Option("--kernel", metavar="IMAGE", help="ELF, a.out or raw image to run, behind the firmware")
]
Bios = Annotated[
    str, typer.Option("--bios", metavar="FILE", help="firmware: ELF, a.out or raw image; none: the kernel starts alone")
]
Initrd = Annotated[Path | None, typer.Option("--initrd", metavar="FILE", help="initial RAM disk")]
Append = Annotated[str, typer.Option("--append", metavar="TEXT", help="boot arguments in the device tree")]
Dtb = Annotated[Path | None, typer.Option("--dtb", metavar="FILE", help="a device tree in place of the board's own")]
DumpDtb = Annotated[
    Path | None, typer.Option("--dumpdtb", metavar="FILE", help="write the device tree there, and run nothing")
]
Signature = Annotated[
    Path | None,
    typer.Option("--signature", metavar="FILE", help="write the words between begin_signature and end_signature"),
]


@dataclass(frozen=True)
class Boot:
    """What the options have said. Raises CommandError when nothing is left to run."""

    kernel: Path | None
    bios: str
    initrd: Path | None
    dtb: Path | None
    append: str
    dump: Path | None

    def __post_init__(self) -> None:
        if self.bios == NO_BIOS and self.kernel is None and self.dump is None:
            raise CommandError("nothing to run: expected --kernel IMAGE, --bios FILE, or both", USAGE)

    @property
    def files(self) -> list[Path]:
        """-> all that will be read."""
        bios = None if self.bios == NO_BIOS else Path(self.bios)
        return [file for file in (self.kernel, bios, self.initrd, self.dtb) if file is not None]

    def into(self, machine: Machine) -> Image:
        """All that was named is loaded into the machine -> the kernel's image, or else the firmware's. Leaves as
        typer.Exit when only the device tree was wanted. Raises LoadError, OSError."""
        from vm.loader import read_file

        files: dict[str, Any] = {
            "kernel": self.kernel,
            "bios": None if self.bios == NO_BIOS else Path(self.bios),
            "initrd": None if self.initrd is None else read_file(self.initrd),
            "dtb": None if self.dtb is None else read_tree(self.dtb),
            "bootargs": self.append,
        }
        if self.dump is None:
            return machine.load(**files)
        from vm.boot_images import planned, read

        loaded = read(machine.ram_size, machine.mode, **files)
        _write("--dumpdtb", self.dump, planned(loaded, machine.ram_size, machine.isa).tree.data)
        raise typer.Exit(0)


def read_tree(path: Path) -> bytes:
    """Path -> the flattened device tree that is in it. Raises LoadError for anything else."""
    from vm.devices.fdt import FdtError, unflatten
    from vm.loader import LoadError, read_file

    content = read_file(path)
    try:
        unflatten(content)
    except FdtError as fault:
        raise LoadError(f"{path}: {fault}") from None
    return content


@contextmanager
def signed(machine: Machine, path: Path | None) -> Iterator[None]:
    """Inside, the machine runs to its end; then what lies between its image's symbols begin_signature and end_signature
    is in the file, a word a line, as RISCOF compares it. Raises CommandError for an image without these."""
    if path is None or machine.loaded is None:
        yield
        return
    image = machine.loaded.image
    symbols = image.symbols()
    first, last = symbols.get("begin_signature"), symbols.get("end_signature")
    if first is None or last is None:
        missing = "begin_signature" if first is None else "end_signature"
        raise CommandError(f"--signature: {image.name} has no symbol {missing}")
    size = last - first
    if size <= 0 or size % WORD or not RAM_BASE <= first < last <= RAM_BASE + machine.ram_size:
        raise CommandError(
            f"--signature: {image.name}: begin_signature {first:#010x} and end_signature {last:#010x}: "
            f"expected whole words of {WORD} bytes in RAM between them"
        )
    if path.is_dir() or not path.parent.is_dir():  # said before the run, which may be long
        raise CommandError(f"--signature {path}: expected the name of a file, in a folder that there is")
    try:
        yield
    except (typer.Exit, CommandError):
        data = machine.read(first, size)
        words = (data[at : at + WORD][::-1].hex() for at in range(0, size, WORD))
        _write("--signature", path, "".join(f"{word}\n" for word in words).encode())
        raise


def _write(option: str, path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as fault:
        raise CommandError(f"{option} {path}: {fault.strerror or fault}") from None
