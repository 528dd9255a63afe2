"""Files on disk <-> Object and Archive, for the commands: what is it, and does it arrive whole?"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assembler import archiver
from assembler.archiver import Archive
from vm import aout
from vm.aout import AoutError, Object

ELF_MAGIC = b"\x7fELF"


def content(path: Path | str) -> bytes:
    """Path -> the bytes of that file. Raises OSError, also for devices that could go on for ever, such as /dev/zero."""
    kind = os.stat(path).st_mode
    if stat.S_ISCHR(kind) and not os.path.samefile(path, os.devnull) or stat.S_ISBLK(kind):
        raise OSError(errno.EINVAL, "a device, which may have no end; expected a file", str(path))
    return Path(path).read_bytes()


def parse(content: bytes, name: str) -> Object | Archive:
    """Bytes of a file -> Object or Archive, by its first bytes. Raises AoutError or ArchiveError for anything else."""
    if archiver.is_archive(content):
        return archiver.read(content, name)
    if content.startswith(ELF_MAGIC):
        raise AoutError(name, None, "an ELF file; expected an a.out object or an archive (assemble it with toyos as)")
    return aout.read(content, name)


def load(path: Path | str) -> Object | Archive:
    """Path -> the Object or Archive in that file. Raises OSError, AoutError, ArchiveError."""
    return parse(content(path), str(path))


def objects(item: Object | Archive) -> Iterator[tuple[str, Object]]:
    """An Object or Archive -> (member name, Object) of all objects in it; the name is empty for an object by itself."""
    if isinstance(item, Object):
        yield "", item
        return
    for member in item.members:
        if aout.is_aout(member.content):
            yield member.name, aout.read(member.content, f"{item.name}({member.name})")


def save(path: Path | str, content: bytes, executable: bool = False) -> None:
    """Writes a file whole or not at all: other readers see the old content or the new one, never a part."""
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(target))
    try:
        _save(target, content, executable)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error


def _save(target: Path, content: bytes, executable: bool) -> None:
    if target.exists() and not target.is_file():  # /dev/null, a pipe: not ours to replace
        target.write_bytes(content)
        return
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, (0o777 if executable else 0o666) & ~mask)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
