"""A system call in a machine -> its arguments and its result as text, as strace prints them."""

from __future__ import annotations

from collections.abc import Mapping

from toyos.constants import equates, error_text
from toyos.inspect.memory import UserMemory
from toyos.trace.calls import row_of
from toyos.trace.choices import STRING_SIZE
from toyos.trace.events import Call
from toyos.trace.kinds import View
from toyos.trace.quoting import address, signed


class Decoder:
    """offsets: of the guest's structures (toyos.build.System.symbols); room: bytes of a string that are shown."""

    def __init__(self, offsets: Mapping[str, int], room: int = STRING_SIZE) -> None:
        self._offsets, self._room = offsets, room
        self._errors = range(-equates("include", "errno.inc")["ERRNO_LAST"], 0)

    def begin(self, call: Call, memory: UserMemory) -> None:
        """Fills in what can be said of the arguments before the kernel has done anything."""
        view = View(memory, call.words, 0, None, self._offsets, self._room)
        row = row_of(call.name)
        call.texts = [None if kind.late else kind.show(view._replace(at=at)) for at, kind in row.arguments]

    def end(self, call: Call, memory: UserMemory, result: int | None) -> None:
        """Fills in the rest. result: the word that the kernel has stored; None for a call that never returns."""
        row = row_of(call.name)
        number = None if result is None else signed(result)
        call.result = number
        call.failed = number in self._errors
        if number is None:
            call.returned = "?"
        elif call.failed:
            call.returned = f"-1 {error_text(-number)}"
        else:
            call.returned = address(number & 0xFFFF_FFFF) if row.pointer else str(number)
        view = View(memory, call.words, 0, number, self._offsets, self._room)
        for place, (at, kind) in enumerate(row.arguments):
            if call.texts[place] is None:
                call.texts[place] = address(call.words[at]) if result is None else kind.show(view._replace(at=at))
