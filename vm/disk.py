"""A file of the host -> a disk of the machine: written through, or left alone with the changes kept in memory."""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

from vm.devices.block import SECTOR
from vm.devices.kept import ForeignState

BLOCK = 4096  # bytes in which changes are kept
KEPT_BLOCK = struct.Struct(f"<Q{BLOCK}s")  # number, content


class DiskError(Exception):
    """A file that cannot be a disk; the message is a sentence for the user."""


def _opened(path: Path, flags: int, lock: int) -> tuple[int, int]:
    """-> (descriptor, size in bytes), locked."""
    try:
        fd = os.open(path, flags | os.O_CLOEXEC)
    except OSError as error:
        raise DiskError(f"{path}: {error.strerror}") from None
    try:
        fcntl.flock(fd, lock | fcntl.LOCK_NB)
        size = os.lseek(fd, 0, os.SEEK_END)
    except BlockingIOError:
        os.close(fd)
        raise DiskError(f"{path}: another machine uses this disk now; --disk-snapshot needs it unused, too") from None
    except OSError as error:
        os.close(fd)
        raise DiskError(f"{path}: {error.strerror}") from None
    if size == 0 or size % SECTOR:
        os.close(fd)
        raise DiskError(f"{path}: {size} bytes; expected a disk of whole sectors of {SECTOR} bytes")
    return fd, size


class FileDisk:
    """Reads and writes the file, which no other machine may use meanwhile. Raises DiskError."""

    read_only = False

    def __init__(self, path: str | Path) -> None:
        self._fd, self.size = _opened(Path(path), os.O_RDWR, fcntl.LOCK_EX)
        self.name = Path(path).name

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

    def close(self) -> None:
        """Lets others use the file."""
        os.close(self._fd)


class SnapshotDisk:
    """Reads the file and never writes it: what the guest writes is kept in memory, and gone with the machine. Raises
    DiskError."""

    read_only = False

    def __init__(self, path: str | Path) -> None:
        self._fd, self.size = _opened(Path(path), os.O_RDONLY, fcntl.LOCK_SH)
        self.name = Path(path).name
        self._changed: dict[int, bytes] = {}  # number of a block -> its bytes

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
        while data:
            number, inside = divmod(offset, BLOCK)
            here = data[: BLOCK - inside]
            old = self._block(number)
            self._changed[number] = old[:inside] + here + old[inside + len(here) :]
            offset, data = offset + len(here), data[len(here) :]

    def flush(self) -> None:
        """Nothing is to be kept."""

    def save(self) -> bytes:
        """-> what was changed."""
        return b"".join(KEPT_BLOCK.pack(number, content) for number, content in sorted(self._changed.items()))

    def load(self, saved: bytes) -> None:
        """What save gave, of a disk of this size -> the same content. Raises ForeignState."""
        if len(saved) % KEPT_BLOCK.size:
            raise ForeignState(f"{self.name}: changes of a disk that do not consist of whole blocks")
        changed = dict(KEPT_BLOCK.iter_unpack(saved))
        if any(number * BLOCK >= self.size for number in changed):
            raise ForeignState(f"{self.name}: changes behind the end of the disk, of {self.size} bytes")
        self._changed = changed

    def close(self) -> None:
        """Lets others write the file."""
        os.close(self._fd)


def _whole(fd: int, offset: int, size: int) -> bytes:
    """-> the bytes there; zeros behind the end."""
    content = b""
    while len(content) < size:
        piece = os.pread(fd, size - len(content), offset + len(content))
        if not piece:
            break
        content += piece
    return content.ljust(size, b"\0")
