"""What others have measured, to stand beside our numbers. checked: whether the source itself was looked at; the others
are quoted second-hand and say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks.sheet import Sheet

UNCHECKED = "as quoted, not checked"


@dataclass(frozen=True)
class Published:
    """A table of one publication: row -> values by column."""

    what: str
    source: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float | str, ...]]
    checked: bool = False

    @property
    def reference(self) -> str:
        """-> the source, and whether it was seen."""
        return self.source if self.checked else f"{self.source}; {UNCHECKED}"

    def notes(self) -> list[str]:
        """-> lines of text for the foot of a table."""
        heads = ", ".join(self.columns)
        rows = "; ".join(f"{name} {', '.join(map(str, values))}" for name, values in self.rows.items())
        return [f"Published: {self.what} ({heads}): {rows}. [{self.reference}]"]


ANDERSON = Published(
    "instructions",
    "Anderson, Levy, Bershad, Lazowska: The Interaction of Architecture and Operating System Design, ASPLOS 1991",
    ("CVAX", "88000", "R2/3000", "SPARC", "i860"),
    {
        "null system call": (12, 122, 84, 128, 86),
        "trap": (14, 156, 103, 145, 155),
        "PTE change": (11, 24, 36, 15, 559),
        "context switch": (9, 98, 135, 326, 618),
    },
)
QUICKTHREADS = Published(
    "thread switch in microseconds, integer registers",
    "Keppel: Tools and Techniques for Building Fast Portable Threads Packages, UW-CSE-93-05-06, 1993",
    ("R3000", "SPARC 4/65", "SPARC 4/490", "VAX 3500", "i386"),
    {"switch": (1.9, 32.3, 16.7, 21.0, 10.4)},
)
RTEMS = Published(
    "window flush on an ERC32 (SPARC V7)",
    "RTEMS timings for the ERC32",
    ("1 window", "6 windows"),
    {"instructions": (37, 122), "microseconds": (4, 18), "cycles": ("about 19 + 41", "about 19 + 41 * 6")},
)
I960 = Published(
    "flushreg of the i960CA, cycles", "i960CA user's manual", ("n windows",), {"cycles": ("14 + 23 n",)},
)  # fmt: skip
APRIL = Published(
    "switch between hardware frames, cycles",
    "Agarwal, Lim, Kranz, Kubiatowicz: APRIL: A Processor Architecture for Multiprocessing, ISCA 1990, abstract",
    ("SPARC-based APRIL",),
    {"switch": ("about 10",)},
    checked=True,
)
TAMIR = Published(
    "overflows per call with 8 windows",
    "Tamir, Sequin: Strategies for Managing the Register File in RISC, IEEE Trans. Computers C-32(11), 1983",
    ("8 windows",),
    {"overflow": ("about 1 %",)},
)
XV6_SWTCH = Published(
    "stores and loads of the kernel-to-kernel switch",
    "xv6-riscv, kernel/swtch.S, commit da5f1d5",
    ("stores", "loads"),
    {"swtch": (14, 14)},
    checked=True,
)
HELPPC = Published(
    "cycles of an 80486",
    "HelpPC Reference Library, instruction timing (helppc.netcore2k.net)",
    ("PUSHA", "POPA", "INT, same / more privilege", "task switch"),
    {"cycles": (11, 9, "44/71", "177-199")},
    checked=True,
)
HELPPC_IRET = Published(
    "cycles of an 80486", "HelpPC Reference Library", ("IRET, same / more privilege",), {"cycles": ("15/36",)}
)
LEON2 = Published(
    "latency of LEON2 (SPARC V8) in cycles",
    "LLVM, SparcSchedule.td, LEON2Itineraries (after Atmel's AT697E data sheet)",
    ("load double", "store", "store double", "call or jump", "trap"),
    {"cycles": (2, 2, 3, 2, 4)},
    checked=True,
)
# Table -> what stands in its notes.
BESIDE: Mapping[str, tuple[Published, ...]] = {
    "primitives-instructions": (ANDERSON,),
    "threads-time": (QUICKTHREADS,),
    "bill-voluntary-words-moved": (XV6_SWTCH,),
    "bill-voluntary-cycles-i486": (HELPPC, HELPPC_IRET),
    "bill-voluntary-cycles-leon": (LEON2, RTEMS),
    "sweep-depth-words-moved": (RTEMS,),
    "sweep-depth-cycles": (RTEMS, I960),
    "sweep-processes-cycles": (APRIL,),
    "masked": (RTEMS,),
    "overflow-windows": (TAMIR,),
}
ALL = (ANDERSON, QUICKTHREADS, RTEMS, I960, APRIL, TAMIR, XV6_SWTCH, HELPPC, HELPPC_IRET, LEON2)


def with_published(sheet: Sheet) -> Sheet:
    """-> the sheet, and in its notes what others have measured of the same."""
    found = [note for each in BESIDE.get(sheet.name, ()) for note in each.notes()]
    return replace(sheet, notes=(*sheet.notes, *found)) if found else sheet
