"""Machine's serial port <-> a pseudo-terminal of the host, which screen, minicom, tmux or a script opens by its name.

Whoever opens it is the peer. Peers come and go; without one, what the guest prints is lost, as on a line that nobody
has plugged in (and as with QEMU). A peer that does not read makes the guest wait. Every byte is the guest's: there is
no escape character. Waiting costs no host CPU, whether there is a peer or not.
"""

from __future__ import annotations

import errno
import os
import select
import tty

from toyos.console import READ_SIZE, Console

GONE = select.POLLHUP | select.POLLERR
READ_AHEAD = 1 << 20  # bytes of input that are kept while the peer does not read; a peer that pastes may do so first


class PseudoTerminal(Console):
    """A console whose input never ends. name: what the peer opens, such as "/dev/pts/3". Raises OSError when the host
    has no pseudo-terminal left."""

    def __init__(self) -> None:
        self._master, slave = os.openpty()
        self.name = os.ttyname(slave)
        tty.setraw(slave)  # and so it stays: its settings live as long as this end is open
        os.close(slave)
        os.set_blocking(self._master, False)
        # An open end without a peer counts as ready for ever. Told of changes only, we sleep.
        self._changes = select.epoll()
        self._changes.register(self._master, select.EPOLLIN | select.EPOLLET)
        super().__init__(self._changes.fileno(), self._master)
        self._state = select.poll()
        self._state.register(self._master, select.POLLIN | select.POLLOUT)
        self._typed = self._live = True
        self._ahead = bytearray()

    def close(self) -> None:
        """Whoever has opened it finds that the line has gone."""
        self._changes.close()
        os.close(self._master)

    def _ready(self, wait: float | None) -> bool:
        return bool(self._ahead) or super()._ready(wait)

    def _get(self) -> bytes:
        self._changes.poll(0)
        data = bytes(self._ahead) + self._take()
        self._ahead.clear()
        return data

    def _take(self) -> bytes:
        """-> what the peer has sent, some of it; b"" for nothing, and when there is no peer."""
        try:
            data = os.read(self._master, READ_SIZE)
        except BlockingIOError:
            return b""
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""
        self._changes.modify(self._master, select.EPOLLIN | select.EPOLLET)  # there may be more: look again
        return data

    def _put(self, data: bytes | bytearray) -> int:
        if self._events(0) & GONE:
            return len(data)
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            self._wait_for_reader()
            return 0

    def _wait_for_reader(self) -> None:
        """The peer has not read for long. It may be busy writing, so that it must be read from."""
        wanted = select.POLLOUT | (select.POLLIN if len(self._ahead) < READ_AHEAD else 0)
        self._state.modify(self._master, wanted)
        if self._events(None) & select.POLLIN:
            self._ahead += self._take()
        self._state.modify(self._master, select.POLLIN | select.POLLOUT)

    def _events(self, wait: float | None) -> int:
        """Seconds to wait, None: for ever -> what poll(2) says about our end, 0 for nothing."""
        found = self._state.poll(wait)
        return found[0][1] if found else 0
