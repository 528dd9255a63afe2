"""Pages that two processes have: only for reading, until one of them has a copy of its own."""

from __future__ import annotations

import numpy as np

from toyos.checks.check import Check, Finding, Findings
from toyos.checks.view import Space
from vm.arch import PAGE_SIZE, PTE_U, PTE_W


class Pages(Check):
    name = "pages"
    sentence = "A page that two processes have is writable in neither: it is shared text, or waits for its copy."
    costly = True

    def returns(self) -> Findings:
        spaces = self.view.spaces()
        if not spaces:
            return
        frames = np.concatenate([space.frames for space in spaces])
        entries = np.concatenate([space.entries for space in spaces])
        addresses = np.concatenate([space.addresses for space in spaces])
        owners = np.repeat([space.pcb for space in spaces], [len(space.frames) for space in spaces])
        yield from self._of_the_kernel(spaces)
        _, first, counts = np.unique(frames, return_inverse=True, return_counts=True)
        shared = counts[first] > 1
        for at in np.flatnonzero(shared & (entries & PTE_W != 0)):
            frame, pcb = int(frames[at]), int(owners[at])
            others = [int(k) for k in np.flatnonzero(frames == frame) if k != at]
            other = int(owners[others[0]])
            whom = "it has it" if other == pcb else f"{self.view.title(other)} has it"
            yield Finding(
                f"its page at {int(addresses[at]):#010x} may be written, but {whom} at "
                f"{int(addresses[others[0]]):#010x} too (frame {frame:#010x})",
                pcb, (frame, pcb),
            )  # fmt: skip

    def _of_the_kernel(self, spaces: list[Space]) -> Findings:
        """Pages that a process may use, but that are the kernel's own."""
        end = -(-self.symbols["_end"] // PAGE_SIZE) * PAGE_SIZE
        for space in spaces:
            for at in np.flatnonzero((space.frames < end) & (space.entries & PTE_U != 0)):
                frame = int(space.frames[at])
                yield Finding(
                    f"its page at {int(space.addresses[at]):#010x} is the kernel's own, frame {frame:#010x}",
                    space.pcb, (frame, space.pcb),
                )  # fmt: skip
