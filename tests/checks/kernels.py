"""What the tests of checks have in common: kernels that are broken on purpose, and programs run under a Checker."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from tests.kernel.guest import arguments_of
from toyos import build
from toyos.boot import Computer, own_program
from toyos.build import System
from toyos.checks import Checker
from toyos.paths import source_folder
from vm.aout import Object
from vm.observe import HIT, Observer, Outcome

LIMIT = 20_000_000  # instructions that a broken kernel gets
ENOUGH = 200_000_000  # and a sound one


class Mistake(NamedTuple):
    """One mistake in the kernel's sources. file: in toyos/kernel; right: a text that stands in it `times` times; wrong:
    what is put in its place."""

    file: str
    right: str
    wrong: str
    times: int = 1


def system(name: str) -> System:
    """Mode, variant and number of windows, with dashes; the last ones may be left out -> the system."""
    mode, variant, windows = (*name.split("-"), None, None)[:3]
    return build.system(str(mode), variant=variant, nwin=int(windows) if windows else None)


def broken(folder: Path, mistake: Mistake, parts: System) -> System:
    """-> the system with that mistake in its kernel, which is built in the folder."""
    shutil.copytree(source_folder("kernel"), folder / "kernel")
    (folder / "include").symlink_to(source_folder("include"))
    source = folder / "kernel" / mistake.file
    text = source.read_text()
    assert text.count(mistake.right) == mistake.times, f"{mistake.right!r} in {mistake.file}: has the kernel changed?"
    source.write_text(text.replace(mistake.right, mistake.wrong))
    with mock.patch.object(build, "_Builder", _Remembering):
        return build.with_kernel(parts, folder / "kernel")


_objects: dict[tuple[object, ...], Object] = {}


class _Remembering(build._Builder):
    """Assembles what is equal, includes and all, once: a mistake is in one of sixty sources."""

    def assemble(
        self, path: Path, content: bytes, include: tuple[Path, ...] = (), parameters: Mapping[str, int] | None = None
    ) -> Object:
        key = (self.mode, path.name, content, _includes((*include, path.parent)), tuple((parameters or {}).items()))
        if key not in _objects:
            _objects[key] = super().assemble(path, content, include, parameters)
        return _objects[key]


@cache
def _includes(folders: tuple[Path, ...]) -> tuple[tuple[str, bytes], ...]:
    """-> names and contents of all that can be included from these folders."""
    files = [path for folder in folders for path in sorted(folder.glob("*.inc"))]
    return tuple((path.name, path.read_bytes()) for path in files)


@cache
def program(source: Path, mode: str) -> tuple[str, dict[str, bytes]]:
    """Source, mode -> its name, and the guest file with the program."""
    return own_program([source], build.system(mode))


class Watched(NamedTuple):
    """A program on a computer, whose kernel is being checked."""

    computer: Computer
    checker: Checker
    observer: Observer
    output: bytearray

    def run_through(self) -> Outcome:
        """Runs to the end, whatever is found."""
        while True:
            outcome = self.observer.run(ENOUGH)
            if outcome.reason != HIT:
                return outcome


def watched(parts: System, source: Path) -> Watched:
    """A system and a program's source, with its NAME.args -> the computer that will run it, under a Checker."""
    name, own = program(source, parts.choice.mode)
    return watched_words(parts, [name, *arguments_of(source)], own)


def watched_words(parts: System, words: Sequence[str], own: Mapping[str, bytes] | None = None) -> Watched:
    """A system, a command of the guest, files in the guest -> the computer that will run it, under a Checker."""
    output = bytearray()
    computer = Computer(words, own, parts=parts, console=output.extend, observed=True)
    observer = Observer(computer.machine)
    checker = Checker(computer.machine, parts)
    checker.attach(observer)
    return Watched(computer, checker, observer, output)
