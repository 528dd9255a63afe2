"""Who does not watch pays nothing: the usual build's code is the same, and nothing of the other one is imported."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.engine.rig import code, machine
from vm.micro.target import TARGETS, Target, target


def text(of: Target) -> str:
    made: str = of.builder_class(of).module()
    return made


@pytest.mark.parametrize("each", TARGETS, ids=lambda each: each.mode)
def test_the_usual_build_does_not_depend_on_the_other(each: Target) -> None:
    before = text(each)
    text(each.observing())
    assert text(each) == before
    for word in ("@look", "@noticed", "@note(", "@cached_read"):
        assert word not in before


@pytest.mark.parametrize("each", TARGETS, ids=lambda each: each.mode)
def test_fast_handlers_are_those_of_the_usual_build(each: Target) -> None:
    """Nothing is added where a program spends its time."""

    def fast(module: str) -> dict[str, str]:
        found = re.findall(r"^(define \S+ \S+ void @((?:op|far|fused|part)_\w+)\(.*?^})", module, re.M | re.S)
        return {name: body for body, name in found if not name.startswith("part_slow_")}

    usual, watching = fast(text(each)), fast(text(each.observing()))
    general = {"op_" + name for name, op in each.micro_ops.items() if op.slow}
    general |= {"part_" + name for name, op in each.micro_ops.items() if op.slow}
    same = set(usual) - general
    assert len(same) > 50
    assert {name for name in same if usual[name] != watching[name]} == set()


def test_a_usual_machine_imports_nothing_of_it() -> None:
    script = (
        "import sys; from vm.machine import Machine; Machine().run(1);"
        "print([name for name in sys.modules if 'observ' in name or name == 'vm.marks'])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "[]"


def test_builds_are_told_apart() -> None:
    each = target("risc")
    assert len({each.build, each.accounting().build, each.observing().build}) == 3
    made = machine("native", code("li a0, 1\n"), observed=True)
    assert made.run(1).reason == "limit" and made.x[10] == 1
