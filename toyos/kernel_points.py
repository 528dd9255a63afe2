"""Events of the kernel -> points to stop at: switches, system calls, states, fields of PCBs, causes of traps.

    points = KernelPoints(machine, parts.symbols)
    for point, accept in points.context_switch():
        observer.add(point, accept)

The kernel does not help: what is watched are its variables and the hart's traps, found through its symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import NamedTuple

from toyos.constants import CALL_PREFIX, SIGNAL_PREFIX, signal_names
from toyos.errors import suggestion
from toyos.inspect.layout import state_names
from toyos.inspect.memory import text_of
from vm.arch import (
    CAUSE_ECALL_U,
    CSR_OF_MODE,
    EXCEPTION_NAMES,
    EXCEPTION_NAMES_OF_MODE,
    INTERRUPT_FLAG,
    INTERRUPT_NAMES,
    PRIV_U,
    WORD,
)
from vm.isa import registers
from vm.machine import Machine, MachineError
from vm.points import CHANGE, CodePoint, DataPoint, Hit, Point, StatePoint, TrapPoint

STACK_OF_USER = "usp"  # CSR with a process's sp, where traps exchange it
FIELD_PREFIX = "P_"
NUMBER_IN_REGISTER = {"risc": "a7", "window": "a7"}  # where a system call's number is; in cisc mode in the instruction
ANY_CALL, ANY_CALL_REGISTER = 0xFFFF, "t0"  # chmk with this number: it is in the register
ALIASES = {
    "fork": "clone", "open": "openat", "wait": "wait4", "waitpid": "wait4", "exec": "execve", "stat": "newfstatat",
    "sleep": "nanosleep", "yield": "sched_yield",
}  # fmt: skip
FATAL_FAULT = "fault_fatal"  # the procedure of the kernel that ends a process: its PCB, row of `exceptions`, value
FAULT_SIGNALS = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGKILL")  # what those rows hold; SIGKILL: out of memory
MESSAGE_SIZE = 128  # no message of theirs is longer
CAUSE_ALIASES = {"ecall": "from user mode", "syscall": "from user mode", "chmk": "from user mode"}


class PointError(Exception):
    """Something that the kernel does not have; the message is a sentence, with a suggestion where one is near."""


class Watched(NamedTuple):
    """A point, and what is asked at each of its hits whether it counts (None: all count)."""

    point: Point
    accept: Callable[[Hit], bool] | None = None


def unknown(what: str, name: str, known: Mapping[str, object]) -> PointError:
    """Kind of thing, a name that is none, and those that there are -> the error that says so."""
    hint = suggestion(name, known, otherwise=f"expected one of: {', '.join(sorted(known))}")
    return PointError(f"there is no {what} {name!r}{hint}")


class Fault(NamedTuple):
    """A process that the kernel is about to end for what it has done. signal: number; message: what the kernel prints,
    a format of pid, name, pc, value; value: an address, or the instruction when it is illegal."""

    pcb: int
    pid: int
    name: str
    pc: int
    signal: int
    message: str
    value: int


class KernelPoints:
    """Makes points for a machine on which the kernel with these symbols (toyos.build.System.symbols) runs."""

    def __init__(self, machine: Machine, symbols: Mapping[str, int]) -> None:
        self.machine, self.symbols = machine, symbols

    # ---- what is in memory now ---------------------------------------------------------------------------------------
    def word(self, address: int) -> int:
        """Physical address -> the word there; 0 outside RAM, as for the PCB of nobody."""
        try:
            return int.from_bytes(self.machine.read(address, WORD), "little")
        except MachineError:
            return 0

    def pid_of(self, pcb: int) -> int:
        """Address of a PCB -> the pid of its process; 0 too for what is no PCB."""
        return self.word(pcb + self.symbols["P_PID"]) if pcb in self._pcbs else 0

    @cached_property
    def _pcbs(self) -> range:
        first, size = self.symbols["pcb_pool"], self.symbols["P_SIZE"]
        return range(first, first + self.symbols["NPROC"] * size, size)

    def is_pcb(self, address: int) -> bool:
        """-> whether a PCB, used or free, begins at this address."""
        return address in self._pcbs

    def pcb_of(self, pid: int) -> int | None:
        """Pid -> address of the PCB of that process now, None when there is none."""
        free = self.symbols["STATE_FREE"]
        for pcb in self._pcbs:
            if self.word(pcb + self.symbols["P_PID"]) == pid and self.word(pcb + self.symbols["P_STATE"]) != free:
                return pcb
        return None

    @property
    def current_pid(self) -> int | None:
        """-> pid of the Running process; 0 while nobody is ready, None before the kernel has made its first process."""
        pcb = self.word(self.symbols["current"])
        return self.pid_of(pcb) if pcb else None

    def name_of(self, pcb: int) -> str:
        """Address of a PCB -> the name of the program that its process runs; "" for what is no PCB."""
        if pcb not in self._pcbs:
            return ""
        name = self.machine.read(pcb + self.symbols["P_NAME"], self.symbols["NAME_SIZE"])
        return text_of(name)

    @property
    def current_name(self) -> str:
        """-> the program of the Running process; "" before there is one."""
        return self.name_of(self.word(self.symbols["current"]))

    @cached_property
    def system_calls(self) -> dict[int, str]:
        """-> number -> name of every system call, as in toyos/include/syscall.inc."""
        names = [name for name in self.symbols if name.startswith(CALL_PREFIX)]
        return {self.symbols[name]: name.removeprefix(CALL_PREFIX) for name in names}

    @cached_property
    def state_names(self) -> dict[int, str]:
        """-> number -> name of a process's state, such as "Ready"."""
        return state_names(self.symbols)

    def saved_registers(self, source: int) -> bytes:
        """The privilege that a trap has come from, the machine at the handler's first instruction -> the 32 registers
        as they were, four bytes each. Where the hart has exchanged sp, a process's own."""
        words = self.machine.x.copy()
        if STACK_OF_USER in CSR_OF_MODE.get(self.machine.mode, {}) and source == PRIV_U:
            words[registers.NUMBERS["sp"]] = self.machine.csr(STACK_OF_USER)
        return words.tobytes()

    def call_number(self, hit: Hit) -> int:
        """Hit of a trap that is a system call, while the machine stands there -> the call's number."""
        assert hit.trap is not None
        register = NUMBER_IN_REGISTER.get(self.machine.mode)
        if register is None:
            if hit.trap.value != ANY_CALL:
                return hit.trap.value
            register = ANY_CALL_REGISTER
        return int(self.machine.x[registers.NUMBERS[register]])

    # ---- points ------------------------------------------------------------------------------------------------------
    def context_switch(self, before: int | None = None, after: int | None = None) -> list[Watched]:
        """-> when the dispatcher makes another process the current one; from and to these pids (None: any)."""

        def accept(hit: Hit) -> bool:
            if not hit.before or not hit.after:
                return False  # the kernel has only now made its first process
            return before in (None, self.pid_of(hit.before)) and after in (None, self.pid_of(hit.after))

        return [Watched(DataPoint(self.symbols["current"], WORD, CHANGE, physical=True), accept)]

    def any_trap(self) -> list[Watched]:
        """-> any trap."""
        return [Watched(TrapPoint())]

    @cached_property
    def cause_names(self) -> dict[int, str]:
        """-> cause, as scause has it, -> its name in this mode."""
        exceptions = EXCEPTION_NAMES | EXCEPTION_NAMES_OF_MODE.get(self.machine.mode, {})
        return exceptions | {INTERRUPT_FLAG | number: name for number, name in INTERRUPT_NAMES.items()}

    def causes(self, words: str) -> frozenset[int]:
        """Words of a cause's name, such as "page fault" or "timer", or its number -> the causes. Raises PointError."""
        names = self.cause_names
        try:
            number = int(words, 0)
        except ValueError:
            wanted = CAUSE_ALIASES.get(words.lower(), words.lower())
            found = frozenset(cause for cause, name in names.items() if wanted in name)
            if not found or not wanted:
                raise unknown("trap cause", words, dict.fromkeys(names.values())) from None
            return found
        if number not in names:
            raise PointError(f"there is no trap cause {number:#x}; expected one of: {', '.join(map(hex, names))}")
        return frozenset({number})

    def trap_on(self, words: str) -> list[Watched]:
        """Words of a cause's name, or its number -> a trap with that cause. Raises PointError."""
        return [Watched(TrapPoint(self.causes(words)))]

    def system_call(self, name: str | None = None, pid: int | None = None) -> list[Watched]:
        """Name of a system call (None: any) and who makes it -> when its trap was taken. Raises PointError."""
        numbers: set[int] | None = None
        if name is not None:
            by_name = {call: number for number, call in self.system_calls.items()}
            name = name.lower().removeprefix("sys_")
            if ALIASES.get(name, name) not in by_name:
                raise unknown("system call", name, by_name | dict.fromkeys(ALIASES))
            numbers = {by_name[ALIASES.get(name, name)]}

        def accept(hit: Hit) -> bool:
            if pid not in (None, self.current_pid):
                return False
            return numbers is None or self.call_number(hit) in numbers

        return [Watched(TrapPoint(frozenset({CAUSE_ECALL_U})), accept)]

    def state_change(self, pid: int | None = None) -> list[Watched]:
        """Pid (None: any) -> when the state of that process changes. The process need not exist yet."""
        states, pids = self.symbols["P_STATE"], self.symbols["P_PID"]

        def accept(hit: Hit) -> bool:
            assert isinstance(hit.point, DataPoint)
            return pid in (None, self.word(hit.point.address - states + pids))

        return [Watched(DataPoint(pcb + states, WORD, CHANGE, physical=True), accept) for pcb in self._pcbs]

    def fault(self) -> Fault:
        """-> the fault, while the machine stands at a point of `fatal_fault`."""
        pcb, row, value = (int(self.machine.x[registers.NUMBERS[name]]) for name in ("a0", "a1", "a2"))
        signal, message = (self.word(row + self.symbols[offset]) for offset in ("X_SIGNAL", "X_FORMAT"))
        words = self.machine.read(message, MESSAGE_SIZE).partition(b"\0")[0].decode("latin-1")
        pc = self.word(pcb + self.symbols["P_PC"])
        return Fault(pcb, self.pid_of(pcb), self.name_of(pcb), pc, signal, words, value)

    def fatal_fault(self, name: str | None = None, accept: Callable[[Fault], bool] | None = None) -> list[Watched]:
        """Signal, such as "SIGSEGV" or "segv" (None: any), and which faults count -> when the kernel is about to end a
        process for its fault. Raises PointError for what is no fault's signal."""
        wanted: int | None = None
        if name is not None:
            name = SIGNAL_PREFIX + name.upper().removeprefix(SIGNAL_PREFIX)
            if name not in FAULT_SIGNALS:
                raise unknown("fault that ends a process by", name, dict.fromkeys(FAULT_SIGNALS))
            wanted = next(number for number, each in signal_names().items() if each == name)

        def counts(hit: Hit) -> bool:
            fault = self.fault()
            return wanted in (None, fault.signal) and (accept is None or accept(fault))

        return [Watched(CodePoint(self.symbols[FATAL_FAULT]), counts)]

    def field_offset(self, name: str) -> int:
        """Name of a PCB field, such as "state" or "P_STATE" -> its offset. Raises PointError."""
        fields = {
            key.removeprefix(FIELD_PREFIX).lower(): value
            for key, value in self.symbols.items()
            if key.startswith(FIELD_PREFIX) and not key.endswith("SIZE")
        }
        name = name.lower().removeprefix(FIELD_PREFIX.lower())
        if name not in fields:
            raise unknown("field of a PCB", name, fields)
        return fields[name]

    def pcb_field(self, pid: int, name: str, kind: str = CHANGE) -> list[Watched]:
        """Pid of a process that exists now and a field of its PCB -> accesses of that kind to the word. Raises
        PointError."""
        offset = self.field_offset(name)
        pcb = self.pcb_of(pid)
        if pcb is None:
            raise PointError(f"there is no process {pid} now; `ps` lists those that there are")
        return [Watched(DataPoint(pcb + offset, WORD, kind, physical=True))]

    def user_mode(self, pid: int | None = None) -> list[Watched]:
        """-> when the hart has gone to user mode, in the process with this pid (None: in any)."""

        def accept(hit: Hit) -> bool:
            return hit.after == PRIV_U and pid in (None, self.current_pid)

        return [Watched(StatePoint("priv"), accept)]
