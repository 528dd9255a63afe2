"""Guest sources -> kernel, C library, programs and the root file system, kept by content between runs.

When nothing has changed, the cost is that of reading the sources once: neither assembler nor linker is loaded.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from toyos import store
from toyos.paths import source_folder

if TYPE_CHECKING:
    from assembler.archiver import Archive
    from vm.aout import Object

MODES = ("risc",)
KERNEL_ADDRESS = 0x8000_0000
START = "_start"
PROGRAM_FOLDERS = ("bin", "lectures")  # of programs/; their names are those of the folders in the guest too
SYMBOL_MAP = "boot/System.map"
SOURCE_SUFFIXES = (".s", ".S", ".asm")
# Build parameters of the kernel, and the least that each may be: PCBs in the pool; ticks of 100 ns in a quantum.
PARAMETERS = {"NPROC": 3, "QUANTUM": 1000}
PARAMETER_END = 1 << 31
PROJECT = Path(__file__).resolve().parent.parent
TEXT_LETTER = "T"  # of a global symbol in text, as nm prints it


class BuildError(Exception):
    """Files that no program can be made of; the message is a sentence for the user."""


class SourceWarning(UserWarning):
    """What the assembler finds odd about a user's source, which is assembled all the same."""


class System(NamedTuple):
    """All that is needed to boot. kernel: a.out; crt0: object; library: archive; programs: guest path -> a.out;
    symbols: names in the kernel -> addresses or, for absolute ones, values."""

    kernel: bytes
    crt0: bytes
    library: bytes
    programs: Mapping[str, bytes]
    symbols: Mapping[str, int]

    @property
    def symbol_map(self) -> bytes:
        """The kernel's text symbols as `nm -n` prints them: what the guest's panic looks names up in."""
        text = sorted((address, name) for name, address in self.symbols.items() if address >= KERNEL_ADDRESS)
        return "".join(f"{address:08x} {TEXT_LETTER} {name}\n" for address, name in text).encode()


def include_folders(mode: str = "risc") -> list[Path]:
    """-> where guest sources find what they .include."""
    include = source_folder("include")
    return [include, include / "arch" / mode]


def system(mode: str = "risc", parameters: Mapping[str, int] | None = None) -> System:
    """-> the System of this checkout, from the cache if it is there.

    parameters: of the kernel, see PARAMETERS; what is not named keeps the kernel's own choice. Raises BuildError for
    parameters that no kernel has, AssemblyError and LinkError for wrong sources.
    """
    parameters = parameters or {}
    for parameter, value in parameters.items():
        if parameter not in PARAMETERS:
            raise BuildError(f"the kernel has no parameter {parameter!r}; it has {', '.join(PARAMETERS)}")
        if not PARAMETERS[parameter] <= value < PARAMETER_END:
            raise BuildError(f"{parameter} = {value}: expected a number of at least {PARAMETERS[parameter]}")
    name = store.key(_sources_key(mode), "system", json.dumps(parameters, sort_keys=True))
    kept = store.load(name)
    if kept is not None:
        return _unpack(kept)
    built = _Builder(mode, parameters).system()
    store.keep(name, _pack(built))
    store.sweep()
    return built


def program(files: Sequence[Path], mode: str = "risc", parts: System | None = None) -> bytes:
    """Sources, objects and archives, or one executable -> a.out executable.

    Sources and objects are linked with the C library, and with crt0 unless they define _start themselves. Raises
    BuildError, AoutError, ArchiveError, AssemblyError, LinkError, OSError; what is odd is warned of (SourceWarning).
    """
    from assembler.files import content as content_of
    from vm import aout

    contents = [(path, content_of(path)) for path in files]
    for path, content in contents:
        if aout.is_aout(content) and not aout.read(content, str(path)).relocatable:
            return _ready_made(path, content, mode, alone=len(contents) == 1)
    return _Builder(mode).user_program(contents, parts or system(mode))


def _ready_made(path: Path, content: bytes, mode: str, alone: bool) -> bytes:
    """An executable among the files -> itself; it must be the only one, and for this machine."""
    from vm import aout

    if not alone:
        raise BuildError(f"{path}: an executable; expected it alone, or else sources, objects and archives")
    made_for = aout.read(content, str(path)).mode
    if made_for != mode:
        raise BuildError(f"{path}: made for a {made_for} machine, but this one is {mode}")
    return content


@cache
def _sources_key(mode: str) -> str:
    """-> key of all that a System depends on: the toolchain's sources and the guest's."""
    toolchain = [*(PROJECT / "assembler").glob("*.*"), *(PROJECT / "vm" / "isa").glob("*.py")]
    toolchain += [PROJECT / "vm" / name for name in ("aout.py", "arch.py")] + [Path(__file__)]
    keys = [mode, store.tree_key(PROJECT, (file for file in toolchain if file.is_file()))]
    for name in ("include", "kernel", "lib", "programs"):
        keys.append(store.tree_key(source_folder(name), guest_sources(source_folder(name))))
    return store.key(*keys)


def guest_sources(folder: Path) -> list[Path]:
    """-> the assembly sources and include files below a folder, in the order of their names."""
    return sorted(file for file in folder.rglob("*") if file.suffix in (*SOURCE_SUFFIXES, ".inc"))


class _Builder:
    """Assembles and links for one mode. Only made when something must be built, as it loads the toolchain."""

    def __init__(self, mode: str, parameters: Mapping[str, int] | None = None) -> None:
        from assembler.assembly import Options, assemble_sources
        from vm import aout

        if mode not in MODES:
            raise BuildError(f"there is no mode {mode!r}; expected one of: {', '.join(MODES)}")
        self.mode, self.aout = mode, aout
        self.assemble_sources, self.options = assemble_sources, Options
        self.parameters = parameters or {}

    def assemble(self, path: Path, content: bytes, extra: Iterable[Path] = ()) -> Object:
        """A source, and folders to look for includes in before the usual ones -> object."""
        include = [path.parent, *extra, *include_folders(self.mode)]
        text = content.decode("utf-8", "surrogateescape")
        options = self.options(self.mode, tuple(include), self.parameters)
        result = self.assemble_sources([(text, str(path))], options)
        for warning in result.warnings:
            warnings.warn(warning.render(), SourceWarning, stacklevel=2)
        return result.object

    def guest_object(self, path: Path, extra: Iterable[Path] = ()) -> Object:
        return self.assemble(path, path.read_bytes(), extra)

    def of_mode(self, folder: Path) -> list[Path]:
        """Folder -> its sources and those that belong to this mode (arch/MODE below it)."""
        return sorted(folder.glob("*.s")) + sorted((folder / "arch" / self.mode).glob("*.s"))

    def system(self) -> System:
        kernel = self.kernel()
        crt0, library = self.library()
        programs = {}
        for folder in PROGRAM_FOLDERS:
            for path in sorted((source_folder("programs") / folder).iterdir()):
                sources = sorted(path.glob("*.s")) if path.is_dir() else [path] * (path.suffix in SOURCE_SUFFIXES)
                if sources:
                    objects = [self.guest_object(source) for source in sources]
                    programs[f"{folder}/{path.stem}"] = self.link([crt0, *objects, library], strip="all")
        symbols = {symbol.name: symbol.value for symbol in kernel.symbols if symbol.section != "undef"}
        write = self.aout.write
        from assembler import archiver

        return System(write(kernel), write(crt0), archiver.write(library), programs, symbols)

    def kernel(self) -> Object:
        """-> the linked kernel; the file with its first instruction comes first."""
        from assembler.linker import link

        folder = source_folder("kernel")
        start = folder / "arch" / self.mode / "start.s"
        sources = [start] + [path for path in self.of_mode(folder) if path != start]
        extra = [folder, folder / "arch" / self.mode]
        return link([self.guest_object(path, extra) for path in sources], text=KERNEL_ADDRESS, entry=START)

    def library(self) -> tuple[Object, Archive]:
        """-> crt0 and the C library."""
        from assembler import archiver

        folder = source_folder("lib")
        objects = {path.stem: self.guest_object(path, [folder]) for path in self.of_mode(folder)}
        crt0 = objects.pop("crt0")
        return crt0, archiver.archive({f"{name}.o": obj for name, obj in objects.items()}, "libc.a")

    def link(self, inputs: list[Any], strip: str = "") -> bytes:
        from assembler.linker import link

        return self.aout.write(link(inputs, entry=START, strip=strip))

    def user_program(self, contents: Sequence[tuple[Path, bytes]], parts: System) -> bytes:
        """(path, content) of sources, objects and archives -> executable, with crt0 and the C library as needed."""
        from assembler import archiver

        inputs: list[Object | Archive] = []
        for path, content in contents:
            if archiver.is_archive(content):
                inputs.append(archiver.read(content, str(path)))
            elif self.aout.is_aout(content):
                inputs.append(self.aout.read(content, str(path)))
            elif is_text(content):
                inputs.append(self.assemble(path, content))
            else:
                raise BuildError(f"{path}: {describe(content)}; expected assembly source, an a.out file or an archive")
        objects = [item for item in inputs if isinstance(item, self.aout.Object)]
        if not any(symbol.name == START and symbol.section == "text" for obj in objects for symbol in obj.symbols):
            inputs.insert(0, self.aout.read(parts.crt0, "crt0.o"))
        inputs.append(archiver.read(parts.library, "libc.a"))
        return self.link(inputs)


def is_text(content: bytes) -> bool:
    """-> whether the bytes could be a source text: control characters other than white space never are."""
    return not any(byte < 32 and byte not in b"\t\n\v\f\r" for byte in content)


def describe(content: bytes) -> str:
    """Content that is no input of the linker -> what it looks like."""
    return "an ELF file" if content.startswith(b"\x7fELF") else "not a text"


def _pack(built: System) -> bytes:
    """System -> bytes: a line of JSON with names and sizes, then the contents one behind the other."""
    blobs = {"": built.kernel, "crt0": built.crt0, "library": built.library, **built.programs}
    head = json.dumps({"sizes": {name: len(blob) for name, blob in blobs.items()}, "symbols": built.symbols})
    return head.encode() + b"\n" + b"".join(blobs.values())


def _unpack(data: bytes) -> System:
    """The reverse of _pack."""
    head, _, rest = data.partition(b"\n")
    description = json.loads(head)
    blobs, at = {}, 0
    for name, size in description["sizes"].items():
        blobs[name] = rest[at : at + size]
        at += size
    kernel, crt0, library = (blobs.pop(name) for name in ("", "crt0", "library"))
    return System(kernel, crt0, library, blobs, description["symbols"])
