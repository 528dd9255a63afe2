"""The observing build with instructions of 16 bits beside those of 32: see observing_native.py and compressed.py."""

from __future__ import annotations

from vm.micro.builds import builder_behind
from vm.micro.interpreter import Builder
from vm.micro.observing_native import CONTEXTS, ObservingBuilder, observing_reference


def observing_builder(base: type[Builder]) -> type[Builder]:
    """An instruction set's builder -> the one whose generated code watches."""
    return builder_behind("Observing", base, ObservingBuilder, CONTEXTS | {"short_slow": CONTEXTS["slow"]})


__all__ = ["observing_builder", "observing_reference"]
