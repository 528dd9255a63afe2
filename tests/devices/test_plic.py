"""PLIC: priorities, thresholds, enables of two contexts, claim and completion."""

import pytest

from vm.devices.bus import BusError
from vm.devices.plic import Plic

PENDING, ENABLE_M, ENABLE_S = 0x1000, 0x2000, 0x2080
THRESHOLD_M, CLAIM_M, THRESHOLD_S, CLAIM_S = 0x20_0000, 0x20_0004, 0x20_1000, 0x20_1004


class Controller(Plic):
    """A Plic with word access spelt short."""

    def get(self, offset: int) -> int:
        return self.read(offset, 4)

    def put(self, offset: int, value: int) -> None:
        self.write(offset, 4, value)

    @property
    def lines(self) -> tuple[bool, bool]:
        return self.meip, self.seip


@pytest.fixture
def plic() -> Controller:
    """Sources 3, 10 and 40 at priorities 1, 2, 2, enabled for S."""
    plic = Controller()
    for source, priority in ((3, 1), (10, 2), (40, 2)):
        plic.put(4 * source, priority)
    plic.put(ENABLE_S, 1 << 3 | 1 << 10)
    plic.put(ENABLE_S + 4, 1 << 40 - 32)
    return plic


def test_a_raised_line_reaches_the_enabled_context_only(plic: Controller) -> None:
    assert plic.lines == (False, False)
    plic.set_line(10, True)
    assert plic.lines == (False, True)
    assert plic.get(PENDING) == 1 << 10
    plic.put(ENABLE_M, 1 << 10)
    assert plic.lines == (True, True)
    plic.set_line(10, False)
    assert plic.lines == (True, True), "the gateway holds the request until it is claimed"
    assert plic.get(CLAIM_S) == 10
    assert plic.get(CLAIM_S) == 0
    assert plic.lines == (False, False)


def test_claims_come_by_priority_then_by_number(plic: Controller) -> None:
    for source in (3, 10, 40):
        plic.set_line(source, True)
    assert [plic.get(CLAIM_S) for _ in range(4)] == [10, 40, 3, 0]
    assert plic.lines == (False, False)
    assert plic.get(PENDING) == 0


def test_completion_waits_for_the_device_to_tell_of_its_line_again(plic: Controller) -> None:
    plic.set_line(10, True)
    assert plic.get(CLAIM_S) == 10
    assert plic.lines == (False, False)
    plic.put(CLAIM_S, 10)
    assert plic.lines == (False, False), "its line is high still, but nothing has happened"
    plic.set_line(10, True)
    assert plic.lines == (False, True)
    assert plic.get(CLAIM_S) == 10
    plic.set_line(10, True)
    plic.set_line(10, False)
    assert plic.get(PENDING) == 1 << 10
    assert (plic.lines, plic.get(CLAIM_S)) == ((False, False), 0), "it is being served"
    plic.put(CLAIM_S, 10)
    assert (plic.lines, plic.get(CLAIM_S)) == ((False, True), 10), "what has happened meanwhile is not forgotten"


def test_completion_by_a_context_without_the_source_is_ignored(plic: Controller) -> None:
    plic.set_line(10, True)
    plic.get(CLAIM_S)
    plic.set_line(10, True)
    plic.put(CLAIM_M, 10)
    assert plic.lines == (False, False)
    plic.put(CLAIM_S, 0xFFFF_FFFF)
    assert plic.lines == (False, False)
    plic.put(CLAIM_S, 10)
    assert plic.lines == (False, True)


def test_threshold_masks_the_notification_not_the_claim(plic: Controller) -> None:
    plic.set_line(10, True)
    plic.put(THRESHOLD_S, 2)
    assert plic.lines == (False, False)
    plic.put(THRESHOLD_S, 1)
    assert plic.lines == (False, True)
    plic.put(THRESHOLD_S, 7)
    assert plic.get(CLAIM_S) == 10


def test_priority_zero_means_never(plic: Controller) -> None:
    plic.set_line(10, True)
    plic.put(4 * 10, 0)
    assert plic.lines == (False, False)
    assert plic.get(CLAIM_S) == 0


def test_one_claim_serves_both_contexts(plic: Controller) -> None:
    plic.put(ENABLE_M, 1 << 10)
    plic.set_line(10, True)
    assert plic.get(CLAIM_M) == 10
    assert plic.lines == (False, False)
    assert plic.get(CLAIM_S) == 0


def test_registers_hold_what_fits(plic: Controller) -> None:
    plic.put(4 * 5, 0xFFFF_FFFF)
    plic.put(THRESHOLD_M, 0xFFFF_FFFF)
    plic.put(ENABLE_M, 0xFFFF_FFFF)
    plic.put(ENABLE_M + 4, 0xFFFF_FFFF)
    assert plic.get(4 * 5) == 7
    assert plic.get(THRESHOLD_M) == 7
    assert plic.get(ENABLE_M) == 0xFFFF_FFFE, "source 0 does not exist"
    assert plic.get(ENABLE_M + 4) == 0xFFFF_FFFF
    assert plic.get(ENABLE_S) == 1 << 3 | 1 << 10


def test_registers_that_do_not_exist_read_zero_and_ignore_writes(plic: Controller) -> None:
    for offset in (0, 4 * 64, 0xFFC, PENDING, PENDING + 8, ENABLE_M + 8, 0x2100, 0x20_0008, 0x20_2000, 0x5F_FFFC):
        plic.put(offset, 0xFFFF_FFFF)
        assert plic.get(offset) == 0, hex(offset)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_only_words(plic: Controller, size: int) -> None:
    with pytest.raises(BusError):
        plic.read(PENDING, size)
    with pytest.raises(BusError):
        plic.write(CLAIM_S, size, 0)
