"""Whatever a guest does to device registers, nothing but BusError comes out, and values fit their size."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vm.arch import CLINT_SIZE, FINISHER_SIZE, PLIC_SIZE, RTC_SIZE, UART_SIZE, VIRTIO_SIZE
from vm.devices.bus import BusError, Device
from vm.devices.clint import Clint
from vm.devices.finisher import Finisher
from vm.devices.plic import Plic
from vm.devices.rtc import Rtc
from vm.devices.uart import Uart
from vm.devices.virtio import VirtioMmio
from vm.devices.virtqueue import Memory


def nowhere(address: int, more: object) -> Any:
    """Memory that nobody may touch."""
    raise AssertionError(address)


DEVICES: dict[str, tuple[int, Callable[[], Device]]] = {
    "uart": (UART_SIZE, lambda: Uart(lambda data: None, lambda level: None)),
    "clint": (CLINT_SIZE, lambda: Clint(lambda: 12345)),
    "plic": (PLIC_SIZE, Plic),
    "finisher": (FINISHER_SIZE, Finisher),
    "rtc": (RTC_SIZE, lambda: Rtc(lambda: 12345, lambda level: None)),
    "empty slot": (VIRTIO_SIZE, lambda: VirtioMmio(None, Memory(nowhere, nowhere), lambda level: None)),
}


@st.composite
def accesses(draw: st.DrawFn, span: int) -> list[tuple[int, int, int | None]]:
    """-> (offset, size, value to write or None to read), dense where registers are."""
    offsets = st.one_of(st.integers(0, 15), st.integers(0, span - 1), st.sampled_from([0x1000, 0x2000, 0x2080, 0x4000]))
    one = st.tuples(
        offsets, st.sampled_from([1, 2, 4, 8]), st.one_of(st.none(), st.integers(0, 2**64 - 1), st.integers(0, 255))
    )
    return [
        (offset - offset % size, size, value if value is None else value % 256**size)
        for offset, size, value in draw(st.lists(one, max_size=40))
        if offset < span
    ]


@pytest.mark.parametrize("name", DEVICES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_random_register_accesses(name: str, data: st.DataObject) -> None:
    span, make = DEVICES[name]
    device = make()
    for offset, size, value in data.draw(accesses(span)):
        try:
            if value is None:
                assert 0 <= device.read(offset, size) < 256**size
            else:
                device.write(offset, size, value)
        except BusError:
            continue


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("line"), st.integers(1, 63), st.integers(0, 1)),
            st.tuples(
                st.sampled_from(["priority", "enable", "threshold", "complete"]), st.integers(1, 63), st.integers(0, 7)
            ),
            st.tuples(st.just("claim"), st.just(0), st.integers(0, 1)),
        ),
        max_size=60,
    )
)
def test_plic_agrees_with_a_table_of_sources(steps: list[tuple[str, int, int]]) -> None:
    """The bit maps against the plainest model there is: one record a source."""
    plic = Plic()
    line, pending, priority, enabled, claimed = ([0] * 64 for _ in range(5))
    threshold = 0

    def due() -> list[tuple[int, int]]:
        return [
            (-priority[source], source)
            for source in range(1, 64)
            if pending[source] and enabled[source] and priority[source]
        ]

    for action, source, value in steps:
        if action == "line":
            line[source] = value
            pending[source] |= value and not claimed[source]
            plic.set_line(source, bool(value))
        elif action == "priority":
            priority[source] = value
            plic.write(4 * source, 4, value)
        elif action == "enable":
            enabled[source] = value & 1
            at = 0x2080 + source // 32 * 4
            bit = 1 << source % 32
            plic.write(at, 4, plic.read(at, 4) & ~bit | bit * (value & 1))
        elif action == "threshold":
            threshold = value
            plic.write(0x20_1000, 4, value)
        elif action == "complete":
            if enabled[source]:
                claimed[source] = 0
                pending[source] |= line[source]
            plic.write(0x20_1004, 4, source)
        else:
            expected = min(due(), default=(0, 0))[1]
            claimed[expected] = bool(expected)
            pending[expected] = 0
            assert plic.read(0x20_1004, 4) == expected
        assert plic.seip == any(-rank > threshold for rank, _ in due())
        assert not plic.meip
