"""PROVISIONAL until the cost models land."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    name: str = "neutral"

    def cycles_in(self, counts: Mapping[str, float], mode: str) -> float | None:
        n = sum(v for k, v in counts.items() if k.startswith("classes "))
        return n + counts.get("loads", 0) + counts.get("stores", 0) + 10 * sum(v for k, v in counts.items() if "misses" in k)
