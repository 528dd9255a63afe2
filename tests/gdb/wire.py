"""gdb's side of the protocol, for tests: packets to send, replies to understand, a connection to a server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

from vm.gdb_packets import ACKNOWLEDGED, REPEAT, REPEAT_BIAS, checksum, escape, unescape

SECONDS = 20


def sent(data: bytes) -> bytes:
    """What gdb sends for a packet: escaped, never run-length encoded."""
    content = escape(data)
    return b"$" + content + b"#" + checksum(content)


def understood(packet: bytes) -> bytes:
    """A framed reply -> its data, as gdb reads it: runs first, escapes then."""
    assert packet[:1] == b"$" and packet[-3:-2] == b"#" and packet[-2:] == checksum(packet[1:-3]), packet
    expanded, at, content = bytearray(), 0, packet[1:-3]
    while at < len(content):
        if content[at] == REPEAT and expanded:
            expanded += bytes(expanded[-1:]) * (content[at + 1] - REPEAT_BIAS)
            at += 2
        else:
            expanded.append(content[at])
            at += 1
    plain = unescape(bytes(expanded))
    assert plain is not None
    return plain


class Gdb:
    """A connection to a server at this address; used with `with`."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=SECONDS)
        self._buffer = bytearray()

    def __enter__(self) -> Gdb:
        return self

    def __exit__(self, *details: object) -> None:
        self.socket.close()

    def tell(self, data: bytes) -> None:
        """Sends a packet, and nothing else."""
        self.socket.sendall(sent(data))

    def ask(self, data: bytes) -> bytes:
        """Sends a packet -> the first reply; sends its acknowledgement."""
        self.tell(data)
        return next(self.replies())

    def replies(self) -> Iterator[bytes]:
        """-> replies as they come; acknowledgements are passed over."""
        while True:
            end = self._buffer.find(b"#")
            if end < 0 or len(self._buffer) < end + 3:
                received = self.socket.recv(1 << 16)
                if not received:
                    return
                self._buffer += received
                continue
            packet = bytes(self._buffer[self._buffer.index(b"$") : end + 3])
            del self._buffer[: end + 3]
            self.socket.sendall(ACKNOWLEDGED)
            yield understood(packet)

    def receives(self, expected: bytes) -> bool:
        """-> whether these are the next bytes."""
        data = b""
        while len(data) < len(expected):
            data += self.socket.recv(len(expected) - len(data))
        return data == expected

    def is_over(self) -> bool:
        """-> whether the server has closed the connection."""
        self._buffer.clear()
        try:
            return not self.socket.recv(1)
        except ConnectionResetError:
            return True
