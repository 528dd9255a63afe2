"""Kernels with one mistake each: the check that is meant for it says so first, at the process that it strikes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.checks.kernels import LIMIT, PROGRAMS, Mistake, broken, watched
from toyos import build
from vm.observe import HIT

MODES = ("risc", "window", "cisc")
RISC, WINDOW, CISC = ("risc",), ("window",), ("cisc",)
SAVE = "arch/risc/soft/save.inc"
INIT, ANY = "pid 1 (init)", "pid "


class Case(NamedTuple):
    """mistake; check: the name of the one that must find it; words: in its sentence; process: how its report names who
    is struck; program: of programs/lectures; systems: mode, variant, windows, as words with dashes."""

    mistake: Mistake
    check: str
    words: str
    process: str = ANY
    program: str = "fork_sum"
    systems: tuple[str, ...] = MODES


CASES = {
    # ---- registers ----
    "s1 is neither saved nor loaded": Case(
        Mistake(SAVE, "        \\instruction x9, P_X + 36(\\base)\n", ""), "registers", "s1 is", INIT, systems=RISC
    ),
    "s0 and s1 are exchanged": Case(
        Mistake(SAVE, "        each_register sw, sp\n",
                "        each_register sw, sp\n        sw s0, P_X + 36(sp)\n        sw s1, P_X + 32(sp)\n"),
        "registers", "s0 is", INIT, systems=RISC,
    ),
    "sp is not saved": Case(
        Mistake("arch/risc/trap_entry.s", "        sw      t0, P_SP(sp)\n        csrr    t0, sepc\n        sw      t0, P_PC(sp)\n        la      sp, k",
                "        csrr    t0, sepc\n        sw      t0, P_PC(sp)\n        la      sp, k"),
        "registers", "sp is", INIT, systems=("risc-soft", "risc-xdump"),
    ),
    "the pc is not saved": Case(
        Mistake("arch/risc/trap_entry.s", "        sw      t0, P_PC(sp)\n        la ", "        la "),
        "registers", "it would go on at", INIT, systems=RISC,
    ),
    "the call is not left behind": Case(
        Mistake("syscall.s", "addi    t0, t0, SYSCALL_LENGTH", "addi    t0, t0, 0"), "registers", "a0 is", INIT
    ),
    "fork gives the child its parent's a0": Case(
        Mistake("fork.s", "        sw      zero, P_A0(s1) ", "#"), "registers", "a0 is", "pid 2 (init)"
    ),
    "exec leaves registers": Case(
        Mistake("exec.s", "li      a2, P_ARCH_SIZE", "li      a2, 8"), "registers", "when it goes on", ANY
    ),
    "sscratch stays that of another": Case(
        Mistake("arch/risc/trap_entry.s", "csrw    sscratch, a0", "csrw    sscratch, t0"), "registers", "sscratch", INIT,
        systems=RISC,
    ),
    "s1 is neither saved nor loaded, with windows": Case(
        Mistake("arch/window/window.inc", "        \\instruction x9, P_X + 36(tp)\n", ""), "registers", "s1 is", INIT,
        systems=("window-flush", "window-lazy", "window-partition"),
    ),
    "a spilled window lacks a local": Case(
        Mistake("arch/window/window.inc", "        \\instruction l1, 4(\\base)\n", ""), "registers", "", ANY,
        systems=("window-flush", "window-lazy", "window-partition"),
    ),
    "a spilled window has lost its way back": Case(
        Mistake("arch/window/spill.s", "        each_own sw, t1\n", "        each_own sw, t1\n        sw      zero, 36(t1)\n"),
        "registers", "the window of the caller", ANY, "orphan", ("window-flush", "window-lazy-3", "window-partition-6"),
    ),
    "t1 is not loaded": Case(
        Mistake("arch/cisc/soft/save.inc", "popl    t1\n", "popl    t0\n"), "registers", "t1 is", INIT,
        systems=("cisc-soft",),
    ),
    "two registers are pushed in the wrong order": Case(
        Mistake("arch/cisc/soft/save.inc", "pushl   s1\n        pushl   s0\n", "pushl   s0\n        pushl   s1\n"),
        "registers", "s0 is", INIT, systems=("cisc-soft",),
    ),
    "the process's sp is lost": Case(
        Mistake("arch/cisc/pushr/save.inc", "csrw    usp, (sp)+", "addl2   $4, sp"), "registers", "sp is", ANY,
        systems=("cisc-pushr",),
    ),
    "psw is another": Case(
        Mistake("arch/cisc/svpctx/save.inc", "        ldpctx\n", "        ldpctx\n        orl2    $0x40000, 4(sp)\n"),
        "registers", "psw is", INIT, systems=("cisc-svpctx",),
    ),
    # ---- the kernel's stack ----
    "the stack is not made afresh": Case(
        Mistake("arch/risc/trap_entry.s", "        la      sp, kernel_stack_top\n", ""), "stack",
        "when the trap is handled", INIT, systems=RISC,
    ),
    "the stack is not made afresh, with windows": Case(
        Mistake("arch/window/window.inc", "        la      sp, kernel_stack_top\n", ""), "stack",
        "when the trap is handled", INIT, systems=WINDOW,
    ),
    "the stack is too high": Case(
        Mistake("arch/cisc/svpctx/save.inc", "moval   kernel_stack_top, sp", "moval   kernel_stack_top + 16, sp"),
        "stack", "ksp", INIT, systems=CISC,
    ),
    "a trap leaves something on the stack": Case(
        Mistake("trap.s", ".Ldone: la ", ".Ldone: addi sp, sp, -16\n        la "), "stack", "16 bytes below", INIT
    ),
    # ---- pages ----
    "fork leaves pages writable": Case(
        Mistake("space_share.s", "        beqz    t0, 2f\n        xori", "        j       2f\n        xori"), "pages",
        "may be written, but", INIT,
    ),
    "a shared page is made writable without a copy": Case(
        Mistake("space_page.s", "        beq     a0, t0, 1f\n        call    frame_take",
                "        j       1f\n        call    frame_take"),
        "pages", "may be written, but",
    ),
    # ---- queues ----
    "who is picked stays on the queue": Case(
        Mistake("round_robin.s", "        mv      a0, s0\n        call    queue_remove\n", ""), "queues",
        "it is Running, but on ready_queue", INIT,
    ),
    "who is woken is not taken off": Case(
        Mistake("sleep.s", "        mv      s0, a0\n        call    queue_remove\n        mv      a0, s0\n        call    sched",
                "        mv      s0, a0\n        call    sched"),
        "queues", "", ANY,
    ),
    "a sleeper's state is not set": Case(
        Mistake("sleep.s", "        sw      t0, P_STATE(a1)\n", ""), "queues", "it is Running, but on the queue of", INIT
    ),
    "a zombie's state is not set": Case(
        Mistake("exit.s", "        sw      t0, P_STATE(s0)\n", ""), "queues", "but on zombies", "pid 3 (fork_sum)"
    ),
    "the free list is taken from, but not left": Case(
        Mistake("pcb.s", "        beqz    s0, 1f\n        call    queue_remove\n", "        beqz    s0, 1f\n"), "queues",
        "free_pcbs", ANY,
    ),
    "a link to the one before is not set": Case(
        Mistake("queue.s", "2:      beqz    t1, 4f\n        sw      t0, P_PREV(t1)\n", "2:      beqz    t1, 4f\n"),
        "queues", "it is linked into", ANY,
    ),
    # ---- frames ----
    "a process's pages are not given back": Case(
        Mistake("space.s", "        frame_of a0\n        call    frame_free\n        j       1b",
                "        frame_of a0\n        j       1b"),
        "frames", "but nobody has it", "",
    ),
    "a copied page's old frame is still counted": Case(
        Mistake("space_page.s", "        mv      a0, s1\n        call    frame_free\n", ""), "frames", "is counted", ANY
    ),
    "a shared frame is counted once": Case(
        Mistake("frames.s", "        addi    t0, t0, 1\n        sw      t0, 0(a0)\n        li      t1, 2",
                "        addi    t0, t0, 1\n        li      t1, 2"),
        "frames", "is counted 1 time, but", ANY,
    ),
    "a frame is free while it is used": Case(
        Mistake("frames.s", "        bne     t0, t1, 2f\n        uncount KS_SHARED\n        return\n",
                "        bne     t0, t1, 2f\n        uncount KS_SHARED\n"),
        "frames", "on the free list", ANY,
    ),
    "the last reference does not free": Case(
        Mistake("frames.s", "        sw      t1, 0(s0)\n        sw      s0, 0(t0)\n        count", "        count"), "frames",
        "is not on the free list", "",
    ),
    "the PCB's count of pages is wrong": Case(
        Mistake("space.s", "        addi    t0, t0, 1\n        sw      t0, SPACE_PAGES(s0)\n1:", "1:"), "frames",
        "pages, but its PCB says", INIT,
    ),
    # ---- windows ----
    "an overflow leaves the mask as it was": Case(
        Mistake("arch/window/flush/overflow.s", "        wim_only t0, t1\n", ""), "windows", "wim is", ANY,
        systems=("window-flush-3",),
    ),
    "the mask is not set for another process": Case(
        Mistake("arch/window/flush/policy.s", "        wim_only t0, t1\n", ""), "windows", "wim is", ANY,
        systems=("window-flush",),
    ),
    "the mask lacks the barriers of others": Case(
        Mistake("arch/window/lazy/policy.s", "        or      a2, a2, t1\n        csrw    wim, a2\n", "        csrw    wim, t1\n"),
        "windows", "wim is", ANY, "orphan", ("window-lazy",),
    ),
    "a barrier is not marked": Case(
        Mistake("arch/window/lazy/policy.s", "        or      a2, a2, t1\n        sw      a2, 0(a3)\n        owner_of t0",
                "        or      a2, a2, t1\n        owner_of t0"),
        "windows", "not marked", ANY, "orphan", ("window-lazy",),
    ),
    "the part's mask is not loaded": Case(
        Mistake("arch/window/partition/policy.s", "        csrw    wim, t1\n", ""), "windows", "wim is", INIT,
        systems=("window-partition",),
    ),
    "an ended process keeps its part": Case(
        Mistake("arch/window/partition/policy.s", "        sw      zero, PART_OWNER(t1)\n", ""), "windows", "who is gone",
        ANY, systems=("window-partition",),
    ),
    "SUM is left on": Case(
        Mistake("arch/window/window_trap.s", "        csrc    sstatus, t0\n        csrw    sscratch, tp\n        lw      t2",
                "        csrw    sscratch, tp\n        lw      t2"),
        "windows", "SUM", ANY, systems=("window-flush-3",),
    ),
}  # fmt: skip

EACH = [pytest.param(case, system, id=f"{name}-{system}") for name, case in CASES.items() for system in case.systems]


@pytest.mark.parametrize(("case", "system"), EACH)
def test_the_right_check_fires(tmp_path: Path, case: Case, system: str) -> None:
    mode, variant, nwin = (*system.split("-"), None, None)[:3]
    parts = broken(tmp_path, case.mistake, mode, variant, int(nwin) if nwin else None)
    run = watched(parts, PROGRAMS / "lectures" / f"{case.program}.s")
    outcome = run.observer.run(LIMIT)
    found = [str(problem) for problem in run.checker.problems]
    assert outcome.reason == HIT, (outcome, bytes(run.output).decode())
    meant = [problem for problem in run.checker.problems if problem.check == case.check]
    assert any(case.words in each.sentence and each.process.startswith(case.process) for each in meant), found
    machine = run.computer.machine
    assert {(each.at, each.pc) for each in run.checker.problems} == {(machine.started, machine.pc)}
    assert all(problem.where for problem in run.checker.problems)


@pytest.mark.parametrize("system", sorted({system for case in CASES.values() for system in case.systems}))
def test_the_sound_kernel_passes(system: str) -> None:
    mode, variant, nwin = (*system.split("-"), None, None)[:3]
    parts = build.system(mode, variant=variant, nwin=int(nwin) if nwin else None)
    run = watched(parts, PROGRAMS / "lectures" / "fork_sum.s")
    assert run.run_through().reason == "halt"
    assert [str(problem) for problem in run.checker.problems] == []
