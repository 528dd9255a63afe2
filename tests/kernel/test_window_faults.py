"""Register windows and programs that are wrong: they end, alone, by the signal that fits; and the ends of a process in
the middle of many windows."""

from __future__ import annotations

from pathlib import Path

from tests.kernel.windowed import every_kernel, run, written
from toyos import build
from toyos.boot import Computer
from toyos.variants import Choice

GUESTS = Path(__file__).parent / "windows"
SIGILL, SIGBUS, SIGKILL, SIGSEGV = 4, 7, 9, 11
SURVIVED = 5 << 8  # as a status of wait(2)
# A stack pointer that a window below cannot be written to, or read from.
NO_STACK = {
    "nothing": 0, "a window below 0": 32, "the null page": 0x100, "a gap": 0x4000_0000, "the heap's end": 0x7F7F_F000,
    "the kernel's text": 0x8000_1000, "RAM": 0x8100_0000, "the kernel's first bytes": 0x8000_0020,
    "KERNEL_BASE": 0x8000_0000, "devices": 0xD000_0040, "the end": 0xFFFF_FFFF, "just above the stack": 0x7FFF_F020,
}  # fmt: skip
GOOD_STACK = {"odd": 0x7FF0_0001, "across two pages": 0x7FF0_1010, "odd and across": 0x7FF0_101E}
ACROSS = 0x7FE0_1018  # the 64 bytes below: 40, up to ira, in one page, and 24 in the next
RETURNS = ("return_to", "return_flushed_to")

# What the offender does, with which value, and the statuses it may end with.
CASES = [
    *(("call_with", value, {SIGSEGV}, name) for name, value in NO_STACK.items()),
    *(("return_with", value, {SIGSEGV}, name) for name, value in NO_STACK.items()),
    *(("switch_with", value, {SIGSEGV, SURVIVED}, name) for name, value in NO_STACK.items()),
    *(("call_with", value, {SURVIVED}, name) for name, value in GOOD_STACK.items()),
    *(("switch_with", value, {SURVIVED}, name) for name, value in GOOD_STACK.items()),
    ("return_across", ACROSS, {SURVIVED}, "to a window whose second page is not there yet"),
    *((what, address, {SIGBUS}, "misaligned") for what in RETURNS for address in (2, 0x1_0002)),
    *((what, 0, {SIGSEGV}, "null") for what in RETURNS),
    ("read_window", 0, {SIGILL}, "cwp"),
    ("write_mask", 0, {SIGILL}, "wim"),
]  # fmt: skip
TABLE = "table:" + "".join(f"  .word {what}, {value:#x}\n" for what, value, _, _ in CASES)
SPARE_STACK = ".bss\n.balign 16\n.zero 4096\nspare_stack_end:\n"


@every_kernel
def test_offenders_end_alone(tmp_path: Path, choice: Choice) -> None:
    """All cases, one after the other, on one kernel: what one leaves behind the next would stumble over."""
    source = written(tmp_path, (GUESTS / "faults.s").read_text() + ".balign 4\n" + TABLE + SPARE_STACK, "faults")
    for number, (what, value, statuses, name) in enumerate(CASES):
        if choice.variant == "flush":  # everybody's windows are spilled at a switch
            statuses = statuses - {SURVIVED} if value in NO_STACK.values() else statuses
        result = run(choice, source, [str(number)])
        *complaints, status = result.output.decode().splitlines()
        assert int(status) in statuses, (what, hex(value), name, result.output.decode())
        assert result.status == 0, (what, name, result.output.decode())
        assert len(complaints) == (int(status) != SURVIVED), result.output.decode()
        assert all("pid 3 (faults)" in line for line in complaints), result.output.decode()


@every_kernel
def test_calls_that_nobody_returns_from(choice: Choice) -> None:
    """exit, SIGKILL, exec and longjmp from a depth of some dozens of frames."""
    result = run(choice, GUESTS / "ends.s")
    assert result.output.decode().splitlines() == [str(3 << 8), "9", str(7 << 8), "12 jumps, 0"]
    assert result.status == 0


@every_kernel
def test_no_memory_for_a_window(choice: Choice) -> None:
    """A process whose window must go to a page that it cannot have ends, by no fault of the one that runs."""
    in_a_part = choice.variant == "partition" and choice.parameters["NWIN"] // choice.parameters["PARTITIONS"] > 2
    *complaints, status = run(choice, GUESTS / "starved.s", ram=8 << 20).output.decode().splitlines()
    assert int(status) == (SURVIVED if in_a_part else SIGKILL)
    assert len(complaints) == (int(status) == SIGKILL)
    assert all("pid 3 (starved): killed" in line and "out of memory" in line for line in complaints)


def test_a_kernel_for_another_machine() -> None:
    parts = build.system("window", nwin=8)
    output = bytearray()
    other = parts._replace(choice=parts.choice._replace(parameters={"NWIN": 7}))
    stop = Computer(["true"], parts=other, console=output.extend).run()
    assert stop.status == 255
    assert b"this machine has 7 register windows, this kernel was made for 8\r\n" in output
