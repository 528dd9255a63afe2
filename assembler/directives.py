"""The table of directives, and those about sections, symbols and files. Data: data.py; .if: conditions.py;
macros and repetitions: repetition.py. Each takes the assembler and the text behind its name.

Source of names and meanings: Using as (GNU), chapters "Assembler Directives" and "RISC-V Dependent Features".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assembler import parse
from assembler.diagnostics import SourceFault
from assembler.expressions import NotConstant
from assembler.sections import Section, section_kind

if TYPE_CHECKING:
    from assembler.assembly import Assembler

Directive = Callable[["Assembler", str], None]
TABLE: dict[str, Directive] = {}
ALWAYS: set[str] = set()  # obeyed even in sections that are dropped

_SYMBOL_NAME = re.compile(r"[A-Za-z_.$][\w.$]*")
_TYPE = re.compile(r"([\w.$]+)\s*,\s*(?:[@%#]|STT_)?\"?(\w+)\"?", re.IGNORECASE)
_KINDS = {"function": "func", "func": "func", "object": "object", "notype": "", "tls_object": "object"}
# Said by compilers to other tools; an a.out has no place for it.
IGNORED = (
    ".attribute .ident .size .hidden .internal .protected .symver .addrsig .addrsig_sym .title .sbttl .eject .list "
    ".nolist .psize .line .ln .version .gnu_attribute .weakref .lto_discard "
    ".cfi_startproc .cfi_endproc .cfi_def_cfa .cfi_def_cfa_offset .cfi_def_cfa_register .cfi_adjust_cfa_offset "
    ".cfi_offset .cfi_rel_offset .cfi_register .cfi_restore .cfi_undefined .cfi_same_value .cfi_remember_state "
    ".cfi_restore_state .cfi_return_column .cfi_signal_frame .cfi_sections .cfi_escape .cfi_personality .cfi_lsda "
    ".cfi_val_encoded_addr .cfi_window_save"
)


def directive(names: str, always: bool = False) -> Callable[[Directive], Directive]:
    """Enters a function in the table under each of the names."""

    def enter(function: Directive) -> Directive:
        for name in names.split():
            TABLE[name] = function
            if always:
                ALWAYS.add(name)
        return function

    return enter


@directive(IGNORED)
def _ignored(asm: Assembler, text: str) -> None:
    """Nothing to do."""


def symbol_names(text: str) -> list[str]:
    """ "a, b" -> names. SourceFault: one of them is none."""
    names = [name.strip().strip('"') for name in text.split(",")]
    for name in names:
        if not _SYMBOL_NAME.fullmatch(name):
            raise SourceFault(f"expected the name of a symbol, found '{name}'", name or None)
    return names


# ---- sections ---------------------------------------------------------------------------------------------------


def switch(asm: Assembler, section: Section) -> None:
    """Goes on in another section."""
    asm.previous, asm.section = asm.section, section


def section_named(asm: Assembler, name: str, flags: str | None = None, nobits: bool = False) -> Section:
    """Name -> section, made at its first mention."""
    if name not in asm.sections:
        asm.sections[name] = Section(name, section_kind(name, flags, nobits))
    return asm.sections[name]


def _switcher(name: str) -> Directive:
    def run(asm: Assembler, text: str) -> None:
        if text.strip() not in ("", "0"):
            raise SourceFault(f"a.out has no subsections; expected {name} alone", text)
        switch(asm, section_named(asm, name))

    return run


for _name in (".text", ".data", ".bss", ".rodata", ".sdata", ".sbss"):
    directive(_name, always=True)(_switcher(_name))


@directive(".section", always=True)
def _section(asm: Assembler, text: str) -> None:
    parts = [part.strip() for part in parse.operands(text)]
    name = parts[0].strip('"') if parts else ""
    if not name:
        raise SourceFault("expected the name of a section")
    flags = parts[1].strip('"') if len(parts) > 1 else None
    switch(asm, section_named(asm, name, flags, any("nobits" in part for part in parts[2:])))


@directive(".pushsection", always=True)
def _push(asm: Assembler, text: str) -> None:
    asm.section_stack.append((asm.section, asm.previous))
    _section(asm, text)


@directive(".popsection", always=True)
def _pop(asm: Assembler, text: str) -> None:
    if not asm.section_stack:
        raise SourceFault(".popsection without a .pushsection before it")
    asm.section, asm.previous = asm.section_stack.pop()


@directive(".previous", always=True)
def _previous(asm: Assembler, text: str) -> None:
    switch(asm, asm.previous)


@directive(".struct .offset", always=True)
def _struct(asm: Assembler, text: str) -> None:
    """Labels from here on are offsets that begin at the number given, until another section is chosen."""
    switch(asm, asm.absolute)
    asm.absolute.counted = asm.constant(text or "0", "the first offset")


# ---- symbols ----------------------------------------------------------------------------------------------------


def _bind(binding: str) -> Directive:
    def run(asm: Assembler, text: str) -> None:
        for name in symbol_names(text):
            symbol = asm.symbols[name]
            symbol.declared_local = binding == "local"
            # .weak wins over .globl, in whatever order they come.
            symbol.binding = "weak" if symbol.binding == "weak" and binding == "global" else binding

    return run


directive(".globl .global")(_bind("global"))
directive(".local")(_bind("local"))
directive(".weak")(_bind("weak"))


@directive(".type")
def _type(asm: Assembler, text: str) -> None:
    match = _TYPE.match(text)
    if match is None or match[2].lower() not in _KINDS:
        raise SourceFault("expected a symbol and its type, such as 'main, @function' or 'table, @object'", text)
    asm.symbols[match[1]].kind = _KINDS[match[2].lower()]


@directive(".comm .common")
def _comm(asm: Assembler, text: str) -> None:
    _common(asm, text, local=False)


@directive(".lcomm")
def _lcomm(asm: Assembler, text: str) -> None:
    _common(asm, text, local=True)


def _common(asm: Assembler, text: str, local: bool) -> None:
    """NAME, SIZE, ALIGNMENT in bytes: room in .bss that all objects share, or only this one has."""
    parts = parse.operands(text)
    if not 2 <= len(parts) <= 3:
        raise SourceFault("expected a name, a size and perhaps an alignment", text or None)
    name = symbol_names(parts[0])[0]
    symbol = asm.symbols[name]
    if symbol.defined:
        raise SourceFault(f"symbol '{name}' is already defined", name)
    size = asm.constant(parts[1], "the size")
    align = asm.constant(parts[2], "the alignment") if len(parts) == 3 else _natural_alignment(size)
    if size < 0 or align < 1 or align & (align - 1):
        raise SourceFault(f"size {size} with alignment {align}; expected a size from 0 up and a power of two", text)
    if not local and symbol.binding == "local" and not symbol.declared_local:
        symbol.binding = "global"
    symbol.common, symbol.align = max(size, symbol.common or 0), max(align, symbol.align)


def _natural_alignment(size: int) -> int:
    align = 1
    while align < 16 and align * 2 <= size:
        align *= 2
    return align


@directive(".equ .set .equiv .eqv", always=True)
def _equ(asm: Assembler, text: str) -> None:
    name, comma, expression = text.partition(",")
    if not comma:
        raise SourceFault("expected a name, a comma and a value", text or None)
    assign(asm, symbol_names(name)[0], expression)


def assign(asm: Assembler, name: str, text: str) -> None:
    """NAME = EXPRESSION, also as .set and .equ; `. = EXPRESSION` moves on to an offset."""
    if name == ".":
        TABLE[".org"](asm, text)
        return
    node = parse.expression(text)
    try:
        value = asm.evaluate(node)
        unknown = value.minus is not None or (value.plus is not None and value.plus.section is None)
    except NotConstant:
        unknown = True
    asm.assign(name, asm.freeze(node) if unknown else value)


# ---- files and the rest -------------------------------------------------------------------------------------------


def find_file(asm: Assembler, name: str) -> Path:
    """Name in .include or .incbin -> path: beside the file that asks, then in the include folders, then from here, then
    in those of the system."""
    folders = [Path(asm.frame.file).parent, *asm.options.include, Path()]
    for folder in (*folders, *asm.options.standard):
        if (folder / name).is_file():
            return folder / name
    looked = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise SourceFault(f"file '{name}' is in none of the include folders ({looked})", name)


def file_name(text: str) -> str:
    """A quoted file name -> the name."""
    return parse.string(text).decode("utf-8", "surrogateescape")


@directive(".include")
def _include(asm: Assembler, text: str) -> None:
    path = find_file(asm, file_name(text))
    try:
        content = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as fault:
        raise SourceFault(f"{path} cannot be read: {fault.strerror}", text) from None
    asm.read(content, str(path), asm.place())


@directive(".file")
def _file(asm: Assembler, text: str) -> None:
    number, _, rest = text.partition(" ")
    if number.isdigit():
        names = [parse.string(part) for part in re.findall(r'"(?:\\.|[^"\\])*"', rest)]
        if names:
            asm.files[int(number)] = b"/".join(names[:2]).decode("utf-8", "surrogateescape")


@directive(".loc")
def _loc(asm: Assembler, text: str) -> None:
    """.loc FILE LINE ...: the lines of the language that was compiled, for the debugger."""
    words = text.split()
    if len(words) < 2 or not words[0].isdigit() or not words[1].isdigit():
        raise SourceFault("expected the number of a file and of a line", text or None)
    if int(words[0]) not in asm.files:
        raise SourceFault(f"file number {words[0]} has not been named by .file", words[0])
    asm.location = (asm.files[int(words[0])], int(words[1]))


def line_marker(asm: Assembler, text: str) -> None:
    """# LINE "FILE" of a preprocessor: the next line of this text is that line of that file."""
    match = re.match(r"#\s*(?:line\s+)?(\d+)\s+(\"(?:\\.|[^\"\\])*\")", text)
    if match:
        frame = asm.frame
        frame.marked = (file_name(match[2]), int(match[1]) - frame.line - 1)


_OPTIONS = ("push", "pop", "norvc", "relax", "norelax", "pic", "nopic", "csr-check", "no-csr-check")


@directive(".option")
def _option(asm: Assembler, text: str) -> None:
    """This assembler neither relaxes nor compresses, so that options about it change nothing."""
    words = text.replace(",", " ").split()
    if not words:
        raise SourceFault("expected an option, such as push, pop, norvc or norelax")
    if words[0] == "rvc" or (words[0] == "arch" and any(word in ("+c", "+zca") for word in words)):
        raise SourceFault("this machine has no compressed instructions; expected norvc", words[0])
    if words[0] != "arch" and words[0] not in _OPTIONS:
        raise SourceFault(f"unknown option '{words[0]}'; expected one of {', '.join(_OPTIONS)}", words[0])


@directive(".err")
def _err(asm: Assembler, text: str) -> None:
    raise SourceFault(".err is reached")


@directive(".error .abort")
def _error(asm: Assembler, text: str) -> None:
    raise SourceFault(file_name(text) if text else ".error is reached")


@directive(".warning")
def _warning(asm: Assembler, text: str) -> None:
    asm.report(SourceFault(file_name(text) if text else ".warning is reached"), "warning")


@directive(".print")
def _print(asm: Assembler, text: str) -> None:
    asm.report(SourceFault(file_name(text)), "note")


@directive(".end", always=True)
def _end(asm: Assembler, text: str) -> None:
    """The rest of the file is not read."""
    for _ in asm.frame.statements:
        pass


# The other directives enter themselves in the table.
from assembler import conditions, data, insn, repetition  # noqa: E402, F401
