"""Guest sources -> kernel, C library, programs and the root file system, kept by content between runs.

When nothing has changed, the cost is that of reading the sources once: neither assembler nor linker is loaded.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from toyos import store, variants
from toyos.paths import source_folder
from toyos.variants import SOURCE_SUFFIXES, BuildError, Choice, choose

if TYPE_CHECKING:
    from assembler.archiver import Archive
    from vm.aout import Object

KERNEL_ADDRESS = 0x8000_0000
START = "_start"
CRT0, LIBRARY = "crt0.o", "libc.a"
PROGRAM_FOLDERS = ("bin", "lectures")  # of programs/; their names are those of the folders in the guest too
SYMBOL_MAP = "boot/System.map"
PROJECT = Path(__file__).resolve().parent.parent
TEXT_LETTER = "T"  # of a global symbol in text, as nm prints it


class SourceWarning(UserWarning):
    """What the assembler finds odd about a user's source, which is assembled all the same."""


class System(NamedTuple):
    """All that is needed to boot. choice: mode, variant and parameters; kernel: a.out; crt0: object; library: archive;
    programs: guest path -> a.out; symbols: names in the kernel -> addresses or, for absolute ones, values."""

    choice: Choice
    kernel: bytes
    crt0: bytes
    library: bytes
    programs: Mapping[str, bytes]
    symbols: Mapping[str, int]

    @property
    def symbol_map(self) -> bytes:
        """The kernel's text symbols as `nm -n` prints them: what the guest's panic looks names up in."""
        return _symbol_map(tuple(self.symbols.items()))


@lru_cache(maxsize=32)
def _symbol_map(symbols: tuple[tuple[str, int], ...]) -> bytes:
    """See System.symbol_map; many machines boot the same system."""
    text = sorted((address, name) for name, address in symbols if address >= KERNEL_ADDRESS)
    return "".join(f"{address:08x} {TEXT_LETTER} {name}\n" for address, name in text).encode()


def system(
    mode: str = "risc",
    parameters: Mapping[str, int] | None = None,
    variant: str | None = None,
    nwin: int | None = None,
) -> System:
    """-> the System of this checkout that has these properties, from the cache if it is there.

    parameters: of the kernel (variants.PARAMETERS); what is not named keeps the kernel's own value. variant: how the
    kernel saves a process's registers; None: the mode's default. nwin: register windows, in window mode. Raises
    ChoiceError for a system that does not exist, AssemblyError and LinkError for wrong sources.
    """
    return system_of(choose(mode, variant, parameters or {}, nwin))


def system_of(choice: Choice) -> System:
    """The same for a Choice. Raises AssemblyError and LinkError for wrong sources."""
    kernel = _kept(["kernel", *choice], lambda: _Builder(choice.mode).kernel(choice))
    userland = _kept(["userland", choice.mode], lambda: _Builder(choice.mode).userland())
    files = dict(userland.files)
    return System(choice, kernel.files[""], files.pop(CRT0), files.pop(LIBRARY), files, kernel.symbols)


def with_kernel(parts: System, folder: Path) -> System:
    """A System, and a folder with a kernel's sources, laid out as toyos/kernel -> the same with that kernel.

    Raises AssemblyError and LinkError for wrong sources.
    """
    made = _Builder(parts.choice.mode).kernel(parts.choice, folder)
    return parts._replace(kernel=made.files[""], symbols=made.symbols)


class _Made(NamedTuple):
    """What is built and kept in one go. files: name -> content; symbols: of the kernel."""

    files: Mapping[str, bytes]
    symbols: Mapping[str, int]


def _kept(what: list[Any], make: Callable[[], _Made]) -> _Made:
    """Something that depends on all sources and on what is said of it -> it, from the cache or made."""
    name = store.key(_sources_key(), json.dumps(what, sort_keys=True))
    kept = store.load(name)
    if kept is not None:
        return _unpack(kept)
    made = make()
    store.keep(name, _pack(made))
    store.sweep()
    return made


def program(files: Sequence[Path], mode: str = "risc", parts: System | None = None, strip: str = "") -> bytes:
    """Sources, objects and archives, or one executable -> a.out executable.

    Sources and objects are linked with the C library, and with crt0 unless they define _start themselves. strip: what
    the linker leaves out, see assembler.linker; an executable stays as it is. Raises BuildError, AoutError,
    ArchiveError, AssemblyError, LinkError, OSError; what is odd is warned of (SourceWarning).
    """
    from assembler.files import content as content_of
    from vm import aout

    variants.check_mode(mode)
    contents = [(path, content_of(path)) for path in files]
    for path, content in contents:
        if aout.is_aout(content) and not aout.read(content, str(path)).relocatable:
            return _ready_made(path, content, mode, alone=len(contents) == 1)
    return _Builder(mode).user_program(contents, parts or system(mode), strip)


def with_symbols(path: str, parts: System) -> bytes | None:
    """Guest path of a program of the system's -> the same program with symbols and lines; None for any other path."""
    if path not in parts.programs:
        return None
    what = ["symbols", parts.choice.mode, path]
    return _kept(what, lambda: _Builder(parts.choice.mode).program_with_symbols(path, parts)).files[""]


def _ready_made(path: Path, content: bytes, mode: str, alone: bool) -> bytes:
    """An executable among the files -> itself; it must be the only one, and for this machine."""
    from vm import aout

    if not alone:
        raise BuildError(f"{path}: an executable; expected it alone, or else sources, objects and archives")
    _check_made_for(aout.read(content, str(path)).mode, mode, str(path))
    return content


def _check_made_for(mode: str, expected: str, name: str) -> None:
    if mode != expected:
        raise BuildError(f"{name}: made for a {mode} machine, but this one is {expected}; run it with --mode {mode}")


@cache
def _sources_key() -> str:
    """-> key of all that Systems depend on beside their Choice: the toolchain's sources and the guest's."""
    toolchain = [*(PROJECT / "assembler").glob("*.*"), *(PROJECT / "vm" / "isa").glob("*.py")]
    toolchain += [PROJECT / "vm" / name for name in ("aout.py", "arch.py")] + [Path(__file__), Path(variants.__file__)]
    keys = [store.tree_key(PROJECT, (file for file in toolchain if file.is_file()))]
    for name in ("include", "kernel", "lib", "programs"):
        keys.append(store.tree_key(source_folder(name), variants.all_sources(source_folder(name))))
    return store.key(*keys)


class _Builder:
    """Assembles and links for one mode. Only made when something must be built, as it loads the toolchain."""

    def __init__(self, mode: str) -> None:
        from assembler.assembly import Options, assemble_sources
        from vm import aout

        self.mode, self.aout = mode, aout
        self.assemble_sources, self.options = assemble_sources, Options
        self.include = tuple(variants.include_folders(mode))

    def assemble(
        self, path: Path, content: bytes, include: tuple[Path, ...] = (), parameters: Mapping[str, int] | None = None
    ) -> Object:
        """A source, folders to look for includes in besides its own, symbols that are defined before it -> object."""
        text = content.decode("utf-8", "surrogateescape")
        options = self.options(self.mode, include or self.include, parameters or {})
        result = self.assemble_sources([(text, str(path))], options)
        for warning in result.warnings:
            warnings.warn(warning.render(), SourceWarning, stacklevel=2)
        obj = result.object
        obj.lines = [line._replace(file=_shown(line.file)) for line in obj.lines]
        return obj

    def kernel(self, choice: Choice, folder: Path | None = None) -> _Made:
        """-> the linked kernel, under the name "", and its symbols. folder: of its sources, if not this project's."""
        from assembler.linker import link

        include = tuple(variants.kernel_include_folders(choice, folder))
        sources = variants.kernel_sources(choice, folder)
        objects = [self.assemble(path, path.read_bytes(), include, choice.parameters) for path in sources]
        kernel = link(objects, text=KERNEL_ADDRESS, entry=START)
        symbols = {symbol.name: symbol.value for symbol in kernel.symbols if symbol.section != "undef"}
        return _Made({"": self.aout.write(kernel)}, symbols)

    def userland(self) -> _Made:
        """-> crt0, the C library and all programs, these by their paths in the guest."""
        from assembler import archiver

        include = (source_folder("lib"), *self.include)
        sources = variants.library_sources(self.mode)
        objects = {path.stem: self.assemble(path, path.read_bytes(), include) for path in sources}
        crt0 = objects.pop("crt0")
        library = archiver.archive({f"{name}.o": obj for name, obj in objects.items()}, LIBRARY)
        files = {CRT0: self.aout.write(crt0), LIBRARY: archiver.write(library)}
        for folder in PROGRAM_FOLDERS:
            for path in sorted((source_folder("programs") / folder).iterdir()):
                sources = sorted(path.glob("*.s")) if path.is_dir() else [path] * (path.suffix in SOURCE_SUFFIXES)
                if sources:
                    parts = [self.assemble(source, source.read_bytes()) for source in sources]
                    files[f"{folder}/{path.stem}"] = self.link([crt0, *parts, library], strip="all")
        return _Made(files, {})

    def program_with_symbols(self, path: str, parts: System) -> _Made:
        """Guest path of a program of the system's -> it, under the name "", as userland() links it but not stripped."""
        from assembler import archiver

        source = source_folder("programs") / path
        sources = sorted(source.glob("*.s")) if source.is_dir() else _single_source(source)
        objects = [self.assemble(each, each.read_bytes()) for each in sources]
        inputs = [self.aout.read(parts.crt0, CRT0), *objects, archiver.read(parts.library, LIBRARY)]
        return _Made({"": self.link(inputs)}, {})

    def link(self, inputs: list[Any], strip: str = "") -> bytes:
        from assembler.linker import link

        return self.aout.write(link(inputs, entry=START, strip=strip))

    def user_program(self, contents: Sequence[tuple[Path, bytes]], parts: System, strip: str) -> bytes:
        """(path, content) of sources, objects and archives -> executable, with crt0 and the C library as needed."""
        from assembler import archiver

        inputs: list[Object | Archive] = []
        for path, content in contents:
            if archiver.is_archive(content):
                inputs.append(archiver.read(content, str(path)))
            elif self.aout.is_aout(content):
                obj = self.aout.read(content, str(path))
                _check_made_for(obj.mode, self.mode, str(path))
                inputs.append(obj)
            elif is_text(content):
                inputs.append(self.assemble(path, content))
            else:
                raise BuildError(f"{path}: {describe(content)}; expected assembly source, an a.out file or an archive")
        objects = [item for item in inputs if isinstance(item, self.aout.Object)]
        if not any(symbol.name == START and symbol.section == "text" for obj in objects for symbol in obj.symbols):
            inputs.insert(0, self.aout.read(parts.crt0, CRT0))
        inputs.append(archiver.read(parts.library, LIBRARY))
        return self.link(inputs, strip)


def _shown(file: str) -> str:
    """File of a line record -> its name within the project, if it is there: nothing that is built says where it was."""
    return file.removeprefix(f"{PROJECT}{os.sep}")


def _single_source(program: Path) -> list[Path]:
    """Path of a program's source without its suffix -> the source."""
    return [path for path in (program.with_suffix(suffix) for suffix in SOURCE_SUFFIXES) if path.is_file()][:1]


def is_text(content: bytes) -> bool:
    """-> whether the bytes could be a source text: control characters other than white space never are."""
    return not any(byte < 32 and byte not in b"\t\n\v\f\r" for byte in content)


def describe(content: bytes) -> str:
    """Content that is no input of the linker -> what it looks like."""
    return "an ELF file" if content.startswith(b"\x7fELF") else "not a text"


def _pack(made: _Made) -> bytes:
    """-> bytes: a line of JSON with names and sizes, then the contents one behind the other."""
    head = json.dumps({"sizes": {name: len(blob) for name, blob in made.files.items()}, "symbols": made.symbols})
    return head.encode() + b"\n" + b"".join(made.files.values())


def _unpack(data: bytes) -> _Made:
    """The reverse of _pack."""
    head, _, rest = data.partition(b"\n")
    description = json.loads(head)
    files, at = {}, 0
    for name, size in description["sizes"].items():
        files[name] = rest[at : at + size]
        at += size
    return _Made(files, description["symbols"])
