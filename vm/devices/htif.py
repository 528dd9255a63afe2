"""Host-target interface: stores to the symbol `tohost` -> exit status, console output.

The convention of Berkeley's simulators (riscv-isa-sim, fesvr): the 64-bit word at `tohost` holds a device in bits
63:56, a command in 55:48 and a payload below. Device 0 is the system-call proxy: an odd payload 2n+1 ends the run with
status n, an even one is the address of a block of eight 64-bit words (number, arguments ...; the result comes back in
the first). Device 1, command 1 prints a character. An answered word is cleared; an answer appears in `fromhost`.

A 32-bit guest stores the word in two halves, in either order, and may leave one out that is zero already. So one half
alone decides nothing: the word counts when both halves were stored, or when no second store has followed for SETTLE
instructions.
"""

from collections.abc import Callable, Mapping

from vm.devices.kept import ForeignState, Plain

WORD, HALF = 8, 4
SETTLE = 32  # instructions; compilers put the two stores next to each other

SYSTEM_CALLS, CONSOLE = 0, 1
CONSOLE_PUT = 1
SYS_EXIT, SYS_WRITE = 93, 64
BLOCK_WORDS = 4  # number and three arguments are all that these calls use
LONGEST_WRITE = 1 << 20  # a wild length must not make the host copy all of memory
NOT_IMPLEMENTED = -38  # -ENOSYS


class Htif:
    """Watches one `tohost` word. The machine calls `stored` after each store to it, and `settle` SETTLE instructions
    later.

    read(address, length) -> bytes and write(address, bytes) reach guest RAM and raise ValueError outside it; sink takes
    console output; fromhost is the address of that symbol, or None when the image has none.
    """

    def __init__(
        self,
        tohost: int,
        fromhost: int | None,
        read: Callable[[int, int], bytes],
        write: Callable[[int, bytes], object],
        sink: Callable[[bytes], object],
    ) -> None:
        self.tohost = tohost
        self._fromhost = fromhost
        self._read = read
        self._write = write
        self._sink = sink
        self._halves: set[int] = set()

    def save(self) -> dict[str, Plain]:
        """-> its state, by name."""
        return {"halves": sorted(self._halves)}

    def load(self, saved: Mapping[str, Plain]) -> None:
        """What save gave -> the same state again. Raises ForeignState."""
        halves = saved.get("halves")
        if len(saved) != 1 or not isinstance(halves, list) or not {0, HALF}.issuperset(halves):
            raise ForeignState("the state of a host interface: expected which halves of its word were stored")
        self._halves = set(halves)

    @property
    def unsettled(self) -> bool:
        """True while one half was stored and the other may still follow: settle() is due."""
        return bool(self._halves)

    def stored(self, address: int, size: int) -> int | None:
        """A store of `size` bytes at `address` touched the word -> exit status, or None to go on."""
        for half in (0, HALF):
            if address < self.tohost + half + HALF and address + size > self.tohost + half:
                self._halves.add(half)
        return self.settle() if len(self._halves) == WORD // HALF else None

    def settle(self) -> int | None:
        """Takes the word as it stands -> exit status, or None to go on."""
        self._halves.clear()
        value = int.from_bytes(self._read(self.tohost, WORD), "little")
        if not value:
            return None
        device, command, payload = value >> 56, value >> 48 & 0xFF, value & (1 << 48) - 1
        if device == SYSTEM_CALLS and command == 0:
            if payload & 1:
                return payload >> 1
            return self._system_call(payload)
        if device == CONSOLE and command == CONSOLE_PUT:
            self._sink(bytes((payload & 0xFF,)))
        self._answer(0)
        return None

    def _system_call(self, block: int) -> int | None:
        try:
            words = self._read(block, BLOCK_WORDS * WORD)
            number, *arguments = (int.from_bytes(words[at : at + WORD], "little") for at in range(0, len(words), WORD))
            if number == SYS_EXIT:
                return arguments[0]
            result = self._print(arguments[1], arguments[2]) if number == SYS_WRITE else NOT_IMPLEMENTED
            self._write(block, (result & (1 << 64) - 1).to_bytes(WORD, "little"))
        except ValueError:
            pass  # a wild pointer: nothing can be answered there
        self._answer(1)
        return None

    def _print(self, address: int, length: int) -> int:
        length = min(length, LONGEST_WRITE)
        self._sink(self._read(address, length))
        return length

    def _answer(self, value: int) -> None:
        self._write(self.tohost, bytes(WORD))
        if value and self._fromhost is not None:
            self._write(self._fromhost, value.to_bytes(WORD, "little"))
