"""The programs that are measured, with the output and the number of instructions that prove they ran rightly.

They are freestanding C for RV32IM (folder workloads/, built with `riscv64-unknown-elf-gcc -march=rv32im -mabi=ilp32 -O2
-ffreestanding -fno-builtin -DPLAT_VIRT`): they print one line and store to the test finisher. The built images are kept
too, so that everybody measures the same instructions.

LONG and SMALL compute, in M-mode. SYSTEM and SYSTEM_SMALL live as operating systems do (-march=rv32ima_zicsr_zifencei):
`system` is a bare S-mode kernel that switches address spaces, maps pages, takes timer interrupts and does system calls
from U-mode; `code` loads code afresh, patches it and runs it. DEVICES and
DEVICES_SMALL keep devices busy: `devices` is a bare S-mode kernel that reads and writes a disk of virtio's legacy
interface, requests of 512 bytes to 64 KiB, and prints a line a round, by interrupts and by polling; `devices.S` and
`w_devices.c`, linked as the others are, with -DBENCH_REPS for the rounds.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "workloads"


@dataclass(frozen=True, slots=True)
class Workload:
    """One image: `output` is the line it prints, `instructions` what it retires, the final store included. disk: bytes
    of the empty disk that it wants; rounds: numbered lines that it prints before the last."""

    name: str
    output: str
    instructions: int
    disk: int = 0
    rounds: int = 0

    @property
    def image(self) -> Path:
        """Path of the ELF."""
        return FOLDER / f"{self.name}.elf"

    @property
    def printed(self) -> str:
        """All that it prints."""
        return "".join(f"line {number:08x}\n" for number in range(self.rounds)) + self.output


LONG = (
    Workload("sieve", "sieve 2f8b8d81\n", 1_560_587_323),
    Workload("dhry", "dhry 492491ea\n", 1_705_500_502),
    Workload("mem", "mem ee313577\n", 1_550_230_927),
    Workload("fib", "fib c4605dd8\n", 1_226_553_187),
)
SMALL = (
    Workload("sieve_small", "sieve_small 033a6b9b\n", 1_950_881),
    Workload("dhry_small", "dhry_small 492491ea\n", 1_137_525),
    Workload("mem_small", "mem_small 12f7c6aa\n", 1_397_653),
    Workload("fib_small", "fib_small 00001a6d\n", 317_640),
)
SYSTEM = (
    Workload("system", "system c81091b0\n", 992_544_916),
    Workload("code", "code d70b02c1\n", 171_684_150),
)
SYSTEM_SMALL = (
    Workload("system_small", "system_small 514c39f4\n", 11_914_738),
    Workload("code_small", "code_small e6b5c22e\n", 572_453),
)
DISK = 4 << 20
DEVICES = (Workload("devices", "devices 761e2158\n", 64_088_410, DISK, 4000),)
DEVICES_SMALL = (Workload("devices_small", "devices_small 9fe502a5\n", 450_780, DISK, 40),)
TINY = Workload("tiny", "", 4)  # start-up probe
