"""Backtraces: at places that are known, and beside an account of all calls, wherever the machine stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inspect.guests import Guest
from tests.inspect.shadow import Shadow
from toyos.inspect.stack import KERNEL, USER, Frame
from toyos.variants import MODES, VARIANTS

PROGRAMS = Path(__file__).parents[2] / "programs"
CHAIN = """
proc main
        li      a0, 5
within:
        call    down
        mv      a0, zero
endp
proc down, args=1, frame=32             # five calls deep
        mv      s0, a0
        addi    a0, a0, -1
        beqz    a0, 1f
        call    down
        return
1:      la      a0, sentence
        call    outermost
endp
proc outermost, args=1
        mv      a1, a0
        li      a2, 6
        li      a0, 1
        call    write
        call    hear
endp
proc hear, frame=16
        mv      a1, sp
        li      a2, 4
        li      a0, 0
        call    read
        call    leaf
endp
leaf:   addi    a0, a0, 1
inside: addi    a0, a0, 1
        ret
.section .rodata
sentence: .asciz "hello\\n"
"""


def names(frames: list[Frame], level: str) -> list[str]:
    """Frames -> the procedures of a level, the innermost first."""
    return [frame.symbol.partition("+")[0] for frame in frames if frame.level == level]


USERS = ["down"] * 5 + ["main", "_start"]


def test_inside_a_write_the_users_procedures_are_below_the_kernels(system: tuple[str, str], tmp_path: Path) -> None:
    guest = Guest(tmp_path, CHAIN, *system)
    guest.to("copyin", lambda: "outermost" in names(guest.inspector.backtrace(), USER))
    frames = guest.inspector.backtrace()
    assert names(frames, KERNEL) == ["copyin", "console_write", "sys_write", "system_call", "trap"]
    assert names(frames, USER) == ["write", "outermost", *USERS]
    assert [frame.level for frame in frames] == [KERNEL] * 5 + [USER] * 9
    assert not any(frame.note for frame in frames)
    own = [frame for frame in frames if frame.level == USER]
    assert all(frame.process is not None and frame.process.name == "guest" for frame in own)
    assert all(frame.process is None for frame in frames if frame.level == KERNEL)
    lines = [
        (tmp_path / "guest.s").read_text().splitlines()[frame.line.line - 1].strip()
        for frame in own[1:-1]
        if frame.line
    ]
    assert lines == ["call    write", "call    outermost", *["call    down"] * 5]
    assert [frame.sp for frame in own] == sorted(frame.sp for frame in own)


def test_a_reader_that_sleeps_and_copyout_when_it_is_served(system: tuple[str, str], tmp_path: Path) -> None:
    guest = Guest(tmp_path, CHAIN, *system)
    guest.to("dispatch", lambda: guest.current.state == "Sleep" and guest.current.name == "guest")
    frames = guest.inspector.backtrace()
    assert names(frames, KERNEL)[0] == "dispatch" and names(frames, KERNEL)[-2:] == ["system_call", "trap"]
    guest.to("idle")
    assert names(guest.inspector.backtrace(), USER) == [] and names(guest.inspector.backtrace(), KERNEL) == ["idle"]
    asleep = guest.inspector.backtrace(guest.process("guest"))
    assert names(asleep, USER) == ["read", "hear", "outermost", *USERS] and len(asleep) == 10
    assert names(guest.inspector.backtrace(guest.process("init")), USER)[-2:] == ["main", "_start"]
    guest.machine.receive(b"abc\n")
    guest.to("copyout", lambda: guest.current.name == "guest")
    frames = guest.inspector.backtrace()
    assert names(frames, KERNEL)[0] == "copyout" and names(frames, KERNEL)[-2:] == ["system_call", "trap"]
    assert names(frames, USER) == ["read", "hear", "outermost", *USERS]


def test_a_leaf_has_its_caller(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, CHAIN, mode, stdin=b"abc\n")
    guest.to("inside")
    frames = guest.inspector.backtrace()
    assert frames[0].symbol.startswith("leaf+") and not any(frame.note for frame in frames)
    assert names(frames, USER)[1:] == ["hear", "outermost", *USERS]


def test_frames_beyond_the_limit_are_left_out_with_a_note(mode: str, tmp_path: Path) -> None:
    source = CHAIN.replace("li      a0, 5\n", "li      a0, 300\n")
    guest = Guest(tmp_path, source, mode)
    guest.to("outermost")
    frames = guest.inspector.backtrace()
    assert len(frames) == 200 and frames[-1].note == "more than 200 frames: the others are left out"
    assert not any(frame.note for frame in frames[:-1])


def test_a_stack_that_was_overwritten_ends_the_chain_with_a_sentence(tmp_path: Path) -> None:
    source = CHAIN.replace("leaf:   addi", "leaf:   sw zero, 28(sp)\n        sw zero, 12(sp)\n        addi")
    guest = Guest(tmp_path, source, "risc", stdin=b"abc\n")
    guest.to("inside")
    last = guest.inspector.backtrace()[-1]
    assert last.symbol.startswith("hear") and last.note == "it would return to 0x00000000, which is behind no call"


def test_where_no_code_is_the_chain_ends_with_a_sentence(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, "proc main\n        la t0, 0x5000000\n        jr t0\nendp\n", mode)
    guest.to("process_fault", lambda: guest.current.name == "guest")
    last = guest.inspector.backtrace()[-1]
    assert last.pc == 0x500_0000 and last.note == "0x05000000 is not in the text of run/guest" and last.line is None


def test_a_kernel_that_has_faulted_shows_what_it_did_before(mode: str, tmp_path: Path) -> None:
    guest = Guest(tmp_path, "proc main\n        call getpid\nendp\n", mode)
    guest.to("sys_getpid")
    current = guest.parts.symbols["current"]
    guest.machine.write(current, (0x7000_0000).to_bytes(4, "little"))  # no PCB, and nothing is mapped there
    guest.to("panic_trap")
    found = names(guest.inspector.backtrace(), KERNEL)
    assert found[0] == "panic_trap" and found[1].startswith("kernel_fault")
    assert found[2:] == ["sys_getpid", "system_call", "trap"]


# Kernels whose windows are moved often among them; instructions from the program's first one on, and how many of
# them are looked at.
KERNELS = [
    *((mode, variant, None) for mode in MODES for variant in VARIANTS[mode]),
    ("window", "flush", 2), ("window", "lazy", 3), ("window", "partition", 4),
]  # fmt: skip
SPAN, STEP = 4_500, 4


@pytest.mark.parametrize(("mode", "variant", "nwin"), KERNELS)
@pytest.mark.parametrize("program", ["fork_sum", "orphan"])
def test_backtraces_agree_with_an_account_of_all_calls(program: str, mode: str, variant: str, nwin: int | None) -> None:
    guest = Guest(Path(), PROGRAMS / "lectures" / f"{program}.s", mode, variant, nwin)
    guest.to("_start")
    shadow = Shadow(guest)
    shadow.users[guest.current.pcb] = []
    compared = 0
    for number in range(SPAN):
        assert shadow.step()
        if number % STEP == 0:
            assert shadow.difference() == ""
            compared += len(shadow.calls) > 2
    assert compared > SPAN // STEP // 4


CALLS = """
.globl main
main:   calls   $0xc0, middle           # s0 and s1 are pushed, and the mask
        movl    $0, a0
        rsb
middle: pushr   a0-a2
        calls   $0, inner
        popr    a0-a2
        rets
inner:  pushl   $3
        moval   -40(sp), sp
stop:   moval   40(sp), sp
        popl    a0
        rets
"""


def test_procedures_that_calls_has_called(tmp_path: Path) -> None:
    guest = Guest(tmp_path, CALLS, "cisc")
    guest.to("stop")
    frames = guest.inspector.backtrace()
    assert names(frames, USER) == ["inner", "middle", "main", "_start"] and not any(frame.note for frame in frames)
    guest.to("sys_exit")
    assert names(guest.inspector.backtrace(), USER)[-2:] == ["exit", "_start"]
