"""What a user of the trace may choose between, and what is chosen for those who do not: light, for the command line."""

from enum import StrEnum

STRING_SIZE = 32  # bytes of a string that are shown, as strace shows
EVENTS = 200_000  # that are recorded; each takes some 500 bytes of the host


class Format(StrEnum):
    """Of the timeline."""

    text = "text"
    json = "json"
    perfetto = "perfetto"


class Unit(StrEnum):
    """What lanes and charts count along: instructions started, in which sleep is no time at all, or the clock, in which
    it is."""

    instructions = "instructions"
    time = "time"
