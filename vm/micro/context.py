"""What the semantics may ask of an executor: the shared vocabulary of vm/micro.

A micro-op is a function of one argument, the instruction's context `i`; a routine is a function of the machine context
`m` and words. Both contexts are an executor's: `reference.py` computes at once on Python integers, `native.py` emits
LLVM IR. They offer

    m.s.NAME, m.s.NAME = v         a scalar field of vm.state.STATE
    m.get(NAME, k), m.put(NAME, k, v)        element k (a constant or a word) of an array field
    m.peek(offset), m.poke(offset, v)        32 bits of the state record at a byte offset (peek64, poke64 likewise)
    m.ram(offset, size), m.ram_set(offset, size, v)    guest RAM; the caller has checked the offset
    m.table(NAME, k), m.table_set(NAME, k, v)    page_slot, slot_page, slot_writes: see slots.py
    m.empty_tlb(NAME)              invalidates every entry of "itlb" or "dtlb"
    m.init_slot(slot), m.undecode(slot, offset), m.forget_slots()    the decoded records
    m.target                       what the mode makes different: see target.py
    m.word(k), m.wide(k)           constants of 32 and 64 bits
    m.bit(condition), m.select(condition, a, b)    no branch
    m.switch(word, cases)          the case that applies, or None

and for an instruction also rs1 rs2 rd imm pc next_pc encoding, load store load_words store_words, jump jump_to branch,
resume resume_next, look_again, stop: see reference.py.
A fault is `raise Trap(cause, value)`: the state is still that of the instruction's beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any


class Trap(Exception):
    """A synchronous exception of the guest: cause (table 3.6) and what xtval receives."""

    def __init__(self, cause, value=0) -> None:
        super().__init__(cause, value)
        self.cause, self.value = cause, value


class Ended(Exception):
    """The path has left the instruction; nothing that follows in its semantics happens now."""


class Routine:
    """A shared piece of semantics: called in place by the reference, a function of its own in generated code.

    `widths` are those of the parameters after m, `returns` that of the result (0: none). A routine cannot raise Trap.
    A mode may put another of the same name in its place: see target.py.
    """

    def __init__(self, fn: Callable[..., Any], name: str, widths: tuple[int, ...], returns: int) -> None:
        self.fn, self.name, self.widths, self.returns = fn, name, widths, returns

    def __call__(self, m, *args):
        return m.call(self, args)


def routine(*widths: int, returns: int = 0, name: str = "") -> Callable[[Callable[..., Any]], Routine]:
    """Decorator: function of (m, words of these widths) -> Routine."""
    return lambda fn: Routine(fn, name or fn.__name__, widths, returns)


class MicroOp:
    """One micro-op. `slow`: never worth a fast path of its own. The registry has a module's micro-ops by name."""

    registry: defaultdict[str, dict[str, MicroOp]] = defaultdict(dict)

    def __init__(self, fn: Callable[[Any], None], slow: bool) -> None:
        self.fn, self.slow, self.name = fn, slow, fn.__name__.rstrip("_")
        MicroOp.registry[fn.__module__][self.name] = self


def op(fn: Callable[[Any], None]) -> MicroOp:
    """Decorator: a micro-op with a fast handler."""
    return MicroOp(fn, slow=False)


def slow_op(fn: Callable[[Any], None]) -> MicroOp:
    """Decorator: a micro-op that generated code runs in its general form only."""
    return MicroOp(fn, slow=True)
