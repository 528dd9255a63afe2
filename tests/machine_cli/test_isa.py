"""toyos machine --isa: which instruction sets there are, and which machine has which."""

import pytest

from toyos.cli.main import main
from vm import Machine, MachineError
from vm.devices.boardtree import board_tree
from vm.isa.sets import DEFAULT_ISA, ISAS


def test_help_prints_every_instruction_set_and_what_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["machine", "--isa", "help"]) == 0
    printed = capsys.readouterr().out
    for isa in ISAS.values():
        assert f"{isa.name} " in printed and isa.string in printed and f"{isa.misa:#010x}" in printed


def test_an_unknown_instruction_set_is_a_sentence_that_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["machine", "--isa", "rv64gc", "--kernel", "x"]) == 2
    assert capsys.readouterr().err == "toyos machine: --isa rv64gc: expected one of rv32ima, rv32imac, or help\n"


@pytest.mark.parametrize("mode", ["window", "cisc"])
def test_a_machine_of_another_mode_has_only_its_own(mode: str) -> None:
    with pytest.raises(MachineError, match=f"no instruction set 'rv32imac' in mode '{mode}'; expected one of: rv32ima"):
        Machine(mode, isa="rv32imac")


@pytest.mark.parametrize("isa", ISAS)
def test_the_device_tree_names_the_instruction_set(isa: str) -> None:
    tree = board_tree(1 << 20, isa=isa)
    assert ISAS[isa].string.encode() + b"\0" in tree
    assert b"\0".join(name.encode() for name in ISAS[isa].extensions) + b"\0" in tree


def test_a_plain_machine_has_the_default() -> None:
    assert Machine(ram=1 << 20).isa == DEFAULT_ISA
