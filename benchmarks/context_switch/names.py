"""The experiments' names, in the order in which they are made and told. Importing this is cheap."""

from __future__ import annotations

from enum import StrEnum


class Name(StrEnum):
    """An experiment of the benchmark of context switches, as users ask for it."""

    PRIMITIVES = "primitives"
    BILL = "bill"
    THREADS = "threads"
    RING = "ring"
    SWEEPS = "sweeps"
    BALANCE = "balance"
    MASKED = "masked"
