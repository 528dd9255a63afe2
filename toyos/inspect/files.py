"""Open files: descriptor -> open file -> inode -> path, as the kernel's tables say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toyos.inspect.memory import WORD, InspectError, text_of

if TYPE_CHECKING:
    from toyos.inspect.inspector import Inspector
    from toyos.inspect.process import Process

DEEPEST = 64  # directories in a path; more than that is a ring of parents
NAME_MAX = 255
KINDS = {"S_IFREG": "file", "S_IFDIR": "directory", "S_IFCHR": "device"}
ACCESS = {"O_RDONLY": "read", "O_WRONLY": "write", "O_RDWR": "read and write"}
FLAGS = ("O_APPEND", "O_NONBLOCK")


class Inode(NamedTuple):
    """A file, whatever its name. kind: "file", "directory" or "device"; mode: st_mode; path: "" when it has none;
    device: its number, major << 8 | minor, of a device."""

    address: int
    number: int
    kind: str
    mode: int
    links: int
    bytes: int
    device: int
    path: str


class OpenFile(NamedTuple):
    """A descriptor and the open file that it leads to. file: the address of that; references: descriptors that lead to
    it; flags: for people; operations: symbol of what serves it; close_on_exec: of the descriptor. trouble: a sentence
    when it makes no sense."""

    descriptor: int
    file: int
    references: int
    offset: int
    flags: str
    operations: str
    inode: Inode | None
    close_on_exec: bool
    trouble: str = ""


def open_files(inspector: Inspector, process: Process) -> list[OpenFile]:
    """A process -> its open files, by descriptor."""
    row = inspector.layout.by_name["P_FILES"]
    closed = process.word("P_CLOEXEC")
    found = []
    for descriptor in range(row.size // WORD):
        file = process.word("P_FILES", descriptor * WORD)
        if file:
            found.append(_open_file(inspector, descriptor, file, bool(closed >> descriptor & 1)))
    return found


def _open_file(inspector: Inspector, descriptor: int, file: int, close_on_exec: bool) -> OpenFile:
    values = inspector.layout.values
    start, end, size = values["open_files"], values["open_files_end"], values["F_SIZE"]
    if not start <= file < end or (file - start) % size:
        trouble = f"descriptor {descriptor} leads to {file:#010x}, which is no open file"
        return OpenFile(descriptor, file, 0, 0, "", "", None, close_on_exec, trouble)
    words = {name: inspector.memory.word(file + values[name]) for name in _FILE_WORDS}
    trouble = "" if words["F_REFS"] else f"descriptor {descriptor} leads to an open file that is free"
    node: Inode | None = None
    try:
        node = inode(inspector, words["F_INODE"])
    except InspectError as fault:
        trouble = trouble or str(fault)
    return OpenFile(
        descriptor, file, words["F_REFS"], words["F_OFFSET"], _flags(inspector, words["F_FLAGS"]),
        inspector.symbols.name(words["F_OPS"]), node, close_on_exec, trouble,
    )  # fmt: skip


_FILE_WORDS = ("F_REFS", "F_OPS", "F_INODE", "F_OFFSET", "F_FLAGS")


def _flags(inspector: Inspector, flags: int) -> str:
    values = inspector.layout.values
    access = next((text for name, text in ACCESS.items() if values[name] == flags & values["O_ACCMODE"]), "no access")
    return ", ".join([access, *(name for name in FLAGS if flags & values[name])])


def inode(inspector: Inspector, address: int) -> Inode:
    """Address of an inode -> what it says. Raises InspectError where there cannot be one."""
    values = inspector.layout.values

    def word(name: str) -> int:
        return inspector.memory.word(address + values[name], "an inode")

    mode = word("I_MODE")
    kind = next((text for name, text in KINDS.items() if values[name] == mode & values["S_IFMT"]), "unknown")
    of_tree = word("I_FS") == values["tree_fs"]
    path = path_of(inspector, address) if of_tree else ""
    return Inode(address, word("I_NUMBER"), kind, mode, word("I_LINKS"), word("I_BYTES"), word("I_DEVICE"), path)


def path_of(inspector: Inspector, address: int) -> str:
    """Address of an inode -> its path. Where names or parents make no sense, the text says so."""
    values, memory = inspector.layout.values, inspector.memory
    root, parts, at = values["root_inode"], list[str](), address
    try:
        while at != root:
            length = memory.word(at + values["T_LENGTH"], "the length of a file's name")
            if not 0 < length <= NAME_MAX or len(parts) == DEEPEST:
                return f"{address:#010x}, which is no inode with a name"
            name = memory.word(at + values["T_NAME"], "the address of a file's name")
            parts.append(text_of(memory.read(name, length, "a file's name")))
            at = memory.word(at + values["T_PARENT"], "the parent of an inode")
    except InspectError:
        return f"{address:#010x}, which is no inode with a name"
    return "/" + "/".join(reversed(parts))


def inodes(inspector: Inspector) -> set[int]:
    """-> addresses of the inodes of the file system in memory, as far as its links make sense."""
    values, memory = inspector.layout.values, inspector.memory
    found: set[int] = set()
    waiting = [values["root_inode"]]
    while waiting:
        at = waiting.pop()
        if at in found or not memory.holds(at, values["T_SIZE"]):
            continue
        found.add(at)
        waiting += [each for name in ("T_FIRST", "T_NEXT") if (each := memory.word(at + values[name]))]
    return found
