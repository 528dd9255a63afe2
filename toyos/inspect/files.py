"""Open files: descriptor -> open file -> inode -> path, as the kernel's tables say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toyos.inspect.memory import InspectError, text_of

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector

DEEPEST = 64  # directories in a path; more than that is a ring of parents
NAME_MAX = 255


def path_of(inspector: Inspector, inode: int) -> str:
    """Address of an inode -> its path. Where names or parents make no sense, the text says so."""
    values, memory = inspector.layout.values, inspector.memory
    root, parts, at = values["root_inode"], list[str](), inode
    try:
        while at != root:
            length = memory.word(at + values["T_LENGTH"], "the length of a file's name")
            if not 0 < length <= NAME_MAX or len(parts) == DEEPEST:
                return f"{inode:#010x}, which is no inode with a name"
            name = memory.word(at + values["T_NAME"], "the address of a file's name")
            parts.append(text_of(memory.read(name, length, "a file's name")))
            at = memory.word(at + values["T_PARENT"], "the parent of an inode")
    except InspectError:
        return f"{inode:#010x}, which is no inode with a name"
    return "/" + "/".join(reversed(parts))
