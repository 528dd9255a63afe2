"""Standard input, output and error, however the caller has left them -> streams that every command may rely on."""

import os
import sys
from io import TextIOWrapper

# Descriptor -> how its place is taken when it is closed. Nothing can be written to this standard output, so that a
# command that prints fails as with any other bad descriptor; what goes to standard error is lost without a word.
PLACEHOLDERS = {0: os.O_RDONLY, 1: os.O_RDONLY, 2: os.O_WRONLY}


def prepare() -> None:
    """Takes the places of closed standard descriptors, before a file that is opened later is given one of them, and
    sets text to UTF-8.

    Bytes of a source or a file name that are no UTF-8 leave as they came in.
    """
    for descriptor, access in PLACEHOLDERS.items():
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, access)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # tests put other things there
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
