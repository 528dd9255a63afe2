"""How long to fuzz: `TOYOS_FUZZ=600 pytest tests/fuzz -k paging` goes on with new seeds for so many seconds a test."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator

SECONDS = float(os.environ.get("TOYOS_FUZZ", "0"))
FIRST_FRESH = 1_000_000  # behind what a usual run takes


def seeds(count: int) -> Iterator[int]:
    """-> `count` seeds that are the same in every run; then others, for as long as TOYOS_FUZZ says."""
    yield from range(count)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        yield random.randrange(FIRST_FRESH, 1 << 32)
