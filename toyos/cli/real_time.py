"""The option --real-time of `toyos machine`: the guest's clock follows the host's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.errors import USAGE, CommandError

if TYPE_CHECKING:
    from vm import Machine

RealTime = Annotated[
    bool, typer.Option("--real-time", help="the guest's clock follows the host's, for systems that people use")
]


def check(real_time: bool, gdb: bool) -> None:
    """Raises CommandError for a machine in real time that gdb is to stop."""
    if real_time and gdb:
        raise CommandError("--real-time: gdb stops the guest, but not the host's clock; expected one of the two", USAGE)


def follow(machine: Machine) -> None:
    """A machine made for real time, about to run -> its mtime follows the host's clock, and its real-time clock tells
    the host's time of day."""
    from vm.realtime import HostClock

    machine.host = HostClock(machine.clock_hz)
    machine.rtc.start += time.time_ns() - machine.rtc.unset
