"""What the commands that look into object files share: going through files, reporting bad ones, and going on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path

from assembler.archiver import Archive, ArchiveError
from assembler.files import load, objects
from toyos.errors import CommandError
from vm.aout import AoutError, Object

ERRORS = (AoutError, ArchiveError)


class Reader:
    """Loads files one after the other; a bad one is reported at once and does not stop the others."""

    def __init__(self, command: str) -> None:
        self.command = command
        self.failed = False
        if isinstance(sys.stdout, TextIOWrapper):  # a damaged file may hold names that no terminal can show
            sys.stdout.reconfigure(errors="backslashreplace")

    def load(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Object | Archive]]:
        """Paths -> (path, content) of the sound ones."""
        for path in paths:
            try:
                item = load(path)
            except OSError as error:
                self.complain(f"{path}: {error.strerror}")
            except ERRORS as error:
                self.complain(str(error))
            else:
                yield path, item

    def objects(self, paths: Iterable[Path]) -> Iterator[tuple[Path, str, Object]]:
        """Paths -> (path, member name or "", Object) for every object in the files and in their archives."""
        for path, item in self.load(paths):
            try:
                for member, obj in objects(item):
                    yield path, member, obj
            except ERRORS as error:
                self.complain(str(error))

    def complain(self, sentence: str) -> None:
        """One sentence to standard error, in order with what was printed; the command will fail at its end."""
        sys.stdout.flush()
        print(f"toyos {self.command}: {sentence}", file=sys.stderr)
        self.failed = True

    def finish(self) -> None:
        """Raises CommandError, without text of its own, if any file was bad."""
        if self.failed:
            raise CommandError("")
