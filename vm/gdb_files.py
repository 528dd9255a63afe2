"""Files of the Guest -> gdb, which reads them over the connection as if they lay on the machine's disk.

So a gdb that attaches without any file finds symbols and lines by itself. Source: "Debugging with GDB", appendix "GDB
Remote Serial Protocol", sections "Host I/O Packets" and "File-I/O Remote Protocol Extension" (numbers of errors, and
struct stat).
"""

from __future__ import annotations

import struct
from collections.abc import Callable

# struct stat, big-endian: dev, ino, mode, nlink, uid, gid, rdev; size, blksize, blocks; atime, mtime, ctime
STAT = struct.Struct(">7I3Q3I")
READABLE_FILE = 0o100444
BLOCK = 512
ENOENT, EBADF, EINVAL, EROFS = 2, 9, 22, 30
WRITING = 0o3 | 0x200  # open's flags: O_WRONLY, O_RDWR, O_CREAT


class Files:
    """read: path -> the content, or None."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._opened: dict[int, bytes] = {}

    def packet(self, data: bytes) -> bytes:
        """What stands behind `vFile:` -> the reply; empty for an operation that there is not."""
        operation, _, rest = data.partition(b":")
        try:
            match operation:
                case b"setfs":
                    return b"F0"  # of one process or another: they all see the same files
                case b"open":
                    path, flags, _ = rest.split(b",")
                    return self._open(bytes.fromhex(path.decode()).decode("utf-8", "surrogateescape"), int(flags, 16))
                case b"pread":
                    number, count, offset = (int(word, 16) for word in rest.split(b","))
                    return self._pread(number, count, offset)
                case b"fstat":
                    return self._fstat(int(rest, 16))
                case b"close":
                    return b"F0" if self._opened.pop(int(rest, 16), None) is not None else _error(EBADF)
        except ValueError:  # the packet is not as it should be
            return _error(EINVAL)
        return b""

    def _open(self, path: str, flags: int) -> bytes:
        if flags & WRITING:
            return _error(EROFS)
        content = self._read(path)
        if content is None:
            return _error(ENOENT)
        number = max(self._opened, default=0) + 1
        self._opened[number] = content
        return b"F%x" % number

    def _pread(self, number: int, count: int, offset: int) -> bytes:
        content = self._opened.get(number)
        if content is None:
            return _error(EBADF)
        if count < 0 or offset < 0:
            return _error(EINVAL)
        data = content[offset : offset + min(count, LONGEST_READ)]
        return b"F%x;" % len(data) + data

    def _fstat(self, number: int) -> bytes:
        content = self._opened.get(number)
        if content is None:
            return _error(EBADF)
        size = len(content)
        stat = STAT.pack(0, number, READABLE_FILE, 1, 0, 0, 0, size, BLOCK, -(-size // BLOCK), 0, 0, 0)
        return b"F%x;" % len(stat) + stat


LONGEST_READ = 0x1_0000


def _error(number: int) -> bytes:
    return b"F-1,%x" % number
