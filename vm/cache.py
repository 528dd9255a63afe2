"""Things that were made, kept in the user's cache folder: file name -> bytes. Imports nothing of the project.

The folder is $TOYOS_CACHE, or toyos under $XDG_CACHE_HOME, or ~/.cache/toyos. Nothing in it is trusted: an entry
carries its own checksum, and one that does not match is as good as none. A folder that cannot be written costs time,
nothing else.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

NOWHERE = Path(os.devnull) / "toyos"  # nothing can be kept there
DIGEST_SIZE = hashlib.sha256().digest_size


def cache_folder() -> Path:
    """-> where built things are kept; it need not exist."""
    named = os.environ.get("TOYOS_CACHE")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME")
    if base:
        return Path(base) / "toyos"
    try:
        return Path.home() / ".cache" / "toyos"
    except RuntimeError:  # a user whom the system does not know
        return NOWHERE


def load(file: Path) -> bytes | None:
    """Path of an entry -> what was kept there; None when there is nothing, or nothing whole."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    checksum, content = data[:DIGEST_SIZE], data[DIGEST_SIZE:]
    return content if hashlib.sha256(content).digest() == checksum else None


def keep(file: Path, content: bytes) -> None:
    """Keeps the content there: whole or not at all, whoever else does the same at the same time."""
    temporary = ""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        os.replace(temporary, file)
    except OSError:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
