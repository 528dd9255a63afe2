"""cisc mode a second time, from the text of the ISA alone: what the engine is compared with.

Plain Python on ints, written from the docstrings of vm/isa/specifiers.py and vm/isa/cisc.py and from docs/cisc.md, not
from the micro-ops: instructions are decoded byte by byte, executed on a copy of the registers and a list of stores, and
both are made at the end, or forgotten at a fault. There are no devices and no interrupts. Translation is a dictionary
of pages, which the test writes as page tables for the engine.
"""

from __future__ import annotations

from tests.cisc.arithmetic import CONDITIONS, DYADIC, MONADIC, WORD, signed
from tests.cisc.decoding import Place
from tests.cisc.hart import A0, A1, A2, A3, ILLEGAL, SAVED, SIZES, SP, Fault, R, W
from tests.cisc.privileged import Privileged
from vm.isa.cisc import BY_OPCODE, Row


class Simulator(Privileged):
    """A hart of cisc mode that runs."""

    def step(self) -> None:
        """One instruction, or one round of one, or a trap."""
        if self.stopped:
            return
        self._begin()
        self.started += 1
        try:
            self._execute()
        except Fault as fault:
            self.unretired += 1
            self._begin()
            self._trap(fault.cause, fault.value)
            return
        self.x = self.r
        self._make_stores()
        self.pc = self.target & WORD
        for change in self.changes:
            change()

    def _execute(self) -> None:
        opcode = self._bytes(1)
        self.illegal = Fault(ILLEGAL, opcode)
        row = BY_OPCODE.get(opcode)
        if row is None:
            raise self.illegal
        # All of it is decoded first; then the operands are fetched.
        words = [self._specifier(o.access) if o.access else self._direct(o.width) for o in row.operands]
        self.target = self.at
        places = [
            Place(None, None, word, 0) if isinstance(word, int) else self._operand(word, operand.access, operand.size)
            for word, operand in zip(words, row.operands, strict=True)
        ]
        self._do(row, places)

    def _do(self, row: Row, o: list[Place]) -> None:
        name, _, reach = row.name.partition(".")
        stem, last = name[:-1], name[-1]
        if last in "23" and stem[:-1] in DYADIC:
            a, b = (o[0], o[1]) if last == "3" else (o[1], o[0])
            self._put(o[-1], DYADIC[stem[:-1]](a.value, b.value))
        elif stem in MONADIC and last in SIZES:
            self._put(o[1], MONADIC[stem](o[0].value))
        elif stem in CONDITIONS and reach:
            if CONDITIONS[stem](o[0].value, o[1].value):
                self.target += o[2].value
        elif stem in ("clr", "inc", "dec"):
            self._put(o[0], {"clr": 0, "inc": o[0].value + 1, "dec": o[0].value - 1}[stem])
        else:
            getattr(self, "_do_" + {"fence.i": "fence_i", "sfence.vma": "sfence"}.get(row.name, name))(*o)

    # ---- stack and jumps
    def _do_pushl(self, src: Place) -> None:
        self._push(src.value)

    _do_pushal = _do_pushl

    def _do_popl(self, dst: Place) -> None:
        self._put(dst, self._pop())

    def _push_many(self, values: list[int]) -> None:
        """Both ends of what is pushed are looked at first."""
        if values:
            self._span((self.r[SP] - 4) & WORD, 4, W)
            self._span((self.r[SP] - 4 * len(values)) & WORD, 4, W)
        for value in values:
            self._push(value)

    def _named(self, mask: int) -> list[int]:
        return [number for number in range(SAVED) if mask >> number & 1]

    def _do_pushr(self, mask: Place) -> None:
        self._push_many([self.r[n] for n in reversed(self._named(mask.value))])

    def _do_popr(self, mask: Place) -> None:
        named = self._named(mask.value)
        if named:
            self._span(self.r[SP], 4, R)
            self._span((self.r[SP] + 4 * (len(named) - 1)) & WORD, 4, R)
        for number in named:
            self.r[number] = self._pop()

    def _do_sob(self, index: Place, target: Place) -> None:
        self._put(index, index.value - 1)
        if signed(index.value - 1) > 0:
            self.target += target.value

    def _do_aob(self, limit: Place, index: Place, target: Place) -> None:
        self._put(index, index.value + 1)
        if signed(index.value + 1) < limit.value:
            self.target += target.value

    def _do_br(self, target: Place) -> None:
        self.target += target.value

    def _do_bsr(self, target: Place) -> None:
        self._push(self.at)
        self.target += target.value

    def _do_jmp(self, target: Place) -> None:
        self.target = target.value

    def _do_jsr(self, target: Place) -> None:
        self._push(self.at)
        self.target = target.value

    def _do_rsb(self) -> None:
        self.target = self._pop()

    def _do_calls(self, mask: Place, target: Place) -> None:
        registers = [self.r[n] for n in reversed(self._named(mask.value))]
        self._push_many([self.at, *registers, mask.value])
        self.target = target.value

    def _do_rets(self) -> None:
        sp = self.r[SP]
        named = self._named(self.load(sp))
        behind = (sp + 4 + 4 * len(named)) & WORD
        self.target = self.load(behind)
        for k, number in enumerate(named, 1):
            self.r[number] = self.load((sp + 4 * k) & WORD)
        self.r[SP] = (behind + 4) & WORD

    # ---- blocks: a round is a word where the addresses are multiples of four and as much is left, or else a byte
    def _round(self, addresses: int) -> int:
        return 4 if addresses & 3 == 0 and self.r[A2] >= 4 else 1

    def _dealt(self, size: int, *pointers: int) -> None:
        for pointer in pointers:
            self.r[pointer] = (self.r[pointer] + size) & WORD
        self.r[A2] -= size
        if self.r[A2]:
            self.unretired += 1
            self.target = self.pc

    def _do_movc(self) -> None:
        if self.r[A2]:
            size = self._round(self.r[A0] | self.r[A1])
            self.store(self.r[A0], self.load(self.r[A1], size), size)
            self._dealt(size, A0, A1)

    def _do_filc(self) -> None:
        if self.r[A2]:
            size = self._round(self.r[A0])
            self.store(self.r[A0], (self.r[A1] & 0xFF) * 0x0101_0101, size)
            self._dealt(size, A0)

    def _do_cmpc(self) -> None:
        size = self._round(self.r[A0] | self.r[A1])
        if not self.r[A2]:
            self.r[A3] = 0
        elif size == 4 and self.load(self.r[A0]) == self.load(self.r[A1]):
            self.r[A3] = 0
            self._dealt(4, A0, A1)
        else:
            one, other = self.load(self.r[A0], 1), self.load(self.r[A1], 1)
            self.r[A3] = (one - other) & WORD
            if one == other:
                self._dealt(1, A0, A1)

    # ---- queues
    def _do_insque(self, entry: Place, pred: Place) -> None:
        e, p = entry.value, pred.value
        following = self.load(p)
        for at in (e, e + 4, p, following + 4):
            self._span(at & WORD, 4, W)
        self.store(e, following)
        self.store((e + 4) & WORD, p)
        self.store((following + 4) & WORD, e)
        self.store(p, e)

    def _do_remque(self, entry: Place) -> None:
        following, before = self.load(entry.value), self.load((entry.value + 4) & WORD)
        self._span(before, 4, W)
        self._span((following + 4) & WORD, 4, W)
        self.store(before, following)
        self.store((following + 4) & WORD, before)
