"""Values -> a file that can be trusted when it is read again: versioned, checksummed, written whole or not at all.

A file holds one value made of dicts, lists, ints, texts, None, booleans, bytes and Pages. It is

    magic (8 bytes), version (4), kind (4), sizes packed and unpacked (8 each), SHA-256 of the rest (32)
    zlib: size of the text (4), the value as JSON, where {"$": n} stands for the n-th run of bytes, and these bytes

Neither way holds more than the value itself in memory, whatever sizes a file claims to have.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from vm.arch import PAGE_SIZE

MAGIC = b"\x89vmrun\r\n"  # what a transfer as text would change is found by its first bytes
VERSION = 2
HEADER = struct.Struct("<8sI4sQQ32s")
LENGTH = struct.Struct("<I")
LARGEST = 1 << 32  # bytes unpacked: the largest machine's RAM, and as much again
LARGEST_TEXT = 1 << 26  # bytes: as values, its shortest lists take some twenty times as much
DENSEST = 1032  # bytes that one packed byte can stand for (RFC 1951: 258 in two bits)
PIECE = 1 << 20  # bytes in memory at once, beside the value
BLOB, SIZES, VALUE = "$", "sizes", "value"
LEVEL = 1  # of compression: files are a tenth larger than with 6, and made in half the time


class RecordingError(Exception):
    """A file that is not what was expected; the message names it and says in a sentence what is wrong."""


class Pages(list[bytes]):
    """Runs of PAGE_SIZE bytes each, which stay apart: so they need not be joined and cut again."""


# ---- writing ---------------------------------------------------------------------------------------------------------
def write(path: str | Path, kind: bytes, value: Any) -> None:
    """Value -> the file at the path; an older one is replaced only by the complete new one. Raises OSError."""
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():  # a device or a pipe: nothing to replace
            with tempfile.TemporaryFile() as file, open(target, "wb") as there:
                _fill(file, kind, value)
                file.seek(0)
                shutil.copyfileobj(file, there)
        else:
            _replace(target, kind, value)
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, str(path)) from None


def _replace(target: Path, kind: bytes, value: Any) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            _fill(file, kind, value)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def _fill(file: IO[bytes], kind: bytes, value: Any) -> None:
    """An empty file -> the whole of it; the header, which is known last, is written last."""
    packer, checksum, size, packed_size = zlib.compressobj(LEVEL), hashlib.sha256(), 0, 0
    file.write(bytes(HEADER.size))

    def put(packed: bytes) -> None:
        nonlocal packed_size
        file.write(packed)
        checksum.update(packed)
        packed_size += len(packed)

    for piece in _pieces(value):
        size += len(piece)
        put(packer.compress(piece))
    put(packer.flush())
    if size > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    file.seek(0)
    file.write(HEADER.pack(MAGIC, VERSION, kind, packed_size, size, checksum.digest()))


def _pieces(value: Any) -> Iterator[bytes]:
    """Value -> what is to be packed, in order."""
    blobs: list[bytes | Pages] = []

    def plain(each: Any) -> Any:
        if isinstance(each, Pages | bytes | bytearray | memoryview):
            blobs.append(each if isinstance(each, Pages) else bytes(each))
            return {BLOB: len(blobs) - 1}
        if isinstance(each, dict):
            return {key: plain(inner) for key, inner in each.items()}
        if isinstance(each, list | tuple):
            return [plain(inner) for inner in each]
        return each

    shaped = plain(value)
    sizes = [[len(blob)] if isinstance(blob, Pages) else len(blob) for blob in blobs]  # [n]: n pages
    text = json.dumps({VALUE: shaped, SIZES: sizes}).encode()
    if len(text) > LARGEST_TEXT:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    yield LENGTH.pack(len(text)) + text
    for blob in blobs:
        if isinstance(blob, Pages):
            yield from blob
        else:
            yield blob


# ---- reading ---------------------------------------------------------------------------------------------------------
def read(path: str | Path, kinds: dict[bytes, str], wanted: bytes) -> Any:
    """Path, kind of file -> what is in it. kinds: what there is, and what to call it.

    Raises RecordingError for whatever is not a whole, undamaged file of that kind, and OSError.
    """
    what = kinds[wanted]
    with open(path, "rb") as file:
        start = file.read(HEADER.size)
        if not start.startswith(MAGIC):
            raise RecordingError(f"{path}: not {what}: {'it begins otherwise' if start else 'it is empty'}")
        if len(start) < HEADER.size:
            raise RecordingError(f"{path}: cut short: even the header is incomplete")
        _, version, kind, packed_size, size, checksum = HEADER.unpack(start)
        if version != VERSION:
            raise RecordingError(
                f"{path}: written in format {version}; this version reads format {VERSION}, "
                "so take the one that made it"
            )
        if kind != wanted:
            raise RecordingError(f"{path}: {kinds.get(kind, 'of an unknown kind')}; expected {what}")
        if size > min(LARGEST, packed_size * DENSEST):
            raise RecordingError(f"{path}: damaged: what is in it makes no sense")
        packed: IO[bytes] = file if file.seekable() else BytesIO(file.read(packed_size + 1))
        begin = packed.tell()
        found, there = _summed(packed, packed_size + 1)
        if there < packed_size:
            raise RecordingError(f"{path}: cut short: {there} bytes where {packed_size} were written")
        if there > packed_size or found != checksum:
            raise RecordingError(f"{path}: damaged: its checksum does not fit what is in it")
        packed.seek(begin)
        try:
            return _unpacked(Unpacking(packed, size))
        except (zlib.error, struct.error, ValueError, KeyError, IndexError, TypeError, RecursionError):
            raise RecordingError(f"{path}: damaged: what is in it makes no sense") from None
        except MemoryError:
            raise RecordingError(f"{path}: the host has not enough memory for {size} bytes") from None


def _summed(file: IO[bytes], most: int) -> tuple[bytes, int]:
    """A file -> the checksum of what is there, `most` bytes of it at most, and their number."""
    checksum, there = hashlib.sha256(), 0
    while piece := file.read(min(PIECE, most - there)):
        checksum.update(piece)
        there += len(piece)
    return checksum.digest(), there


class Unpacking:
    """What is packed in a file from here on, of so many bytes unpacked; taken piece by piece."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._unpacker, self.left = file, zlib.decompressobj(), size
        self._ahead, self._at = b"", 0  # unpacked, and how much of that is taken

    def take(self, count: int) -> bytes:
        """-> the next bytes. Raises ValueError when there are not so many, zlib.error."""
        if not 0 <= count <= self.left:
            raise ValueError("more bytes than there are")
        self.left -= count
        taken = self._ahead[self._at : self._at + count]
        self._at += len(taken)
        if len(taken) == count:
            return taken
        pieces, missing = [taken], count - len(taken)
        while missing:
            self._ahead = self._more()
            self._at = min(missing, len(self._ahead))
            pieces.append(self._ahead[: self._at])
            missing -= self._at
        return b"".join(pieces)

    def _more(self) -> bytes:
        """-> some bytes, never none."""
        while not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._file.read(PIECE >> 4)
            if unpacked := self._unpacker.decompress(packed, PIECE):
                return unpacked
            if not packed:
                break
        raise ValueError("fewer bytes than were said")

    def finish(self) -> None:
        """Raises ValueError when anything is left."""
        if self.left or self._at < len(self._ahead):
            raise ValueError("more bytes than were said")
        while not self._unpacker.eof:  # the end has a form, too
            packed = self._unpacker.unconsumed_tail or self._file.read(PIECE >> 4)
            if self._unpacker.decompress(packed, 1) or not packed:
                raise ValueError("another end")
        if self._unpacker.unused_data or self._file.read(1):
            raise ValueError("something behind the end")


def _unpacked(stream: Unpacking) -> Any:
    (length,) = LENGTH.unpack(stream.take(LENGTH.size))
    if length > LARGEST_TEXT:
        raise ValueError("text")
    found = json.loads(stream.take(length))
    blobs: list[bytes | Pages] = []
    for size in found[SIZES]:
        if isinstance(size, list):
            (count,) = size
            if not 0 <= count * PAGE_SIZE <= stream.left:
                raise ValueError("pages")
            blobs.append(Pages(stream.take(PAGE_SIZE) for _ in range(count)))
        else:
            blobs.append(stream.take(size))
    stream.finish()

    def whole(each: Any) -> Any:
        if isinstance(each, dict):
            if set(each) == {BLOB}:
                return blobs[each[BLOB]]
            return {key: whole(inner) for key, inner in each.items()}
        return [whole(inner) for inner in each] if isinstance(each, list) else each

    return whole(found[VALUE])


def begins_as_one(path: str | Path) -> bool:
    """Path of a file -> whether it is one of these, as far as its first bytes say. Raises OSError."""
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def check_target(path: Path) -> None:
    """Raises RecordingError when nothing can be written there, or a file that is none of these would be lost."""
    if path.is_file() and path.stat().st_size and not begins_as_one(path):
        raise RecordingError(f"{path}: exists, and is not of toyos; it is not overwritten")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise RecordingError(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise RecordingError(f"{path}: a folder; expected the name of a file")
    if (path.is_file() or not path.exists()) and not os.access(Path(os.path.realpath(path)).parent, os.W_OK):
        raise RecordingError(f"{path}: the folder {path.parent} cannot be written")
