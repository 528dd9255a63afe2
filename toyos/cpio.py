"""Files and folders -> a cpio archive ("newc"), which the kernel takes as its first root file system.

Source: cpio(5) of FreeBSD, section "New ASCII Format"; buffer-format.rst in the early-userspace documents of Linux.
"""

from __future__ import annotations

from collections.abc import Mapping

MAGIC = b"070701"
FOLDER = 0o40755  # st_mode
PROGRAM = 0o100755
TEXT = 0o100644
END = "TRAILER!!!"
ALIGN = 4


def entry(path: str, mode: int, content: bytes, inode: int) -> bytes:
    """Path without a leading slash, st_mode, content and inode number -> one member; all dates and owners are 0."""
    name = path.encode("utf-8", "surrogateescape") + b"\0"
    links = 2 if mode == FOLDER else 1
    numbers = (inode, mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name), 0)
    head = MAGIC + b"".join(b"%08X" % number for number in numbers) + name
    return _padded(head) + _padded(content)


def archive(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> bytes:
    """Path ("bin/ls") -> content, and which of the paths are programs -> archive.

    Folders come before what is in them; the same files give the same bytes.
    """
    folders = sorted({path[:at] for path in files for at, letter in enumerate(path) if letter == "/"})
    members = [(path, FOLDER, b"") for path in folders]
    members += [(path, PROGRAM if path in executable else TEXT, files[path]) for path in sorted(files)]
    body = b"".join(entry(*member, inode) for inode, member in enumerate(members, 1))
    return body + entry(END, 0, b"", 0)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % ALIGN)
