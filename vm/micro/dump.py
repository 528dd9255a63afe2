"""The micro-ops of Xdump: see vm/isa/dump.py."""

from vm.micro.context import op
from vm.micro.layout import WORD_BYTES
from vm.state import SINK

_SAVED = range(1, SINK)  # x1 to x31


@op
def xdump(i): i.store_words(i.rs1 + WORD_BYTES, [i.get("x", number) for number in _SAVED])


@op
def xload(i):
    for number, value in zip(_SAVED, i.load_words(i.rs1 + WORD_BYTES, len(_SAVED)), strict=True):
        i.put("x", number, value)
