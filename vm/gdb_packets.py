"""Bytes of a connection <-> packets of gdb's remote serial protocol.

    $DATA#CC      a packet; CC: two hex digits, the sum of the bytes of DATA modulo 256
    + -           the other side has received the last packet, or wants it again; until both agree to leave them out
    0x03          between packets: Ctrl-C

In DATA, } and a byte stand for that byte with bit 5 the other way, so that #, $, } and * can be sent. A reply may be
run-length encoded besides: a byte, * and n + 29 stand for that byte n + 1 times. Source: "Debugging with GDB", appendix
"GDB Remote Serial Protocol", sections "Overview", "Interrupts" and "Packet Acknowledgment".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

START, END, ESCAPE, REPEAT = b"$"[0], b"#"[0], b"}"[0], b"*"[0]
ACKNOWLEDGED, AGAIN = b"+", b"-"
CTRL_C = 0x03
FLIP = 0x20
DIGITS = 2  # of the checksum
LONGEST = 0x4000  # bytes of DATA that are taken; told to gdb as PacketSize
REPEAT_BIAS = 29
REPEATS_MOST = ord("~") - REPEAT_BIAS
REPEATS_LEAST = 3  # fewer are no shorter when encoded
UNFIT_COUNTS = frozenset((START, END))  # count bytes that would look like a packet's frame

PACKET, INTERRUPT, ACK, NAK, DAMAGED = "packet", "interrupt", "ack", "nak", "damaged"


class Received(NamedTuple):
    """Something that came. kind: PACKET (data: its bytes, unescaped), INTERRUPT, ACK, NAK, or DAMAGED: a packet whose
    checksum is wrong, that ends in the middle of an escape, or that is longer than LONGEST."""

    kind: str
    data: bytes = b""


class Receiver:
    """Takes bytes as they come, in any portions -> what they mean. Bytes between packets that mean nothing are lost."""

    def __init__(self) -> None:
        self._waiting = bytearray()  # empty, or begins with the $ of a packet that is not complete
        self._too_long = False

    def feed(self, data: bytes) -> Iterator[Received]:
        """-> all that is complete now."""
        self._waiting += data
        while self._waiting:
            if self._waiting[0] != START:
                found = _BETWEEN.get(self._waiting.pop(0))
                if found is not None:
                    yield found
                continue
            end = self._waiting.find(END)
            if end < 0 and len(self._waiting) > LONGEST:
                del self._waiting[1:]
                self._too_long = True
            if end < 0 or len(self._waiting) <= end + DIGITS:
                return
            # A packet that was cut off in the middle is followed by the next one's $.
            content = bytes(self._waiting[self._waiting.rfind(START, 0, end) + 1 : end])
            sent = bytes(self._waiting[end + 1 : end + 1 + DIGITS])
            del self._waiting[: end + 1 + DIGITS]
            damaged = self._too_long or sent.lower() != checksum(content)
            self._too_long = False
            plain = None if damaged else unescape(content)
            yield Received(DAMAGED) if plain is None else Received(PACKET, plain)


_BETWEEN = {
    CTRL_C: Received(INTERRUPT),
    ACKNOWLEDGED[0]: Received(ACK),
    AGAIN[0]: Received(NAK),
}


def checksum(content: bytes) -> bytes:
    """What stands between $ and # -> the two hex digits behind."""
    return b"%02x" % (sum(content) & 0xFF)


def frame(data: bytes) -> bytes:
    """DATA of a reply -> the bytes to send: escaped, run-length encoded, framed."""
    content = compress(escape(data))
    return b"$" + content + b"#" + checksum(content)


def escape(data: bytes) -> bytes:
    """Any bytes -> the same without #, $, } as such and *."""
    if data.isalnum():
        return data  # as most replies are
    result = bytearray()
    for byte in data:
        if byte in (START, END, ESCAPE, REPEAT):
            result += bytes((ESCAPE, byte ^ FLIP))
        else:
            result.append(byte)
    return bytes(result)


def unescape(content: bytes) -> bytes | None:
    """The reverse of escape; None when the bytes end behind a }."""
    if ESCAPE not in content:
        return content
    result, coming = bytearray(), iter(content)
    for byte in coming:
        if byte == ESCAPE:
            escaped = next(coming, None)
            if escaped is None:
                return None
            byte = escaped ^ FLIP
        result.append(byte)
    return bytes(result)


def compress(content: bytes) -> bytes:
    """Escaped bytes -> the same with runs encoded."""
    result = bytearray()
    at = 0
    while at < len(content):
        byte, end = content[at], at + 1
        while end < len(content) and content[end] == byte and end - at <= REPEATS_MOST:
            end += 1
        repeats = end - at - 1
        while repeats + REPEAT_BIAS in UNFIT_COUNTS:
            repeats -= 1
        result.append(byte)
        if repeats < REPEATS_LEAST:
            repeats = 0
        else:
            result += bytes((REPEAT, repeats + REPEAT_BIAS))
        at += 1 + repeats
    return bytes(result)
