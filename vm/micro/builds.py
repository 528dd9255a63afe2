"""A mode's executors -> another build of them: classes of the same, with others in front."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vm.micro.interpreter import Builder
    from vm.micro.reference import Reference


def builder_behind(
    kind: str, base: type[Builder], builder: type, contexts: Mapping[str, tuple[type, ...]]
) -> type[Builder]:
    """The first word of the new names, a mode's builder, what stands in front of it, and what in front of the classes
    that it names -> the builder."""
    changed = {
        name: type(f"{kind}{getattr(base, name).__name__}", (*mixins, getattr(base, name)), {})
        for name, mixins in contexts.items()
    }
    return type(f"{kind}{base.__name__}", (builder, base), changed)


def reference_behind(kind: str, base: type[Reference], reference: type) -> type[Reference]:
    """The same for a reference executor, which is one class."""
    return type(f"{kind}{base.__name__}", (reference, base), {})
