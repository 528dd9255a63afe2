"""Decoded records assume nothing of where instructions start: the engine also runs with a record for every byte of
code, as the variable-length instructions of a later mode will need, and for every two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROGRAM = ROOT / "benchmarks/engine/workloads/sieve_small.elf"
INSTRUCTIONS = 1950881  # as with a record for every four bytes
# The layout is fixed when it is imported: the other modules are given one that was changed before them.
SCRIPT = """
import sys, types
from pathlib import Path
source = Path("vm/micro/layout.py").read_text()
changed = source.replace("\\nINSTRUCTION_SHIFT = 2\\n", "\\nINSTRUCTION_SHIFT = %d\\n")
assert changed != source
layout = types.ModuleType("vm.micro.layout")
exec(changed, layout.__dict__)
sys.modules["vm.micro.layout"] = layout
from vm import Machine
machine = Machine(ram=16 << 20)
machine.load(sys.argv[1])
print(machine.run().status, machine.instructions)
"""


@pytest.mark.parametrize("shift", [0, 1])
def test_records_at_other_granularities(shift: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT % shift, str(PROGRAM)],
        cwd=ROOT, env={**os.environ, "TOYOS_CACHE": str(tmp_path)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.split() == ["0", str(INSTRUCTIONS)], done.stderr
