"""Shape, dtype -> an array of zeros that costs as much of the host's time as is touched of it."""

from __future__ import annotations

import math
import mmap
from typing import Any

import numpy as np

BIG = 1 << 20  # bytes


def cleared(shape: int | tuple[int, ...], dtype: Any) -> np.ndarray[Any, Any]:
    """As numpy.zeros does it; but where another array of some megabytes has just been given up, malloc hands its memory
    out again and clears all of it, which takes longer than many a run of a guest. Raises MemoryError."""
    kind = np.dtype(dtype)
    size = math.prod(shape if isinstance(shape, tuple) else (shape,)) * kind.itemsize
    if size < BIG:
        return np.zeros(shape, kind)
    try:
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as fault:
        raise MemoryError(f"{size} bytes") from fault
    return np.frombuffer(memory, kind).reshape(shape)
