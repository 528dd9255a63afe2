"""What the tests of register windows have in common: kernels of all policies and sizes, and guests that use windows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pytest

from tests.kernel import window_model
from tests.kernel.guest import LIMIT
from toyos import build
from toyos.boot import RAM, Computer, Result, own_program
from toyos.variants import Choice
from vm.arch import MSTATUS_SUM

WALK = Path(__file__).parent / "windows" / "walk.s"
# Variant, number of windows, and a quantum in ticks: shorter than a user may choose, so that processes are interrupted
# in the middle of everything. Three of the partitioned ones have more processes than parts, one has not.
KERNELS = [
    *((variant, nwin, quantum) for variant in ("flush", "lazy")
      for nwin, quantum in ((2, 200), (3, 310), (4, 230), (8, 190), (32, 270))),
    *(("partition", nwin, quantum) for nwin, quantum in ((2, 210), (4, 330), (8, 190), (19, 240), (32, 270))),
]  # fmt: skip
PARTITIONS = {2: 1, 4: 2, 8: 2, 19: 3, 32: 16}

every_kernel = pytest.mark.parametrize("choice", [
    pytest.param(Choice("window", variant, {"NWIN": nwin, "QUANTUM": quantum}
                        | ({"PARTITIONS": PARTITIONS[nwin]} if variant == "partition" else {})), id=f"{variant}-{nwin}")
    for variant, nwin, quantum in KERNELS
])  # fmt: skip


def run(choice: Choice, source: Path, arguments: Sequence[str] = (), ram: int = RAM) -> Result:
    """A kernel, a program, its arguments, bytes of RAM -> Result of a run that came to its end and lost no page."""
    parts = build.system_of(choice)
    name, own = _program(source.stem, source.read_bytes(), source, choice.mode)
    output = bytearray()
    computer = Computer([name, *arguments], own, parts=parts, ram=ram, console=output.extend)
    stop = computer.run(max_instructions=LIMIT)
    result = Result(stop.reason, stop.status, bytes(output), computer.stats())
    assert result.reason == "halt" and b"panic" not in output, bytes(output).decode()
    assert not computer.machine.csr("sstatus") & MSTATUS_SUM, "the kernel could use pages of processes by mistake"
    assert result.stats["pages_free"] == result.stats["pages_free_at_boot"], bytes(output).decode()
    return result


@lru_cache(maxsize=8)
def _program(name: str, content: bytes, source: Path, mode: str) -> tuple[str, dict[str, bytes]]:
    """-> what own_program makes of a source with this content, for any kernel of the mode."""
    return own_program([source], build.system(mode))


def written(folder: Path, text: str, name: str = "guest") -> Path:
    """Source text -> a file with it."""
    path = folder / f"{name}.s"
    path.write_text(text)
    return path


def walk_source(scripts: Sequence[bytes]) -> str:
    """Scripts -> the program that follows them, each in a process."""
    labels = ", ".join(f"script{number}" for number in range(len(scripts)))
    bodies = (f"script{number}: .byte {', '.join(map(str, script))}\n" for number, script in enumerate(scripts))
    return WALK.read_text() + f"scripts: .word {labels}, 0\n" + "".join(bodies)


def check_walk(choice: Choice, folder: Path, scripts: Sequence[bytes]) -> Result:
    """Follows the scripts on the machine and in the model -> Result. Fails where they differ."""
    result = run(choice, written(folder, walk_source(scripts), "walk"))
    expected = [f"{value:08x}" for value in window_model.hashes(scripts)]
    assert sorted(result.output.decode().split()) == sorted(expected)
    assert result.status == 0
    return result
