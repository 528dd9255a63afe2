"""What gdb sees of a machine that stands, and writes into it: registers, memory, threads.

The thread HART is the machine itself. gdb can choose another one: a process of the Guest's, whose saved registers and
whose memory it sees then, and cannot write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vm.gdb_guest import HART, Guest, Thread
from vm.gdb_packets import LONGEST
from vm.gdb_target import BYTES, GENERAL, Registers
from vm.translation import Untranslated, current_root, read_virtual, write_virtual

if TYPE_CHECKING:
    from vm.timetravel import Timeline

OK, MALFORMED, NO_MEMORY, NO_THREAD, READ_ONLY = b"OK", b"E01", b"E14", b"E03", b"E1e"
ANY_THREAD = (0, -1)


class View:
    """Methods named after packets take what stands behind the letter -> the reply. They raise ValueError for what is
    no number, and KeyError for a register that there is not."""

    def __init__(self, timeline: Timeline, registers: Registers, guest: Guest) -> None:
        self._timeline, self._machine = timeline, timeline.machine
        self._registers, self._guest = registers, guest
        self._thread = HART
        self._seen: Mapping[int, Thread] | None = None

    def refresh(self) -> None:
        """The machine stands elsewhere now."""
        self._thread = HART
        self.stale()

    def stale(self) -> None:
        """Processes have to be looked up again."""
        self._seen = None

    def set_pc(self, value: int) -> None:
        self._machine.pc = value
        self.changed()

    # ---- threads -----------------------------------------------------------------------------------------------------
    def others(self) -> Mapping[int, Thread]:
        """-> the processes that are not on the hart, as long as the machine stands as it does."""
        if self._seen is None:
            self._seen = {each.number: each for each in self._guest.threads()}
        return self._seen

    def _other(self) -> Thread | None:
        """-> the process that gdb has chosen to look at, None for the hart."""
        return None if self._thread == HART else self.others().get(self._thread)

    def changed(self) -> None:
        """gdb has written something."""
        self._timeline.changed()
        self.stale()

    def choose_thread(self, rest: bytes) -> bytes:
        if rest[:1] == b"c":
            return OK  # whoever is told to run, it is the hart that does
        number = -1 if rest[1:] == b"-1" else number_of(rest[1:])
        if number not in (*ANY_THREAD, HART) and number not in self.others():
            return NO_THREAD
        self._thread = HART if number in ANY_THREAD else number
        return OK

    def is_alive(self, rest: bytes) -> bytes:
        number = number_of(rest)
        return OK if number == HART or number in self.others() else NO_THREAD

    # ---- registers ---------------------------------------------------------------------------------------------------
    def _register(self, number: int) -> bytes:
        """Register of the hart, or of the chosen process -> hex digits; x's when it is not known."""
        other = self._other()
        value = self._registers.read(number) if other is None else other.registers.get(number)
        return b"xx" * BYTES if value is None else hex_of(value)

    def read_general(self, rest: bytes) -> bytes:
        return b"".join(self._register(number) for number in GENERAL)

    def read_one(self, rest: bytes) -> bytes:
        number = number_of(rest)
        return self._register(number) if number in self._registers else MALFORMED

    def write_general(self, rest: bytes) -> bytes:
        values = from_hex(rest)
        if len(values) < len(GENERAL) * BYTES:
            return MALFORMED
        return self._write_registers({n: values[n * BYTES : (n + 1) * BYTES] for n in GENERAL})

    def write_one(self, rest: bytes) -> bytes:
        number, _, value = rest.partition(b"=")
        return self._write_registers({number_of(number): from_hex(value)})

    def _write_registers(self, values: Mapping[int, bytes]) -> bytes:
        if any(number not in self._registers or len(value) != BYTES for number, value in values.items()):
            return MALFORMED
        if self._other() is not None:
            return READ_ONLY
        for number, value in values.items():
            self._registers.write(number, int.from_bytes(value, "little"))
        self.changed()
        return OK

    # ---- memory ------------------------------------------------------------------------------------------------------
    def _root(self) -> int | None:
        """-> the page table by which gdb sees memory: that in force, or the chosen process's."""
        other = self._other()
        return current_root(self._machine) if other is None else other.root

    def read_memory(self, rest: bytes) -> bytes:
        address, size = numbers(rest)
        size = min(size, LONGEST // 2)
        try:
            return read_virtual(self._machine, address, size, self._root()).hex().encode()
        except Untranslated as fault:
            readable = fault.address - address
            if not 0 < readable < size:
                return NO_MEMORY
            return read_virtual(self._machine, address, readable, self._root()).hex().encode()

    def write_hex(self, rest: bytes) -> bytes:
        place, _, data = rest.partition(b":")
        return self._write_memory(place, from_hex(data))

    def write_binary(self, rest: bytes) -> bytes:
        place, _, data = rest.partition(b":")
        return self._write_memory(place, data)

    def _write_memory(self, place: bytes, data: bytes) -> bytes:
        address, size = numbers(place)
        if size != len(data):
            return MALFORMED
        try:
            write_virtual(self._machine, address, data, self._root())
        except Untranslated:
            return NO_MEMORY
        if data:
            self.changed()
        return OK


def number_of(text: bytes) -> int:
    """Hex digits -> the number. Raises ValueError."""
    if not text.isalnum():
        raise ValueError("a sign, white space or nothing at all is no number of the protocol")
    return int(text, 16)


def numbers(text: bytes) -> tuple[int, ...]:
    """Hex numbers with commas between them -> the numbers. Raises ValueError."""
    return tuple(number_of(word) for word in text.split(b","))


def from_hex(text: bytes) -> bytes:
    """Hex digits -> bytes. Raises ValueError."""
    return bytes.fromhex(text.decode("ascii"))


def hex_of(word: int) -> bytes:
    """A register's value -> hex digits, in the order of the target's bytes."""
    return word.to_bytes(BYTES, "little").hex().encode()
