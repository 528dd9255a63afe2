"""gdb-multiarch on `toyos machine`: a program of gcc's with its lines, our own a.out with its, a guest that runs on."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests import gnu
from tests.gdb.real import GDB, ROOT, SECONDS, debug, needs_gdb
from tests.gdb.rig import COUNTING, ENDLESS
from tests.images import guest

START = """
        .globl  _start
_start: la      sp, stack_end
        call    main
        li      t0, 0x100000
        slli    a0, a0, 16
        li      t1, 0x3333
        or      t1, t1, a0
        sw      t1, 0(t0)
1:      j       1b
        .bss
        .space  4096
stack_end:
"""
MAIN = """\
volatile int counter;

__attribute__((noinline)) int add(int a, int b)
{
    counter++;
    return a + b;
}

int main(void)
{
    int sum = 0;
    for (int i = 1; i <= 5; i++)
        sum = add(sum, i);
    return sum;
}
"""


@needs_gdb
@gnu.needs_gcc
def test_a_program_of_gcc_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "start.s").write_text(START)
    (tmp_path / "sum.c").write_text(MAIN)
    image = tmp_path / "sum.elf"
    gnu.run(
        "gcc", "-march=rv32ima_zicsr", "-mabi=ilp32", "-g", "-O0", "-nostdlib", "-Ttext=0x80000000",
        tmp_path / "start.s", tmp_path / "sum.c", "-o", image,
    )  # fmt: skip
    gdb = debug(
        ["machine", "--kernel", image],
        r"""
        break add if b == 4
        continue
        bt
        info args
        up
        p sum
        down
        finish
        reverse-step
        watch counter
        reverse-continue
        p counter
        delete
        next
        step
        set var counter = 40
        p counter
        x/i 0x40
        p $pc == (long)_start
        continue
        """,
    )
    assert "add (a=6, b=4) at" in gdb["continue"] and re.search(r"^5\s+counter\+\+;", gdb["continue"], re.M)
    assert "#1 " in gdb["bt"] and "main () at" in gdb["bt"] and "b = 4" in gdb["info args"]
    assert gdb["p sum"].strip() == "$1 = 6" and "Value returned is $2 = 10" in gdb["finish"]
    assert "add (a=6, b=4)" in gdb["reverse-step"]
    assert "Old value = 4" in gdb["reverse-continue"] and "New value = 3" in gdb["reverse-continue"]
    assert gdb["p counter"].strip() == "$3 = 3" and gdb["p counter#2"].strip() == "$4 = 40"
    assert "Cannot access memory at address 0x40" in gdb["x/i 0x40"]
    assert "exited with code 017" in gdb["continue#2"] and gdb.status == 15


@needs_gdb
def test_our_own_executable_with_its_lines(tmp_path: Path) -> None:
    image = tmp_path / "counting"
    image.write_bytes(guest(COUNTING))
    gdb = debug(
        ["machine", "--kernel", image],
        r"""
        break beat
        continue
        bt
        info line beat
        watch *(int*)&counter
        continue
        info registers a0
        x/2dw &counter
        kill
        """,
    )
    assert "beat () at" in gdb["continue"] and "_start ()" in gdb["bt"] and "Line 13 of" in gdb["info line beat"]
    assert "New value = 1" in gdb["continue#2"] and re.search(r"1\s+7$", gdb["x/2dw &counter"].strip())


@needs_gdb
def test_ctrl_c_interrupts_and_the_machine_survives_a_gdb_that_dies(tmp_path: Path) -> None:
    image = tmp_path / "endless"
    image.write_bytes(guest(ENDLESS))
    server = subprocess.Popen(
        [sys.executable, "-m", "toyos.cli.main", "machine", "--kernel", str(image), "--gdb", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert server.stderr is not None and GDB is not None
        place = server.stderr.readline().rpartition(" ")[2].strip().rstrip("'")
        attach = [GDB, "-nx", "-q", "-ex", "set confirm off", "-ex", f"target remote {place}"]
        script = ["-ex", "continue", "-ex", "info registers pc", "-ex", "echo alive\\n", "-ex", "stepi 1000000"]
        first = subprocess.Popen(
            [*attach, "-batch", *script],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        time.sleep(2)
        first.send_signal(signal.SIGINT)
        assert first.stdout is not None
        said = []
        for line in first.stdout:
            said.append(line)
            if "alive" in line:
                break
        assert any("SIGINT" in line for line in said) and any("_start" in line for line in said), said
        first.kill()
        first.wait(SECONDS)
        second = subprocess.run(
            [*attach, "-batch", "-ex", "p $a0 > 1000", "-ex", "kill"], capture_output=True, text=True, timeout=SECONDS
        )
        assert "$1 = 1" in second.stdout, second.stdout + second.stderr
        assert server.wait(SECONDS) == 0
    finally:
        server.kill()
        server.wait()
