"""Things that were built, kept by their content in the user's cache folder: key -> bytes.

Nothing in the folder is trusted: an entry carries its own checksum, and one that does not match is as good as none. A
folder that cannot be written costs time, nothing else.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from vm.micro.compile import cache_folder

DIGEST_SIZE = hashlib.sha256().digest_size
KEEP_SECONDS = 30 * 24 * 3600  # entries that were made longer ago are thrown away


def folder() -> Path:
    """-> where entries are kept; it need not exist."""
    return cache_folder() / "build"


def key(*parts: bytes | str | Path) -> str:
    """Texts, bytes and files (by their content) -> the key of what is made from them."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def tree_key(root: Path, files: Iterable[Path]) -> str:
    """Files below a folder -> key of their names and contents, in the order of their names."""
    parts: list[bytes | str | Path] = []
    for file in sorted(files):
        parts += [file.relative_to(root).as_posix(), file]
    return key(*parts)


def load(name: str) -> bytes | None:
    """Key -> what was kept under it, or None."""
    try:
        data = (folder() / name).read_bytes()
    except OSError:
        return None
    checksum, content = data[:DIGEST_SIZE], data[DIGEST_SIZE:]
    return content if hashlib.sha256(content).digest() == checksum else None


def keep(name: str, content: bytes) -> None:
    """Keeps the content under the key: whole or not at all, whoever else does the same at the same time."""
    place = folder()
    temporary = ""
    try:
        place.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place)
        with os.fdopen(handle, "wb") as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        os.replace(temporary, place / name)
    except OSError:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def sweep() -> None:
    """Throws away what was made long ago."""
    oldest = time.time() - KEEP_SECONDS
    try:
        for file in folder().iterdir():
            if file.stat().st_mtime < oldest:
                file.unlink()
    except OSError:
        return  # no folder yet, or another process sweeps too
