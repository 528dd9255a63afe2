"""The engine benchmark runs, checks what it measures, and refuses to time a wrong result."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.engine.exits import GENERATED, measured
from benchmarks.engine.measure import WrongResult, ours, qemu_version, timed
from benchmarks.engine.workloads import DEVICES_SMALL, SMALL, SYSTEM_SMALL, TINY, Workload
from vm.devices.block import SECTOR

ROOT = Path(__file__).resolve().parent.parent.parent


def test_small_benchmark_as_json() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine", "--small", "--rounds", "1", "--json"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [workload["name"] for workload in result["workloads"]] == [workload.name for workload in SMALL]
    assert [workload["name"] for workload in result["system_workloads"]] == [each.name for each in SYSTEM_SMALL]
    assert [workload["name"] for workload in result["device_workloads"]] == [each.name for each in DEVICES_SMALL]
    assert all(workload["seconds"] > 0 for workload in result["workloads"] + result["system_workloads"])
    assert 0 < result["start_up"]["python"] < result["start_up"]["machine"] < result["start_up"]["cold"]
    if qemu_version():
        assert result["geometric_mean"] > 0 and result["system_geometric_mean"] > 0


def test_what_bounds_the_device_workload_is_measured() -> None:
    clocked, seconds, moved, printed = measured(DEVICES_SMALL[0])
    devices = sum(count for name, count in clocked.calls.items() if name != GENERATED)
    assert clocked.calls[GENERATED] == devices + 1 > DEVICES_SMALL[0].rounds  # once more for the last store
    assert printed == len(DEVICES_SMALL[0].printed) and moved > SECTOR
    assert 0 < sum(clocked.seconds.values()) <= seconds


@pytest.mark.parametrize(
    ("output", "instructions", "complaint"),
    [("hello\n", TINY.instructions, "printed '', expected"), (TINY.output, 5, "4 instructions retired, expected 5")],
)
def test_a_wrong_result_is_not_timed(output: str, instructions: int, complaint: str) -> None:
    with pytest.raises(WrongResult, match=complaint):
        ours(Workload("tiny", output, instructions))


def test_a_process_that_fails_is_not_timed() -> None:
    with pytest.raises(WrongResult, match="ended with status 3: why"):
        timed([sys.executable, "-c", "import sys; sys.stderr.write('why'); sys.exit(3)"])
