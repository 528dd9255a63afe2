"""Source text -> Object: reads statements one after the other and fills sections.

Branches start short. If at the end some are out of reach, the whole source is assembled once more with those long, so
that every offset, alignment and .if of the source is true of what is put out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assembler import directives, finish, instructions, macros, parse
from assembler.diagnostics import MAX_ERRORS, AssemblyError, Diagnostic, Place, SourceFault, diagnose, suggestion
from assembler.dialects import dialect, foreign
from assembler.frames import Frame, Listed, Options
from assembler.nodes import Node, Statement
from assembler.scope import Scope
from assembler.sections import CODE, FIXED, Fixup, Section, Value
from vm.aout import Object
from vm.isa.fields import Field

MAX_NESTING = 100  # macro uses and includes within each other
MAX_PASSES = 60
_LABEL = re.compile(r"([\w.$]+)\s*:")
_NUMBERED_COMMENT = re.compile(r"\s*(#([-+]?\w+))")
_ASSIGNMENT = re.compile(r"([A-Za-z_.$][\w.$]*)\s*==?\s*(?!=)(.*)")


class Assembler(Scope):
    """One pass over a source. `grown`: number of a place that has several sizes, such as a branch, counted in the order
    of the source -> how often it has proved too short. `code`: statements whose code follows from their text alone,
    as earlier passes have found."""

    def __init__(self, options: Options, grown: Mapping[int, int], code: dict[str, bytes]) -> None:
        self.options = options
        self.mode = options.mode
        self.dialect = dialect(options.mode)
        self.forms = dict(self.dialect.forms)
        self.grown = grown
        self.sections: dict[str, Section] = {
            name: Section(name, name[1:]) for name in (".text", ".data", ".bss")
        }  # fmt: skip
        super().__init__(self.sections[".text"])
        self.previous = self.section
        self.section_stack: list[tuple[Section, Section]] = []
        self.macros: dict[str, macros.Macro] = {}
        self.macro_uses = 0
        self.choices = 0
        self.code = code
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
                if ready is not None and section.holds == CODE and section.kind == "text":
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
            for condition in frame.conditions:
                frame.line, self.text = condition.line, condition.text
                self.report(SourceFault(f"{condition.text.split()[0]} without its .endif"))
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
            elsewhere = foreign(word, self.mode)
            if elsewhere:
                raise SourceFault(elsewhere, word)
            known = [*self.forms, *self.macros]
            raise SourceFault(f"there is no instruction or macro '{word}'{suggestion(word, known)}", word)

    def instruction(self, name: str, forms: dict[int, tuple[instructions.Form, ...]], rest: str, text: str) -> None:
        """Assembles one instruction or pseudo-instruction."""
        section = self.section
        if section.kind == "dropped":
            return
        self.begin_code()
        if rest[-1:] == "," or not (rest or 0 in forms):
            self.check_comment()
        texts = parse.operands(rest)
        for form in forms.get(len(texts), ()):
            ready = form.plain(texts)
            if ready is not None:
                self.code[text] = ready
                section.content += ready
                return
        instructions.choose(name, forms, texts).emit(texts, self)

    def check_comment(self) -> None:
        """SourceFault: where the operand is missing that comes next, a comment begins that looks like one, as in #5."""
        match = _NUMBERED_COMMENT.match(self.place().source.partition(self.text)[2])
        if match:
            number = self.dialect.immediate + match[2]
            raise SourceFault(f"a comment begins with #; expected the number to be written {number}", match[1])

    def begin_code(self) -> None:
        """An instruction comes next. SourceFault: it cannot stand here."""
        section = self.section
        if section.kind != "text":
            raise SourceFault(f"an instruction cannot stand in section {section.name}; expected .text")
        section.mark(CODE)
        step = self.dialect.step
        if len(section.content) % step:
            raise SourceFault(
                f"this instruction would begin at offset {len(section.content):#x}, which is no multiple of {step}; "
                f"put .balign {step} before it"
            )
        self.note_line(section)

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
        found = self.dialect.forms.get(name)
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

    # ---- output -----------------------------------------------------------------------------------------------

    def fixup(self, kind: str | Field, value: Value | Node, operand: str, choice: int = FIXED) -> None:
        """The place about to be filled waits for a value; `operand` is the text it comes from. choice: what choose()
        said, if the place can be made longer."""
        section = self.section
        section.fixups.append(
            Fixup(section.offset, kind, value, self.frame, self.frame.line, self.text, operand, choice)
        )

    def emit(self, word: int) -> None:
        """Appends an instruction word."""
        self.section.content += word.to_bytes(4, "little")

    def emit_bytes(self, code: bytes) -> None:
        """Appends code."""
        self.section.content += code

    def choose(self) -> tuple[int, int]:
        """Counts a place that has several sizes -> its number, and how often it has proved too short."""
        number = self.choices
        self.choices = number + 1
        return number, self.grown.get(number, 0)


class _Stop(Exception):
    """Enough errors: the rest of the source is not looked at."""


def assemble(
    text: str,
    mode: str = "risc",
    filename: str = "<source>",
    include: Sequence[Path] = (),
    defines: Mapping[str, int] | None = None,
) -> Object:
    """Source text -> Object.

    mode: one of vm.isa.codec.MODES. filename: the name in messages and line records. include: folders for .include and
    .incbin. defines: symbols set before the first line. AssemblyError: the source has faults; it lists all of them.
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
    grown: dict[int, int] = {}
    code: dict[str, bytes] = {}
    for _ in range(MAX_PASSES):
        asm = Assembler(options, grown, code)
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
        for number in too_short:
            grown[number] = grown.get(number, 0) + 1
    place = asm.frame.place(1)
    raise AssemblyError(
        [Diagnostic(place, 1, 1, "branches keep growing: an .if or .org depends on the code it changes")]
    )
