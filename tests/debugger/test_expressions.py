"""Expressions in the manner of C: operators, casts, memory, registers, symbols, PCBs; and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.debugger.rig import MODES, ok, refused, session_of
from toyos.debugger.expressions import evaluate
from toyos.debugger.replies import Refused
from toyos.debugger.session import Session
from vm.isa.registers import NUMBERS


@pytest.fixture
def session() -> Session:
    return session_of("risc")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 - 4 - 3", 3), ("7 / 2", 3), ("-7 / 2", -3), ("-7 % 3", -1),
        ("1 << 4 | 1", 17), ("0x10 & 0x18 ^ 1", 17), ("!0", 1), ("!5", 0), ("~0", -1), ("- -3", 3), ("010", 8),
        ("0b101", 5), ("'a'", 97), ("'\\n'", 10), ("1 < 2 && 2 < 1", 0), ("0 || 3", 1), ("1 ? 5 : 6", 5),
        ("0 ? 5 : 1 ? 7 : 8", 7), ("3 == 3 && 3 != 4", 1), ("0x7fffffff + 1", -0x8000_0000),
        ("(unsigned)-1 > 1", 1), ("-1 > 1", 0), ("(char)0x1ff", -1), ("(unsigned char)0x1ff", 255),
        ("(short)0x18000", -0x8000), ("0xffffffffu >> 31", 1), ("-8 >> 1", -4), ("1 + (2 == 2) * 4", 5),
    ],
)  # fmt: skip
def test_operators_of_c(session: Session, text: str, value: int) -> None:
    assert evaluate(session, text).number == value


@given(
    a=st.integers(0, 2**31 - 1),
    b=st.integers(1, 2**31 - 1),
    sign=st.sampled_from(["+", "-", "*", "/", "%", "&", "|", "^"]),
)
def test_arithmetic_is_that_of_32_bits(a: int, b: int, sign: str) -> None:
    session = session_of("risc")
    exact = {"+": a + b, "-": a - b, "*": a * b, "/": a // b, "%": a % b, "&": a & b, "|": a | b, "^": a ^ b}[sign]
    wrapped = (exact + 2**31) % 2**32 - 2**31
    assert evaluate(session, f"{a} {sign} {b}").number == wrapped


def test_the_second_operand_of_and_is_only_looked_at_when_it_matters(session: Session) -> None:
    assert evaluate(session, "0 && *0").number == 0
    assert evaluate(session, "1 || *0").number == 1
    with pytest.raises(Refused, match="0x00000000"):
        evaluate(session, "1 && *0")


@pytest.mark.parametrize("mode", MODES)
def test_registers_and_memory(mode: str) -> None:
    session = session_of(mode)
    sp = int(session.machine.x[NUMBERS["sp"]])
    assert evaluate(session, "$sp").number == sp
    assert evaluate(session, "*(int *)$sp").number == evaluate(session, "((int *)$sp)[0]").number
    assert evaluate(session, "(int *)$sp + 1").number == sp + 4
    assert evaluate(session, "$pc").number == session.machine.pc == session.symbols.address("main", "fork_sum")
    assert evaluate(session, "$satp").number == session.machine.csr("satp")
    assert evaluate(session, "$pid").number == 2
    assert evaluate(session, "$position").number == session.position


def test_symbols_of_data_code_and_numbers(session: Session) -> None:
    address = session.symbols.address("sum", "fork_sum")
    assert evaluate(session, "&sum").number == address
    assert evaluate(session, "sum").number == 0
    assert evaluate(session, "main").number == session.machine.pc
    assert evaluate(session, "SYS_write").number == 64
    assert evaluate(session, "(char)before").number == ord("b")
    assert evaluate(session, "before[0] & 0xff").number == ord("b")


def test_fields_of_pcbs(session: Session) -> None:
    assert evaluate(session, "pcb(2).pid").number == 2
    assert evaluate(session, "pcb.pid").number == 2
    assert evaluate(session, "pcb->pid").number == 2
    assert evaluate(session, "pcb(2).parent.pid").number == 1
    assert evaluate(session, "pcb(1 + 1).state == STATE_RUNNING").number == 1
    assert evaluate(session, "&pcb(2).state").number == session.kernel.pcb_of(2) + session.kernel.symbols["P_STATE"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("1 +", "the end where a value was expected"), ("1 2", "'2' where the end was expected"), ("(1", "')'"),
        ("", "the end where a value"), ("@", "'@' has no place"), ("09", "octal"), ("mian", "did you mean 'main'"),
        ("$a9", "there is no register $a9"), ("$sttaus", "did you mean $sstatus"), ("1/0", "division by zero"),
        ("*0", "cannot read memory at 0x00000000"), ("&5", "& wants something that lies in memory"),
        ("pcb(77).state", "there is no process 77"), ("pcb(2).stat", "did you mean 'state'"),
        ("sum.x", "only a PCB has fields"), ("pcb(2).", "the name of a field is missing"),
        ("$9", "there is no value $9"), ("1 ? 2", "':'"), ("a[", "the end where a value"), ("0x", "'0x' has no place"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_answered_by_a_sentence(session: Session, text: str, part: str) -> None:
    with pytest.raises(Refused) as fault:
        value = evaluate(session, text)
        from toyos.debugger.scope import sound

        sound(value)
    assert part in str(fault.value)


def test_values_have_numbers_and_variables_have_names(session: Session) -> None:
    assert ok(session, "print 5 * 5") == ("$1 = 25",)
    assert ok(session, "p $1 + 1") == ("$2 = 26",)
    assert ok(session, "p") == ("$3 = 26",)
    ok(session, "set $mine = 4")
    assert ok(session, "p $mine * 2") == ("$4 = 8",)
    assert "there is no register $theirs" in refused(session, "p $theirs")


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("p/x 255", "0xff"), ("p/t 5", "101"), ("p/o 8", "010"), ("p/c 97", "97 'a'"), ("p/u -1", "4294967295"),
        ("p/d 0xffffffff", "-1"), ("p/a main", "0x10030 <main>"), ("p main", "{code} 0x10030 <main>"),
        ("p &sum", "(int *) 0x12000 <"), ("p/s before", '"before fork: one process"'), ("p (char)65", "65 'A'"),
        ("p/x (char)-1", "0xff"), ("p/z 5", "0x00000005"),
    ],
)  # fmt: skip
def test_formats_of_print(session: Session, command: str, shown: str) -> None:
    assert ok(session, command)[0].startswith(f"$1 = {shown}")
