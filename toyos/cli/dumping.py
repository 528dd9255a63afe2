"""`--core FILE`: when a signal ends the user's program, what it was is written to a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toyos.boot import Computer
    from toyos.console import Runner
    from toyos.inspect import Process
    from vm.observe import Observer


def dumping(file: Path, computer: Computer, own: Mapping[str, bytes], name: str) -> tuple[Observer, Runner]:
    """An observed computer and the name of the program -> who watches for its end, and what runs the computer so."""
    from toyos.core_file import dump_on_fatal
    from vm.observe import Observer

    def tell(process: Process, signal: int) -> None:
        ended = f"pid {process.pid} ({process.name}) was ended by signal {signal}"
        print(f"toyos run: {ended}; its core: toyos debug --core {file}", file=sys.stderr)

    observer = Observer(computer.machine)
    return observer, dump_on_fatal(computer, file, own, name, observer, tell)
