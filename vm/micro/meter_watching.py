"""What the accounting build counts of an instruction: its loads, stores and jumps, in front of both executors."""

from __future__ import annotations

from vm.micro import metering
from vm.micro.accesses import Accesses


class Watching(Accesses):
    """Counts loads and stores where the instruction ends."""

    def forget_accesses(self) -> None:
        super().forget_accesses()
        self.was_taken = False

    def again(self) -> None:
        """What comes next is another round of the same instruction."""
        metering.will_go_on(self, self.pc)
        super().again()

    def branch(self, condition) -> None:
        if condition:
            self.was_taken = True
            self.jump()

    def count_accesses(self) -> None:
        """The instruction ends here: counts what it has done so far."""
        for write in (False, True):
            sizes = [access.size for access in self.accesses if access.write == write]
            if sizes:
                metering.moved(self, write, len(sizes), sum(sizes))
        if self.was_taken:
            metering.tally(self, "taken")
        if self.accesses and metering.get(self, "simulated") != 0:
            for access in self.accesses:
                metering.translate_data(self, access.va, access.va + (access.size - 1))
                if access.first is not None:
                    (metering.written if access.write else metering.read)(self, access.first, access.last)
        self.accesses, self.was_taken = [], False
