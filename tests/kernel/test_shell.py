"""The guest's shell, one boot a case: what it prints and the status it ends with."""

from __future__ import annotations

import pytest

from tests.kernel.guest import LIMIT, Shell, ended
from toyos import boot
from toyos.boot import Computer

CASES = {
    "words": ("echo a  b\tc", "a b c\n", 0),
    "single quotes": ("""echo 'a  b $HOME "x" \\n'""", 'a  b $HOME "x" \\n\n', 0),
    "double quotes": ("""echo "a  b $HOME 'x' \\$ \\" \\\\ \\n" """, "a  b / 'x' $ \" \\ \\n\n", 0),
    "backslash": (r"echo a\ b \$HOME \'x\' \#", "a b $HOME 'x' #\n", 0),
    "quotes within a word": ("""echo a'b c'"d e"f""", "ab cd ef\n", 0),
    "empty words": ("""set -- '' "" x; echo $#""", "3\n", 0),
    "line joined by a backslash": ("echo a\\\nb", "ab\n", 0),
    "newline in quotes": ("echo 'a\nb'", "a\nb\n", 0),
    "comments": ("# nothing\necho a # b\necho a#b", "a\na#b\n", 0),
    "nothing": ("", "", 0),
    "blank lines": ("\n \n\t\necho x\n\n", "x\n", 0),
    "sequence": ("echo a; echo b;echo c", "a\nb\nc\n", 0),
    "and": ("true && echo yes; false && echo no", "yes\n", 1),
    "or": ("true || echo no; false || echo yes", "yes\n", 0),
    "and, or": ("false && echo no || echo yes; true || echo no && echo also", "yes\nalso\n", 0),
    "or, and": ("false || false || echo third && false", "third\n", 1),
    "and at the end of a line": ("true &&\n\n echo next", "next\n", 0),
    "status": ("false; echo $?; true; echo $?", "1\n0\n", 0),
    "status of the last": ("true; false", "", 1),
    "exit": ("exit 7; echo no", "", 7),
    "exit with the last status": ("false; exit", "", 1),
    "exit is one byte": ("exit 259", "", 3),
    "exit wants a number": ("exit x; echo on $?", "on 2\n", 0),
    "variables": ("A=1 B='2 3'; echo $A $B ${A}x $C.", "1 2 3 1x .\n", 0),
    "variables are split": ("A='x  y'; set -- $A; echo $#; set -- \"$A\"; echo $#", "2\n1\n", 0),
    "settings are not split": ("A='x  y'; B=$A; echo \"$B\"", "x  y\n", 0),
    "empty variables vanish": ("set -- $NO a $NO; echo $#", "1\n", 0),
    "dollar alone": ("echo $ a$ $-", "$ a$ $-\n", 0),
    "environment of one command": ("X=1 env; echo $X.", "PATH=/run:/bin:/lectures\nHOME=/\nX=1\n.\n", 0),
    "export": ("X=1; sh -c 'echo $X.'; export X; sh -c 'echo $X.'; unset X; sh -c 'echo $X.'", ".\n1.\n.\n", 0),
    "export with value": ("export X=5; sh -c 'echo $X'", "5\n", 0),
    "arguments": ("""sh -c 'echo $# $0 $1 $2. "$@"' name 'a  b' c""", "2 name a b c. a  b c\n", 0),
    "all arguments": ("""set -- 'a b' c; sh -c 'echo $#' x "$@"; sh -c 'echo $#' x $@; sh -c 'echo $#' x "$*" """,
                      "2\n3\n1\n", 0),
    "own pid": ("sh -c 'echo $$'", "3\n", 0),
    "not found": ("nosuch; echo $?", "127\n", 0),
    "not found by path": ("/nosuch/x; echo $?", "127\n", 0),
    "not executable": ("/boot/System.map; echo $?", "126\n", 0),
    "a folder is not executable": ("/bin; echo $?", "126\n", 0),
    "program by path": ("/bin/echo x; cd /bin; ./echo y", "x\ny\n", 0),
    "own PATH": ("PATH=/lectures; true; A=$?; PATH=/bin; echo $A", "127\n", 0),
    "cd": ("cd /bin; pwd; cd ..; pwd; cd; pwd; cd /nosuch; echo $?; pwd", "/bin\n/\n/\n1\n/\n", 0),
    "killed": ("sh -c 'kill -9 $$'; echo $?; sh -c 'kill $$'; echo $?", "137\n143\n", 0),
    "background": ("echo a & wait; echo b", "a\nb\n", 0),
    "background status": ("sh -c 'exit 5' & wait $!; echo $?", "5\n", 0),
    "background, ended before": ("sh -c 'exit 5' & sleep 0.01; wait $!; echo $?", "5\n", 0),
    "background list": ("sleep 0.01 && echo late & echo soon; wait", "soon\nlate\n", 0),
    "wait for a stranger": ("wait 1; echo $?", "127\n", 0),
    "wait for many": ("sleep 0.02 & sleep 0.01 & wait; ps -s",
                      "  PID  PPID S NAME\n    0     0 R idle\n    1     0 S init\n    2     1 S sh\n"
                      "    5     2 O ps\n", 0),
    "exec": ("exec echo x; echo no", "x\n", 0),
    "exec of nothing": ("exec nosuch; echo no", "", 127),
    "colon": (": ignored; echo $?", "0\n", 0),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "status"), CASES.values(), ids=CASES)
def test_behaviour(shell: Shell, text: str, expected: str, status: int) -> None:
    result = shell(text)
    lines = [line for line in result.output.decode().splitlines(keepends=True) if not is_message(line)]
    assert ("".join(lines), result.status) == (expected, status)


def is_message(line: str) -> bool:
    """What goes to standard error is tested below."""
    return line.startswith("sh: ") or line in ("Killed\n", "Terminated\n", "Segmentation fault\n")


MESSAGES = {
    "nosuch": "sh: nosuch: command not found\n",
    "/nosuch": "sh: /nosuch: No such file or directory\n",
    "/bin": "sh: /bin: Permission denied\n",
    "cd /nosuch": "sh: cd: /nosuch: No such file or directory\n",
    "cd /boot/System.map": "sh: cd: /boot/System.map: Not a directory\n",
    "exit soon": "sh: exit: 'soon' is not a number\n",
    "wait 77": "sh: wait: process 77 is not a child of this shell\n",
    "export 1x=2": "sh: export: '1x=2' is not a valid name\n",
    "sh -c 'kill -9 $$'": "Killed\n",
    "sh -c 'kill -ABRT $$'": "Aborted\n",
    "sh /nosuch": "sh: /nosuch: No such file or directory\n",
    "sh -c": "usage: sh [FILE [WORD]...] or sh -c TEXT [NAME [WORD]...]\n",
}


@pytest.mark.parametrize("text", MESSAGES)
def test_message(shell: Shell, text: str) -> None:
    result = shell(text)
    assert result.output.decode() == MESSAGES[text]
    assert result.status != 0


@pytest.mark.parametrize("sign", ["; ;", "&& echo", "echo && && echo", "echo; || echo", "&"])
def test_wrong_syntax(shell: Shell, sign: str) -> None:
    result = shell(f"{sign}\necho no")
    assert b"sh: syntax error near" in result.output and b"no\n" not in result.output
    assert result.status == 2


@pytest.mark.parametrize("sign", ["|", "<", ">", "(", ")", "`"])
def test_what_is_not_supported_is_said(shell: Shell, sign: str) -> None:
    result = shell(f"echo a {sign} b")
    assert f"'{sign}' is not supported yet".encode() in result.output and result.status == 2
    assert shell(f"echo a '{sign}' b").output == f"a {sign} b\n".encode()


@pytest.mark.parametrize("text", ["echo 'a", 'echo "a', "true &&", "false ||", "echo \\"])
def test_unfinished_text(shell: Shell, text: str) -> None:
    result = shell(text)
    assert result.status == 2 or text == "echo \\"
    assert b"the text ends in the middle of a command" in result.output


def script(text: str, *words: str) -> tuple[bytes, int | None]:
    """Text of a script, its arguments -> output and status of `sh FILE`."""
    output = bytearray()
    computer = Computer(["sh", "/etc/script", *words], {"etc/script": text.encode()}, console=output.extend)
    stop = computer.run(max_instructions=LIMIT)
    assert stop.reason == "halt"
    assert computer.counter("KS_FREE") == computer.counter("KS_FREE_BOOT")
    return bytes(output), stop.status


def test_script() -> None:
    output, status = script("# a script\necho $0 $1 $#\nfalse ||\n  echo or\nexit 4\necho no\n", "one", "two words")
    assert (output, status) == (b"/etc/script one 2\nor\n", 4)


def test_script_without_last_newline_and_with_carriage_returns() -> None:
    assert script("echo a\r\necho b") == (b"a\nb\n", 0)


def test_errors_name_script_and_line() -> None:
    output, status = script("echo 'two\nlines'\n\nnosuch\necho \\\n | x\n")
    assert output == (
        b"two\nlines\nsh: /etc/script: line 4: nosuch: command not found\n"
        b"sh: /etc/script: line 5: '|' is not supported yet; quote it if you mean the sign itself\n"
    )
    assert status == 2


def test_long_script_is_read_whole() -> None:
    output, status = script(
        "".join(f"echo line {number} of a script that is longer than one read\n" for number in range(60))
    )
    assert output.splitlines()[-1].startswith(b"line 59 ") and len(output.splitlines()) == 60 and status == 0


def test_too_long_a_command_is_refused() -> None:
    many = script("echo " + "x " * 600)[0]
    long = script("A=" + "y" * 10000 + "\necho $A$A")[0]
    assert b"too many words in one line" in many
    assert b"the command is too long" in long


def test_lines_from_the_console() -> None:
    result = ended(
        boot(stdin=b"echo one\nA=2; echo $A\necho 'open\nquote' &&\necho more\nexit 3\n", max_instructions=LIMIT)
    )
    assert result.output == b"$ one\n$ 2\n$ > > open\nquote\nmore\n$ "
    assert result.status == 3


def test_end_of_input_ends_the_shell() -> None:
    result = ended(boot(stdin=b"false\n", max_instructions=LIMIT))
    assert (result.output, result.status) == (b"$ $ \n", 1)


def test_jobs_are_reported_at_the_prompt() -> None:
    result = ended(boot(stdin=b"false &\nsleep 0.01\necho next\n", max_instructions=LIMIT))
    assert result.output == b"$ [3]\n$ [3] ended with status 1\n$ next\n$ \n"


def test_a_program_reads_what_the_shell_has_not() -> None:
    result = ended(boot(stdin=b"cat\nfor cat\n", max_instructions=LIMIT))
    assert result.output == b"$ for cat\n$ \n"
