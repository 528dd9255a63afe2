"""The observing build of a mode whose instructions are sequences of micro-ops: see observing_native.py, sequences.py.

Parts note their accesses each at its end. An instruction that reaches into the next page has no record that could hold
@look: it is looked at whenever it is lowered.
"""

from __future__ import annotations

from vm.micro.builds import builder_behind
from vm.micro.interpreter import Builder
from vm.micro.observing_native import CONTEXTS, ObservingBuilder, observing_reference


def observing_builder(base: type[Builder]) -> type[Builder]:
    """A mode's builder -> the one whose generated code watches."""
    return builder_behind("Observing", base, ObservingBuilder, CONTEXTS | {"part_slow": CONTEXTS["slow"]})


__all__ = ["observing_builder", "observing_reference"]
