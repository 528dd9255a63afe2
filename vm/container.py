"""Values -> a file that can be trusted when it is read again: versioned, checksummed, written whole or not at all.

A file holds one value made of dicts, lists, ints, texts, None, booleans and bytes. It is

    magic (8 bytes), version (4), kind (4), sizes packed and unpacked (8 each), SHA-256 of the rest (32)
    zlib: size of the text (4), the value as JSON, where {"$": n} stands for the n-th run of bytes, and these bytes
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import tempfile
import zlib
from itertools import accumulate
from pathlib import Path
from typing import Any

MAGIC = b"\x89vmrun\r\n"  # what a transfer as text would change is found by its first bytes
VERSION = 1
HEADER = struct.Struct("<8sI4sQQ32s")
LENGTH = struct.Struct("<I")
LARGEST = 1 << 33  # bytes; more than the largest machine needs
BLOB, SIZES, VALUE = "$", "sizes", "value"
LEVEL = 6  # of compression


class RecordingError(Exception):
    """A file that is not what was expected; the message names it and says in a sentence what is wrong."""


def write(path: str | Path, kind: bytes, value: Any) -> None:
    """Value -> the file at the path; an older one is replaced only by the complete new one. Raises OSError."""
    body = _packed(value)
    packed = zlib.compress(body, LEVEL)
    header = HEADER.pack(MAGIC, VERSION, kind, len(packed), len(body), hashlib.sha256(packed).digest())
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():  # a device or a pipe: nothing to replace
        target.write_bytes(header + packed)
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, str(path)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(header + packed)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def read(path: str | Path, kinds: dict[bytes, str], wanted: bytes) -> Any:
    """Path, kind of file -> what is in it. kinds: what there is, and what to call it.

    Raises RecordingError for whatever is not a whole, undamaged file of that kind, and OSError.
    """
    data = Path(path).read_bytes()
    what = kinds[wanted]
    if not data.startswith(MAGIC):
        raise RecordingError(f"{path}: not {what}: {'it begins otherwise' if data else 'it is empty'}")
    if len(data) < HEADER.size:
        raise RecordingError(f"{path}: cut short: even the header is incomplete")
    _, version, kind, packed_size, size, checksum = HEADER.unpack_from(data)
    if version != VERSION:
        raise RecordingError(
            f"{path}: written in format {version}; this version reads format {VERSION}, so take the one that made it"
        )
    if kind != wanted:
        raise RecordingError(f"{path}: {kinds.get(kind, 'of an unknown kind')}; expected {what}")
    packed = data[HEADER.size :]
    if len(packed) < packed_size:
        raise RecordingError(f"{path}: cut short: {len(packed)} bytes where {packed_size} were written")
    if len(packed) > packed_size or hashlib.sha256(packed).digest() != checksum:
        raise RecordingError(f"{path}: damaged: its checksum does not fit what is in it")
    try:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(packed, min(size, LARGEST))
        if len(body) != size or not unpacker.eof:
            raise ValueError("another size")
        return _unpacked(body)
    except (zlib.error, struct.error, ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise RecordingError(f"{path}: damaged: what is in it makes no sense") from None


def _packed(value: Any) -> bytes:
    blobs: list[bytes] = []

    def plain(each: Any) -> Any:
        if isinstance(each, bytes | bytearray | memoryview):
            blobs.append(bytes(each))
            return {BLOB: len(blobs) - 1}
        if isinstance(each, dict):
            return {key: plain(inner) for key, inner in each.items()}
        if isinstance(each, list | tuple):
            return [plain(inner) for inner in each]
        return each

    shaped = plain(value)
    text = json.dumps({VALUE: shaped, SIZES: [len(blob) for blob in blobs]}).encode()
    return LENGTH.pack(len(text)) + text + b"".join(blobs)


def _unpacked(body: bytes) -> Any:
    (length,) = LENGTH.unpack_from(body)
    start = LENGTH.size + length
    found = json.loads(body[LENGTH.size : start])
    ends = list(accumulate(found[SIZES], initial=start))
    if ends[-1] != len(body) or min(found[SIZES], default=0) < 0:
        raise ValueError("sizes")

    def whole(each: Any) -> Any:
        if isinstance(each, dict):
            if set(each) == {BLOB}:
                number = each[BLOB]
                return body[ends[number] : ends[number + 1]]
            return {key: whole(inner) for key, inner in each.items()}
        return [whole(inner) for inner in each] if isinstance(each, list) else each

    return whole(found[VALUE])


def begins_as_one(path: str | Path) -> bool:
    """Path of a file -> whether it is one of these, as far as its first bytes say. Raises OSError."""
    with open(path, "rb") as file:
        return file.read(len(MAGIC)) == MAGIC
