"""Toolchain benchmark: source lines a second by kind of source, and CPU time of one small program in a new process.

CPU seconds of this process, the best of the rounds. Usage:

    python -m benchmarks.toolchain [--rounds N] [--lines N] [--json]
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from assembler import assemble
from assembler.linker import link
from benchmarks.toolchain.sources import COMMON_REGISTERS, SOURCES, plain
from toyos.variants import choose, kernel_include_folders, kernel_sources
from vm import aout
from vm.isa.codec import MODES

HELLO = """\
        .globl _start
_start: li a0, 1
        la a1, text
        li a2, 6
        li a7, 64
        ecall
        .section .rodata
text:   .ascii "hello\\n"
"""
COLD = f"from assembler import assemble; assemble({HELLO!r})"


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Something to do -> CPU seconds of the quickest of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        work()
        best = min(best, time.process_time() - begin)
    return best


def cold(program: str, rounds: int) -> float:
    """Python text -> user and system CPU seconds of a new interpreter that runs it, the quickest of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", program], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return best


def measure(lines: int, rounds: int) -> dict[str, float]:
    """-> lines a second by kind of source, and seconds of a cold start."""
    assemble("li a0, 1 + 1\n")  # tables and grammar are made once a process; cold() counts them
    result: dict[str, float] = {}
    for name, make in SOURCES.items():
        text = make(lines)
        count = text.count("\n")
        result[f"assemble {name}, lines/s"] = count / seconds(lambda text=text: assemble(text), rounds)  # type: ignore[misc]
    text = plain(lines, COMMON_REGISTERS)
    for mode in MODES:
        result[f"common code, {mode}, lines/s"] = lines / seconds(
            lambda mode=mode: assemble(text, mode=mode),  # type: ignore[misc]
            rounds,
        )
    folders = kernel_include_folders(choose())
    texts = [path.read_text() for path in kernel_sources(choose())]
    total = sum(text.count("\n") for text in texts)
    result["kernel, without includes, lines/s"] = total / seconds(
        lambda: [assemble(text, include=folders) for text in texts], rounds
    )
    made = assemble(SOURCES["plain code"](lines) + "\t.globl _start\n_start: nop\n")
    calls = "".join(f"\t.globl f{number}\nf{number}: ret\n" for number in range(100))
    objects = [assemble("\t.globl _start\n_start: nop\n"), made, assemble(calls)]
    made.symbols = [symbol for symbol in made.symbols if symbol.name != "_start"]
    result["link, relocations/s"] = len(made.text_relocations) / seconds(lambda: link(objects), rounds)
    content = aout.write(made)
    result["read and write an object, MB/s"] = (
        len(content) / 1e6 / seconds(lambda: aout.write(aout.read(content)), rounds)
    )
    result["python alone, cold, CPU s"] = cold("pass", rounds)
    result["assemble hello, cold, CPU s"] = cold(COLD, rounds)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lines", type=int, default=50_000, help="lines of each made-up source")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    result = measure(options.lines, options.rounds)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for name, value in result.items():
        print(f"{name:36} {value:12,.3f}" if value < 100 else f"{name:36} {value:12,.0f}")


if __name__ == "__main__":
    main()
