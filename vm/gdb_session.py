"""One gdb, attached to a machine: packet -> replies, and what they make the machine do.

Every answer is about the machine as it stands; nothing that gdb asks changes it, and what gdb writes is logged as an
input of the run. Source: "Debugging with GDB", appendix "GDB Remote Serial Protocol".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vm.gdb_commands import Commands
from vm.gdb_files import Files
from vm.gdb_guest import HART, Guest
from vm.gdb_packets import LONGEST
from vm.gdb_points import HARDWARE, REASONS, SOFTWARE, Points
from vm.gdb_queries import FEATURES, Objects
from vm.gdb_run import BEGIN, Runner
from vm.gdb_target import PC, SP, Registers
from vm.gdb_view import MALFORMED, OK, View, from_hex, hex_of, number_of, numbers
from vm.observe import Outcome
from vm.timetravel import INTERRUPTED

if TYPE_CHECKING:
    from vm.timetravel import Timeline

SIGINT, SIGTRAP = 2, 5
TEXT_PORTION = LONGEST // 4  # bytes of `monitor` output in a packet


class Session:
    """handle(data) answers a packet; while runner.moving, stopped(outcome) makes the reply that gdb waits for.

    detached, killed: what gdb has asked for, for the server to see.
    """

    def __init__(self, timeline: Timeline, registers: Registers, guest: Guest, last: int | None = None) -> None:
        self._timeline, self._registers, self._guest = timeline, registers, guest
        self.view = view = View(timeline, registers, guest)
        self.points = Points(timeline.observer, guest)
        self.runner = Runner(timeline, self.points, last)
        self._commands = Commands(timeline, guest)
        self._files, self._objects = Files(guest.file), Objects(registers, guest)
        self._understood: frozenset[bytes] = frozenset()
        self._last = Outcome("attached")
        self._ended_at: int | None = None
        self.acknowledges = True
        self.detached = self.killed = False
        self._by_letter: Mapping[str, Callable[[bytes], bytes | None]] = {
            "?": lambda rest: self.stop_reply(self._last),
            "g": view.read_general, "G": view.write_general, "p": view.read_one, "P": view.write_one,
            "m": view.read_memory, "M": view.write_hex, "X": view.write_binary,
            "Z": self._insert, "z": self._remove,
            "c": self._continue, "s": self._step, "C": self._continue_with_signal, "S": self._step_with_signal,
            "b": self._backwards, "H": view.choose_thread, "T": view.is_alive,
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
        self._last = outcome
        self.view.refresh()
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
        expedited = b"".join(b"%x:%b;" % (number, hex_of(self._registers.read(number))) for number in (SP, PC))
        return b"T%02x%bthread:%x;%b" % (signal, expedited, HART, why)

    # ---- points ------------------------------------------------------------------------------------------------------
    def _insert(self, rest: bytes) -> bytes:
        kind, address, size = numbers(rest.partition(b";")[0])
        if kind not in REASONS:
            return b""
        return OK if self.points.insert(kind, address, size) else MALFORMED

    def _remove(self, rest: bytes) -> bytes:
        kind, address, size = numbers(rest)
        if kind not in REASONS:
            return b""
        self.points.remove(kind, address, size)
        return OK

    # ---- motion ------------------------------------------------------------------------------------------------------
    def _resume_at(self, rest: bytes) -> None:
        if rest:
            self.view.set_pc(number_of(rest))

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
                low, high = numbers(chosen[1:])
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
                return b"m" + b",".join(b"%x" % n for n in (HART, *self.view.others()))
            case b"sThreadInfo":
                return b"l"
            case b"Attached":
                return b"1"
            case b"Symbol":
                return OK
        if name.startswith(b"ThreadExtraInfo,"):
            number = number_of(name.partition(b",")[2])
            text = self._guest.hart() if number == HART else self.view.others()[number].text
            return text.encode("utf-8", "replace").hex().encode()
        return b""

    def _set(self, rest: bytes) -> bytes:
        if rest == b"StartNoAckMode":
            self.acknowledges = False
            return OK
        return b""

    def _monitor(self, data: bytes) -> list[bytes]:
        try:
            line = from_hex(data).decode("utf-8", "replace")
        except ValueError:
            return [MALFORMED]
        text = self._commands.run(line).encode("utf-8", "replace")
        self.view.stale()
        portions = (text[at : at + TEXT_PORTION] for at in range(0, len(text), TEXT_PORTION))
        return [*(b"O" + portion.hex().encode() for portion in portions), OK]

    def _detach(self, rest: bytes) -> bytes:
        self.detached = True
        return OK

    def _kill(self, rest: bytes) -> None:
        self.killed = True
