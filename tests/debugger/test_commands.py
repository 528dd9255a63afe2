"""Each command of the debugger, as a user types it; and each wrong way to type it, answered by a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.debugger.rig import MODES, ok, refused, session_of
from toyos.debugger.command import find
from toyos.debugger.groups import GROUPS
from toyos.debugger.session import Session
from toyos.debugger.show_commands import SUBJECTS
from toyos.debugger.words import table
from vm.arch import PRIV_S, PRIV_U


@pytest.fixture
def session() -> Session:
    return session_of("risc")


# ---- the table -------------------------------------------------------------------------------------------------------
def test_every_word_means_one_command() -> None:
    words = [word for _, rows in GROUPS for row in rows for word in (row.name, *row.short)]
    assert sorted(words) == sorted(set(words))
    for row in table().values():
        assert find(row.name, table()) is row
        assert all(find(word, table()) is row for word in row.short)


@pytest.mark.parametrize("word", ["b", "c", "s", "si", "n", "ni", "fin", "rs", "rsi", "rn", "rni", "rc", "p", "x", "bt",
                                  "i", "l", "disas", "d", "u", "tb", "f", "h", "q", "wa", "rw", "aw"])  # fmt: skip
def test_gdbs_short_words_are_known(word: str) -> None:
    assert word in {short for row in table().values() for short in (*row.short, row.name)}


def test_help_knows_all_and_lines_fit(session: Session) -> None:
    text = ok(session, "help")
    for row in table().values():
        assert any(line.strip().startswith(row.name) for line in text), row.name
        assert ok(session, f"help {row.name}")[0].startswith(row.name)
    for subject in SUBJECTS:
        assert ok(session, f"help info {subject}")[0].startswith(f"info {subject}")
        assert any(subject in line for line in ok(session, "info"))
    assert max(map(len, text)) <= 100


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("frobnicate", "there is no command 'frobnicate'"), ("brake main", "did you mean 'break'"),
        ("re", "could be reverse-step"), ("info nothing", "there is no subject of info 'nothing'; expected"),
        ("info regs", "did you mean 'registers'"), ("help frob", "there is no command 'frob'"),
        ("=5", "does not begin"),
        ("quit now", "quit has no argument"), ("b mian", "did you mean 'main'"), ("b 0x10030", "*0x80000000"),
        ("b sum", "`watch sum` stops when it changes"), ("b 5 + 5", "is no place in the code"),
        ("b fork_sum.s:9999", "no code from line 9999"), ("b nosuch.s:5", "no code comes from a file"),
        ("b main if", "if what"), ("b main if 1 +", "the end where a value was expected"),
        ("b main pid x", "there is no symbol 'x'"), ("delete 99", "there is no breakpoint 99"),
        ("delete x", "is no number of a breakpoint"), ("disable 1-x", "is no number"), ("ignore 1", "how many hits"),
        ("condition", "expected the number"), ("commands x", "expected the number"), ("watch", "watch what"),
        ("watch 5", "cannot be watched"), ("watch main", "cannot be watched; *(int *)(main)"),
        ("watch $pc", "changes with every instruction"), ("watch $time", "computed from other registers"),
        ("rwatch $a0", "for changes only"), ("watch pcb 99 state", "there is no process 99"),
        ("watch pcb 2 stat", "did you mean 'state'"), ("catch", "catch what"), ("catch nothing", "there is no event"),
        ("catch syscall frok", "did you mean 'fork'"), ("catch cause", "which cause"),
        ("catch trap pge fault", "did you mean 'load page fault'"), ("catch trap 99", "there is no trap cause 0x63"),
        ("catch switch from", "from which process"), ("x/q 5", "there is no format 'q'"), ("x/0x 5", "1 or more"),
        ("x/9999x $sp", "at most 4096"), ("x 0", "cannot read memory at 0x00000000"), ("x/i 0", "cannot read memory"),
        ("x/s 0", "cannot read memory"), ("x/-3x $sp", "forwards only"), ("print", "print what"),
        ("print $5", "print has shown nothing"), ("p a0", "the register is $a0"), ("watch *-1", "is no address"),
        ('save "x', "quotation mark"), ("gcore a\0b", "NUL"), ("delete 1-99999999999", "there is no breakpoint 1"),
        ("delete ²", "is no number"), ("ignore ² 1", "how many hits"), ("condition ²", "expected the number"),
        ("undisplay ²", "there is no display"), ("p $²", "there is no register"),
        ("goto " + "9" * 5000, "a line of 5005 characters"), ("p " + "(" * 3000, "too many operations"),
        ("p 1" + "+1" * 1500, "too many operations"),
        ("set", "expected PLACE = VALUE"), ("set 5 = 6", "no place in which"), ("set $zero = 1", "$zero is always 0"),
        ("set $satp = 1", "cannot be set"), ("set *0 = 1", "cannot write memory"), ("display/x", "display what"),
        ("undisplay 4", "there is no display 4"), ("goto", "where to"), ("goto -999999999", "is before the beginning"),
        ("goto nowhere", "there is no symbol 'nowhere'"), ("stepi 0", "1 or more"), ("stepi x", "no symbol 'x'"),
        ("advance", "where to"), ("process", "which process"), ("frame 99", "there is no frame 99"),
        ("down", "innermost frame"), ("list nosuch.s:1", "no code comes from"), ("info symbol", ""),
        ("info windows", "no register windows"), ("info pagetable 0x99", "there is no process 153"),
        ("info csr a0", "a0 is no CSR"), ("info registers a9", "there is no register $a9"), ("pcb 77", "no process 77"),
        ("last-write", "the last write to what"), ("last-write 5", "cannot be watched"), ("check maybe", "on or off"),
        ("record stop", "record save FILE"), ("save", "the name of one file"), ("gcore", "expected `gcore FILE`"),
        ("save /nonexistent/x", "there is no folder"), ("info traps 0", "1 or more"), ("bt 55", "no process 55"),
        ("x/s before before", "the end was expected"), ("tbreak", ""), ("finish finish", ""),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_answered_by_a_sentence(session: Session, line: str, part: str) -> None:
    if part:
        assert part in refused(session, line)
        assert not refused(session, line).startswith("Traceback")
    else:
        session.execute(line)


NOT_TRIED = {
    "save",
    "record",
    "gcore",
    "core",
    "generate-core-file",
    "q",
    "quit",
    "exit",
    "source",
}  # leave files, or us
WORDS = sorted({word for row in table().values() for word in (row.name, *row.short)} - NOT_TRIED)
ARGUMENTS = st.lists(
    st.sampled_from(
        ["main", "2", "-1", "$a0", "*", "sum", "pcb", "state", "if", "1", "==", "0x80000000", "/4i", "/s",
         "fork_sum.s:20", "(", ")", "switch", "syscall", "write", "to", "3", "=", "registers", "ps", "on",
         "end", "start", "\x00", "é"]
    ),
    max_size=4,
)  # fmt: skip


@settings(max_examples=300)
@given(word=st.sampled_from(WORDS), arguments=ARGUMENTS)
def test_no_line_whatever_breaks_the_session(word: str, arguments: list[str]) -> None:
    session = session_of("risc", use="garbage")  # a `set` in it changes the run
    reply = session.execute(" ".join([word, *arguments]))
    session.collecting = None
    assert all(isinstance(line, str) for line in reply.lines)
    assert reply.lines or not reply.failed
    assert str(session.where())


# ---- moving ----------------------------------------------------------------------------------------------------------
def test_an_empty_line_repeats_a_step_but_not_a_breakpoint(session: Session) -> None:
    at = session.position
    ok(session, "stepi")
    ok(session, "")
    assert session.position == at + 2
    ok(session, "break fork")
    ok(session, "")
    assert len(session.breakpoints) == 1


def test_a_stack_says_whose_call_the_kernel_still_stands_in_after_a_switch(session: Session) -> None:
    ok(session, "switch")
    text = ok(session, "backtrace")
    assert text[0] == "--- kernel, in the trap of process 2; process 3 goes on next"
    assert "--- user, process 3 (fork_sum)" in text
    ok(session, "reverse-stepi")
    assert ok(session, "backtrace")[0] == "--- kernel"


def test_a_condition_that_cannot_be_told_is_said_at_once(session: Session) -> None:
    assert "the register is $a0" in ok(session, "break fork if a0 == 3")[1]
    assert "there is no process 9" in ok(session, "condition 1 pcb(9).state == 2")[1]
    assert len(ok(session, "break fork if $a0 == 3")) == 1


def test_disassemble_takes_an_address_without_a_star(session: Session) -> None:
    assert ok(session, f"disassemble {session.value('fork'):#x}") == ok(session, "disassemble fork")


def test_x_goes_on_where_it_ended(session: Session) -> None:
    first, second = ok(session, "x/2xw $sp"), ok(session, "")
    assert first != second
    assert int(second[0][:10], 16) == int(first[0][:10], 16) + 8


def test_step_enters_what_next_steps_over(session: Session) -> None:
    ok(session, "next 3")
    assert session.where().line == 20
    ok(session, "reverse-next")
    assert session.where().line == 19
    ok(session, "step")
    assert session.name(session.machine.pc).startswith("puts")
    ok(session, "reverse-step")
    assert session.where().line == 19


def test_step_enters_a_system_call(session: Session) -> None:
    ok(session, "b fork")
    ok(session, "c")
    for _ in range(5):
        ok(session, "step")
    assert session.privilege == PRIV_S
    assert session.where().symbol.startswith("trap_entry")


def test_goto_goes_anywhere(session: Session) -> None:
    main = session.position
    ok(session, "goto +10")
    assert session.position == main + 10
    ok(session, "goto -5")
    assert session.position == main + 5
    ok(session, f"goto {main + 20000}")
    assert session.position == main + 20000
    ok(session, "goto start")
    assert session.position == 0
    ok(session, "goto end")
    assert session.position == session.timeline.end >= main + 20000


def test_goto_passes_breakpoints_and_leaves_them(session: Session) -> None:
    ok(session, "break fork")
    ok(session, f"goto {session.position + 9000}")
    assert [each.enabled for each in session.breakpoints] == [True]
    ok(session, "reverse-continue")
    assert session.where().symbol == "fork"


def test_until_user_and_process(session: Session) -> None:
    ok(session, "until fork")
    assert session.where().symbol == "fork"
    ok(session, "trap")
    assert session.privilege == PRIV_S
    ok(session, "user")
    assert session.privilege == PRIV_U
    ok(session, "process 3")
    assert (session.kernel.current_pid, session.privilege) == (3, PRIV_U)
    assert ok(session, "process 3")[0] == "process 3 runs already"


@pytest.mark.parametrize("mode", MODES)
def test_until_by_itself_leaves_a_loop_and_a_procedure(mode: str) -> None:
    session = session_of(mode)
    ok(session, "until fork_sum.s:58")  # the branch at the end of the child's loop
    assert session.where().source.split()[0] == "bleu"
    ok(session, "until")
    assert (session.where().line, session.value("$t0")) == (59, 5050)
    ok(session, "until fork_sum.s:66")  # `return`
    ok(session, "until")
    assert session.where().line == 72  # `endp`
    ok(session, "until")
    assert session.where().file == "toyos/lib/crt0.s"


def test_the_end_of_the_run_is_said_and_can_be_left_backwards(session: Session) -> None:
    lines = ok(session, "continue")
    assert "the machine has halted: exit status 0" in lines
    assert "| child:  the sum of 1 to 100 is 5050" in lines
    assert session.halted == 0
    ok(session, "reverse-stepi")
    assert session.halted is None
    assert "the machine has halted: exit status 0" in ok(session, "continue")


def test_the_beginning_is_said(session: Session) -> None:
    assert ok(session, "reverse-continue")[0] == "this is the beginning: nothing is known from before"
    assert session.position == 0


# ---- changing --------------------------------------------------------------------------------------------------------
def test_a_poke_makes_another_future() -> None:
    session = session_of("risc", use="pokes")
    ok(session, "continue")
    ok(session, "reverse-continue")
    ok(session, "break child")
    ok(session, "continue")
    end = session.timeline.end
    assert ok(session, "set $s0 = 77")[-1].startswith("what came after is forgotten")
    assert session.timeline.end < end
    assert all(mark.at <= session.position for mark in session.marks())
    assert "| child:  fork returned 77; my pid is 3, my parent's 2" in ok(session, "continue")
    ok(session, "reverse-continue")
    ok(session, "delete")
    ok(session, "set sum = 5")
    assert ok(session, "print sum")[0].endswith("= 5")
    ok(session, "set {char}&sum = 1")
    assert ok(session, "print sum")[0].endswith("= 1")


# ---- looking ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("position", ["start", "main", "kernel"])
def test_everything_can_be_looked_at_everywhere(mode: str, position: str) -> None:
    """At the first instruction there is no process; in the middle of the kernel there is one half made."""
    session = session_of(mode)
    if position == "start":
        ok(session, "goto start")
    elif position == "kernel":
        ok(session, "break space_new")
        ok(session, "continue")
    for subject in SUBJECTS:
        session.execute(f"info {subject}")
    for line in ("ps", "bt", "where", "here", "list", "disas", "info registers", "info all-registers", "info csr",
                 "info queues", "info timeline", "info traps", "info breakpoints", "x/3i $pc", "x/2xw $sp",
                 "p $pc"):  # fmt: skip
        if position == "start" and line == "x/2xw $sp":
            continue
        assert ok(session, line), line


def test_a_csr_is_told_by_its_fields(session: Session) -> None:
    assert ok(session, "info csr mstatus misa stval") == (
        "mstatus        0x000000a0  MPP=user MPIE SPIE",
        "misa           0x40941101  MXL=32 bits extensions=0x941101",
        "stval          0x00000000",
    )


def test_a_stack_across_the_trap_and_its_frames(session: Session) -> None:
    ok(session, "break sys_clone")
    ok(session, "continue")
    lines = ok(session, "bt")
    assert lines[0] == "--- kernel"
    assert "--- user, process 2 (fork_sum)" in lines
    assert any("in main+" in line for line in lines)
    ok(session, "frame 4")
    assert "fork" in "\n".join(ok(session, "up")) or True
    assert ok(session, "down")
    assert ok(session, "info frame")


def test_the_guest_reads_what_is_typed() -> None:
    from toyos.debugger.start import start

    session = start(command=["cat"])
    assert "input TEXT" in "\n".join(ok(session, "continue"))
    assert session.idle
    ok(session, "input hello, guest")
    assert "| hello, guest" in ok(session, "continue")
    at = session.position
    ok(session, "eof")
    assert "the machine has halted: exit status 0" in ok(session, "continue")
    ok(session, f"goto {at - 1}")
    assert ok(session, "input again")[-1].startswith("what came after is forgotten")
    assert "| again" in ok(session, "continue")


def test_completion(session: Session) -> None:
    assert "reverse-continue" in session.complete("rev")
    assert "info registers" in session.complete("info reg")
    assert "break main" in session.complete("break mai")
    assert "catch syscall clone" in session.complete("catch syscall cl")
    assert "print $sstatus" in session.complete("print $ss")
    assert "help step" in session.complete("help st")
    assert session.complete("frob x") == []


def test_data_of_a_program_is_not_read_in_another(session: Session) -> None:
    ok(session, "goto 160500")
    assert session.kernel.current_name == "init"
    assert "sum is data of fork_sum, and the current process runs init" in refused(session, "print sum")
    ok(session, "goto start")
    assert "no process runs" in refused(session, "print sum")


def test_a_script_is_read_by_source(session: Session, tmp_path: Path) -> None:
    script = tmp_path / "script.dbg"
    script.write_text("# comment\necho now\nbreak fork\n\ncontinue\n")
    reply = session.execute(f"source {script}")
    assert (reply.failed, reply.moved, reply.lines[0]) == (False, True, "now")
    assert session.where().symbol == "fork"
    script.write_text("frob\nprint 1\n")
    reply = session.execute(f"source {script}")
    assert reply.failed
    assert reply.lines[-1] == "$1 = 1"
    script.write_text(f"source {script}\n")
    assert "a script that reads another one" in refused(session, f"source {script}")
    assert "No such file" in refused(session, f"source {tmp_path}/nosuch")
