"""Calls with register windows behave as calls with a plain stack: with any number of windows, at any depth, and with
another context in between. A kernel in assembly (windows_kernel.s) spills and fills; the model keeps lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.rig import EXECUTORS, code, examples, machine, word, words
from vm.arch import FINISHER_BASE, FINISHER_PASS, RAM_BASE
from vm.machine import Machine, Stop

KERNEL = code((Path(__file__).parent / "windows_kernel.s").read_text(), "window")
OTHER = len(KERNEL) - 4  # its last word: the block of the context that is not running
RAM = 1 << 18
CODE = (RAM_BASE + 0x1000, RAM_BASE + 0x1_0000)
BLOCKS = (RAM_BASE + 0xF000, RAM_BASE + 0xF080)
STACKS = (RAM_BASE + 0x3_0000 - 128, RAM_BASE + 0x4_0000 - 128)  # the outermost procedure has a frame too
SEEN = RAM_BASE + 0x2_0000  # what the contexts saw, a block each time
GP, SP, ISP, IRA = 3, 2, 24, 25
LOCALS, INS, OUTS = (8, 9, *range(18, 24)), tuple(range(24, 32)), (2, 1, *range(10, 16))
FREE = tuple(number for number in range(1, 32) if number not in (GP, SP, ISP))
LOCAL = 64  # where in a frame its first local variable is: behind the room for the window
FRAMES = (-80, -96, -128)

VALUES = st.integers(0, 0xFFFF_FFFF)
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.sampled_from(FRAMES)),
        st.tuples(st.just("calls"), st.integers(2, 40)),
        st.tuples(st.just("return"), st.booleans()),
        st.tuples(st.just("returns"), st.integers(2, 40)),
        st.tuples(st.just("set"), st.tuples(st.sampled_from(FREE), VALUES)),
        st.tuples(st.just("store"), st.sampled_from(FREE)),
        st.tuples(st.just("load"), st.sampled_from(FREE)),
        st.tuples(st.just("see"), st.just(0)),
        st.tuples(st.just("switch"), st.just(0)),
    ),
    min_size=1, max_size=40,
)  # fmt: skip


@dataclass
class Context:
    """A thread of calls on a machine with a plain stack, and the code that does the same on ours."""

    at: int
    registers: dict[int, int]
    stack: list[tuple[dict[int, int], int]] = field(default_factory=list)  # callers' registers; and local variable
    local: int = 0
    code: list[int] = field(default_factory=list)

    def call(self, frame: int) -> None:
        self.code.append(word("wsave", imm=frame))
        self.stack.append((dict(self.registers), self.local))
        for into, out in zip(INS, OUTS, strict=True):
            self.registers[into] = self.registers[out]
        self.registers |= dict.fromkeys((*LOCALS, *OUTS), 0)
        self.registers[SP] = self.registers[ISP] + frame & 0xFFFF_FFFF
        self.local = 0
        self.code.append(word("sw", rs1=SP, rs2=0, imm=LOCAL))

    def back(self, jump: bool) -> None:
        if not self.stack:
            return
        caller, local = self.stack.pop()
        if jump:
            here = self.at + 4 * len(self.code)
            self.code += [word("auipc", rd=IRA, uimm=0), word("addi", rd=IRA, rs1=IRA, imm=12), word("wret")]
            self.registers[IRA] = here + 12
        else:
            self.code.append(word("wrest"))
        kept = {number: caller[number] for number in (*LOCALS, *INS)}
        results = {out: self.registers[into] for out, into in zip(OUTS, INS, strict=True)}
        self.registers |= kept | results
        self.local = local

    def set(self, number: int, value: int) -> None:
        low = (value & 0xFFF ^ 0x800) - 0x800
        self.code.append(word("lui", rd=number, uimm=value - low & 0xFFFF_F000))
        self.code.append(word("addi", rd=number, rs1=number, imm=low))
        self.registers[number] = value

    def do(self, operation: str, argument) -> None:
        if operation == "call":
            self.call(argument)
        elif operation == "calls":
            for k in range(argument):
                self.call(FRAMES[k % len(FRAMES)])
                self.set(LOCALS[k % len(LOCALS)], k)
        elif operation == "return":
            self.back(argument)
        elif operation == "returns":
            for k in range(argument):
                self.back(bool(k & 1))
        elif operation == "set":
            self.set(*argument)
        elif operation == "store":
            self.code.append(word("sw", rs1=SP, rs2=argument, imm=LOCAL))
            self.local = self.registers[argument]
        elif operation == "load":
            self.code.append(word("lw", rd=argument, rs1=SP, imm=LOCAL))
            self.registers[argument] = self.local


def programs(operations: list[tuple[str, object]]) -> tuple[list[Context], list[dict[int, int]]]:
    """-> both contexts with their code, and the registers at each look."""
    contexts = [
        Context(at, dict.fromkeys(range(1, 32), 0) | {SP: stack}) for at, stack in zip(CODE, STACKS, strict=True)
    ]
    seen: list[dict[int, int]] = []
    running = 0
    for operation, argument in [*operations, ("see", 0)]:
        now = contexts[running]
        if operation == "switch":
            now.code.append(word("ecall"))
            running = 1 - running
        elif operation == "see":
            now.set(GP, SEEN + 128 * len(seen))
            now.code.append(word("xdump", rs1=GP))
            seen.append(dict(now.registers))
        else:
            now.do(operation, argument)
    end = contexts[running]
    end.set(GP, FINISHER_BASE)
    end.set(IRA, FINISHER_PASS)
    end.code.append(word("sw", rs1=GP, rs2=IRA, imm=0))
    return contexts, seen


def ready(executor: str, nwin: int, contexts: list[Context]) -> Machine:
    """-> a machine about to run the first context."""
    made = machine(executor, KERNEL, RAM, mode="window", nwin=nwin)
    for context, block, stack in zip(contexts, BLOCKS, STACKS, strict=True):
        made.write(context.at, words(context.code))
        made.write(block, words([context.at, 0, stack, *[0] * 29]))
    made.write(RAM_BASE + OTHER, words([BLOCKS[1]]))
    state = made.core.state
    state["mtvec"], state["mscratch"], state["pc"] = RAM_BASE, BLOCKS[0], CODE[0]
    made.x[1:] = 0
    made.x[SP] = STACKS[0]
    return made


def check(executor: str, nwin: int, operations: list[tuple[str, object]]) -> Machine:
    contexts, seen = programs(operations)
    made = ready(executor, nwin, contexts)
    assert made.run(1_000_000) == Stop("halt", 0)
    for k, registers in enumerate(seen):
        found = np.frombuffer(made.read(SEEN + 128 * k, 128), "<u4")
        assert dict(enumerate(map(int, found[1:]), 1)) == registers, f"look {k} of {len(seen)}"
    return made


@settings(max_examples=examples(300))
@given(st.integers(2, 32), OPERATIONS)
def test_windows_are_a_stack(nwin: int, operations: list[tuple[str, object]]) -> None:
    check("native", nwin, operations)


@settings(max_examples=examples(40))
@given(st.sampled_from((2, 3, 4, 8, 32)), OPERATIONS)
def test_windows_are_a_stack_in_the_reference(nwin: int, operations: list[tuple[str, object]]) -> None:
    check("reference", nwin, operations)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("nwin", [2, 3, 8, 32])
def test_number_of_traps(nwin: int, executor: str) -> None:
    """40 calls deep and back: what fits, all windows but one, costs nothing; each other call a spill and a fill."""
    made = check(executor, nwin, [("calls", 40), ("returns", 40)])
    counts = made.stats()["exceptions"]
    assert counts["window overflow"] == counts["window underflow"] == 40 - (nwin - 2)


def test_a_switch_spills_what_is_in_windows() -> None:
    """Four windows deep, away and back: the three callers come back one at a time."""
    made = check("native", 8, [("calls", 3), ("switch", 0), ("see", 0), ("switch", 0), ("returns", 3)])
    counts = made.stats()["exceptions"]
    assert (counts.get("window overflow", 0), counts["window underflow"]) == (0, 3)
