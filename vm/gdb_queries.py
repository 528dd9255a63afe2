"""gdb's questions about the target as a whole -> texts: features, threads, processes, in portions as gdb wants them.

Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol", sections "General Query Packets", "Thread List
Format", and appendix "Operating System Information".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from vm.gdb_guest import HART, Guest
from vm.gdb_packets import LONGEST
from vm.gdb_target import Registers

FEATURES = (
    f"PacketSize={LONGEST:x}", "QStartNoAckMode+", "qXfer:features:read+", "qXfer:osdata:read+",
    "qXfer:threads:read+", "qXfer:exec-file:read+", "ReverseStep+", "ReverseContinue+", "swbreak+", "hwbreak+",
    "vContSupported+",
)  # fmt: skip
TYPES = ({"Type": "processes", "Description": "Listing of all processes", "Title": "Processes"},)
HEAD = '<?xml version="1.0"?>\n'


class Objects:
    """What gdb reads by `qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH`."""

    def __init__(self, registers: Registers, guest: Guest) -> None:
        self._guest = guest
        self._objects: Mapping[str, Callable[[str], str | None]] = {
            "features": lambda annex: registers.xml if annex == "target.xml" else None,
            "osdata": self._osdata,
            "threads": lambda annex: threads_xml(guest),
            "exec-file": lambda annex: guest.executable or None,
        }

    def packet(self, data: bytes) -> bytes:
        """What stands behind `qXfer:` -> the reply: m and a portion, l and the last one, E00 for a bad annex."""
        words = data.decode("utf-8", "replace").split(":")
        if len(words) != 4 or words[0] not in self._objects or words[1] != "read":
            return b""
        try:
            offset, length = (int(word, 16) for word in words[3].split(","))
        except ValueError:
            return b"E01"
        text = self._objects[words[0]](words[2])
        if text is None or offset < 0 or length < 0:
            return b"E00"
        content = text.encode()
        portion = content[offset : offset + min(length, LONGEST)]
        return (b"m" if offset + len(portion) < len(content) else b"l") + portion

    def _osdata(self, annex: str) -> str | None:
        if annex in ("", "types"):
            return osdata_xml("types", TYPES)
        return osdata_xml(annex, self._guest.processes()) if annex == "processes" else None


def osdata_xml(kind: str, rows: Sequence[Mapping[str, str]]) -> str:
    """Column -> text of each row -> the table that gdb's `info os KIND` shows."""
    lines = [f'{HEAD}<!DOCTYPE target SYSTEM "osdata.dtd">\n<osdata type={quoteattr(kind)}>']
    for row in rows:
        columns = (f"<column name={quoteattr(name)}>{escape(printable(text))}</column>" for name, text in row.items())
        lines.append(f"<item>{''.join(columns)}</item>")
    return "\n".join([*lines, "</osdata>", ""])


def threads_xml(guest: Guest) -> str:
    """-> the hart, and the processes that are not on it."""
    rows = [(HART, "hart", guest.hart()), *((each.number, each.name, each.text) for each in guest.threads())]
    lines = [
        f'<thread id="{number:x}" name={quoteattr(printable(name))}>{escape(printable(text))}</thread>'
        for number, name, text in rows
    ]
    return "\n".join([f"{HEAD}<threads>", *lines, "</threads>", ""])


def printable(text: str) -> str:
    """Text from guest memory -> one that XML can hold."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
