"""The two executors side by side on random programs: after every slice of instructions they agree on every bit."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.random_programs import HANDLER_CODE, HANDLERS, PROGRAM, Program, programs
from tests.engine.rig import EXECUTORS, differences, examples, machine, words
from vm.arch import PLIC_BASE, UART_BASE, UART_IRQ
from vm.isa.sets import DEFAULT_ISA
from vm.machine import Machine
from vm.meter import Meter


def prepared(
    executor: str, program: Program, mode: str, meter: Meter | None = None, observed: bool = False,
    isa: str = DEFAULT_ISA,
) -> Machine:  # fmt: skip
    """-> a machine at the beginning of the program."""
    made = machine(executor, mode=mode, meter=meter, observed=observed, isa=isa)
    made.clint.mtimecmp = (1 << 64) - 1  # its reset value, 0, would keep the timer interrupt pending
    made.write(PROGRAM, words(program.code))
    made.write(HANDLERS, HANDLER_CODE)
    for address, entry in program.entries.items():
        made.write(address, words([entry]))
    made.x[1:32] = program.registers
    for name, value in program.fields.items():
        made.core.state[name] = value
    if program.external:
        made.bus.write(PLIC_BASE + 4 * UART_IRQ, 4, 1)
        for enables in (0x2000, 0x2080):  # of the contexts of M-mode and S-mode
            made.bus.write(PLIC_BASE + enables, 4, 1 << UART_IRQ)
        made.bus.write(UART_BASE + 1, 1, 1)  # the UART tells when something was received
    return made


SLICES = st.lists(
    st.tuples(st.one_of(st.integers(1, 12), st.integers(1, 150)), st.one_of(st.just(b""), st.binary(max_size=3))),
    min_size=1,
    max_size=8,
)


def compare(
    program: Program, slices: list[tuple[int, bytes]], mode: str = "risc", isa: str = DEFAULT_ISA,
    observed: bool = False,
) -> None:  # fmt: skip
    native, reference = (prepared(executor, program, mode, observed=observed, isa=isa) for executor in EXECUTORS)
    for count, typed in slices:
        for each in (native, reference):
            each.uart.receive(typed)
        before = native.instructions
        stops = native.run(count), reference.run(count)
        assert stops[0] == stops[1]
        assert differences(native.core, reference.core) == {}
        if stops[0].reason == "limit":
            assert native.instructions == before + count
        else:
            assert native.instructions <= before + count


@settings(max_examples=examples(500))
@given(programs(), SLICES)
def test_native_and_reference_agree(program: Program, slices: list[tuple[int, bytes]]) -> None:
    compare(program, slices)


@settings(max_examples=examples(400))
@given(programs(windows=True), SLICES)
def test_native_and_reference_agree_in_window_mode(program: Program, slices: list[tuple[int, bytes]]) -> None:
    compare(program, slices, "window")
