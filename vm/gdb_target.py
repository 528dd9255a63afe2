"""A machine -> its registers as gdb knows them: numbers, names and groups, how to read and write each, and the XML.

gdb learns from the target description what registers there are. Two of its own features are filled from the tables of
registers and CSRs, a third with the privilege level; the register windows of window mode are a feature of ours. Source:
"Debugging with GDB", appendix "Target Descriptions", section "RISC-V Features".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

from vm.arch import PRIV_M, PRIV_S, PRIV_U
from vm.isa.registers import ABI_NAMES, names
from vm.machine import Machine

MODES = ("risc", "window")  # gdb has no processor like that of cisc mode
BITS, BYTES = 32, 4
SP = 2
PC = 32  # gdb's own numbers: x0 to x31, then pc; 33 to 64 are floating-point registers
FIRST_CSR = 65
PRIV = FIRST_CSR + (1 << 12)
FIRST_WINDOW = PRIV + 1
GENERAL = range(PC + 1)  # what a `g` packet holds

CPU, CSRS, VIRTUAL = "org.gnu.gdb.riscv.cpu", "org.gnu.gdb.riscv.csr", "org.gnu.gdb.riscv.virtual"
WINDOWS = "toyos.riscv.windows"
TYPES = {"ra": "code_ptr", "ira": "code_ptr", "pc": "code_ptr"} | dict.fromkeys(("sp", "gp", "tp", "isp"), "data_ptr")


class Register(NamedTuple):
    """One register. number: in packets; group: for gdb's `info registers GROUP`; write: a value that does not fit, or
    that the register cannot hold, is treated as by an instruction that writes it."""

    number: int
    name: str
    feature: str
    group: str
    read: Callable[[Machine], int]
    write: Callable[[Machine, int], None]

    @property
    def xml(self) -> str:
        kind = TYPES.get(self.name, "int")
        attributes = f'name={quoteattr(self.name)} bitsize="{BITS}" regnum="{self.number}" type="{kind}"'
        return f'<reg {attributes} group="{self.group}"/>'


class Registers:
    """The registers of a machine in one of MODES."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        table = [*self._integer(), *self._csrs(), _privilege(), *self._windows()]
        self._by_number: Mapping[int, Register] = {register.number: register for register in table}

    def __iter__(self) -> Iterator[Register]:
        return iter(self._by_number.values())

    def __contains__(self, number: object) -> bool:
        return number in self._by_number

    def read(self, number: int) -> int:
        """Raises KeyError for a number that no register has."""
        return self._by_number[number].read(self._machine) & (1 << BITS) - 1

    def write(self, number: int, value: int) -> None:
        """Raises KeyError for a number that no register has."""
        self._by_number[number].write(self._machine, value)

    def _integer(self) -> list[Register]:
        registers = [
            Register(number, name, CPU, "general", *_integer_access(number)) for number, name in enumerate(ABI_NAMES)
        ]
        return [*registers, Register(PC, "pc", CPU, "general", lambda machine: machine.pc, _set_pc)]

    def _csrs(self) -> list[Register]:
        rows = self._machine.core.target.csr_rows
        return [
            Register(FIRST_CSR + number, rows[number].name, CSRS, "csr", *_csr_access(number))
            for number in sorted(rows)
        ]

    def _windows(self) -> list[Register]:
        """The words of every window, and the names that the current one's registers have in window mode."""
        if not self._machine.nwin:
            return []
        from vm.micro.windows import KEPT

        shown = names(self._machine.mode)
        found = [
            Register(FIRST_WINDOW + number, name, WINDOWS, "window", *_integer_access(number))
            for number, name in enumerate(shown)
            if name not in ABI_NAMES
        ]
        for window in range(self._machine.nwin):
            first = FIRST_WINDOW + len(shown) + window * len(KEPT)
            for word, register in enumerate(KEPT):
                name = f"w{window}_{shown[register]}"
                found.append(Register(first + word, name, WINDOWS, f"w{window}", *_window_access(window, word)))
        return found

    @cached_property
    def xml(self) -> str:
        """The target description. An XML document, as the protocol's qXfer:features:read sends it."""
        features: dict[str, list[str]] = {}
        for register in self._by_number.values():
            features.setdefault(register.feature, []).append(register.xml)
        lines = ['<?xml version="1.0"?>', '<!DOCTYPE target SYSTEM "gdb-target.dtd">', '<target version="1.0">']
        # Without a system gdb assumes its own, Linux, and steps by breakpoints where it thinks that code goes next.
        lines += ["<architecture>riscv:rv32</architecture>", "<osabi>none</osabi>"]
        for name, registers in features.items():
            lines += [f'<feature name="{name}">', *registers, "</feature>"]
        return "\n".join([*lines, "</target>", ""])


Access = tuple[Callable[[Machine], int], Callable[[Machine, int], None]]


def _integer_access(number: int) -> Access:
    def write(machine: Machine, value: int) -> None:
        if number:
            machine.x[number] = value

    return lambda machine: int(machine.x[number]), write


def _set_pc(machine: Machine, value: int) -> None:
    machine.pc = value


def _csr_access(number: int) -> Access:
    """As M-mode software would read and write it; writing one that is read-only does nothing."""
    from vm.micro.csr import is_read_only

    def read(machine: Machine) -> int:
        core = machine.core
        return int(core.target.csr_rows[number].get(core.context()))

    def write(machine: Machine, value: int) -> None:
        if not is_read_only(number):
            context = machine.core.context()
            machine.core.target.csr_rows[number].set(context, context.word(value))

    return read, write


def _privilege() -> Register:
    def write(machine: Machine, value: int) -> None:
        from vm.micro.paging import set_banks

        if value in (PRIV_U, PRIV_S, PRIV_M):
            machine.core.state["priv"] = value
            set_banks(machine.core.context())

    return Register(PRIV, "priv", VIRTUAL, "system", lambda machine: int(machine.core.state["priv"]), write)


def _window_access(window: int, word: int) -> Access:
    """A window's word, wherever it is now: the current window is x1 to x31, and its outs are the next one's ins."""
    from vm.micro.windows import INS, KEPT, OUTS
    from vm.state import WINDOW_WORDS

    def place(machine: Machine) -> tuple[str, int]:
        current = int(machine.core.state["cwp"])
        if window == current:
            return "x", KEPT[word]
        if window == (current + 1) % machine.nwin and KEPT[word] in INS:
            return "x", OUTS[INS.index(KEPT[word])]
        return "windows", window * WINDOW_WORDS + word

    def read(machine: Machine) -> int:
        field, index = place(machine)
        return int(machine.core.state[field][index])

    def write(machine: Machine, value: int) -> None:
        field, index = place(machine)
        machine.core.state[field][index] = value

    return read, write
