"""gdb-multiarch on a program that forks: from its system call into the kernel, across a switch, and back in time."""

from __future__ import annotations

import re

import pytest

from tests.gdb.real import ROOT, Session, debug, needs_gdb

pytestmark = needs_gdb
FORK_SUM = ROOT / "programs" / "lectures" / "fork_sum.s"
OUTPUT = ["before fork: one process", "child 3 has ended with code 7"]


@pytest.fixture(scope="module", params=["risc", "window"])
def walk(request: pytest.FixtureRequest) -> Session:
    """Into the program's fork(), with its ecall into the kernel, back out by a reverse step, and on to the end."""
    return debug(
        ["run", "--mode", request.param, FORK_SUM],
        r"""
        info threads
        break main
        continue
        list
        delete
        break fork
        continue
        delete
        tbreak trap_entry
        continue
        info registers priv scause sepc
        x/i $sepc
        monitor trap
        reverse-stepi
        x/i $pc
        info registers priv
        stepi
        break sys_clone
        continue
        monitor backtrace
        bt
        info threads
        info os processes
        monitor ps
        monitor pcb 2
        monitor queues
        monitor checkpoint
        p (int)$a0
        delete
        break resume
        continue
        monitor restart 1
        maintenance flush register-cache
        x/i $pc
        delete
        continue
        """,
    )


def test_gdb_finds_kernel_and_program_by_itself(walk: Session) -> None:
    assert "Reading symbols from target:/kernel+fork_sum" in walk[""] and "start.s:20" in walk[""]
    assert "PC not available" not in walk["info threads"] and "machine" in walk["info threads"]
    assert "fork_sum.s, line 17" in walk["break main"]


def test_a_breakpoint_stops_in_the_users_program_and_shows_its_source(walk: Session) -> None:
    assert "main () at" in walk["continue"] and re.search(r"^17\s+proc main, frame=16$", walk["list"], re.M)
    assert "fork () at" in walk["continue#2"] and "toyos/lib/process.s" in walk["continue#2"]


def test_the_ecall_leads_into_the_kernel_and_back(walk: Session) -> None:
    assert "trap_entry () at" in walk["continue#3"] and "Supervisor" in walk["info registers priv scause sepc"]
    assert re.search(r"scause\s+0x8\s", walk["info registers priv scause sepc"]) and "ecall" in walk["x/i $sepc"]
    trap = walk["monitor trap"]
    assert "ecall from user mode" in trap and "<fork+" in trap and "<trap_entry>" in trap and "pid 2 (fork_sum)" in trap
    assert "fork () at" in walk["reverse-stepi"] or "in fork ()" in walk["reverse-stepi"]
    assert "ecall" in walk["x/i $pc"] and "User" in walk["info registers priv"]
    assert "trap_entry () at" in walk["stepi"], "forwards again it is the same"


def test_processes_are_seen_from_the_kernel(walk: Session) -> None:
    frames = walk["monitor backtrace"].splitlines()
    assert "sys_clone" in frames[0] and any("user" in frame and "main+" in frame for frame in frames)
    crossing = walk["bt"].splitlines()
    assert "sys_clone ()" in crossing[0] and any("<signal handler called>" in frame for frame in crossing)
    assert any("in fork ()" in frame for frame in crossing) and any("main ()" in frame for frame in crossing)
    threads = walk["info threads#2"]
    assert re.search(r'^\* 1 +Thread 1 "hart" \(supervisor, pid 2 fork_sum\) +sys_clone \(\)', threads, re.M)
    assert '"pid 2 fork_sum" (Running, fork+' in threads and "init" not in threads, "gdb does not know init's names"
    table = [line.split()[:4] for line in walk["info os processes"].splitlines()]
    assert ["2", "1", "Running", "fork_sum"] in table and ["1", "0", "Sleep", "init"] in table
    assert re.search(r"^2\s+1\s+Running .*<fork\+0x\w+>\s+fork_sum$", walk["monitor ps"], re.M)
    pcb = walk["monitor pcb 2"]
    assert re.search(r"P_PARENT\s+pid 1 \(init\)", pcb) and re.search(r"P_NAME\s+'fork_sum'", pcb)
    assert "sleep: children of pid 1" in walk["monitor queues"]


def test_a_checkpoint_is_come_back_to(walk: Session) -> None:
    assert "checkpoint 1: instruction" in walk["monitor checkpoint"] and "resume () at" in walk["continue#5"]
    position = re.search(r"instruction (\d+)", walk["monitor checkpoint"])
    assert position is not None and f"at instruction {position[1]}, pc" in walk["monitor restart 1"]
    assert "<sys_clone>" in walk["x/i $pc#2"]


def test_the_end_is_the_programs(walk: Session) -> None:
    assert "exited normally" in walk["continue#6"] and walk.status == 0
    assert all(line in walk.out for line in OUTPUT) and walk.out.count(OUTPUT[0]) == 1, (
        "printed once, however often run"
    )
    assert walk.errors == ""


@pytest.fixture(scope="module")
def watched() -> Session:
    """Who writes to the ready queue and to a PCB's state, forwards and backwards."""
    return debug(
        ["run", FORK_SUM],
        r"""
        break sys_clone
        continue
        delete
        watch ready_queue
        continue
        continue
        info registers pc
        reverse-continue
        reverse-continue
        info registers pc
        delete
        rwatch dispatch_wanted
        continue
        delete
        awatch current
        reverse-continue
        delete
        hbreak trap
        reverse-continue
        delete
        reverse-continue
        info registers pc
        monitor end stop
        continue
        reverse-stepi
        tbreak machine_off
        reverse-continue
        kill
        """,
    )


def test_writes_are_found_forwards_and_backwards(watched: Session) -> None:
    first, second = watched["continue#2"], watched["continue#3"]
    assert "Hardware watchpoint 2" in first and "Old value = 0" in first and "queue" in first
    assert "New value = 0" in second
    assert "Old value = 0" in watched["reverse-continue"], "the last write, undone"
    assert "New value = 0" in watched["reverse-continue#2"], "and the one before"


def test_reads_and_accesses_stop(watched: Session) -> None:
    assert "Hardware read watchpoint 3" in watched["continue#4"] and "Value = " in watched["continue#4"]
    assert "Hardware access (read/write) watchpoint 4" in watched["reverse-continue#3"]


def test_back_to_breakpoints_and_to_the_beginning(watched: Session) -> None:
    assert "trap () at" in watched["reverse-continue#4"]
    assert "No more reverse-execution history" in watched["reverse-continue#5"]
    assert "0x80000000" in watched["info registers pc#3"]


def test_back_from_the_end(watched: Session) -> None:
    assert "No more reverse-execution history" in watched["continue#5"]
    assert "machine_off" in watched["reverse-continue#6"]
    assert watched.status == 0 and "killed" in watched["kill"]


@pytest.mark.parametrize("mode", ["risc", "window"])
def test_a_system_call_is_stepped_over(mode: str) -> None:
    """`next` on the line with the ecall: the kernel, and whom else it runs meanwhile, pass by."""
    gdb = debug(
        ["run", "--mode", mode, FORK_SUM],
        """
        break fork
        continue
        monitor only 2
        next 4
        next
        info threads
        reverse-continue
        kill
        """,
    )
    assert re.search(r"^17\s+syscall SYS_clone$", gdb["next 4"], re.M) and re.search(r"^18\s+j ", gdb["next"], re.M)
    assert '"hart" (user, pid 2 fork_sum)' in gdb["info threads"] and '"pid 3 fork_sum"' in gdb["info threads"]
    assert "hit Breakpoint 1, fork ()" in gdb["reverse-continue"]


def test_who_wrote_a_variable() -> None:
    """Forwards gdb stands behind the store, backwards before it."""
    gdb = debug(
        ["run", FORK_SUM],
        """
        break fork
        continue
        finish
        monitor only all
        watch sum
        continue
        x/i $pc - 4
        reverse-continue
        x/i $pc
        p before
        kill
        """,
    )
    assert "Value returned is $1 = 3" in gdb["finish"], "by the convention for results"
    assert "New value = 5050" in gdb["continue#2"] and "sw\tt0,0(t1)" in gdb["x/i $pc - 4"]
    assert "New value = 0" in gdb["reverse-continue"] and "sw\tt0,0(t1)" in gdb["x/i $pc"]
    assert gdb["p before"].strip() == '$2 = "before fork: one process"'


def test_registers_and_windows_of_a_window_machine() -> None:
    gdb = debug(
        ["run", "--mode", "window", "--nwin", "6", FORK_SUM],
        r"""
        break main
        continue
        stepi
        info registers sp
        info registers isp ira cwp wim nwin
        p $w0_isp
        info registers w5
        monitor windows
        p $satp >> 31
        set var $l2 = 1234
        p $l2
        detach
        """,
    )
    words = gdb["info registers isp ira cwp wim nwin"]
    assert re.search(r"nwin\s+0x6", words) and "_start" in words, "main's return address is in ira"
    assert "w5_ira" in gdb["info registers w5"] and gdb["p $satp >> 31"].strip() in ("$2 = 1", "$2 = -1")
    assert "current  pid 2" in gdb["monitor windows"] and gdb["p $l2"].strip().endswith("= 1234")
    assert gdb.status == 0 and OUTPUT[1] in gdb.out, "detached, the guest has run to its end"


def test_another_programs_symbols_can_be_added() -> None:
    gdb = debug(
        ["boot", "-c", "echo one; echo two"],
        r"""
        add-symbol-file target:/bin/echo
        monitor only echo
        break main
        continue
        bt
        monitor only
        continue
        kill
        """,
    )
    assert (
        "add symbol table" in gdb["add-symbol-file target:/bin/echo"]
        or "Reading symbols" in gdb["add-symbol-file target:/bin/echo"]
    )
    assert "echo.s" in gdb["continue"] and "bin/echo" in gdb["monitor only"] and "echo.s" in gdb["continue#2"]
    assert "one" in gdb.out and "two" not in gdb.out
