"""A board that runs: one hart, RAM and devices -> a machine that loads an image and runs it.

The executor (vm/micro) runs instructions and leaves with a reason; this file answers: it makes device accesses, listens
to `tohost`, reports traps, and says why the machine stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vm import arch
from vm.board import MODES as MODES
from vm.board import Board
from vm.board import MachineError as MachineError
from vm.devices.bus import BusError
from vm.devices.htif import SETTLE
from vm.inputs import RECEIVE, WAIT, WAKE, Input
from vm.micro.core import NEVER
from vm.state import (
    EXIT_DEVICE,
    EXIT_IDLE,
    EXIT_LIMIT,
    EXIT_POINT,
    EXIT_STOPPED,
    EXIT_TRAP,
    EXIT_WATCH,
    IO_DONE,
    IO_ERROR,
    place,
)
from vm.stops import Stop as Stop
from vm.stops import TrapRecord as TrapRecord

if TYPE_CHECKING:
    from vm.realtime import HostClock

_ENDLESS = 1 << 62  # instructions: no run lasts that long
LONGEST_REST = 86_400.0  # seconds asleep at a time: hosts refuse to wait for some centuries, which guests may ask for
_IO_ADDRESS, _IO_SIZE, _IO_WRITE, _IO_VALUE, _IO_READY, _REASON = map(
    place, ("io_address", "io_size", "io_write", "io_value", "io_ready", "reason")
)


class Machine(Board):
    """One board. mode: one of MODES; ram: bytes, a multiple of 4 KiB; executor: "native" (generated code) or
    "reference" (plain Python); console: takes what the guest prints; meter: counts what happens (vm/meter.py); nwin:
    register windows, 2 to 32, of window mode, which has 8 when nothing is said; observed: it can be watched
    (vm/observe.py); disks: those in the first virtio slots (vm/disk.py), which stay the caller's to close; virtio:
    "legacy" or "modern", what drivers find there; isa: one of vm.isa.sets.ISAS that the mode has; real_time: its
    clock can follow the host's (vm/realtime.py). Raises MachineError for parameters that make no sense.

    trace_traps: told of each trap, when set. pause: when set, the hart's sleep until a timer takes the host's time: it
    is called with the seconds, may return early (when there is input), and says how many seconds have passed. By itself
    a machine skips such times, so that runs are equal. host: when set, mtime follows it. deadline: when set, the host's
    time (time.perf_counter) at which a run that makes many device accesses ends early, as if at its limit. log: told of
    each input, when set. console may be set anew.
    """

    _asleep_at: tuple[int, int] | None = None  # where the hart was last seen asleep: position, pc of the wfi

    # ---- the outside world -------------------------------------------------------------------------------------------
    def receive(self, data: bytes) -> None:
        """Bytes typed or piped in, now -> queued at the serial port."""
        if not data:
            return
        self.uart.receive(data)
        if self.log:
            self.log(Input(self.started, RECEIVE, data))
        self._connect()
        if self.asleep and self._woken():
            self.wake()

    def wait(self, clocks: int) -> None:
        """So many clocks pass in which no instruction is begun."""
        self._pass(clocks)
        if self.log and clocks:
            self.log(Input(self.started, WAIT, clocks=clocks))

    def wake(self) -> None:
        """The wfi at which the hart sleeps goes on, before an interrupt is taken."""
        self.core.state["woken"] = 1
        if self.log:
            self.log(Input(self.started, WAKE))

    def _pass(self, clocks: int) -> None:
        """Time passes; what devices wanted to do by then they do."""
        self.core.state["clock"] += clocks
        self.core.state["skipped"] += clocks
        self._ring()

    def _ring(self) -> None:
        alarm = self._alarm
        if alarm is not None and int(self.core.state["clock"]) >= alarm:
            self.rtc.ring()

    # ---- as a file ---------------------------------------------------------------------------------------------------
    def save(self, path: str | Path) -> None:
        """The machine, which is not running -> file with its complete state: RAM, hart, devices, what was written to
        disks that leave their files alone. Other disks are flushed, and must be the same when it is restored. Raises
        vm.snapshot.SnapshotError for a disk that is no file, OSError; an older file stays then."""
        from vm.recording import save_machine

        save_machine(path, self)

    @classmethod
    def restore(
        cls,
        path: str | Path,
        console: Callable[[bytes], object] | None = None,
        observed: bool = False,
        disks: Sequence[str | Path] | None = None,
        disk_snapshot: bool = False,
    ) -> Machine:
        """What `save` wrote -> a machine that goes on from there, to the bit. disks: where the files of its disks are,
        when they have moved; disk_snapshot: leave them alone from now on. Raises vm.container.RecordingError, OSError.
        """
        from vm.recording import load_machine
        from vm.snapshot_form import Places

        return load_machine(path, console, observed, Places(disks, disk_snapshot))[0]

    # ---- running -----------------------------------------------------------------------------------------------------
    def run(self, max_instructions: int | None = None) -> Stop:
        """Runs until something stops the machine, exactly `max_instructions` (started) instructions at most."""
        state = self.core.state
        last = self.started + (_ENDLESS if max_instructions is None else max(max_instructions, 0))
        self._request_exits()
        if self.host is not None:
            self.host.start(int(state["clock"]), self.instructions)
            self._follow(self.host)
        resumed, late = True, False  # resumed: the hart may stand at a wfi that goes on
        while True:
            self._connect()
            end = last - self._before_reset
            limit = end if self._settle is None else min(end, self._settle)
            if self.host is not None:
                limit = min(limit, self.instructions + self.host.slice)
            if (alarm := self._alarm) is not None:
                limit = min(limit, alarm - int(state["skipped"]))
                state["wfi_exits"] = 1  # a wfi must not sleep beyond it
            state["limit"] = min(limit, self.instructions + 1) if late else limit
            if resumed and state["woken"]:
                state["due"] = min(int(state["clock"]) + 1, int(state["limit"]) + int(state["skipped"]))
            self.core.run()
            resumed = False
            reason = int(state["reason"])
            if reason == EXIT_DEVICE:
                reason = self._access_devices()
            stop: Stop | None = None
            if reason == EXIT_DEVICE:
                stop = self._ended()
                late = (self.host is not None or self.deadline is not None) and self._late()
                if self.instructions == 0:  # it asked for a reset
                    self._request_exits()
                    if self.host is not None:
                        self.host.set(0)
            elif reason == EXIT_TRAP:
                self._report_trap()
            elif reason == EXIT_IDLE:
                self._connect()
                stop, resumed = self._sleep(), True
            elif reason == EXIT_STOPPED:
                stop = Stop("stopped")
            elif reason == EXIT_POINT:
                stop = Stop("point")
            elif reason == EXIT_WATCH:
                state["watch_hit"] = 0
                stop = self._tohost_written()
            elif reason == EXIT_LIMIT:
                self._ring()
                if self._settle is not None and self.instructions >= self._settle and self._htif:
                    self._settle, status = None, self._htif.settle()
                    stop = None if status is None else Stop("halt", status)
                if stop is None and (self.instructions >= end or late and self._overdue()):
                    stop = Stop("limit")
                if stop is None and self.host is not None:
                    self._follow(self.host)
                late = False
            if stop:
                if self.host is not None:
                    self.host.stop(int(state["clock"]))
                return stop

    def _request_exits(self) -> None:
        """What the executor leaves for only when somebody wants to know."""
        self.core.state["trace_traps"] = self.trace_traps is not None
        self.core.state["wfi_exits"] = self.pause is not None or self.host is not None
        if self.core.marks is not None:
            self.core.marks.begin(self._before_reset)

    def _follow(self, host: HostClock) -> None:
        """The time passes by which the machine is behind."""
        self.wait(max(host.look(int(self.core.state["clock"]), self.instructions), 0))

    def _late(self) -> bool:
        """-> whether the run must be interrupted soon."""
        return self._overdue() or self.host is not None and self.host.late()

    def _overdue(self) -> bool:
        return self.deadline is not None and time.perf_counter() >= self.deadline

    @property
    def asleep(self) -> bool:
        """-> whether the hart stands at a wfi, seen asleep: an interrupt that comes is taken behind it."""
        return self._asleep_at == (self.started, self.pc)  # a debugger may have moved it

    @asleep.setter
    def asleep(self, value: bool) -> None:
        self._asleep_at = (self.started, self.pc) if value else None

    def _woken(self) -> bool:
        state = self.core.state
        return bool(int(state["lines"]) & int(state["mie"]))

    def _sleep(self) -> Stop | None:
        """The hart sleeps: time passes up to the next event, the host's too if that is wanted -> None to go on."""
        state = self.core.state
        alarm, timer, clock = self._alarm, int(state["wake"]), int(state["clock"])
        wake = timer if alarm is None else min(timer, alarm)
        if wake == NEVER:
            self.asleep = True
            return Stop("idle")
        left = wake - clock - 1  # the wfi itself takes the last clock
        if self.pause is not None or self.host is not None:
            waited = min(max(self._rest(left), 0), left)
            if waited < left:
                self.wait(waited)
                self.asleep = True
                return Stop("pause")
        self._pass(left)
        if wake == timer:
            # It is due at the next instruction: this wfi has nothing left to skip.
            state["wfi_exits"], state["limit"] = 0, self.instructions + 1
            self.core.run()
            state["wfi_exits"] = 1
        else:
            self.rtc.ring()
            self._connect()
            state["woken"] = self._woken()
        return None

    def _rest(self, clocks: int) -> int:
        """The host's time passes, so many clocks or until something comes -> how many have passed."""
        rest = self.pause or time.sleep
        if self.host is None:
            return int((rest(min(clocks / self.clock_hz, LONGEST_REST)) or 0) * self.clock_hz)
        now = int(self.core.state["clock"])
        left = clocks - self.host.behind(now)
        if left > 0:
            rest(min(left / self.clock_hz, LONGEST_REST))
        return self.host.behind(now)

    def _access_devices(self) -> int:
        """The device access that the executor left for -> done, or an access fault for the guest; and so on with those
        that follow -> why it left at last. EXIT_DEVICE: the last access bears on the run itself, which has not gone on.
        """
        words, bus, run, finisher, rtc = self.core.words, self.bus, self.core.run, self.finisher, self.rtc
        alarm, timed = rtc.deadline, self.host is not None or self.deadline is not None
        while True:
            address, size = words[_IO_ADDRESS], words[_IO_SIZE]
            try:
                if words[_IO_WRITE]:
                    bus.write(address, size, words[_IO_VALUE] & ((1 << 8 * size) - 1))
                else:
                    words[_IO_VALUE] = bus.read(address, size)
            except BusError:
                words[_IO_READY] = IO_ERROR
            else:
                words[_IO_READY] = IO_DONE
            if finisher.halt is not None or rtc.deadline != alarm or timed and self._late():
                return EXIT_DEVICE
            self._connect()
            run()
            if words[_REASON] != EXIT_DEVICE:
                return words[_REASON]

    def _ended(self) -> Stop | None:
        """A device access has been made: did it stop or reset the machine?"""
        halt = self.finisher.halt
        if halt is None:
            return None
        self.finisher.halt = None
        if halt.reset:
            self._before_reset += 1  # the store that asked for it
            self.reset()
            return None
        self._complete_store()
        return Stop("halt", halt.status)

    def _complete_store(self) -> None:
        """The store that stops the machine counts as an instruction: it is finished, and nothing after it is begun."""
        state = self.core.state
        state["limit"] = self.instructions + 1
        self.core.run()

    def _tohost_written(self) -> Stop | None:
        """A store reached `tohost`: answers, or says in _settle when to look again."""
        assert self._htif is not None
        state = self.core.state
        status = self._htif.stored(arch.RAM_BASE + int(state["watch_offset"]), int(state["watch_size"]))
        if status is not None or not self._htif.unsettled:
            self._settle = None
        elif self._settle is None:
            # Counted from the first store: a guest that stores the same half in a loop must not put it off for ever.
            self._settle = self.instructions + SETTLE
        return None if status is None else Stop("halt", status)

    def _report_trap(self) -> None:
        state = self.core.state
        state["trap_seen"] = 0
        words = (int(state[name]) for name in ("trap_cause", "trap_pc", "trap_value", "trap_from", "priv", "pc"))
        if self.trace_traps:
            self.trace_traps(self.trap_record(*words))
