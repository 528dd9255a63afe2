"""What a session says: replies to commands, and where the machine stands."""

from __future__ import annotations

import struct
from typing import NamedTuple


class Refused(Exception):
    """A command that cannot be done; the message is a sentence that says why, and what was expected."""


class Reply(NamedTuple):
    """Answer to a command. lines: text to show, without ends of line. failed: it could not be done, and `lines` say
    why. moved: the machine stands elsewhere, or is another, than before. leave: the user wants to leave."""

    lines: tuple[str, ...] = ()
    failed: bool = False
    moved: bool = False
    leave: bool = False


class Where(NamedTuple):
    """Where the machine stands. position: instructions started; end: the furthest position known. mode: "risc" ...;
    privilege: "user", "supervisor" or "machine". pid: of the current process, 0 when it is nobody, None before there is
    one; program: its name. symbol: "main+0x14" or "". file, line, source: of the instruction, "" and 0 where unknown;
    instruction: disassembled, without its address. note: why the machine stopped here, "" when it was not running."""

    position: int
    end: int
    mode: str
    privilege: str
    pid: int | None
    program: str
    pc: int
    symbol: str
    file: str
    line: int
    source: str
    instruction: str
    note: str

    @property
    def process(self) -> str:
        """-> the current process in words."""
        if self.pid is None:
            return "no process yet"
        return f"process {self.pid} ({self.program})" if self.pid else "nobody is ready"

    def __str__(self) -> str:
        place = self.symbol or f"{self.pc:#010x}"
        at = f" at {self.file}:{self.line}" if self.file else ""
        return f"[{self.position}] {self.privilege}, {self.process}, {place}{at}"


class Mark(NamedTuple):
    """A trap or a switch in the past that is known, for a timeline. kind: "trap" or "switch"; at: its position.

    Of a trap: cause and value as in scause and stval, name; source and target: privileges; pc: where it happened,
    handler: where it went; words: the 32 registers that will be saved; pid, program: of the process; call: name of the
    system call, "" for other traps. Of a switch: pid, program: who runs from now on; before: who ran."""

    kind: str
    at: int
    pid: int | None
    name: str
    cause: int = 0
    value: int = 0
    pc: int = 0
    handler: int = 0
    source: int = 0
    target: int = 0
    words: bytes = b""
    before: int | None = None
    call: str = ""
    program: str = ""

    @property
    def registers(self) -> tuple[int, ...]:
        """-> the registers that will be saved, by number; none for a switch."""
        return registers_of(self.words)


def registers_of(words: bytes) -> tuple[int, ...]:
    """Registers as they lie in memory -> numbers."""
    return tuple(word for (word,) in struct.iter_unpack("<I", words))
