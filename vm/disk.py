"""A file of the host -> a disk of the machine: written through, or left alone with the changes kept in memory."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import struct
from pathlib import Path

from vm.devices.block import PIECE, SECTOR
from vm.devices.kept import ForeignState

BLOCK = 4096  # bytes in which changes are kept
KEPT_BLOCK = struct.Struct(f"<Q{BLOCK}s")  # number, content


class DiskError(Exception):
    """A file that cannot be a disk; the message is a sentence for the user."""


def _opened(path: Path, flags: int, lock: int) -> tuple[int, int]:
    """-> (descriptor, size in bytes), locked."""
    fd = None
    try:
        kind = path.stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISBLK(kind):
            raise DiskError(f"{path}: neither a file nor a disk of the host")
        fd = os.open(path, flags | os.O_CLOEXEC)
        fcntl.flock(fd, lock | fcntl.LOCK_NB)
        size = os.lseek(fd, 0, os.SEEK_END)
        if size == 0 or size % SECTOR:
            raise DiskError(f"{path}: {size} bytes; expected a disk of whole sectors of {SECTOR} bytes")
        opened, fd = fd, None
        return opened, size
    except BlockingIOError:
        raise DiskError(f"{path}: in use: one machine at a time may write a disk, while nobody else reads it") from None
    except OSError as error:
        raise DiskError(f"{path}: {error.strerror}") from None
    finally:
        if fd is not None:
            os.close(fd)


class FileDisk:
    """Reads and writes the file, which no other machine may use meanwhile; so its past is lost. Raises DiskError."""

    read_only = False
    has_past = False

    def __init__(self, path: str | Path) -> None:
        self._fd, self.size = _opened(Path(path), os.O_RDWR, fcntl.LOCK_EX)
        self.path, self.name = Path(path).absolute(), Path(path).name

    @property
    def digest(self) -> str:
        """-> 32 hexadecimal digits that are equal for files of equal content, as this one is now. Raises OSError."""
        return _digest(self._fd, self.size)

    def read(self, offset: int, size: int) -> bytes:
        """Raises OSError."""
        return _whole(self._fd, offset, size)

    def write(self, offset: int, data: bytes) -> None:
        """Raises OSError."""
        done = 0
        while done < len(data):
            done += os.pwrite(self._fd, data[done:], offset + done)

    def flush(self) -> None:
        """Raises OSError."""
        os.fdatasync(self._fd)

    def save(self) -> bytes:
        """-> nothing: all is in the file."""
        return b""

    def load(self, saved: bytes) -> None:
        """What save gave, of a file with the same content. Raises ForeignState."""
        if saved:
            raise ForeignState(f"{self.name}: changes of a disk that are not in its file")

    def close(self) -> None:
        """Lets others use the file."""
        os.close(self._fd)


class SnapshotDisk:
    """Reads the file and never writes it: what the guest writes is kept in memory, and gone with the machine. Raises
    DiskError."""

    read_only = False
    has_past = True

    def __init__(self, path: str | Path) -> None:
        self._fd, self.size = _opened(Path(path), os.O_RDONLY, fcntl.LOCK_SH)
        self.path, self.name = Path(path).absolute(), Path(path).name
        self._changed: dict[int, bytes] = {}  # number of a block -> its bytes
        self._saved: bytes | None = b""  # what save gave, if nothing has changed since
        self._digest: str | None = None

    @property
    def digest(self) -> str:
        """-> 32 hexadecimal digits that are equal for files of equal content. Raises OSError."""
        if self._digest is None:  # nobody who respects the lock can change the file
            self._digest = _digest(self._fd, self.size)
        return self._digest

    def _block(self, number: int) -> bytes:
        found = self._changed.get(number)
        return _whole(self._fd, number * BLOCK, BLOCK) if found is None else found

    def read(self, offset: int, size: int) -> bytes:
        """Raises OSError."""
        first, end = offset // BLOCK, -(-(offset + size) // BLOCK)
        content = b"".join(self._block(number) for number in range(first, end))
        return content[offset - first * BLOCK :][:size]

    def write(self, offset: int, data: bytes) -> None:
        """Raises OSError."""
        self._saved = None
        at = 0
        while at < len(data):
            number, inside = divmod(offset + at, BLOCK)
            here = data[at : at + BLOCK - inside]
            at += len(here)
            if len(here) < BLOCK:
                old = self._block(number)
                here = old[:inside] + here + old[inside + len(here) :]
            self._changed[number] = here

    def flush(self) -> None:
        """Nothing is to be kept."""

    def save(self) -> bytes:
        """-> what was changed."""
        if self._saved is None:
            self._saved = b"".join(KEPT_BLOCK.pack(*block) for block in sorted(self._changed.items()))
        return self._saved

    def load(self, saved: bytes) -> None:
        """What save gave, of a disk of this size -> the same content. Raises ForeignState."""
        if len(saved) % KEPT_BLOCK.size:
            raise ForeignState(f"{self.name}: changes of a disk that do not consist of whole blocks")
        changed = dict(KEPT_BLOCK.iter_unpack(saved))
        if any(number * BLOCK >= self.size for number in changed):
            raise ForeignState(f"{self.name}: changes behind the end of the disk, of {self.size} bytes")
        self._changed, self._saved = changed, saved

    def close(self) -> None:
        """Lets others write the file."""
        os.close(self._fd)


def _digest(fd: int, size: int) -> str:
    found = hashlib.blake2b(digest_size=16)
    for at in range(0, size, PIECE):
        found.update(_whole(fd, at, min(PIECE, size - at)))
    return found.hexdigest()


def _whole(fd: int, offset: int, size: int) -> bytes:
    """-> the bytes there; zeros behind the end."""
    content = b""
    while len(content) < size:
        piece = os.pread(fd, size - len(content), offset + len(content))
        if not piece:
            break
        content += piece
    return content.ljust(size, b"\0")
