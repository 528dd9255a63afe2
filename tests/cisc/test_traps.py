"""Traps of cisc mode: stacks are exchanged, a table has the handlers, rei leads back, what fails stops cleanly."""

from __future__ import annotations

import struct

import pytest

from tests.cisc.hart import SP, Page
from tests.cisc.rig import FIRST_FRAME, LEAVES, REGION, Case, Comparison, core, differences, run, settle
from tests.engine.rig import EXECUTORS
from vm.arch import (
    CAUSE_DOUBLE_TRAP,
    CAUSE_ECALL_U,
    CAUSE_ILLEGAL_INSTRUCTION,
    CSR,
    INTERRUPT_FLAG,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPP_SHIFT,
    MSTATUS_SIE,
    MSTATUS_SPIE,
    MSTATUS_SPP,
    MSTATUS_SUM,
    MSTATUS_TSR,
    PAGE_SHIFT,
    PAGE_SIZE,
    PRIV_M,
    PRIV_S,
    PRIV_U,
    RAM_BASE,
    SSTATUS_MASK,
    UART_BASE,
)
from vm.isa.cisc import ROWS
from vm.isa.specifiers import REGISTERS
from vm.machine import Machine, Stop
from vm.state import EXIT_LIMIT, EXIT_STOPPED

OPCODE = {row.name: row.opcode for row in ROWS}
S_TABLE, M_TABLE = RAM_BASE + 0x2000, RAM_BASE + 0x3000
S_STACK, M_STACK, U_STACK = RAM_BASE + 0x5000, RAM_BASE + 0x6000, RAM_BASE + 0x7000
S_HANDLERS, M_HANDLERS = RAM_BASE + 0x8000, RAM_BASE + 0x9000
EXCEPTIONS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15)  # that can be delegated
INTERRUPTS = (1, 3, 5, 7, 9, 11)
ALL = 0xFFFF_FFFF


def chmk(number: int) -> bytes:
    return bytes([OPCODE["chmk"]]) + struct.pack("<H", number)


def ready(priv: int, mstatus: int = 0) -> Case:
    """A case whose tables have a handler of its own for every cause, with bare addresses."""
    case = Case(priv=priv, mstatus=mstatus, pc=RAM_BASE + 0x100)
    for table, handlers in ((S_TABLE, S_HANDLERS), (M_TABLE, M_HANDLERS)):
        struct.pack_into("<64I", case.ram, table - RAM_BASE, *(handlers + 16 * k for k in range(64)))
    case.csrs |= {"stvec": S_TABLE, "mtvec": M_TABLE, "ksp": S_STACK, "msp": M_STACK, "medeleg": 0xB3FF}
    case.x = [3 * k for k in range(9)]
    case.x[SP] = {PRIV_U: U_STACK, PRIV_S: S_STACK - 0x100, PRIV_M: M_STACK - 0x100}[priv]
    return case


def word(comparison: Comparison, va: int) -> int:
    return int(struct.unpack_from("<I", comparison.simulator.ram, va - RAM_BASE)[0])


@pytest.mark.parametrize("priv", [PRIV_U, PRIV_S, PRIV_M])
@pytest.mark.parametrize("delegated", [False, True])
def test_a_call_and_its_return(priv: int, delegated: bool) -> None:
    """chmk -> the frame, the stacks, the CSRs; rei -> everything as it was."""
    case = ready(priv, MSTATUS_MIE | MSTATUS_SIE | MSTATUS_SUM)
    case.csrs["medeleg"] = 0xB3FF if delegated else 0
    comparison = Comparison(case)
    comparison.move(chmk(0xFEDC))
    assert comparison.step(1) == ""
    simulator, to_s = comparison.simulator, delegated and priv != PRIV_M
    cause, handlers = CAUSE_ECALL_U + priv, S_HANDLERS if to_s else M_HANDLERS
    assert (simulator.priv, simulator.pc) == (PRIV_S if to_s else PRIV_M, handlers + 16 * cause)
    letter, kept, top = ("s", "usp", S_STACK) if to_s else ("m", "msp", M_STACK)
    sp = top if priv < simulator.priv else case.x[SP]
    assert simulator.x[SP] == sp - 8
    assert [simulator.csrs[letter + name] for name in ("cause", "tval", "epc")] == [cause, 0xFEDC, case.pc]
    if priv < simulator.priv:
        assert simulator.csrs[kept] == case.x[SP]
    assert word(comparison, sp - 8) == case.pc
    assert word(comparison, sp - 4) == simulator.mstatus & (SSTATUS_MASK if to_s else ALL)
    assert not simulator.mstatus & (MSTATUS_SIE if to_s else MSTATUS_MIE)
    comparison.poke(simulator.pc - RAM_BASE, bytes([OPCODE["rei"]]))
    assert comparison.step(1) == ""
    assert (simulator.priv, simulator.pc, simulator.x) == (priv, case.pc, case.x)
    assert simulator.csrs["ksp"] == S_STACK and simulator.csrs["msp"] == M_STACK


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("to_s", [False, True])
def test_each_cause_has_its_own_entry_in_the_table(executor: str, to_s: bool) -> None:
    """Whatever brings it about: the executors' routine is asked."""
    from vm.micro import traps
    from vm.micro.values import U32

    if executor == "reference":
        hart = core(executor)
        for cause in EXCEPTIONS:
            case = ready(PRIV_U)
            case.csrs["medeleg"] = 0xB3FF if to_s else 0
            case.put_into(hart)
            traps.take_exception(hart.context(), U32(case.pc), U32(cause), U32(77))
            assert int(hart.state["pc"]) == (S_HANDLERS if to_s else M_HANDLERS) + 16 * cause
    hart = core(executor)
    for number in INTERRUPTS:
        case = ready(PRIV_U)
        case.put_into(hart)
        hart.state["mideleg"] = ALL if to_s else 0
        hart.state["mie"] = hart.state["mip"] = 1 << number
        if number in (5, 7):
            hart.state["mtimecmp"] = 0 if number == 7 else ALL << 32
            hart.state["mip"] = 1 << number
        assert run(hart, 0) == EXIT_LIMIT
        assert int(hart.state["pc"]) == (S_HANDLERS if to_s else M_HANDLERS) + 16 * (32 + number)
        assert int(hart.state["scause" if to_s else "mcause"]) == INTERRUPT_FLAG | number


# What rei finds in the psw, from the supervisor: only SPP and SPIE count.
@pytest.mark.parametrize("psw", [0, MSTATUS_SPP, MSTATUS_SPIE, MSTATUS_MPP, ALL, ALL & ~MSTATUS_SPP])
def test_a_supervisor_cannot_return_to_more_than_it_is(psw: int) -> None:
    case = ready(PRIV_S)
    case.csrs["usp"] = U_STACK
    comparison = Comparison(case)
    at = case.x[SP] - RAM_BASE
    comparison.poke(at, struct.pack("<II", RAM_BASE + 0x200, psw))
    comparison.move(bytes([OPCODE["rei"]]))
    assert comparison.step(1) == ""
    simulator = comparison.simulator
    assert simulator.priv == (PRIV_S if psw & MSTATUS_SPP else PRIV_U)
    assert simulator.mstatus == MSTATUS_SPIE | (MSTATUS_SIE if psw & MSTATUS_SPIE else 0)
    assert simulator.x[SP] == (case.x[SP] + 8 if psw & MSTATUS_SPP else U_STACK)
    assert simulator.csrs["ksp"] == (S_STACK if psw & MSTATUS_SPP else case.x[SP] + 8)


@pytest.mark.parametrize("mpp", range(4))
def test_machine_mode_returns_anywhere(mpp: int) -> None:
    case = ready(PRIV_M)
    comparison = Comparison(case)
    at = case.x[SP] - RAM_BASE
    comparison.poke(at, struct.pack("<II", RAM_BASE + 0x200, mpp << MSTATUS_MPP_SHIFT | MSTATUS_MPIE))
    comparison.move(bytes([OPCODE["rei"]]))
    assert comparison.step(1) == ""
    assert comparison.simulator.priv == (PRIV_U if mpp == 2 else mpp)
    assert comparison.simulator.mstatus == MSTATUS_MIE | MSTATUS_MPIE


@pytest.mark.parametrize("name", ["rei", "svpctx", "ldpctx", "sfence.vma", "tbis", "wfi"])
@pytest.mark.parametrize("mstatus", [0, MSTATUS_TSR])
def test_what_users_may_not(name: str, mstatus: int) -> None:
    for priv in (PRIV_U, PRIV_S):
        if priv == PRIV_S and (name != "rei" or not mstatus):
            continue
        case = ready(priv, mstatus)
        comparison = Comparison(case)
        comparison.move(bytes([OPCODE[name], 0x60]))  # (a0), for the one that has an operand
        assert comparison.step(1) == ""
        assert comparison.simulator.csrs["scause"] == CAUSE_ILLEGAL_INSTRUCTION
        assert comparison.simulator.csrs["stval"] == OPCODE[name]


@pytest.mark.parametrize("csr", [0x5C2, 0x5C3, 0x5C4, 0x7C0, 0x100, 0x300])
@pytest.mark.parametrize("opcode", ["csrr", "csrw", "csrs", "csrc", "csrrw"])
def test_csrs_are_for_those_whom_their_number_names(csr: int, opcode: str) -> None:
    row = next(row for row in ROWS if row.name == opcode)
    code = bytes([row.opcode]) + b"".join(
        struct.pack("<H", csr) if operand.name == "csr" else b"\x51" for operand in row.operands
    )
    for priv in (PRIV_U, PRIV_S, PRIV_M):
        comparison = Comparison(ready(priv))
        comparison.move(code)
        assert comparison.step(1) == ""
        refused = CAUSE_ILLEGAL_INSTRUCTION in (
            comparison.simulator.csrs["scause"],
            comparison.simulator.csrs["mcause"],
        )
        assert refused == (priv < csr >> 8 & 3)


def test_a_csr_that_cannot_be_written_is_told_before_its_old_value_is_stored() -> None:
    row = next(row for row in ROWS if row.name == "csrrw")
    case = ready(PRIV_M)
    case.x[0] = RAM_BASE + 0xA000
    struct.pack_into("<I", case.ram, 0xA000, 0x5555_5555)
    comparison = Comparison(case)
    comparison.move(bytes([row.opcode, 0x60]) + struct.pack("<H", CSR["mhartid"]) + b"\x51")  # csrrw (a0), ., a1
    assert comparison.step(1) == ""
    assert comparison.simulator.csrs["mcause"] == CAUSE_ILLEGAL_INSTRUCTION
    assert word(comparison, RAM_BASE + 0xA000) == 0x5555_5555


@pytest.mark.parametrize("delegated", [False, True])
def test_a_tables_address_is_that_of_a_word(delegated: bool) -> None:
    """Bit 0 of xtvec can be written, as in the RISC modes, but tells nothing here."""
    case = ready(PRIV_U)
    case.csrs |= {"stvec": S_TABLE | 1, "mtvec": M_TABLE | 1, "medeleg": 0xB3FF if delegated else 0}
    comparison = Comparison(case)
    comparison.move(chmk(1))
    assert comparison.step(1) == ""
    assert comparison.simulator.pc == (S_HANDLERS if delegated else M_HANDLERS) + 16 * CAUSE_ECALL_U


# ---- double traps --------------------------------------------------------------------------------------------------
PAGE = REGION + 4 * PAGE_SIZE


def paged(priv: int) -> Case:
    """The supervisor's memory: code and handlers where RAM is in the region; PAGE is writable, its neighbours not."""
    case = ready(priv, MSTATUS_MIE | MSTATUS_SIE | MSTATUS_SUM)
    first = REGION >> PAGE_SHIFT
    case.pages = {
        first: Page(FIRST_FRAME, "rwxu" if priv == PRIV_U else "rwx"),
        PAGE >> PAGE_SHIFT: Page(FIRST_FRAME + 5, "rw"),
        first + 2: Page(S_TABLE >> PAGE_SHIFT, "r"),
        first + 8: Page(FIRST_FRAME + 10, "x"),
        first + 9: Page(UART_BASE >> PAGE_SHIFT, "rw"),
    }
    case.csrs |= {"stvec": REGION + 2 * PAGE_SIZE, "ksp": PAGE + 0x800}
    case.pc, case.x[SP] = REGION + 0x100, PAGE + 0x400
    return case


BAD_STACKS = [0, 4, 8, PAGE, PAGE + 2, PAGE + 4, PAGE + 7, PAGE + PAGE_SIZE + 1, PAGE + PAGE_SIZE + 8, REGION + 0x2800,
              REGION + 0x8800, REGION + 0x9010, RAM_BASE + 0x800, 0xFFFF_FFFC]  # fmt: skip
GOOD_STACKS = [PAGE + 8, PAGE + 9, PAGE + PAGE_SIZE, PAGE + PAGE_SIZE - 3]
BAD_TABLES = [0, REGION + 0x1000, PAGE + PAGE_SIZE - 4 * CAUSE_ECALL_U, REGION + 0x8000, REGION + 0x9000,
              S_TABLE, 0xFFFF_FFF0, REGION + 0x3000 - 4 * CAUSE_ECALL_U]  # fmt: skip


@pytest.mark.parametrize("priv", [PRIV_U, PRIV_S])
@pytest.mark.parametrize("ksp", BAD_STACKS + GOOD_STACKS)
def test_a_stack_that_a_supervisor_cannot_use(priv: int, ksp: int) -> None:
    case = paged(priv)
    case.csrs["ksp"] = ksp
    if priv == PRIV_S:
        case.x[SP] = ksp
    check_double(case, ksp, ksp in BAD_STACKS)


@pytest.mark.parametrize("priv", [PRIV_U, PRIV_S])
@pytest.mark.parametrize("table", BAD_TABLES)
def test_a_table_that_a_supervisor_cannot_read(priv: int, table: int) -> None:
    case = paged(priv)
    case.csrs["stvec"] = table
    check_double(case, case.csrs["ksp"] if priv == PRIV_U else case.x[SP], True)


def check_double(case: Case, ksp: int, double: bool) -> None:
    priv = case.priv
    comparison = Comparison(case)
    comparison.move(chmk(9))
    assert comparison.step(1) == ""
    simulator = comparison.simulator
    if not double:
        assert simulator.priv == PRIV_S
        return
    assert (simulator.priv, simulator.pc) == (PRIV_M, M_HANDLERS + 16 * CAUSE_DOUBLE_TRAP)
    assert [simulator.csrs[name] for name in ("mcause", "mtval", "mepc")] == [CAUSE_DOUBLE_TRAP, ksp, case.pc]
    # What the supervisor would have been told is there, and the stack that it could not use.
    assert [simulator.csrs[name] for name in ("scause", "stval", "sepc")] == [CAUSE_ECALL_U + priv, 9, case.pc]
    assert simulator.csrs["msp"] == ksp
    assert simulator.mstatus & (MSTATUS_MPP | MSTATUS_MPIE | MSTATUS_MIE) == MSTATUS_MPIE | PRIV_S << MSTATUS_MPP_SHIFT
    assert simulator.x[SP] == M_STACK - 8
    if priv == PRIV_U:
        assert simulator.csrs["usp"] == case.x[SP]
    for hart in comparison.harts:
        assert int(hart.state["exception_counts"][CAUSE_DOUBLE_TRAP]) == 1


# ---- the stopped hart ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("priv", [PRIV_U, PRIV_S, PRIV_M])
@pytest.mark.parametrize(("msp", "mtvec"), [(4, M_TABLE), (RAM_BASE + 4, M_TABLE), (UART_BASE + 8, M_TABLE),
                                            (M_STACK, 0), (M_STACK, UART_BASE), (0, 0)])  # fmt: skip
@pytest.mark.parametrize("by_interrupt", [False, True])
def test_a_hart_that_cannot_trap_stops(priv: int, msp: int, mtvec: int, by_interrupt: bool) -> None:
    machines = []
    for executor in EXECUTORS:
        machine = Machine("cisc", ram=1 << 16, executor=executor)
        case = ready(priv, MSTATUS_MIE)
        case.csrs |= {"msp": msp, "mtvec": mtvec, "medeleg": 0}
        if priv == PRIV_M:
            case.x[SP] = msp
        code = bytes([0x62, 0x50]) + chmk(5)  # incl a0; chmk 5
        case.ram[case.pc - RAM_BASE : case.pc - RAM_BASE + len(code)] = code
        case.put_into(machine.core)
        if by_interrupt:
            machine.core.state["mip"] = machine.core.state["mie"] = 2
        assert machine.run(10) == Stop("stopped")
        assert int(machine.x[REGISTERS[0]]) == (0 if by_interrupt else 1)
        assert machine.pc == case.pc + (0 if by_interrupt else 2)
        before = machine.core.state.copy()
        assert machine.run(10) == Stop("stopped")
        assert machine.core.state["clock"] == before["clock"]
        machines.append(machine)
    assert differences(machines[0].core, machines[1].core) == {}


@pytest.mark.parametrize("executor", EXECUTORS)
def test_traps_are_reported_also_those_that_stop(executor: str) -> None:
    told = []
    machine = Machine("cisc", ram=1 << 16, executor=executor)
    machine.trace_traps = lambda record: told.append((record.name, record.source, record.target))
    case = ready(PRIV_U)
    case.csrs |= {"ksp": 0, "msp": M_STACK}
    case.ram[case.pc - RAM_BASE : case.pc - RAM_BASE + 3] = chmk(5)
    case.put_into(machine.core)
    machine.run(1)
    assert told == [("double trap", PRIV_U, PRIV_M)]
    machine.core.state["mtvec"] = 0
    assert machine.run(5) == Stop("stopped")  # the handler is no instruction, and now there is none for that
    assert machine.core.state["stopped"] == 1
    assert len(told) == 2


# ---- stores of a trap's frame over what they go through --------------------------------------------------------------
@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("where", range(-12, 13))
def test_a_frame_over_its_own_page_table_entry(executor: str, where: int) -> None:
    """The supervisor's stack is in its own page table, which maps itself: no store leaves guest memory."""
    hart = core(executor)
    case = paged(PRIV_U)
    case.write_tables()
    table = REGION + 12 * PAGE_SIZE
    assert case.pages is not None
    case.pages[table >> PAGE_SHIFT] = Page(FIRST_FRAME + LEAVES, "rw")
    case.write_tables()
    case.csrs["ksp"] = table + 4 * (table >> PAGE_SHIFT & 0x3FF) + where + 4
    case.ram[0x100:0x103] = chmk(1)
    case.put_into(hart)
    settle(hart)
    assert run(hart, 1) == EXIT_LIMIT
    assert (int(hart.state["priv"]), int(hart.state["scause"])) == (PRIV_S, CAUSE_ECALL_U)
    low = LEAVES * PAGE_SIZE + 4 * (table >> PAGE_SHIFT & 0x3FF) + where + 4 - 8
    assert struct.unpack("<I", hart.ram[low : low + 4].tobytes())[0] == case.pc
    run(hart, 3)
    assert int(hart.state["reason"]) in (EXIT_LIMIT, EXIT_STOPPED)
