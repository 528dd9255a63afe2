"""Each demonstration prints what stands in the .expect file beside its source, on every machine, and loses no page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.guest import LIMIT, PROGRAMS, SYSTEMS, Shell, arguments_of, check_output, ended, expected_sources
from toyos import boot

LECTURES = sorted((PROGRAMS / "lectures").glob("*.s"))
LIBRARY_STATUS = 7  # what programs/tests/library.s gives to exit()
TWO_LINES = re.compile(rb"pages: .*\n +(\d+) +(\d+) +(\d+) +(\d+)\n")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("source", expected_sources(), ids=lambda path: path.stem)
def test_output_is_as_expected(source: Path, system: dict[str, Any]) -> None:
    result = ended(boot(files=[source], args=arguments_of(source), max_instructions=LIMIT, **system))
    check_output(source, result.output.decode())
    assert result.status == (LIBRARY_STATUS if source.stem == "library" else 0)


def test_every_lecture_has_an_expected_output() -> None:
    assert LECTURES and all(source.with_suffix(".expect").exists() for source in LECTURES)


def test_every_lecture_says_what_it_teaches() -> None:
    for source in LECTURES:
        head = source.read_text().split("\n\n")[0]
        assert head.startswith(f"# {source.stem}") and "Teaches:" in head and "Look at:" in head, source


def test_the_whole_set_in_one_boot_gives_every_page_back(shell: Shell) -> None:
    commands = "; ".join(" ".join([source.stem, *map(repr, arguments_of(source))]) + "; free" for source in LECTURES)
    result = shell(f"free; {commands}")
    counts = [tuple(map(int, match.groups())) for match in TWO_LINES.finditer(result.output)]
    assert len(counts) == len(LECTURES) + 1
    assert len({free for _, _, free, _ in counts}) == 1, counts


def test_equal_runs_to_the_instruction(shell: Shell) -> None:
    first, second = (shell("fork_sum; round_robin; ps; uptime") for _ in range(2))
    assert first == second


@pytest.mark.parametrize("count", [1, 2, 9])
def test_fork_chain_and_fan_of_other_sizes(shell: Shell, count: int) -> None:
    number = re.compile(r"i (\d+)  pid (\d+)  ppid (\d+)  child (\d+)")
    chain = [tuple(map(int, m)) for m in number.findall(shell(f"fork_chain {count}").output.decode())]
    fan = [tuple(map(int, m)) for m in number.findall(shell(f"fork_fan {count}").output.decode())]
    assert [i for i, *_ in chain] == list(range(1, count + 1))
    assert all(later[2] == earlier[1] == later[1] - 1 for earlier, later in zip(chain, chain[1:], strict=False))
    assert sorted(i for i, *_ in fan) == list(range(1, count + 1))
    assert len({ppid for i, _, ppid, _ in fan if i < count}) <= 1


def test_round_robin_shares_equally(shell: Shell) -> None:
    runs = re.findall(rb"A+|B+|C+", shell("round_robin").output.splitlines()[0])
    lengths = [len(run) for run in runs]
    assert [run[:1] for run in runs[:6]] == [b"A", b"B", b"C"] * 2
    assert max(lengths[:9]) - min(lengths[:9]) <= 1


def test_a_switch_costs_more_than_a_call(shell: Shell) -> None:
    call, alone, switch, more = map(int, re.findall(rb": +(\d+) instructions", shell("syscall_cost").output))
    assert call < alone < switch and more == switch - call
