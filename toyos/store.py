"""Things that were built, kept by what they were made from in the user's cache folder (vm/cache.py): key -> bytes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

from vm import cache

KEEP_SECONDS = 30 * 24 * 3600  # entries that were made longer ago are thrown away


def folder() -> Path:
    """-> where entries are kept; it need not exist."""
    return cache.cache_folder() / "build"


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
    return cache.load(folder() / name)


def keep(name: str, content: bytes) -> None:
    """Keeps the content under the key."""
    cache.keep(folder() / name, content)


def sweep() -> None:
    """Throws away what was made long ago."""
    oldest = time.time() - KEEP_SECONDS
    try:
        for file in folder().iterdir():
            if file.stat().st_mtime < oldest:
                file.unlink()
    except OSError:
        return  # no folder yet, or another process sweeps too
