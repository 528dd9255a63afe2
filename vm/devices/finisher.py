"""SiFive test finisher: a store of a magic number -> the machine is asked to stop, or to start again.

Source: QEMU hw/misc/sifive_test.c (the only definition there is). The low half of the word says what: pass, fail (with
the exit status in the high half) or reset.
"""

from dataclasses import dataclass

from vm.arch import FINISHER_FAIL, FINISHER_PASS, FINISHER_RESET
from vm.devices.bus import BusError
from vm.devices.kept import Kept


@dataclass(frozen=True, slots=True)
class Halt:
    """The guest's wish. status: 0 for pass, else what it failed with (1..65535); reset: start again, do not stop."""

    status: int
    reset: bool = False


class Finisher(Kept):
    """`halt` is None until the guest has spoken; the machine takes it from there after each access, so that there is no
    state between two instructions."""

    def __init__(self) -> None:
        self.halt: Halt | None = None

    def read(self, offset: int, size: int) -> int:
        """-> 0: nothing is to be read here. Raises BusError for sizes other than 2 and 4."""
        self._check(size)
        return 0

    def write(self, offset: int, size: int, value: int) -> None:
        """A word (or half word: pass and reset fit) at offset 0; other values and offsets mean nothing.

        Raises BusError for byte and double-word accesses. A failure that forgets its status counts as status 1.
        """
        self._check(size)
        if offset:
            return
        wish, status = value & 0xFFFF, value >> 16
        if wish == FINISHER_PASS:
            self.halt = Halt(0)
        elif wish == FINISHER_FAIL:
            self.halt = Halt(status or 1)
        elif wish == FINISHER_RESET:
            self.halt = Halt(0, reset=True)

    @staticmethod
    def _check(size: int) -> None:
        if size not in (2, 4):
            raise BusError(f"the test finisher takes no {size}-byte access")
