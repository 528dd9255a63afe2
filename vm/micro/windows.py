"""Register windows: the micro-ops and CSRs of window mode. docs/machine.md, section "Register windows", defines them.

x1 to x31 are the current window's; `windows` in the state record, 16 words a window, holds local and in registers of
the others. The current window's out registers are the next one's in registers, which the file learns when cwp is
written.
"""

from vm.arch import CAUSE_WINDOW_OVERFLOW, CAUSE_WINDOW_UNDERFLOW
from vm.isa.csr_table import table
from vm.micro.context import Trap, op
from vm.micro.csr import Csr, plain
from vm.state import WINDOW_WORDS, WINDOWS

LOCALS = (8, 9, *range(18, 24))
INS = tuple(range(24, 32))
OUTS = (2, 1, *range(10, 16))  # in the order of the in registers that they become: sp, ra, a0 to a5
SP, ISP, IRA = OUTS[0], INS[0], INS[1]
KEPT = LOCALS + INS  # a window's words in the file, and in memory when it is spilled
_FIRST_IN = len(LOCALS)


def _next(i, window):
    return i.select(window + 1 == i.s.nwin, i.word(0), window + 1)


def _previous(i, window):
    return i.select(window == 0, i.s.nwin, window) - 1


def _allowed(i, window, cause):
    """Window -> itself. Trap: wim forbids to enter it."""
    if (i.s.wim >> window & 1) != 0:
        raise Trap(i.word(cause), window)
    return window


def _place(window, word):
    # cwp never holds more than nwin - 1; the mask is what generated code is bounded by
    return (window & (WINDOWS - 1)) * WINDOW_WORDS + word


def _write(i, window, registers, first) -> None:
    """Registers -> the window's words in the file, from word `first` on."""
    for word, register in enumerate(registers, first):
        i.put("windows", _place(window, word), i.get("x", register))


def _read(i, window, registers, first) -> None:
    for word, register in enumerate(registers, first):
        i.put("x", register, i.get("windows", _place(window, word)))


def _leave(i, caller) -> None:
    """The current window's in registers become the out registers of the caller's window, which is entered."""
    for out, into in zip(OUTS, INS, strict=True):
        i.put("x", out, i.get("x", into))
    _read(i, caller, KEPT, 0)
    i.s.cwp = caller


@op
def wsave(i):
    cwp = i.s.cwp
    callee = _allowed(i, _next(i, cwp), CAUSE_WINDOW_OVERFLOW)
    _write(i, cwp, KEPT, 0)
    for out, into in zip(OUTS, INS, strict=True):
        i.put("x", into, i.get("x", out))
    i.put("x", SP, i.get("x", ISP) + i.imm)
    for register in (*LOCALS, *OUTS[1:]):
        i.put("x", register, i.word(0))
    i.s.cwp = callee


@op
def wrest(i): _leave(i, _allowed(i, _previous(i, i.s.cwp), CAUSE_WINDOW_UNDERFLOW))


@op
def wret(i):
    caller = _allowed(i, _previous(i, i.s.cwp), CAUSE_WINDOW_UNDERFLOW)
    i.jump_to(i.get("x", IRA) & ~1, then=lambda: _leave(i, caller))


# ---- CSRs ------------------------------------------------------------------------------------------------------------
def _write_cwp(m, value) -> None:
    """The registers go to the file, and those of the window come from there. A number that no window has: nothing."""
    if value < m.s.nwin:
        cwp = m.s.cwp
        _write(m, cwp, KEPT, 0)
        _write(m, _next(m, cwp), OUTS, _FIRST_IN)
        _read(m, value, KEPT, 0)
        _read(m, _next(m, value), OUTS, _FIRST_IN)
        m.s.cwp = value


def _write_wim(m, value) -> None:
    m.s.wim = value & (m.word(2) << (m.s.nwin - 1)) - 1


_TABLE = table("window")
ROWS: tuple[Csr, ...] = (
    Csr(_TABLE["cwp"], "cwp", write=_write_cwp),
    Csr(_TABLE["wim"], "wim", write=_write_wim),
    plain(_TABLE["nwin"]),
    plain(_TABLE["medeleg"]),
)
