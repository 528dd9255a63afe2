"""Register windows at their edges: what traps and what that leaves alone, which CSR bits hold, who may touch them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.engine.rig import EXECUTORS, machine, word, words
from vm.arch import CSR, CSR_OF_MODE, PRIV_M, PRIV_S, PRIV_U, RAM_BASE
from vm.machine import Machine, MachineError
from vm.micro.paging import set_banks
from vm.micro.windows import INS, KEPT, LOCALS, OUTS

CWP, WIM, NWIN = (CSR_OF_MODE["window"][name] for name in ("cwp", "wim", "nwin"))
HANDLER = RAM_BASE + 0x100
COUNTS = (2, 3, 5, 32)
OVERFLOW, UNDERFLOW = 24, 25


def board(executor: str, nwin: int, code: list[int], cwp: int = 0, wim: int = 0, priv: int = PRIV_M) -> Machine:
    """-> a machine with every register and every word of the file different, about to run the code."""
    made = machine(executor, words(code), 1 << 14, mode="window", nwin=nwin)
    state = made.core.state
    made.x[1:] = np.arange(1, 32) * 0x0101_0000 + 0x4000
    state["windows"] = np.arange(512) + 0x9000_0000
    state["cwp"], state["wim"], state["mtvec"], state["priv"] = cwp, wim, HANDLER, priv
    set_banks(made.core.context())
    return made


def kept(made: Machine, window: int) -> list[int]:
    """-> the window's words in the file."""
    return [int(value) for value in made.core.state["windows"].reshape(32, 16)[window]]


def values(made: Machine, numbers: tuple[int, ...]) -> list[int]:
    return [int(made.x[number]) for number in numbers]


@pytest.mark.parametrize(
    ("mode", "nwin", "sentence"),
    [
        ("window", 1, "1 register windows: expected 2 to 32"),
        ("window", 33, "33 register windows: expected 2 to 32"),
        ("window", -1, "expected 2 to 32"),
        ("risc", 8, "8 register windows for a machine in mode 'risc': only window mode has any"),
    ],
)
def test_numbers_of_windows_that_no_machine_has(mode: str, nwin: int, sentence: str) -> None:
    with pytest.raises(MachineError, match=sentence):
        Machine(mode=mode, nwin=nwin)


def test_a_machine_at_reset() -> None:
    made = Machine(mode="window", ram=1 << 14)
    assert (made.csr("nwin"), made.csr("cwp"), made.csr("wim")) == (8, 0, 1 << 7)
    made.core.state["cwp"], made.core.state["wim"], made.core.state["windows"] = 3, 0xFF, 1
    made.core.reset(RAM_BASE)
    assert (made.csr("nwin"), made.csr("cwp"), made.csr("wim")) == (8, 0, 1 << 7)
    assert not made.core.state["windows"].any()


def test_risc_has_no_windows() -> None:
    with pytest.raises(MachineError, match="there is no CSR 'cwp' in mode 'risc'"):
        Machine(ram=1 << 14).csr("cwp")


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("nwin", COUNTS)
def test_moves_to_the_letter(executor: str, nwin: int) -> None:
    """docs/machine.md, "To the letter": from every window, with the whole file watched."""
    for cwp in range(nwin):
        made = board(executor, nwin, [word("wsave", imm=-32), word("wrest")], cwp)
        registers, file = {n: int(made.x[n]) for n in range(32)}, [kept(made, w) for w in range(32)]
        made.run(1)
        file[cwp] = [registers[n] for n in KEPT]
        callee = dict(zip(INS, (registers[n] for n in OUTS), strict=True)) | dict.fromkeys((*LOCALS, *OUTS), 0)
        callee[2] = callee[24] - 32 & 0xFFFF_FFFF
        assert {n: int(made.x[n]) for n in range(32)} == registers | callee
        assert [kept(made, w) for w in range(32)] == file
        assert made.csr("cwp") == (cwp + 1) % nwin
        made.run(1)
        assert {n: int(made.x[n]) for n in range(32)} == registers, "nothing was changed in between"
        assert ([kept(made, w) for w in range(32)], made.csr("cwp")) == (file, cwp)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("nwin", COUNTS)
def test_writing_cwp_moves_the_view(executor: str, nwin: int) -> None:
    for cwp in range(nwin):
        for to in range(nwin):
            made = board(executor, nwin, [word("csrrw", rd=9, csr=CWP, rs1=5)], cwp)
            made.x[5] = to
            registers, file = {n: int(made.x[n]) for n in range(32)}, [kept(made, w) for w in range(32)]
            made.run(1)
            file[cwp] = [registers[n] for n in KEPT]
            file[(cwp + 1) % nwin][8:] = [registers[n] for n in OUTS]
            expected = dict(zip(KEPT, file[to], strict=True)) | dict(zip(OUTS, file[(to + 1) % nwin][8:], strict=True))
            expected[9] = cwp  # in the new window
            assert {n: int(made.x[n]) for n in range(32)} == registers | expected
            assert ([kept(made, w) for w in range(32)], made.csr("cwp")) == (file, to)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("nwin", COUNTS)
def test_windows_that_do_not_exist_cannot_be_written(executor: str, nwin: int) -> None:
    for wrong in (nwin, nwin + 1, 64, 0x8000_0000, 0xFFFF_FFFF):
        made = board(executor, nwin, [word("csrrw", rd=0, csr=CWP, rs1=5), word("csrrw", rd=0, csr=WIM, rs1=5)], 1)
        made.x[5] = wrong
        before = [int(value) for value in made.x]
        made.run(1)
        assert ([int(value) for value in made.x], made.csr("cwp")) == (before, 1)
        made.run(1)
        assert made.csr("wim") == wrong & (1 << nwin) - 1


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("delegated", [False, True])
@pytest.mark.parametrize("nwin", COUNTS)
@pytest.mark.parametrize(("name", "step", "cause"), [
    ("wsave", 1, OVERFLOW), ("wrest", -1, UNDERFLOW), ("wret", -1, UNDERFLOW),
])  # fmt: skip
def test_a_forbidden_window(name: str, step: int, cause: int, nwin: int, delegated: bool, executor: str) -> None:
    """Beside every mask of one bit, from U-mode: exactly the neighbour's bit traps, and then nothing else happens."""
    for cwp in {0, 1, nwin - 2, nwin - 1}:
        for forbidden in range(nwin):
            made = board(executor, nwin, [word(name)], cwp, 1 << forbidden, PRIV_U)
            state = made.core.state
            state["medeleg"], state["stvec"] = delegated << cause, HANDLER + 0x80
            made.x[25] = RAM_BASE + 0x200  # where wret would go
            before = [made.x.tobytes(), state["windows"].tobytes(), made.core.ram.tobytes(), cwp, 1 << forbidden]
            made.run(1)
            neighbour = (cwp + step) % nwin
            if neighbour != forbidden:
                assert (made.csr("cwp"), made.stats()["exceptions"]) == (neighbour, {})
                continue
            after = [made.x.tobytes(), state["windows"].tobytes(), made.core.ram.tobytes(), state["cwp"], state["wim"]]
            assert after == before
            level = "s" if delegated else "m"
            told = [made.csr(level + what) for what in ("tvec", "cause", "epc", "tval")]
            assert told == [made.pc, cause, RAM_BASE, forbidden]
            assert state["priv"] == (PRIV_S if delegated else PRIV_M)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("priv", "allowed"), [(PRIV_M, True), (PRIV_S, True), (PRIV_U, False)])
def test_who_may_touch_the_csrs(priv: int, allowed: bool, executor: str) -> None:
    for number in (CWP, WIM, NWIN):
        for name, operand in (("csrrs", 0), ("csrrw", 5)):
            made = board(executor, 4, [word(name, rd=7, csr=number, rs1=operand)], 1, 4, priv)
            made.x[5] = 2
            made.run(1)
            fine = allowed and not (number == NWIN and name == "csrrw")
            assert (made.pc == RAM_BASE + 4) == fine, (hex(number), name)
            if not fine:
                assert (made.csr("mcause"), made.csr("cwp"), made.csr("wim")) == (2, 1, 4)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("mode", ["risc", "window"])
def test_what_of_it_exists_in_risc_mode(mode: str, executor: str) -> None:
    instructions = [word(name) for name in ("wsave", "wrest", "wret")]
    instructions += [word("csrrs", rd=7, csr=number) for number in (CWP, WIM, NWIN)]
    for instruction in instructions:
        made = machine(executor, words([instruction]), 1 << 14, mode=mode, nwin=4 if mode == "window" else None)
        made.core.state["mtvec"], made.core.state["wim"] = HANDLER, 0
        made.run(1)
        illegal = made.stats()["exceptions"] == {"illegal instruction": 1}
        assert illegal == (mode == "risc"), hex(instruction)
        assert not illegal or made.csr("mtval") == instruction


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("mode", "causes"), [("risc", 0xB3FF), ("window", 0x300_B3FF)])
def test_causes_that_can_be_delegated(mode: str, causes: int, executor: str) -> None:
    made = machine(executor, words([word("csrrw", rd=0, csr=CSR["medeleg"], rs1=1)]), mode=mode)
    made.x[1] = 0xFFFF_FFFF
    made.run(1)
    assert made.csr("medeleg") == causes


@pytest.mark.parametrize("executor", EXECUTORS)
def test_traps_are_named(executor: str) -> None:
    made = board(executor, 2, [word("wsave")], wim=2)
    seen: list[str] = []
    made.trace_traps = lambda record: seen.append(str(record))
    made.run(2)
    assert "window overflow at 0x80000000, value 0x1, machine -> machine" in seen[0]
    assert made.stats()["exceptions"]["window overflow"] == 1
