"""Every kernel variant gives back to a process all of its registers, wherever it was interrupted.

Three processes hold different numbers in all registers and look at them again and again, in the shortest quantum that
there is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.kernel.guest import LIMIT, SYSTEMS, ended
from toyos import boot
from vm.isa.registers import ABI_NAMES
from vm.isa.specifiers import REGISTER_NAMES

PROCESSES = 3
TURNS = 10_000
QUANTUM = 1000  # ticks: the least that the kernel takes
SCRATCH, COUNTER = "t0", "t1"  # of the RISC modes; the others are held
RISC_HELD = [name for name in ABI_NAMES if name not in ("zero", "sp", SCRATCH, COUNTER)]
CISC_HELD = [name for name in REGISTER_NAMES if name != "sp"]


def number(process: int, register: int) -> int:
    return 0x1234_5678 * (process + 1) + 0x0101_0101 * register & 0xFFFF_FFFF


def risc_turns(process: int) -> str:
    """Process -> code that loads the registers, looks at them TURNS times, and goes to bad or good."""
    lines = [f"li {name}, {number(process, at)}" for at, name in enumerate(RISC_HELD)]
    lines += [f"li {COUNTER}, {TURNS}", "1:"]
    for at, name in enumerate(RISC_HELD):
        lines += [f"li {SCRATCH}, {number(process, at)}", f"bne {SCRATCH}, {name}, bad"]
    return "\n".join([*lines, f"addi {COUNTER}, {COUNTER}, -1", f"bnez {COUNTER}, 1b", "j good"])


def cisc_turns(process: int) -> str:
    """The same in cisc mode; the counter is in memory, and one instruction in between moves a block."""
    lines = [f"movl $6 * {TURNS}, counter"]
    lines += [f"movl ${number(process, at)}, {name}" for at, name in enumerate(CISC_HELD)] + ["1:"]
    lines += [f"bnel {name}, ${number(process, at)}, bad" for at, name in enumerate(CISC_HELD)]
    return "\n".join([*lines, "pushr a0-s1", "clrl a0", "popr a0-s1", "sob counter, 1b", "br good"])


def source(turns: list[str]) -> str:
    """Code of each process -> a program that runs them all, and tells how each ended."""
    processes = "\n".join(f"process_{at}:\n{code}" for at, code in enumerate(turns))
    return f"""
        .include "common.inc"
proc main
        li      s0, 0
1:      call    fork
        bnez    a0, 2f
        slli    s0, s0, 2
        la      t0, starts
        add     t0, t0, s0
        lw      t0, 0(t0)
        jr      t0
2:      addi    s0, s0, 1
        li      t0, {len(turns)}
        bltu    s0, t0, 1b
3:      la      a0, status
        call    wait
        bltz    a0, 4f
        la      t0, status
        lw      a1, 0(t0)
        la      a0, text
        call    printf
        j       3b
4:      li      a0, 0
        return
endp
bad:    li      a0, 1
        call    _exit
good:   li      a0, 0
        call    _exit
{processes}
        .section .rodata
        .balign 4
starts: .word   {", ".join(f"process_{at}" for at in range(len(turns)))}
text:   .asciz  "status %d\\n"
        .data
        .balign 4
status: .word   0
counter: .word  0
"""


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_switch_changes_a_register(system: dict[str, Any], tmp_path: Path) -> None:
    turns = cisc_turns if system["mode"] == "cisc" else risc_turns
    program = tmp_path / "keep.s"
    program.write_text(source([turns(process) for process in range(PROCESSES)]))
    result = ended(boot(files=[program], max_instructions=LIMIT, parameters={"QUANTUM": QUANTUM}, **system))
    assert result.output == b"status 0\n" * PROCESSES
    assert result.stats["context_switches"] > 40 * PROCESSES


MOVED = 100_000  # bytes, many pages


@pytest.mark.parametrize("variant", ["svpctx", "pushr", "soft"])
def test_block_instructions_go_on_after_interrupts_and_page_faults(variant: str, tmp_path: Path) -> None:
    """Two processes move, compare and fill memory that they share, so that it is copied under a running instruction."""
    program = tmp_path / "blocks.s"
    program.write_text(f"""
        .include "common.inc"
        .equ    SIZE, {MOVED}
proc main
        movl    $SIZE, a2               # what both will move: one byte in two is its place's number
        moval   first, t0
1:      movb    a2, (t0)+
        sob     a2, 1b
        call    fork
        movl    a0, s0                  # the parent's number or 0
        movl    $8, s1
2:      moval   second, a0
        moval   first, a1
        movl    $SIZE, a2
        movc
        bnel    a2, $0, bad
        moval   second + SIZE, t0
        bnel    a0, t0, bad
        moval   second, a0
        moval   first, a1
        movl    $SIZE, a2
        cmpc
        bnel    a2, $0, bad
        bnel    a3, $0, bad
        moval   second, a0
        movl    s0, a1
        movl    $SIZE, a2
        filc
        bneb    second + SIZE - 1, s0, bad
        bneb    second, s0, bad
        sob     s1, 2b
        beql    s0, $0, 3f
        clrl    a0
        call    wait
        moval   text, a0
        call    puts
3:      clrl    a0
        return
bad:    movl    $1, a0
        return
endp
        .section .rodata
text:   .asciz  "all moved"
        .bss
first:  .zero   SIZE
second: .zero   SIZE
""")
    result = ended(
        boot(files=[program], mode="cisc", variant=variant, max_instructions=LIMIT, parameters={"QUANTUM": QUANTUM})
    )
    assert (result.status, result.output) == (0, b"all moved\n")
    assert result.stats["context_switches"] > 50 and result.stats["pages_copied"] > MOVED // 4096
