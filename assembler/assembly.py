"""Source text -> Object: reads statements one after the other and fills sections.

Branches start short. If at the end some are out of reach, the whole source is assembled once more with those long, so
that every offset, alignment and .if of the source is true of what is put out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assembler import directives, expressions, finish, instructions, macros, parse
from assembler.diagnostics import MAX_ERRORS, AssemblyError, Diagnostic, Place, SourceFault, diagnose, suggestion
from assembler.nodes import Binary, Known, Modifier, Name, Node, Statement, Unary
from assembler.sections import CODE, Fixup, Section, SymbolTable, Value
from vm.aout import Object
from vm.isa.fields import Field

MAX_NESTING = 100  # macro uses and includes within each other
MAX_PASSES = 60
_LABEL = re.compile(r"([\w.$]+)\s*:")
_ASSIGNMENT = re.compile(r"([A-Za-z_.$][\w.$]*)\s*==?\s*(?!=)(.*)")
_NUMERIC_REFERENCE = re.compile(r"(\d+)([bf])")


@dataclass(frozen=True, slots=True)
class Options:
    """mode: the instruction set. include: folders for .include and .incbin. defines: symbols set before the first line.
    listing: keep what is needed to print one."""

    mode: str = "risc"
    include: Sequence[Path] = ()
    defines: Mapping[str, int] = field(default_factory=dict)
    listing: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """A text being read: a file, a macro's expansion or a repetition. `origin`: the line to be named in line records,
    for the statements of a macro that of its use."""

    file: str
    sources: Sequence[str]
    statements: Iterator[Statement]
    within: Place | None = None
    how: str = ""
    macro: bool = False
    origin: tuple[str, int] | None = None
    line: int = 0
    conditions: list[bool] = field(default_factory=list)
    depth: int = 0
    marked: tuple[str, int] | None = None  # file, and what to add to a line's number, by a preprocessor's line marker

    def place(self, line: int) -> Place:
        """Number of a line of this text -> the place to be shown for it."""
        source = self.sources[line - 1] if line <= len(self.sources) else ""
        file, number = self.named(line)
        return Place(file, number, source, self.within, self.how)

    def named(self, line: int) -> tuple[str, int]:
        """Number of a line of this text -> file and line to name it by."""
        if self.marked is None:
            return self.file, line
        return self.marked[0], line + self.marked[1]


@dataclass(frozen=True, slots=True)
class Listed:
    """A statement for the listing: its file and line, and the offsets in the section between which it put something."""

    file: str
    line: int
    section: Section
    begin: int
    end: int


class Assembler:
    """One pass over a source. `long_branches` numbers the conditional branches that do not reach, in order."""

    def __init__(self, options: Options, long_branches: set[int]) -> None:
        self.options = options
        self.mode = options.mode
        self.forms = dict(instructions.forms(options.mode))
        self.long_branches = long_branches
        self.symbols = SymbolTable()
        self.absolute = Section("*ABS*", "abs")
        self.sections: dict[str, Section] = {
            name: Section(name, name[1:]) for name in (".text", ".data", ".bss")
        }  # fmt: skip
        self.section = self.sections[".text"]
        self.previous = self.section
        self.section_stack: list[tuple[Section, Section]] = []
        self.macros: dict[str, macros.Macro] = {}
        self.macro_uses = 0
        self.branches = 0
        self.numeric: dict[str, int] = {}
        self.code: dict[str, bytes] = {}  # statements whose code follows from their text alone
        self.frame = Frame("", (), iter(()))
        self.text = ""
        self.location: tuple[str, int] | None = None  # by .loc
        self.files: dict[int, str] = {}
        self.diagnostics: list[Diagnostic] = []
        self.errors = 0
        self.listed: list[Listed] = []
        for name, number in options.defines.items():
            self.assign(name, Value(number=number))

    # ---- reading ----------------------------------------------------------------------------------------------

    def read(self, text: str, file: str, within: Place | None = None) -> None:
        """Assembles a source text; faults are collected in `diagnostics`."""
        sources = text.split("\n")
        found, unclosed = parse.statements(text)
        frame = Frame(file, sources, iter(found), within, "included", depth=self.frame.depth + 1)
        self.run(frame)
        if unclosed:
            self.add(Diagnostic(frame.place(unclosed), 1, 1, "this line opens a comment that is not closed with */"))

    def run(self, frame: Frame) -> None:
        """Assembles the statements of a frame."""
        if frame.depth > MAX_NESTING:
            raise SourceFault(f"macros or includes are nested more than {MAX_NESTING} deep; does one use itself?")
        outer, self.frame = self.frame, frame
        code = self.code
        listing = self.options.listing
        try:
            for statement in frame.statements:
                frame.line, text = statement
                section = self.section
                begin = section.offset if listing else 0
                ready = code.get(text)
                if ready is not None and section.kind == "text":
                    if section.holds != CODE:
                        section.mark(CODE)
                    self.note_line(section)
                    section.content += ready
                else:
                    self.text = text
                    try:
                        self.statement(text)
                    except SourceFault as fault:
                        self.report(fault)
                if listing and frame.within is None:
                    self.listed.append(Listed(frame.file, frame.line, section, begin, section.offset))
            if frame.conditions:
                self.report(SourceFault(".if without its .endif"))
        finally:
            self.frame = outer

    def note_line(self, section: Section) -> None:
        """Remembers which source line the next code comes from."""
        frame = self.frame
        section.lines.append((len(section.content), *(self.location or frame.origin or frame.named(frame.line))))

    def statement(self, text: str) -> None:
        """Assembles one statement. SourceFault: it is wrong."""
        while True:
            parts = text.split(None, 1)
            word = parts[0]
            rest = parts[1] if len(parts) > 1 else ""
            forms = self.forms.get(word)
            if forms is not None and not rest.startswith(("=", ":")):
                self.instruction(word, forms, rest, text)
                return
            if self.section.kind == "dropped" and word not in directives.ALWAYS:
                return
            label = _LABEL.match(text)
            if label is None:
                break
            self.label(label[1])
            text = text[label.end() :].lstrip()
            if not text:
                return
            self.text = text
        if word in self.macros:
            self.use_macro(self.macros[word], rest)
            return
        assignment = _ASSIGNMENT.match(text)
        if assignment:
            directives.assign(self, assignment[1], assignment[2])
            return
        run = directives.TABLE.get(word) or directives.TABLE.get(word.lower())
        if run is not None:
            run(self, rest)
        elif word[0] == "#":
            directives.line_marker(self, text)
        elif word[0] == ".":
            raise SourceFault(f"there is no directive '{word}'{suggestion(word, directives.TABLE)}", word)
        else:
            known = [*self.forms, *self.macros]
            raise SourceFault(f"there is no instruction or macro '{word}'{suggestion(word, known)}", word)

    def instruction(self, name: str, forms: dict[int, tuple[instructions.Form, ...]], rest: str, text: str) -> None:
        """Assembles one instruction or pseudo-instruction."""
        section = self.section
        if section.kind != "text":
            if section.kind == "dropped":
                return
            raise SourceFault(f"an instruction cannot stand in section {section.name}; expected .text")
        texts = parse.operands(rest)
        section.mark(CODE)
        if len(section.content) % 4:
            raise SourceFault(
                f"this instruction would begin at offset {len(section.content):#x}, which is no multiple of 4; "
                "put .balign 4 before it"
            )
        self.note_line(section)
        for form in forms.get(len(texts), ()):
            ready = form.plain(texts)
            if ready is not None:
                self.code[text] = ready
                section.content += ready
                return
        instructions.choose(name, forms, texts).emit(texts, self)

    def use_macro(self, macro: macros.Macro, rest: str) -> None:
        """Assembles the expansion of a macro."""
        bound = macros.bind(macro, rest)
        self.macro_uses += 1
        frame = self.frame
        expansion = macros.expand(macro.body, bound, self.macro_uses - 1)
        self.run(
            Frame(
                macro.file, macro.sources, expansion, self.place(), f"in the use of macro '{macro.name}'", True,
                frame.origin or frame.named(frame.line), depth=frame.depth + 1,
            )
        )  # fmt: skip

    def repeat(self, body: Iterable[Statement], how: str) -> None:
        """Assembles statements that a directive produced: the rounds of .rept and .irp."""
        frame = self.frame
        self.run(
            Frame(frame.file, frame.sources, iter(body), self.place(), how, frame.macro, frame.origin,
                  depth=frame.depth + 1)
        )  # fmt: skip

    def restore_instruction(self, name: str) -> None:
        """The macro that hid an instruction is gone."""
        found = instructions.forms(self.mode).get(name)
        if found is not None:
            self.forms[name] = found

    def leave_macro(self) -> None:
        """.exitm: drops the rest of the innermost expansion, its open conditions with it."""
        self.frame.conditions.clear()
        for _ in self.frame.statements:
            pass

    # ---- faults -----------------------------------------------------------------------------------------------

    def place(self) -> Place:
        """-> where the statement being assembled stands."""
        return self.frame.place(self.frame.line)

    def report(self, fault: SourceFault, severity: str = "error") -> None:
        """Collects a fault of the current statement. _Stop: there are too many."""
        self.add(diagnose(fault, self.place(), self.text, severity))

    def add(self, diagnostic: Diagnostic) -> None:
        """Collects a diagnostic. _Stop: there are too many errors."""
        self.diagnostics.append(diagnostic)
        if diagnostic.severity == "error":
            self.errors += 1
            if self.errors >= MAX_ERRORS:
                raise _Stop(None)

    # ---- symbols and values -----------------------------------------------------------------------------------

    def label(self, name: str) -> None:
        """Defines a label here; digits make a numeric label, which may be defined again and again."""
        section = self.absolute if self.section.kind == "abs" else self.section
        if name.isdigit():
            self.numeric[name] = self.numeric.get(name, 0) + 1
            name = _numeric_name(name, self.numeric[name])
        self.symbols.define(name, section, self.section.offset)

    def assign(self, name: str, value: Value | Node) -> None:
        """.set NAME, VALUE. SourceFault: the name is a label."""
        symbol = self.symbols[name]
        if symbol.defined and not symbol.assigned:
            raise SourceFault(f"symbol '{name}' is already defined as a label", name)
        symbol.assigned = True
        symbol.later = None
        if not isinstance(value, Value):
            symbol.section, symbol.later = None, value
            symbol.origin = (self.frame, self.frame.line, self.text)
        elif value.constant:
            symbol.section, symbol.value = self.absolute, value.number
        elif value.minus is None and value.plus is not None and value.plus.section is not None:
            symbol.section, symbol.value = value.plus.section, value.plus.value + value.number
        else:
            raise SourceFault(f"the value of '{name}' is neither a constant nor an address of this source", name)

    def lookup(self, name: str) -> Value:
        """Name in an expression -> its value, as far as it is known here."""
        if name == ".":
            return self.here()
        reference = _NUMERIC_REFERENCE.fullmatch(name)
        if reference:
            count = self.numeric.get(reference[1], 0) + (reference[2] == "f")
            if count == 0:
                raise SourceFault(f"there is no label {reference[1]}: before this line", name)
            symbol = self.symbols[_numeric_name(reference[1], count)]
        else:
            symbol = self.symbols[name]
        if symbol.section is self.absolute:
            return Value(number=symbol.value)
        if symbol.section is not None and symbol.assigned:
            return Value(symbol.section.start, None, symbol.value)  # it may be set to something else later
        return Value(symbol)

    def here(self) -> Value:
        """-> the value of `.`"""
        if self.section.kind == "abs":
            return Value(number=self.section.offset)
        return Value(self.section.start, None, self.section.offset)

    def evaluate(self, node: Node) -> Value:
        """Expression -> value as far as it is known here."""
        return expressions.evaluate(node, self.lookup)

    def value(self, text: str) -> Value:
        """Text of an expression -> value as far as it is known here."""
        return expressions.evaluate(parse.expression(text), self.lookup)

    def constant(self, text: str, what: str) -> int:
        """Text of an expression that must be known here -> number. SourceFault: it is not; `what` names it."""
        value = self.value(text)
        if not value.constant:
            symbol = value.plus or value.minus
            name = symbol.name if symbol is not None else text.strip()
            raise SourceFault(f"{what} must be a number that is known here, '{name}' is not", text)
        return value.number

    def freeze(self, node: Node) -> Node:
        """Expression -> the same with all that can change later replaced by what it is now: `.`, 1b, .set symbols."""
        if isinstance(node, Unary):
            return Unary(node.operator, self.freeze(node.operand))
        if isinstance(node, Binary):
            return Binary(node.operator, self.freeze(node.left), self.freeze(node.right))
        if isinstance(node, Modifier):
            return Modifier(node.name, self.freeze(node.operand))
        if isinstance(node, Name):
            value = self.lookup(node.text)
            if value.plus is not None and not value.plus.defined:
                return Name(value.plus.name)  # looked up again when it is known
            return Known(value)
        return node

    # ---- output -----------------------------------------------------------------------------------------------

    def fixup(self, kind: str | Field, value: Value | Node, operand: str) -> None:
        """The place about to be filled waits for a value; `operand` is the text it comes from."""
        section = self.section
        branch = self.branches - 1 if kind == "BRANCH" else -1
        section.fixups.append(
            Fixup(section.offset, kind, value, self.frame, self.frame.line, self.text, operand, branch)
        )

    def emit(self, word: int) -> None:
        """Appends an instruction word."""
        self.section.content += word.to_bytes(4, "little")

    def emit_bytes(self, code: bytes) -> None:
        """Appends code."""
        self.section.content += code

    def branch_is_long(self) -> bool:
        """Counts the conditional branch that is about to be put out -> whether it must be the long form."""
        self.branches += 1
        return self.branches - 1 in self.long_branches


class _Stop(Exception):
    """Enough errors: the rest of the source is not looked at."""


def _numeric_name(digits: str, count: int) -> str:
    """The count-th definition of numeric label `digits` -> a name that no source can spell."""
    return f"{digits}\x02{count}"


def assemble(
    text: str,
    mode: str = "risc",
    filename: str = "<source>",
    include: Sequence[Path] = (),
    defines: Mapping[str, int] | None = None,
) -> Object:
    """Source text -> Object.

    mode: "risc". filename: the name in messages and line records. include: folders for .include and .incbin. defines:
    symbols set before the first line. AssemblyError: the source has faults; it lists all of them.
    """
    options = Options(mode, tuple(Path(folder) for folder in include), dict(defines or {}))
    return assemble_sources([(text, filename)], options).object


def assemble_file(path: Path, options: Options | None = None) -> Object:
    """Source file -> Object. OSError: it cannot be read. AssemblyError: it has faults."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    return assemble_sources([(text, str(path))], options or Options()).object


def _in_order(diagnostics: list[Diagnostic], sources: Sequence[tuple[str, str]]) -> list[Diagnostic]:
    """Diagnostics of the reading and of the end -> all in the order of the source."""
    order = {name: index for index, (_, name) in enumerate(sources)}

    def position(diagnostic: Diagnostic) -> tuple[int, int]:
        place = diagnostic.place
        while place.within is not None:
            place = place.within
        return order.get(place.file, 0), place.line

    return sorted(diagnostics, key=position)


@dataclass(frozen=True, slots=True)
class Result:
    """The object; warnings; and, when asked for, what a listing shows."""

    object: Object
    warnings: list[Diagnostic]
    listed: list[Listed]


def assemble_sources(sources: Sequence[tuple[str, str]], options: Options) -> Result:
    """(text, file name) of one or more sources, assembled as if they were one -> Result. AssemblyError: faults."""
    long_branches: set[int] = set()
    for _ in range(MAX_PASSES):
        asm = Assembler(options, long_branches)
        try:
            for text, name in sources:
                asm.read(text, name)
            done, too_short = finish.finish(asm, sources[0][1] if sources else "<source>")
        except _Stop:
            raise AssemblyError(_in_order(asm.diagnostics, sources)) from None
        if asm.errors:
            raise AssemblyError(_in_order(asm.diagnostics, sources))
        if not too_short:
            return Result(done, asm.diagnostics, asm.listed)
        long_branches |= too_short
    place = asm.frame.place(1)
    raise AssemblyError(
        [Diagnostic(place, 1, 1, "branches keep growing: an .if or .org depends on the code it changes")]
    )
