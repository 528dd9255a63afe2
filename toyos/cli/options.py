"""What the commands that run a machine have in common: options, sizes, statistics, exit statuses."""

import json
import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from toyos.errors import USAGE, CommandError
from vm.arch import PAGE_SIZE

if TYPE_CHECKING:
    from toyos.gdb.serve import Door

CHECK_STATUS = 123  # --check has found something
LIMIT_STATUS = 124  # --max-instructions was reached; what timeout(1) says too
STUCK_STATUS = 125  # the guest waits for something that can never come
LARGEST_STATUS = 255

UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
SMALLEST_RAM, LARGEST_RAM = 1 << 20, 1 << 31  # RAM starts at 2 GiB, and addresses end at 4


class StatsStyle(StrEnum):
    """How --stats prints."""

    text = "text"
    json = "json"


DEFAULT_RAM = "64M"
Ram = Annotated[str, typer.Option("--ram", metavar="SIZE", help="memory, such as 128M")]
Stats = Annotated[StatsStyle | None, typer.Option("--stats", help="print what was counted, to stderr")]
Limit = Annotated[int | None, typer.Option("--max-instructions", metavar="N", min=1, help="stop after N instructions")]
TraceTraps = Annotated[bool, typer.Option("--trace-traps", help="print every trap, to stderr")]
Gdb = Annotated[
    str | None, typer.Option("--gdb", metavar="[HOST:]PORT", help="wait for gdb there, 0: at any free port")
]


def ram_size(text: str) -> int:
    """What the user wrote after --ram ("64M", "1G", "65536K"; a bare number means MiB, as in QEMU) -> bytes.

    Raises CommandError for anything that is no size, no whole number of pages, or outside 1M .. 2G.
    """
    number, unit = (text[:-1], text[-1].upper()) if text[-1:].upper() in UNITS else (text, "M")
    if not number.isascii() or not number.isdigit():
        raise CommandError(f"--ram {text}: expected a size such as 64M or 1G", USAGE)
    size = int(number) * UNITS[unit]
    if not SMALLEST_RAM <= size <= LARGEST_RAM or size % PAGE_SIZE:
        raise CommandError(f"--ram {text}: expected between 1M and 2G, in whole pages of {PAGE_SIZE} bytes", USAGE)
    return size


def gdb_door(place: str | None, mode: str) -> "Door | None":
    """What stands behind --gdb, and the machine's mode -> where gdb is awaited; None without it."""
    if place is None:
        return None
    from toyos.gdb.serve import Door

    return Door(place, mode)


def stats_words(words: list[str], styled: bool = False) -> list[str]:
    """Command line -> the same with a bare `--stats` spelt out as `--stats=text`; words after `--` are left alone.

    styled: the command takes no words but options, so that `--stats json` can only mean the style.
    """
    end = words.index("--") if "--" in words else len(words)
    out: list[str] = []
    previous = ""
    for word in words[:end]:
        if styled and previous == "--stats" and word in list(StatsStyle):
            out[-1] = f"--stats={word}"
        else:
            out.append(f"--stats={StatsStyle.text}" if word == "--stats" else word)
        previous = word
    return out + words[end:]


def print_stats(stats: Mapping[str, object], style: StatsStyle) -> None:
    """Name -> number, text or a mapping of such, printed to standard error: aligned lines, or one JSON object."""
    if style is StatsStyle.json:
        print(json.dumps(stats), file=sys.stderr, flush=True)
        return
    rows: list[tuple[str, object]] = []
    for name, value in stats.items():
        if isinstance(value, Mapping):
            rows.append((name, "" if value else "none"))
            rows += [(f"  {inner}", count) for inner, count in value.items()]
        else:
            rows.append((name, value))
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        shown = f"{value:,}" if isinstance(value, int | float) else str(value)
        print(f"{name.replace('_', ' '):{width}}  {shown}".rstrip(), file=sys.stderr)
    sys.stderr.flush()
