"""One gdb, attached to a machine: packet -> replies, and what they make the machine do.

Every answer is about the machine as it stands; nothing that gdb asks changes it, and what gdb writes is logged as an
input of the run. Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vm.gdb_commands import Commands
from vm.gdb_files import Files
from vm.gdb_guest import HART, Guest, Thread
from vm.gdb_packets import LONGEST
from vm.gdb_points import HARDWARE, REASONS, SOFTWARE, Points
from vm.gdb_queries import FEATURES, Objects
from vm.gdb_run import BEGIN, Runner
from vm.gdb_target import BYTES, GENERAL, PC, Registers
from vm.observe import Outcome
from vm.timetravel import INTERRUPTED
from vm.translation import Untranslated, current_root, read_virtual, write_virtual

if TYPE_CHECKING:
    from vm.timetravel import Timeline

OK, MALFORMED, NO_MEMORY, NO_THREAD, READ_ONLY = b"OK", b"E01", b"E14", b"E03", b"E1e"
SIGINT, SIGTRAP = 2, 5
SP = 2
ANY_THREAD = (0, -1)
TEXT_PORTION = LONGEST // 4  # bytes of `monitor` output in a packet


class Session:
    """handle(data) answers a packet; while runner.moving, stopped(outcome) makes the reply that gdb waits for.

    detached, killed: what gdb has asked for, for the server to see.
    """

    def __init__(self, timeline: Timeline, registers: Registers, guest: Guest, last: int | None = None) -> None:
        self._timeline, self._machine, self._registers = timeline, timeline.machine, registers
        self._guest = guest
        self.points = Points(timeline.observer, guest)
        self.runner = Runner(timeline, self.points, last)
        self._commands = Commands(timeline, guest)
        self._files, self._objects = Files(guest.file), Objects(registers, guest)
        self._thread = HART
        self._understood: frozenset[bytes] = frozenset()
        self._seen: Mapping[int, Thread] | None = None
        self._last = Outcome("attached")
        self._ended_at: int | None = None
        self.acknowledges = True
        self.detached = self.killed = False
        self._by_letter: Mapping[str, Callable[[bytes], bytes | None]] = {
            "?": lambda rest: self.stop_reply(self._last),
            "g": self._read_general, "G": self._write_general, "p": self._read_one, "P": self._write_one,
            "m": self._read_memory, "M": self._write_hex, "X": self._write_binary,
            "Z": self._insert, "z": self._remove,
            "c": self._continue, "s": self._step, "C": self._continue_with_signal, "S": self._step_with_signal,
            "b": self._backwards, "H": self._choose_thread, "T": self._is_alive,
            "D": self._detach, "k": self._kill,
            "v": self._named, "q": self._query, "Q": self._set,
        }  # fmt: skip

    def handle(self, data: bytes) -> list[bytes]:
        """A packet -> the replies to it, none while the machine is in motion. Whatever it holds, nothing is raised."""
        letter = chr(data[0]) if data else ""
        handler = self._by_letter.get(letter)
        if handler is None:
            return [b""]
        if letter == "q" and data.startswith(b"qRcmd,"):
            return self._monitor(data[len(b"qRcmd,") :])
        try:
            reply = handler(data[1:])
        except (ValueError, KeyError, IndexError):  # numbers that are none, parts that are missing
            return [MALFORMED]
        return [] if reply is None else [reply]

    # ---- stops -------------------------------------------------------------------------------------------------------
    def interrupt(self) -> bytes | None:
        """Ctrl-C -> the reply to what the machine is doing, None if it stands."""
        if not self.runner.moving:
            return None
        self.runner.stop()
        return self.stopped(Outcome(INTERRUPTED))

    def stopped(self, outcome: Outcome) -> bytes:
        """Why the machine has come to stand -> the reply that gdb waits for."""
        self._last, self._thread, self._seen = outcome, HART, None
        return self.stop_reply(outcome)

    def is_end(self, outcome: Outcome) -> bool:
        """Outcome -> whether the session ends with it, as the guest has."""
        if outcome.reason != "halt":
            return outcome.reason in ("limit", "stopped")
        again = self._ended_at == self._timeline.now
        self._ended_at = self._timeline.now
        return again or not self._commands.stops_at_end

    def stop_reply(self, outcome: Outcome) -> bytes:
        signal = SIGINT if outcome.reason == INTERRUPTED else SIGTRAP
        why = self.points.reasons(outcome.hits, self._understood)
        if outcome.reason == BEGIN:
            why = b"replaylog:begin;"
        elif outcome.reason in ("end", "halt"):
            why = b"replaylog:end;"
        expedited = b"".join(b"%x:%b;" % (number, self._hex_of(number)) for number in (SP, PC))
        return b"T%02x%bthread:%x;%b" % (signal, expedited, HART, why)

    # ---- threads -----------------------------------------------------------------------------------------------------
    def _others(self) -> Mapping[int, Thread]:
        """-> the processes that are not on the hart, as long as the machine stands as it does."""
        if self._seen is None:
            self._seen = {each.number: each for each in self._guest.threads()}
        return self._seen

    def _other(self) -> Thread | None:
        """-> the process that gdb has chosen to look at, None for the hart."""
        return None if self._thread == HART else self._others().get(self._thread)

    def _changed(self) -> None:
        """gdb has written something."""
        self._timeline.changed()
        self._seen = None

    def _choose_thread(self, rest: bytes) -> bytes:
        if rest[:1] == b"c":
            return OK  # whoever is told to run, it is the hart that does
        number = -1 if rest[1:] == b"-1" else _number(rest[1:])
        if number not in (*ANY_THREAD, HART) and number not in self._others():
            return NO_THREAD
        self._thread = HART if number in ANY_THREAD else number
        return OK

    def _is_alive(self, rest: bytes) -> bytes:
        number = _number(rest)
        return OK if number == HART or number in self._others() else NO_THREAD

    # ---- registers ---------------------------------------------------------------------------------------------------
    def _hex_of(self, number: int) -> bytes:
        """Register of the hart, or of the chosen process -> hex digits; x's when it is not known."""
        other = self._other()
        if other is None:
            value: int | None = self._registers.read(number)
        else:
            value = other.registers.get(number)
        return b"xx" * BYTES if value is None else value.to_bytes(BYTES, "little").hex().encode()

    def _read_general(self, rest: bytes) -> bytes:
        return b"".join(self._hex_of(number) for number in GENERAL)

    def _read_one(self, rest: bytes) -> bytes:
        number = _number(rest)
        return self._hex_of(number) if number in self._registers else MALFORMED

    def _write_general(self, rest: bytes) -> bytes:
        values = _from_hex(rest)
        if len(values) < len(GENERAL) * BYTES:
            return MALFORMED
        return self._write_registers({n: values[n * BYTES : (n + 1) * BYTES] for n in GENERAL})

    def _write_one(self, rest: bytes) -> bytes:
        number, _, value = rest.partition(b"=")
        return self._write_registers({_number(number): _from_hex(value)})

    def _write_registers(self, values: Mapping[int, bytes]) -> bytes:
        if any(number not in self._registers or len(value) != BYTES for number, value in values.items()):
            return MALFORMED
        if self._other() is not None:
            return READ_ONLY
        for number, value in values.items():
            self._registers.write(number, int.from_bytes(value, "little"))
        self._changed()
        return OK

    # ---- memory ------------------------------------------------------------------------------------------------------
    def _root(self) -> int | None:
        """-> the page table by which gdb sees memory: that in force, or the chosen process's."""
        other = self._other()
        return current_root(self._machine) if other is None else other.root

    def _read_memory(self, rest: bytes) -> bytes:
        address, size = _numbers(rest)
        size = min(size, LONGEST // 2)
        try:
            return read_virtual(self._machine, address, size, self._root()).hex().encode()
        except Untranslated as fault:
            readable = fault.address - address
            if not 0 < readable < size:
                return NO_MEMORY
            return read_virtual(self._machine, address, readable, self._root()).hex().encode()

    def _write_hex(self, rest: bytes) -> bytes:
        place, _, data = rest.partition(b":")
        return self._write_memory(place, _from_hex(data))

    def _write_binary(self, rest: bytes) -> bytes:
        place, _, data = rest.partition(b":")
        return self._write_memory(place, data)

    def _write_memory(self, place: bytes, data: bytes) -> bytes:
        address, size = _numbers(place)
        if size != len(data):
            return MALFORMED
        try:
            write_virtual(self._machine, address, data, self._root())
        except Untranslated:
            return NO_MEMORY
        if data:
            self._changed()
        return OK

    # ---- points ------------------------------------------------------------------------------------------------------
    def _insert(self, rest: bytes) -> bytes:
        kind, address, size = _numbers(rest.partition(b";")[0])
        if kind not in REASONS:
            return b""
        return OK if self.points.insert(kind, address, size) else MALFORMED

    def _remove(self, rest: bytes) -> bytes:
        kind, address, size = _numbers(rest)
        if kind not in REASONS:
            return b""
        self.points.remove(kind, address, size)
        return OK

    # ---- motion ------------------------------------------------------------------------------------------------------
    def _resume_at(self, rest: bytes) -> None:
        if rest:
            self._registers.write(PC, _number(rest))
            self._changed()

    def _continue(self, rest: bytes) -> None:
        self._resume_at(rest)
        self.runner.run()

    def _step(self, rest: bytes) -> None:
        self._resume_at(rest)
        self.runner.step()

    def _continue_with_signal(self, rest: bytes) -> None:
        self._continue(rest.partition(b";")[2])  # a hart knows no signals

    def _step_with_signal(self, rest: bytes) -> None:
        self._step(rest.partition(b";")[2])

    def _backwards(self, rest: bytes) -> bytes | None:
        if rest == b"s":
            self.runner.step_back()
        elif rest == b"c":
            self.runner.run_back()
        else:
            return b""
        return None

    def _vcont(self, rest: bytes) -> bytes | None:
        """The actions, each for some thread: one that steps counts, whoever it is for, as only the hart can."""
        actions = [action.partition(b":")[0] for action in rest.split(b";") if action]
        chosen = next((each for each in actions if each[:1] in b"sSr"), actions[0] if actions else b"")
        match chosen[:1]:
            case b"r":
                low, high = _numbers(chosen[1:])
                self.runner.step(low, high)
            case b"s" | b"S":
                self.runner.step()
            case b"c" | b"C":
                self.runner.run()
            case b"t":
                return OK
            case _:
                return MALFORMED
        return None

    # ---- packets with names ------------------------------------------------------------------------------------------
    def _named(self, rest: bytes) -> bytes | None:
        if rest == b"Cont?":
            return b"vCont;c;C;s;S;t;r"
        if rest.startswith(b"Cont;"):
            return self._vcont(rest[len(b"Cont;") :])
        if rest.startswith(b"File:"):
            return self._files.packet(rest[len(b"File:") :])
        if rest.startswith(b"Kill"):
            self.killed = True
            return OK
        return b""  # also vMustReplyEmpty

    def _query(self, rest: bytes) -> bytes:
        name, _, arguments = rest.partition(b":")
        match name:
            case b"Supported":
                asked = arguments.split(b";")
                self._understood = frozenset(
                    REASONS[kind] for kind in (SOFTWARE, HARDWARE) if REASONS[kind] + b"+" in asked
                )
                return ";".join(FEATURES).encode()
            case b"Xfer":
                return self._objects.packet(arguments)
            case b"C":
                return b"QC%x" % HART
            case b"fThreadInfo":
                return b"m" + b",".join(b"%x" % n for n in (HART, *self._others()))
            case b"sThreadInfo":
                return b"l"
            case b"Attached":
                return b"1"
            case b"Symbol":
                return OK
        if name.startswith(b"ThreadExtraInfo,"):
            number = _number(name.partition(b",")[2])
            text = self._guest.hart() if number == HART else self._others()[number].text
            return text.encode("utf-8", "replace").hex().encode()
        return b""

    def _set(self, rest: bytes) -> bytes:
        if rest == b"StartNoAckMode":
            self.acknowledges = False
            return OK
        return b""

    def _monitor(self, data: bytes) -> list[bytes]:
        try:
            line = _from_hex(data).decode("utf-8", "replace")
        except ValueError:
            return [MALFORMED]
        text = self._commands.run(line).encode("utf-8", "replace")
        self._seen = None
        portions = (text[at : at + TEXT_PORTION] for at in range(0, len(text), TEXT_PORTION))
        return [*(b"O" + portion.hex().encode() for portion in portions), OK]

    def _detach(self, rest: bytes) -> bytes:
        self.detached = True
        return OK

    def _kill(self, rest: bytes) -> None:
        self.killed = True


def _number(text: bytes) -> int:
    """Hex digits -> the number. Raises ValueError."""
    if not text.isalnum():
        raise ValueError("a sign, white space or nothing at all is no number of the protocol")
    return int(text, 16)


def _numbers(text: bytes) -> tuple[int, ...]:
    """Hex numbers with commas between them -> the numbers. Raises ValueError."""
    return tuple(_number(word) for word in text.split(b","))


def _from_hex(text: bytes) -> bytes:
    """Hex digits -> bytes. Raises ValueError."""
    return bytes.fromhex(text.decode("ascii"))
