"""What a process has in the hart: read at its trap, at the return to it, and from its PCB."""

from __future__ import annotations

from dataclasses import dataclass, replace

from toyos.checks.view import WORD, View
from toyos.inspect.windows import WINDOW_BYTES
from toyos.kernel_points import ANY_CALL_REGISTER, NUMBER_IN_REGISTER
from toyos.variants import WINDOWED_MODES
from vm.arch import MSTATUS_SPP, PRIV_S, RAM_BASE
from vm.isa.registers import NUMBERS, names
from vm.isa.specifiers import REGISTER_NAMES
from vm.micro.windows import ISP, KEPT
from vm.state import WINDOW_WORDS
from vm.translation import Untranslated, read_virtual

STACKED = ("cisc",)  # modes in which a trap pushes pc and psw, and sp has a register of its own per privilege
NAMED_BY_PCBB = "svpctx"  # variant that takes the kernel's stack from ksp; in the others ksp leads into the PCB
_ISP_WORD = KEPT.index(ISP)


@dataclass(frozen=True)
class Window:
    """Registers of a caller: words, locals and ins, and the place on the stack that is theirs."""

    place: int
    words: tuple[int, ...]


@dataclass(frozen=True)
class UserState:
    """x: by number, those of the mode (in cisc mode with the process's own sp); psw: in cisc mode; callers: windows of
    the procedures that have called, the youngest first, as far as they are in the register file."""

    pc: int
    x: tuple[int, ...]
    psw: int | None = None
    callers: tuple[Window, ...] = ()

    def with_registers(self, values: dict[int, int], pc: int | None = None) -> UserState:
        """-> the same but for these registers, and pc if it is given."""
        x = list(self.x)
        for number, value in values.items():
            x[number] = value & 0xFFFF_FFFF
        return replace(self, x=tuple(x), pc=self.pc if pc is None else pc & 0xFFFF_FFFF)


class Reader:
    """Reads UserStates of one machine."""

    def __init__(self, view: View) -> None:
        self.view, self.mode = view, view.machine.mode
        self.stacked, self.windowed = self.mode in STACKED, self.mode in WINDOWED_MODES
        if self.stacked:
            self.registers = {NUMBERS[name]: name for name in REGISTER_NAMES}
        else:
            self.registers = {number: name for number, name in enumerate(names(self.mode)) if number}
        self._sp = NUMBERS["sp"]
        self.call_register = NUMBERS[NUMBER_IN_REGISTER.get(self.mode, ANY_CALL_REGISTER)]

    def at_trap(self, pc: int) -> UserState:
        """-> of the process that has trapped at pc; the handler has not begun."""
        return self._state(pc, psw_at=WORD)

    def at_return(self) -> UserState:
        """-> of the process that the next instruction returns to."""
        if self.stacked:
            return self._state(self.view.word(self._kernel_sp()), psw_at=WORD)
        return self._state(self.view.state("sepc"))

    def to_user(self) -> bool:
        """-> whether the instruction that comes next, which returns from a trap, returns to a process."""
        if self.view.state("priv") != PRIV_S:
            return False
        status = self.view.word(self._kernel_sp() + WORD) if self.stacked else self.view.state("mstatus")
        return not status & MSTATUS_SPP

    def in_pcb(self, pcb: int) -> UserState:
        """-> what is saved in a PCB. Its callers' windows are not in there."""
        symbols = self.view.symbols
        if self.stacked:
            x = [0] * 32
            for number, name in self.registers.items():
                x[number] = self.view.field(pcb, f"P_{name.upper()}")
        else:
            x = [0, *self.view.words(pcb + symbols["P_X"] + WORD, 31).tolist()]
        psw = self.view.field(pcb, "P_PSW") if self.stacked else None
        return UserState(self.view.field(pcb, "P_PC"), tuple(x), psw)

    def ksp_after(self) -> int:
        """-> ksp after the rei that is next: what sp is when pc and psw have been popped."""
        return self._kernel_sp() + 2 * WORD

    def _kernel_sp(self) -> int:
        return int(self.view.machine.x[self._sp])

    def _state(self, pc: int, psw_at: int = 0) -> UserState:
        x = self.view.machine.x.tolist()
        if not self.stacked:
            return UserState(pc, tuple(x), callers=self._callers(x))
        psw = self.view.word(x[self._sp] + psw_at)
        x[self._sp] = self.view.state("usp")
        return UserState(pc, tuple(x), psw)

    # ---- windows -----------------------------------------------------------------------------------------------------
    def _callers(self, x: list[int]) -> tuple[Window, ...]:
        """-> the windows from the one below the current down to where wim forbids to go."""
        if not self.windowed:
            return ()
        state = self.view.machine.core.state
        count, wim, window = int(state["nwin"]), int(state["wim"]), int(state["cwp"])
        found: list[Window] = []
        isp = x[ISP]
        if count == 2:
            return ()  # the only other one serves as the outs, and is forbidden now or when it is about to be entered
        for _ in range(count - 1):
            window = (window - 1) % count
            if wim >> window & 1:
                break
            words = tuple(state["windows"][window * WINDOW_WORDS : (window + 1) * WINDOW_WORDS].tolist())
            found.append(Window((isp - WINDOW_BYTES) & 0xFFFF_FFFF, words))
            isp = words[_ISP_WORD]
        return tuple(found)

    def window_in_memory(self, pcb: int, place: int) -> tuple[int, ...] | None:
        """PCB, address of a window's place in its space -> the words there; None where there is no memory."""
        if place + WINDOW_BYTES > RAM_BASE:
            return None
        try:
            content = read_virtual(self.view.machine, place, WINDOW_BYTES, self.view.field(pcb, "P_SPACE"))
        except Untranslated:
            return None
        return tuple(int.from_bytes(content[at : at + WORD], "little") for at in range(0, WINDOW_BYTES, WORD))


def own_window(state: UserState) -> Window:
    """-> the current window as a caller's: its own registers, and its place."""
    sp = state.x[NUMBERS["sp"]]
    return Window((sp - WINDOW_BYTES) & 0xFFFF_FFFF, tuple(state.x[number] for number in KEPT))


def overlap(windows: tuple[Window, ...]) -> bool:
    """-> whether the places of some of them overlap: a process that has moved its sp at will."""
    places = sorted(window.place for window in windows)
    return any(after - before < WINDOW_BYTES for before, after in zip(places, places[1:], strict=False))
