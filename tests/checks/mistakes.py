"""Kernels with one mistake each, and what the checks must say of them."""

from __future__ import annotations

from typing import NamedTuple

from tests.checks.kernels import Mistake

ALL = ("risc", "window", "cisc")
RISC, CISC = ("risc",), ("cisc",)
FLUSH, LAZY, PARTITION = ("window-flush",), ("window-lazy",), ("window-partition",)
WINDOWS = (*FLUSH, *LAZY, *PARTITION)
TINY = ("window-flush-3",)  # few windows: overflows
ANYBODY, INIT = "pid ", "pid 1 (init)"
NOBODY = ""
TRAP, SAVE = "arch/risc/trap_entry.s", "arch/risc/soft/save.inc"
WINDOW_SAVE, MMU = "arch/window/window.inc", "arch/risc/mmu.s"


class Case(NamedTuple):
    """mistake; check: the name of the one that must find it, in a sentence with `words`; process: how the report's name
    of who is struck begins; systems: mode, variant and windows, with dashes; program: of programs/lectures."""

    mistake: Mistake
    check: str
    words: str
    process: str = ANYBODY
    systems: tuple[str, ...] = ALL
    program: str = "fork_sum"


def asm(*instructions: str) -> str:
    """Instructions -> their lines as the kernel's sources have them."""
    return "".join(f"        {name:<7} {operands}".rstrip() + "\n"
                   for name, _, operands in (each.partition(" ") for each in instructions))  # fmt: skip


def without(file: str, *instructions: str, behind: str = "", before: str = "", times: int = 1) -> Mistake:
    """-> the mistake of leaving instructions out, which stand behind and before others."""
    return Mistake(file, behind + asm(*instructions) + before, behind + before, times)


REGISTERS = {
    "s1 is neither saved nor loaded": Case(
        Mistake(SAVE, "        \\instruction x9, P_X + 36(\\base)\n", ""), "registers", "s1 is", INIT, RISC
    ),
    "s0 and s1 are exchanged": Case(
        Mistake(SAVE, asm("each_register sw, sp"), "".join(
            (asm("each_register sw, sp"), asm("sw s0, P_X + 36(sp)", "sw s1, P_X + 32(sp)")))),
        "registers", "s0 is", INIT, RISC,
    ),
    "sp is not saved": Case(
        without(TRAP, "sw t0, P_SP(sp)", before=asm("csrr t0, sepc", "sw t0, P_PC(sp)", "la sp, kernel_stack_top")),
        "registers", "sp is", INIT, ("risc-soft", "risc-xdump"),
    ),
    "the pc is not saved": Case(
        without(TRAP, "sw t0, P_PC(sp)", before=asm("la sp, kernel_stack_top")), "registers", "it would go on at",
        INIT, RISC,
    ),
    "the call is not left behind": Case(
        Mistake("syscall.s", "addi    t0, t0, SYSCALL_LENGTH", "addi    t0, t0, 0"), "registers", "a0 is", INIT
    ),
    "fork gives the child its parent's a0": Case(
        Mistake("fork.s", "sw      zero, P_A0(s1)", "nop"), "registers", "a0 is", "pid 2 (init)"
    ),
    "exec leaves registers": Case(
        Mistake("exec.s", "li      a2, P_ARCH_SIZE", "li      a2, 8"), "registers", "when it goes on"
    ),
    "sscratch stays that of another": Case(
        Mistake(TRAP, "csrw    sscratch, a0", "csrw    sscratch, t0"), "registers", "sscratch", INIT, RISC
    ),
    "s1 is neither saved nor loaded, with windows": Case(
        Mistake(WINDOW_SAVE, "        \\instruction x9, P_X + 36(tp)\n", ""), "registers", "s1 is", INIT, WINDOWS
    ),
    "a spilled window lacks a local": Case(
        Mistake(WINDOW_SAVE, "        \\instruction l1, 4(\\base)\n", ""), "registers", "", ANYBODY, WINDOWS
    ),
    "a spilled window has lost its way back": Case(
        Mistake("arch/window/spill.s", asm("each_own sw, t1"), asm("each_own sw, t1", "sw zero, 36(t1)")),
        "registers", "the window of the caller", ANYBODY, FLUSH, "orphan",
    ),
    "t1 is not loaded": Case(
        Mistake("arch/cisc/soft/save.inc", asm("popl t1"), asm("popl t0")), "registers", "t1 is", INIT, ("cisc-soft",)
    ),
    "two registers are pushed in the wrong order": Case(
        Mistake("arch/cisc/soft/save.inc", asm("pushl s1", "pushl s0"), asm("pushl s0", "pushl s1")),
        "registers", "s0 is", INIT, ("cisc-soft",),
    ),
    "the process's sp is lost": Case(
        Mistake("arch/cisc/pushr/save.inc", asm("csrw usp, (sp)+"), asm("addl2 $4, sp")), "registers", "sp is", ANYBODY,
        ("cisc-pushr",),
    ),
    "psw is another": Case(
        Mistake("arch/cisc/svpctx/save.inc", asm("ldpctx"), asm("ldpctx", "orl2 $0x40000, 4(sp)")),
        "registers", "psw is", INIT, ("cisc-svpctx",),
    ),
    "pcbb stays that of another": Case(
        Mistake("arch/cisc/svpctx/save.inc", asm("ldpctx"), asm("ldpctx", "csrw pcbb, $0")), "registers",
        "pcbb would be", INIT, ("cisc-svpctx",),
    ),
}  # fmt: skip

STACK = {
    "the stack is not made afresh": Case(
        without(TRAP, "la sp, kernel_stack_top"), "stack", "when the trap is handled", INIT, RISC
    ),
    "the stack is not made afresh, with windows": Case(
        without(WINDOW_SAVE, "la sp, kernel_stack_top"), "stack", "when the trap is handled", INIT, ("window",)
    ),
    "the stack is too high": Case(
        Mistake("arch/cisc/svpctx/save.inc", "moval   kernel_stack_top, sp", "moval   kernel_stack_top + 16, sp"),
        "stack", "ksp", INIT, CISC,
    ),
    "a trap leaves something on the stack": Case(
        Mistake("trap.s", ".Ldone: la ", ".Ldone: addi sp, sp, -16\n        la "), "stack", "16 bytes below", INIT
    ),
}  # fmt: skip

PAGES = {
    "fork leaves pages writable": Case(
        Mistake("space_share.s", asm("beqz t0, 2f") + "        xori", asm("j 2f") + "        xori"),
        "pages", "may be written, but", INIT,
    ),
    "a shared page is made writable without a copy": Case(
        Mistake("space_page.s", asm("beq a0, t0, 1f"), asm("j 1f")), "pages", "may be written, but"
    ),
}  # fmt: skip

TLB = {
    "fork does not fence": Case(
        Mistake("fork.s", "        call    mmu_flush               # the parent", "# the parent"),
        "tlb",
        "would still write",
        INIT,
    ),
    "a copied page is not fenced": Case(
        without(MMU, "sfence.vma a0"), "tlb", "there now", "pid 3 (cow)", ("risc", "window"), "cow"
    ),
    "a copied page is not fenced, cisc": Case(
        without("arch/cisc/mmu.s", "tbis (a0)"), "tlb", "there now", INIT, CISC, "cow"
    ),
}

QUEUES = {
    "who is picked stays on the queue": Case(
        without("round_robin.s", "mv a0, s0", "call queue_remove"), "queues", "it is Running, but on ready_queue", INIT
    ),
    "who is woken is not taken off": Case(
        without("sleep.s", "call queue_remove", "mv a0, s0"), "queues", "", ANYBODY, RISC
    ),
    "a sleeper's state is not set": Case(
        without("sleep.s", "sw t0, P_STATE(a1)"), "queues", "it is Running, but on the queue of", INIT
    ),
    "a zombie's state is not set": Case(
        without("exit.s", "sw t0, P_STATE(s0)"), "queues", "but on zombies", "pid 3 (fork_sum)"
    ),
    "a free PCB is taken, but stays on the free list": Case(
        without("pcb.s", "call queue_remove", behind=asm("beqz s0, 1f")), "queues", "free_pcbs", ANYBODY, RISC
    ),
    "a link to the one before is not set": Case(
        without("queue.s", "sw t0, P_PREV(t1)", behind="2:      beqz    t1, 4f\n"), "queues", "it is linked into",
        ANYBODY, RISC,
    ),
}  # fmt: skip

FRAMES = {
    "a process's pages are not given back": Case(
        without("space.s", "call frame_free", behind=asm("frame_of a0"), before=asm("j 1b")), "frames",
        "but nobody has it", NOBODY,
    ),
    "a copied page's old frame is still counted": Case(
        without("space_page.s", "mv a0, s1", "call frame_free"), "frames", "is counted"
    ),
    "a shared frame is counted once": Case(
        without("frames.s", "sw t0, 0(a0)", behind=asm("addi t0, t0, 1"), before=asm("li t1, 2")), "frames",
        "is counted 1 time, but", ANYBODY, RISC,
    ),
    "a frame is free while it is used": Case(
        without("frames.s", "return", behind=asm("uncount KS_SHARED")), "frames", "on the free list", ANYBODY, RISC
    ),
    "the last reference does not free": Case(
        without("frames.s", "sw t1, 0(s0)", "sw s0, 0(t0)"), "frames", "is not on the free list", NOBODY, RISC
    ),
    "the PCB's count of pages is wrong": Case(
        without("space.s", "sw t0, SPACE_PAGES(s0)", behind=asm("addi t0, t0, 1")), "frames",
        "pages, but its PCB says", INIT, RISC,
    ),
}  # fmt: skip

MASK = {
    "an overflow leaves the mask as it was": Case(
        without("arch/window/flush/overflow.s", "wim_only t0, t1"), "windows", "wim is", ANYBODY, TINY
    ),
    "the mask is not set for another process": Case(
        without("arch/window/flush/policy.s", "wim_only t0, t1"), "windows", "wim is", ANYBODY, FLUSH
    ),
    "the mask lacks the barriers of others": Case(
        Mistake("arch/window/lazy/policy.s", asm("or a2, a2, t1", "csrw wim, a2"), asm("csrw wim, t1")),
        "windows", "wim is", ANYBODY, LAZY, "orphan",
    ),
    "a barrier is not marked": Case(
        without("arch/window/lazy/policy.s", "sw a2, 0(a3)", before=asm("owner_of t0")), "windows", "not marked",
        ANYBODY, LAZY, "orphan",
    ),
    "the part's mask is not loaded": Case(
        without("arch/window/partition/policy.s", "csrw wim, t1"), "windows", "wim is", INIT, PARTITION
    ),
    "an ended process keeps its part": Case(
        without("arch/window/partition/policy.s", "sw zero, PART_OWNER(t1)"), "windows", "who is gone", ANYBODY,
        PARTITION,
    ),
    "SUM is left on": Case(
        without("arch/window/window_trap.s", "csrc sstatus, t0", before=asm("csrw sscratch, tp", "lw t2, P_T2(tp)")),
        "windows", "SUM", ANYBODY, TINY,
    ),
}  # fmt: skip

CASES = REGISTERS | STACK | PAGES | TLB | QUEUES | FRAMES | MASK
