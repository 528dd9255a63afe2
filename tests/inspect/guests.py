"""A guest that is looked at from outside: a program, an observed computer that runs it, and its inspector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from toyos import build
from toyos.boot import Computer, observed_program
from toyos.inspect import Inspector
from toyos.inspect.process import Process
from vm.observe import HIT, Observer
from vm.points import CodePoint

LIMIT = 50_000_000  # instructions: no test needs as many
HEAD = '.include "common.inc"\n.include "syscall.inc"\n.text\n'


class Guest:
    """source: of a program, without HEAD; or the path of one."""

    def __init__(
        self,
        folder: Path,
        source: str | Path,
        mode: str,
        variant: str | None = None,
        nwin: int | None = None,
        arguments: Sequence[str] = (),
        stdin: bytes = b"",
    ) -> None:
        self.parts = build.system(mode, None, variant, nwin)
        path = source if isinstance(source, Path) else folder / "guest.s"
        if isinstance(source, str):
            path.write_text(HEAD + source)
        self.name, files, self.own = observed_program([path], self.parts)
        self.output = bytearray()
        self.computer = Computer(
            [self.name, *arguments], files, parts=self.parts, observed=True, console=self.output.extend
        )
        self.machine = self.computer.machine
        self.machine.receive(stdin)
        self.observer = Observer(self.machine)
        self.inspector = Inspector(self.machine, self.parts, self.own)

    def to(self, symbol: str, accept: Callable[[], bool] = lambda: True) -> None:
        """Runs to a symbol of the kernel or of the program, at which `accept` holds."""
        program = self.inspector.symbols.program(f"run/{self.name}")
        assert program is not None
        own = symbol in program.places
        point = CodePoint(program.places[symbol] if own else self.parts.symbols[symbol])

        def here(_: object) -> bool:
            return (not own or self.current.name == self.name) and accept()

        self.observer.add(point, here)
        assert self.observer.run(LIMIT).reason == HIT, (symbol, bytes(self.output))
        self.observer.remove(point)

    def to_end(self) -> int | None:
        """Runs to the end -> the guest's status."""
        stop = self.computer.run(max_instructions=LIMIT)
        assert stop.reason == "halt", (stop, bytes(self.output))
        return stop.status

    @property
    def current(self) -> Process:
        """-> the process that is current; there must be one."""
        process = self.inspector.current()
        assert process is not None
        return process

    def process(self, name: str) -> Process:
        """-> the process of that name; there must be exactly one."""
        (found,) = (each for each in self.inspector.processes() if each.name == name)
        return found
