"""Random command lines: the guest's shell does what bash does, and no text at all makes it fault or hang."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.kernel.guest import shell

BASH = shutil.which("bash")
plain = st.text("abz019_.,:=+-/@%", min_size=1, max_size=4)
single = st.text('ab $"\\;&#\n', max_size=5).map(lambda text: f"'{text}'")
parameter = st.sampled_from(["$A", "${A}", "$B", "${B}x", "$NONE", "$?", "$#", "$1", "$2", "${2}", "$*", "$@"])
escape = st.sampled_from(["\\a", "\\$", "\\'", '\\"', "\\\\", "\\ ", "\\;", "\\#", "\\\n"])
within_double = st.one_of(
    plain, parameter, st.sampled_from([" ", "  ", "'", ";", "&", "#", "\\$", '\\"', "\\\\", "\\a", "\n"])
)
double = st.lists(within_double, max_size=4).map(lambda parts: f'"{"".join(parts)}"')
word = st.lists(st.one_of(plain, single, double, parameter, escape), min_size=1, max_size=4).map("".join)
words = st.lists(word, max_size=4).map(" ".join)
assignment = st.tuples(st.sampled_from("AB"), word).map("=".join)
command = st.one_of(
    words.map("echo . {}".format), st.sampled_from(["true", "false", "sh -c 'exit 3'", ":"]), assignment,
    words.map("set -- {}".format), st.sampled_from(["echo $?", "echo $#", "echo $A.$B", "echo \"$*\""]),
)  # fmt: skip
script = st.tuples(
    command, st.lists(st.tuples(st.sampled_from([" && ", " || ", "; ", ";", "\n", " && \n "]), command), max_size=6)
)


def text_of(parts: tuple[str, list[tuple[str, str]]]) -> str:
    first, rest = parts
    return first + "".join(sign + another for sign, another in rest)


def on_bash(text: str) -> tuple[bytes, int]:
    """A script -> what it prints under bash, and its status."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/"}
    done = subprocess.run(
        [str(BASH), "-c", f"A='one  two'; {text}", "sh"], capture_output=True, env=environment, timeout=20
    )
    return done.stdout, done.returncode


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
@given(script.map(text_of))
@example("echo . a'b\"c'\"d'e\"\\f")
@example('set -- "a b" c; echo . "$@"x y"$*"; echo $#')
@example('set -- "$@" x; echo $#')
@example('set -- a b; A="$@"; echo $A')
@example('A=$A.$A; echo . $A "$A"')
def test_same_as_bash(text: str) -> None:
    ours = shell(f"A='one  two'; {text}")
    assert (ours.output, ours.status) == on_bash(text)


@given(st.text(st.sampled_from("ab \t\n'\"\\$;&#{}?@*!=|<>()\r\x01\xe9"), max_size=40))
@example("$")
@example("${")
@example('a="${a')
@example("&")
@example("\\")
def test_no_text_hurts_the_shell(text: str) -> None:
    result = shell(text)
    assert b"fault" not in result.output and result.status in (0, 1, 2, 127)
