"""The small programs: what they print, what they say about senseless arguments, and their exit statuses."""

from __future__ import annotations

import re

import pytest

from tests.kernel.guest import PROGRAMS, Shell

MOTD = b"two words\n  and  more\n\nlast line without an end"
EXACT = {
    "true": ("", 0),
    "false": ("", 1),
    "hello": ("Hello, world\n", 0),
    "echo": ("\n", 0),
    "echo -n a b": ("a b", 0),
    "echo a -n": ("a -n\n", 0),
    "pwd": ("/\n", 0),
    "cd /bin && pwd": ("/bin\n", 0),
    "ls /": ("bin\nboot\ndev\netc\nlectures\n", 0),
    "cd /dev && ls": ("console\nnull\ntty\nzero\n", 0),
    "ls /boot/System.map": ("/boot/System.map\n", 0),
    "ls /dev /boot": ("/dev:\nconsole\nnull\ntty\nzero\n/boot:\nSystem.map\n", 0),
    "ls /no /boot": ("ls: /no: No such file or directory\n/boot:\nSystem.map\n", 1),
    "cat /nosuch /bin": ("cat: /nosuch: No such file or directory\ncat: /bin: Is a directory\n", 1),
    "cat /dev/null": ("", 0),
    "wc /dev/null": ("      0       0       0 /dev/null\n", 0),
    "wc /nosuch": ("wc: /nosuch: No such file or directory\n", 1),
    "env -": ("env: -: No such file or directory\n", 127),
    "env A=1 HOME=2": ("PATH=/run:/bin:/lectures\nHOME=2\nA=1\n", 0),
    "env A=1 sh -c 'echo $A'": ("1\n", 0),
    "env nosuch": ("env: nosuch: No such file or directory\n", 127),
    "env /bin": ("env: /bin: Permission denied\n", 126),
    "sleep": ("usage: sleep SECONDS (such as 2 or 0.25)\n", 2),
    "sleep -1": ("usage: sleep SECONDS (such as 2 or 0.25)\n", 2),
    "sleep 1x": ("usage: sleep SECONDS (such as 2 or 0.25)\n", 2),
    "sleep 0": ("", 0),
    "sleep 1.5": ("", 0),
    "kill": ("usage: kill [-SIGNAL] PID... (SIGNAL: a number, or a name such as TERM or KILL)\n", 2),
    "kill -FOO 2": ("usage: kill [-SIGNAL] PID... (SIGNAL: a number, or a name such as TERM or KILL)\n", 2),
    "kill 99": ("kill: 99: No such process\n", 1),
    "kill me": ("kill: me: not a process number\n", 1),
    "kill -0 2": ("", 0),
    "kill -77 2": ("kill: 2: Invalid argument\n", 1),
    "kill -KILL $$": ("", 137),
    "kill -SIGSEGV $$": ("", 139),
    "time": ("usage: time COMMAND [WORD]...\n", 2),
    "time nosuch": (
        "time: nosuch: No such file or directory\nreal 0.000 s  processor 0.00 s\n", 127),
    "ps -x": ("usage: ps [-s]\n", 2),
    "execcmd": ("usage: execcmd COMMAND [WORD]...\n", 2),
    "execcmd nosuch": (
        "execcmd: cannot run nosuch: No such file or directory\n"
        "execcmd: nosuch ended with code 127\n", 127),
    "execcmd /boot/System.map": (
        "execcmd: cannot run /boot/System.map: Permission denied\n"
        "execcmd: /boot/System.map ended with code 127\n", 127),
    "execcmd sh -c 'kill -9 $$'": ("execcmd: sh was ended by a signal: Killed\n", 137),
    "ps -s": ("  PID  PPID S NAME\n    0     0 R idle\n    1     0 S init\n    2     1 S sh\n    3     2 O ps\n", 0),
    "pstree": ("idle (0) R\n  init (1) S\n    sh (2) S\n      pstree (3) O\n", 0),
}  # fmt: skip


@pytest.mark.parametrize("command", EXACT)
def test_output_and_status(shell: Shell, command: str) -> None:
    result = shell(command)
    assert (result.output.decode(), result.status) == EXACT[command]


def test_copies_of_input(shell: Shell) -> None:
    assert shell("cat", MOTD).output == MOTD
    assert shell("cat - /dev/null", b"x\n").output == b"x\n"
    lines, words, size = map(int, shell("wc", MOTD).output.split())
    assert (lines, words, size) == (MOTD.count(b"\n"), len(MOTD.split()), len(MOTD))


def test_much_input_arrives_whole(shell: Shell) -> None:
    text = b"".join(b"line %d of many\n" % number for number in range(2000))
    assert shell("wc", text).output.split() == [b"2000", b"8000", str(len(text)).encode()]
    assert shell("cat", text).output == text


def test_ls_long(shell: Shell) -> None:
    lines = shell("ls -l /bin; ls -l /dev; ls -l /").output.decode().splitlines()
    assert re.fullmatch(r"-rwxr-xr-x +\d+ cat", lines[0])
    assert any(re.fullmatch(r"c\S+ +0 null", line) for line in lines)
    assert re.fullmatch(r"drwxr-xr-x +\d+ bin", next(line for line in lines if line.endswith(" bin")))
    names = [line.split()[2] for line in lines if line.endswith(("cat", "echo", "ls", "sh", "wc"))]
    assert names == sorted(names)


def test_sizes_are_those_of_wc(shell: Shell) -> None:
    size, path = shell("ls -l /bin/hello").output.split()[1:]
    assert shell("wc /bin/hello").output.split()[2:] == [size, path]


def test_time_tells_the_clock_and_the_processor_apart(shell: Shell) -> None:
    result = shell("time sleep 0.25; time false")
    first, second = result.output.decode().splitlines()
    assert re.fullmatch(r"real 0\.25\d s  processor 0\.0\d s", first)
    assert second.startswith("real 0.00") and result.status == 1


def test_uptime_and_free_count_pages_and_time(shell: Shell) -> None:
    result = shell("sleep 2; uptime; free")
    up, counts, _, pages = result.output.decode().splitlines()
    assert re.match(r"up 2\.0\d\d s, idle (2\.0|1\.9)\d\d s, 4 processes", up)
    assert re.match(r"3 forks, \d+ switches, \d+ system calls, \d+ page faults, \d+ clock interrupts", counts)
    total, at_boot, now, _ = map(int, pages.split())
    assert 0 < now < at_boot < total == 64 << 20 >> 12


def test_every_program_says_what_it_is() -> None:
    sources = [path / "main.s" if path.is_dir() else path for path in (PROGRAMS / "bin").iterdir()]
    for source in sources:
        name = source.parent.name if source.name == "main.s" else source.stem
        assert re.match(rf"# {name}\b", source.read_text()), source
