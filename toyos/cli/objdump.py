"""toyos objdump: what is inside objects, executables and archives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assembler.disassemble import Style, listing
from assembler.dump import content_lines, header_lines, relocation_lines, section_lines, symbol_table_lines
from assembler.files import ELF_MAGIC
from toyos.cli.binaries import Reader
from toyos.errors import USAGE, CommandError
from vm.aout import Object

DEFAULT_FILES = [Path("a.out")]
SECTIONS = ("text", "data")
SETTINGS = {"help_option_names": ["--help"]}  # -h shows section headers, as in GNU objdump


def main(
    files: Annotated[
        list[Path], typer.Argument(help="objects, executables, archives", show_default="a.out")
    ] = DEFAULT_FILES,
    code: Annotated[bool, typer.Option("-d", "--disassemble", help="disassemble code")] = False,
    all_code: Annotated[bool, typer.Option("-D", "--disassemble-all", help="disassemble everything")] = False,
    source: Annotated[bool, typer.Option("-S", "--source", help="-d with source lines between")] = False,
    line_numbers: Annotated[bool, typer.Option("-l", "--line-numbers", help="-d with file:line between")] = False,
    file_header: Annotated[bool, typer.Option("-f", "--file-headers", help="kind of file and start address")] = False,
    headers: Annotated[bool, typer.Option("-h", "--section-headers", "--headers", help="sections")] = False,
    symbols: Annotated[bool, typer.Option("-t", "--syms", help="symbols")] = False,
    relocations: Annotated[bool, typer.Option("-r", "--reloc", help="relocations; with -d between the code")] = False,
    contents: Annotated[bool, typer.Option("-s", "--full-contents", help="bytes of text and data")] = False,
    everything: Annotated[bool, typer.Option("-x", "--all-headers", help="-f -h -t -r")] = False,
    machine_option: Annotated[list[str] | None, typer.Option("-M", help="no-aliases: addi, not li or mv")] = None,
    sections: Annotated[list[str] | None, typer.Option("-j", "--section", help="only .text or .data")] = None,
    zeros: Annotated[bool, typer.Option("-z", "--disassemble-zeroes", help="show long runs of zeros too")] = False,
) -> None:
    """Object files -> readable text, in the layout of GNU objdump. Of an ELF for RISC-V, its code (-d).

    \b
    Example:
      toyos objdump -d hello
      toyos objdump -dr -M no-aliases hello.o
    """
    dis = code or all_code or source or line_numbers
    if not (dis or file_header or headers or symbols or relocations or contents or everything):
        raise CommandError("say what to show: -d, -D, -S, -l, -f, -h, -t, -r, -s or -x; see --help", USAGE)
    unknown = [word for word in machine_option or () if word != "no-aliases"]
    if unknown:
        raise CommandError(f"-M {unknown[0]}: the only disassembler option is no-aliases", USAGE)
    chosen = [name for name in SECTIONS if not sections or f".{name}" in sections or name in sections]
    shower = _source_lines(with_text=source) if source or line_numbers else None
    style = Style(not machine_option, zeros, relocations, all_code, shower)
    reader = Reader("objdump")
    only_code = dis and not (file_header or headers or symbols or relocations or contents or everything or shower)
    for path, member, obj in reader.objects(_but_elves(files, reader, style if only_code else None)):
        print(f"\n{member or path}:     file format a.out-{obj.mode}\n")
        if file_header or everything:
            _print(header_lines(obj), after=1)
        if headers or everything:
            _print(section_lines(obj))
        if symbols or everything:
            _print(symbol_table_lines(obj), after=2)
        if everything or (relocations and not dis):
            print()
            _print(relocation_lines(obj))
        for name in chosen:
            if contents and getattr(obj, name):
                _print(content_lines(obj, name))
        for name in chosen if all_code else chosen[:1] if dis and "text" in chosen else ():
            if getattr(obj, name):
                _disassemble(obj, name, style)
    reader.finish()


def _but_elves(files: Sequence[Path], reader: Reader, style: Style | None) -> Iterator[Path]:
    """-> the files that are none; ELFs are disassembled when it is their turn, or complained of without a style."""
    for path in files:
        if not _is_elf(path):
            yield path
        elif style is None:
            reader.complain(f"{path}: an ELF file, of which only code can be shown: -d, with -M and -z")
        else:
            _disassemble_elf(path, reader, style)


def _is_elf(path: Path) -> bool:
    """-> whether a file begins as an ELF does; those that cannot be read do not."""
    try:
        return path.is_file() and path.open("rb").read(len(ELF_MAGIC)) == ELF_MAGIC
    except OSError:
        return False


def _disassemble_elf(path: Path, reader: Reader, style: Style) -> None:
    from toyos.elf_code import read
    from vm.loader import LoadError

    try:
        isa, sections = read(path)
    except LoadError as fault:
        return reader.complain(str(fault))
    print(f"\n{path}:     file format elf32-littleriscv\n")
    for section in sections:
        _disassemble(section, "text", replace(style, isa=isa), section.name)
    return None


def _print(lines: Iterator[str], after: int = 0) -> None:
    for line in lines:
        print(line)
    print("\n" * after, end="")


def _disassemble(obj: Object, name: str, style: Style, shown: str = "") -> None:
    """shown: the section's name, if it is another one."""
    shown = shown or f".{name}"
    print(f"\nDisassembly of section {shown}:")
    lines = listing(obj, name, style)
    first = next(lines, "")
    if first:  # no label at the start: objdump invents one
        print(f"\n{obj.text_address if name == 'text' else obj.data_address:08x} <{shown}>:\n{first}")
    else:
        print()
    _print(lines)


def _source_lines(with_text: bool) -> Callable[[str, int], list[str]]:
    """-> a function (file, line) -> what to show before the code of that line: file:line, or the line's text. A file
    that is not found is shown by its name and line number."""
    known: dict[str, list[str]] = {}

    def show(file: str, line: int) -> list[str]:
        if file not in known:
            try:
                known[file] = Path(file).read_text(errors="replace").splitlines() if with_text else []
            except (OSError, ValueError):
                known[file] = []
        text = known[file]
        return [text[line - 1] if 0 < line <= len(text) else f"{file}:{line}"]

    return show
