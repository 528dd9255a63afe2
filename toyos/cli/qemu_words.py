"""QEMU's command line for its board `virt` -> that of `toyos machine`.

What means the same is taken, what this board always is goes, and for the rest a sentence says what there is instead.
"""

from __future__ import annotations

from toyos.errors import USAGE, CommandError

BOARD = "virt"
SAME = {
    word.removeprefix("-"): word
    for word in ("--bios", "--kernel", "--initrd", "--append", "--dtb", "--serial")
} | {"-m": "--ram", "-snapshot": "--disk-snapshot"}  # fmt: skip
BOARD_WORDS = ("-M", "-machine")
# What this board always is: by themselves, and with the word behind them, None: whichever.
IMPLIED_ALONE = ("-nographic",)
IMPLIED = {"-smp": "1", "-display": None, "-monitor": None}
ONE_HART = "the board has one hart"
SERIAL = {"mon:stdio": "stdio"}  # Ctrl-A x leaves in both
_DISK = "a disk is --disk FILE, one for each; --virtio says the interface of all"
_GDB = "gdb is awaited by --gdb PORT, before the first instruction"
_TIME = "time is virtual and deterministic, or with --real-time the host's"
_TRACE = "--trace-traps prints traps"
INSTEAD = {
    "-drive": _DISK, "-hda": _DISK, "-device": _DISK, "-global": _DISK, "-blockdev": _DISK,
    "-cpu": "--isa says the instruction set, --isa help what there is",
    "-s": _GDB, "-S": _GDB, "-gdb": _GDB,
    "-icount": _TIME, "-rtc": _TIME,
    "-d": _TRACE, "-D": _TRACE, "-trace": _TRACE,
    "-chardev": "--serial says where the serial port leads to",
    "-no-reboot": "a reset loads everything again; only poweroff and --max-instructions end a run",
    "-loadvm": "--restore FILE goes on with what --save FILE has written",
}  # fmt: skip


def qemu_words(words: list[str]) -> list[str]:
    """Command line -> the same with QEMU's spellings, of one dash or two: -bios for --bios, -m for --ram. Raises
    CommandError for another board, for what is spelt otherwise here, and for a word without anything in it."""
    out: list[str] = []
    rest = iter(words)
    for word in rest:
        short = word[1:] if word.startswith("--") else word
        word = SAME.get(short, word)
        if short in BOARD_WORDS:
            out += _board(word, next(rest, ""))
        elif short in IMPLIED:
            _check_implied(word, next(rest, ""), IMPLIED[short])
        elif word in INSTEAD:  # of one dash: --gdb is ours
            raise CommandError(f"{word} is not known here: {INSTEAD[word]}", USAGE)
        elif word == "--append":  # whose text may look like an option
            out += [word, *([text] if (text := next(rest, None)) is not None else [])]
        elif not word:
            raise CommandError(f"there is nothing in the word behind {(out or ['toyos machine'])[-1]}", USAGE)
        elif short not in IMPLIED_ALONE:
            out.append(SERIAL.get(word, word) if out[-1:] == ["--serial"] else word)
    return out


def _board(word: str, text: str) -> list[str]:
    board, _, dump = text.partition(",dumpdtb=")
    if board != BOARD:
        raise CommandError(f"{word} {text}: there is one board, {BOARD}", USAGE)
    return ["--dumpdtb", dump] if dump else []


def _check_implied(word: str, text: str, expected: str | None) -> None:
    if expected is not None and text != expected:
        raise CommandError(f"{word} {text}: {ONE_HART}; expected {expected}", USAGE)
