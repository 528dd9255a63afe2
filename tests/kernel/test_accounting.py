"""Accounting of whole systems: a machine that counts runs the kernel to the same end, in every mode and variant."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tests.engine.meter_rig import counters, small_units
from tests.kernel.guest import SYSTEMS
from toyos import build
from toyos.boot import Computer, own_program
from vm import aout
from vm.arch import CAUSE_FETCH_PAGE_FAULT, PRIV_U
from vm.meter import Meter
from vm.micro.compile import interpreter
from vm.micro.core import Core
from vm.micro.target import target
from vm.state import STATE

COMMAND = ["echo", "counted"]


def architecture(core: Core) -> dict[str, Any]:
    """-> what a program could find out: registers, CSRs, counters, RAM."""
    names = [
        name for name in STATE.names or () if name in ("x", "pc", "priv", "clock", "mstatus", "satp", "exceptions")
    ]
    seen = {name: np.array(core.state[name])[:32].tolist() if name == "x" else int(core.state[name]) for name in names}
    return seen | {"ram": core.ram.tobytes()}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_machine_that_counts_runs_the_same(system: dict[str, Any]) -> None:
    parts = build.system(**system)
    meter = Meter(
        {"trap": parts.symbols["trap"], "dispatch": parts.symbols["dispatch"]}, [parts.symbols["current"]],
        log_rows=8, **small_units(),
    )  # fmt: skip
    printed, made = [], []
    for each in (None, meter):
        output = bytearray()
        computer = Computer(COMMAND, parts=parts, ram=8 << 20, console=output.extend, meter=each)
        assert computer.run().reason == "halt"
        printed.append(bytes(output))
        made.append(computer.machine)
    assert printed == [b"counted\n"] * 2
    assert architecture(made[0].core) == architecture(made[1].core)
    found = counters(meter)
    unfetched = found["exceptions"][CAUSE_FETCH_PAGE_FAULT]
    assert (
        meter.instructions + found["rounds"] == made[1].started - unfetched == sum(found["classes"]) + found["rounds"]
    )
    assert found["exceptions"] == made[1].core.state["exception_counts"].tolist()
    assert found["interrupts"] == made[1].core.state["interrupt_counts"].tolist()
    assert meter.histogram()[1].sum() == meter.instructions
    log = meter.log
    assert len(log) and (np.diff(log["clock"].astype(np.int64)) > 0).all()
    assert {meter.moments[number] for number in log["moment"]} == {"trap", "dispatch"}


def test_a_moment_in_a_program(tmp_path: Any) -> None:
    """Marks below 4 MiB are addresses of programs; its instructions are counted where the program has them."""
    source = tmp_path / "three.s"
    source.write_text(
        '.include "common.inc"\n.globl main, turn\n.text\nproc main\n li s0, 3\nturn:\n addi s0, s0, -1\n'
        " bnez s0, turn\n li a0, 0\nreturn\nendp\n"
    )
    parts = build.system()
    name, files = own_program([source], parts)
    turn = next(s.value for s in aout.read(next(iter(files.values())), name).symbols if s.name == "turn")
    meter = Meter({"turn": turn})
    computer = Computer([name], files, ram=8 << 20, meter=meter)
    assert computer.run().status == 0
    log = meter.log
    log = log[log["satp"] == log["satp"][-1]]  # other programs, such as init, may have code at this address
    assert len(log) == 3
    assert np.diff(log["clock"].astype(np.int64)).tolist() == [2, 2]
    assert np.diff(log["counters"]["levels"][:, PRIV_U].astype(np.int64)).tolist() == [2, 2]
    addresses, counts, _ = meter.histogram()
    assert counts[addresses == turn] >= len(log)


@pytest.mark.parametrize("mode", ["risc", "window", "cisc"])
def test_other_machines_know_nothing_of_it(mode: str) -> None:
    """Without a meter no module of accounting is imported, and none of its functions is in the generated code."""
    interpreter(target(mode))  # so that what follows compiles nothing
    probe = (
        f"import sys; from vm import Machine; Machine({mode!r}).run(1); print([m for m in sys.modules if 'meter' in m])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
    text = target(mode).builder_class(target(mode)).module()
    assert "@instruction" not in text and "@touch" not in text
    counting = target(mode).accounting()
    assert "@instruction" in counting.builder_class(counting).module()
