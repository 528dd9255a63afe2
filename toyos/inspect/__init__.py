"""Reads the kernel's structures out of guest memory: `from toyos.inspect import Inspector`."""

from toyos.inspect.files import Inode, OpenFile
from toyos.inspect.frames import Frame, Frames
from toyos.inspect.inspector import Inspector
from toyos.inspect.memory import InspectError
from toyos.inspect.process import Field, Process
from toyos.inspect.queues import Queue
from toyos.inspect.regions import Region
from toyos.inspect.space import Branch, Page, PageTable

__all__ = [
    "Branch", "Field", "Frame", "Frames", "Inode", "InspectError", "Inspector", "OpenFile", "Page", "PageTable",
    "Process", "Queue", "Region",
]  # fmt: skip
