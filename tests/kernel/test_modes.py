"""Every machine runs what was made for it, and refuses what was made for another, whatever comes in."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kernel.guest import LIMIT, PROGRAMS, Shell, ended
from toyos import boot, build
from toyos.boot import Computer
from toyos.cli.main import main
from toyos.variants import MODES
from vm import aout
from vm.arch import RAM_BASE

ENOUGH = 2_000_000  # instructions: many more than it takes
HELLO = PROGRAMS / "bin" / "hello.s"
# What only one mode has -> modes in which it is refused, and what is said there.
FOREIGN = {
    "movl $1, a0": (("risc",), "movl is an instruction of cisc mode; this source is assembled for risc"),
    "svpctx": (("risc", "window"), "svpctx is an instruction of cisc mode"),
    "xdump (a0)": (("cisc",), "xdump is an instruction of the modes risc and window"),
    "wsave -64": (("risc", "cisc"), "wsave is an instruction of window mode"),
    "mv a4, a5": (("cisc",), "a4 does not exist in cisc mode"),
    "lr.w a0, (a1)": (
        ("cisc",),
        "lr.w is an instruction of the modes risc and window; this source is assembled for cisc",
    ),
    "auipc a0, 1": (("cisc",), "auipc is an instruction of the modes risc and window"),
}
SIGILL = 4
_ALWAYS = ("wfi", "sfence.vma", "csrr a0, sstatus", "csrr a0, satp", "csrw stvec, a0", "csrr a0, mstatus")
_RISC = (*_ALWAYS, "sret", "mret")
PRIVILEGED = {
    "risc": _RISC,
    "window": (*_RISC, "csrr a0, cwp", "csrw wim, a0", "csrr a0, nwin"),
    "cisc": (*_ALWAYS, "rei", "svpctx", "ldpctx", "csrw ksp, a0", "csrr a0, usp", "csrw pcbb, $0", "csrr (sp), msp"),
}


@pytest.mark.parametrize("text", FOREIGN)
def test_text_for_one_mode_says_so_elsewhere(text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "program.s"
    source.write_text(f" .globl main\nmain: {text}\n")
    modes, sentence = FOREIGN[text]
    for mode in modes:
        assert main(["run", "--mode", mode, str(source)]) == 1
        out, err = capfd.readouterr()
        assert (out, err.splitlines()[-1]) == ("", "toyos run: 1 error, nothing is run")
        assert f"{source}:2:" in err and f" error: {sentence}" in err, err


@pytest.mark.parametrize(("mode", "text"), [(mode, text) for mode in PRIVILEGED for text in PRIVILEGED[mode]])
def test_what_is_the_kernel_s_ends_a_process(mode: str, text: str, tmp_path: Path) -> None:
    source = tmp_path / "program.s"
    source.write_text(f" .globl main\nmain: {text}\n li a0, 0\n ret\n")
    result = ended(boot(files=[source], mode=mode, max_instructions=LIMIT))
    assert result.status == 128 + SIGILL
    assert result.output.startswith(b"pid 2 (program): illegal instruction at pc 0x"), result.output


@pytest.mark.parametrize("other", MODES)
def test_a_program_runs_only_where_it_was_made_for(
    mode: str, other: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    executable, obj = tmp_path / "hello", tmp_path / "hello.o"
    executable.write_bytes(build.program([HELLO], other))
    assert main(["as", "--mode", other, "-o", str(obj), str(HELLO)]) == 0
    for file in (executable, obj):
        status = main(["run", "--mode", mode, str(file)])
        out, err = capfd.readouterr()
        if mode == other:
            assert (status, out, err) == (0, "Hello, world\n", "")
        else:
            sentence = f"toyos run: {file}: made for a {other} machine, but this one is {mode}; "
            sentence += f"run it with --mode {other}\n"
            assert (status, out, err) == (1, "", sentence)


@pytest.mark.parametrize("other", MODES)
def test_the_kernel_executes_only_its_own(mode: str, other: str) -> None:
    output = bytearray()
    files = {"run/hello": build.program([HELLO], other)}
    computer = Computer(["sh", "-c", "hello"], files, console=output.extend, parts=build.system(mode))
    status = computer.run(max_instructions=LIMIT).status
    expected = (0, b"Hello, world\n") if mode == other else (126, b"sh: hello: Exec format error\n")
    assert (status, bytes(output)) == expected


@pytest.mark.parametrize("other", MODES)
def test_objects_are_linked_only_with_their_like(
    mode: str, other: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """crt0 and the C library are those of the objects, wherever these stand in the line."""
    first, second, linked = (str(tmp_path / name) for name in ("first.o", "second.o", "linked"))
    (tmp_path / "second.s").write_text(" .globl second\nsecond: ret\n")
    assert main(["as", "--mode", mode, "-o", first, str(HELLO)]) == 0
    assert main(["as", "--mode", other, "-o", second, str(tmp_path / "second.s")]) == 0
    status = main(["ld", "-o", linked, "-l:crt0.o", first, second, "-lc"])
    err = capfd.readouterr().err
    if mode == other:
        assert (status, err) == (0, "")
        assert aout.read(Path(linked).read_bytes(), linked).mode == mode
    else:
        assert (status, err) == (1, f"toyos ld: {second} is {other} code, but crt0.o is {mode} code\n")


def test_ways_into_the_kernel_keep_registers(shell: Shell) -> None:
    """Interrupts, system calls and page faults, in the midst of a computation that needs all of its registers."""
    result = shell("fork_sum & fork_sum; wait; round_robin; cow")
    assert result.output.count(b"the sum of 1 to 100 is 5050") == 2
    assert b"8 pages filled with 'p'" in result.output


CODE, WORDS = b"code" * 50, b"word" * 6  # the places in the program below that a test fills
ANY_CODE = f"""
        .globl main
main:   la      t1, words
        lw      a0, 0(t1)
        lw      a1, 4(t1)
        lw      a2, 8(t1)
        lw      a3, 12(t1)
        lw      t0, 16(t1)
        lw      t1, 20(t1)
        .ascii  "{CODE.decode()}"
        .data
words:  .ascii  "{WORDS.decode()}"
"""


@cache
def any_code(mode: str) -> bytes:
    with TemporaryDirectory() as folder:
        source = Path(folder, "any.s")
        source.write_text(ANY_CODE)
        return build.program([source], mode)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=150)
@given(
    code=st.binary(max_size=len(CODE)),
    words=st.lists(st.integers(0, 2**32 - 1), min_size=6, max_size=6),
)
@example(code=b"", words=[0] * 6)
def test_no_code_hurts_the_kernel(code: bytes, words: list[int], mode: str) -> None:
    """A program of random bytes, with random registers, does what it likes, but only to itself."""
    output = bytearray()
    program = any_code(mode).replace(CODE, code.ljust(len(CODE), b"\0")).replace(WORDS, struct.pack("<6I", *words))
    files = {"run/random": program}
    computer = Computer(["sh", "-c", "random; hello"], files, console=output.extend, parts=build.system(mode))
    stop = computer.run(max_instructions=ENOUGH)
    assert b"panic" not in output
    if stop.reason == "limit":
        assert computer.machine.pc < RAM_BASE  # it goes round in a loop of its own
    else:
        assert output.endswith(b"Hello, world\n")
