"""Reads the kernel's structures out of guest memory: `from toyos.inspect import Inspector`."""

from toyos.inspect.inspector import Inspector
from toyos.inspect.memory import InspectError
from toyos.inspect.process import Field, Process
from toyos.inspect.queues import Queue

__all__ = ["Field", "InspectError", "Inspector", "Process", "Queue"]
