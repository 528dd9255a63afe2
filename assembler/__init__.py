"""From source text to executables: assembler, linker, archiver, disassembler. Everything is a function first.

Names are loaded when first used, so that a program that only links does not pay for the assembler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assembler.archiver import Archive, ArchiveError, archive
    from assembler.assembly import assemble, assemble_file
    from assembler.diagnostics import AssemblyError
    from assembler.frames import Options
    from assembler.linker import Linker, LinkError, link

_HOMES = {
    "assemble": "assembler.assembly",
    "assemble_file": "assembler.assembly",
    "Options": "assembler.frames",
    "AssemblyError": "assembler.diagnostics",
    "link": "assembler.linker",
    "Linker": "assembler.linker",
    "LinkError": "assembler.linker",
    "archive": "assembler.archiver",
    "Archive": "assembler.archiver",
    "ArchiveError": "assembler.archiver",
}

__all__ = [
    "Archive",
    "ArchiveError",
    "AssemblyError",
    "LinkError",
    "Linker",
    "Options",
    "archive",
    "assemble",
    "assemble_file",
    "link",
]


def __getattr__(name: str) -> Any:
    """assembler.NAME -> the object, from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'assembler' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
