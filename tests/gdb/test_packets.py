"""Framing: what one side sends the other understands, however it is cut; what is damaged is never taken for sound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.gdb.wire import sent, understood
from vm import gdb_packets
from vm.gdb_packets import LONGEST, Received, Receiver, compress, escape, frame, unescape

BYTES = st.binary(max_size=300) | st.text("#$}*+-\x03a0", max_size=60).map(str.encode)
RUNS = st.lists(st.tuples(st.sampled_from(b"0x#$*}~\0"), st.integers(1, 300)), max_size=6).map(
    lambda runs: b"".join(bytes([byte]) * count for byte, count in runs)
)


def test_frames_are_those_of_the_manual() -> None:
    assert frame(b"OK") == b"$OK#9a"
    assert frame(b"") == b"$#00"


def test_runs_are_encoded_as_in_the_manual() -> None:
    assert compress(b"0000") == b"0* ", "a byte and three more"
    assert compress(b"000") == b"000", "shorter as it is"
    assert compress(b"0" * 7) == b'0*"0', "six more would need a #, so five and one"
    assert compress(b"0" * 8) == b'0*"00', "seven more would need a $"
    assert compress(b"0" * 9) == b"0*%"


@given(BYTES | RUNS)
def test_replies_are_understood(data: bytes) -> None:
    packet = frame(data)
    assert understood(packet) == data
    assert not any(byte in b"#$" for byte in packet[1:-3])
    assert len(packet) <= 2 * len(data) + 4


@given(BYTES)
def test_escapes_are_taken_back(data: bytes) -> None:
    assert unescape(escape(data)) == data


@given(st.lists(BYTES, max_size=5), st.lists(st.integers(0, 50), max_size=20))
def test_packets_arrive_however_they_are_cut(packets: list[bytes], sizes: list[int]) -> None:
    stream = b"+".join(sent(packet) for packet in packets)
    receiver, found = Receiver(), []
    for size in sizes:
        found += receiver.feed(stream[:size])
        stream = stream[size:]
    found += receiver.feed(stream)
    assert [each.data for each in found if each.kind == gdb_packets.PACKET] == packets
    assert {each.kind for each in found} <= {gdb_packets.PACKET, gdb_packets.ACK}


@given(st.binary(max_size=400))
def test_noise_is_borne(noise: bytes) -> None:
    receiver = Receiver()
    for each in receiver.feed(noise):
        assert each.kind in (
            gdb_packets.PACKET, gdb_packets.ACK, gdb_packets.NAK, gdb_packets.INTERRUPT, gdb_packets.DAMAGED,
        )  # fmt: skip
    assert Received(gdb_packets.PACKET, b"g") in list(receiver.feed(b"#00" + sent(b"g"))), "a new packet is understood"


@given(st.binary(min_size=1, max_size=40).filter(lambda data: not set(data) & set(b"#$}*")), st.data())
def test_a_changed_byte_is_noticed(data: bytes, draw: st.DataObject) -> None:
    packet = bytearray(sent(data))
    at = draw.draw(st.integers(1, len(data)))
    other = draw.draw(st.integers(0, 255).filter(lambda byte: byte != packet[at] and byte not in b"#$}"))
    packet[at] = other
    assert list(Receiver().feed(bytes(packet))) == [Received(gdb_packets.DAMAGED)]


def test_what_is_between_packets() -> None:
    found = list(Receiver().feed(b"++-\x03?!" + sent(b"?") + b"\x03"))
    assert [each.kind for each in found] == ["ack", "ack", "nak", "interrupt", "packet", "interrupt"]


def test_a_packet_that_is_cut_off_makes_room_for_the_next() -> None:
    assert list(Receiver().feed(b"$m8000" + sent(b"g"))) == [Received(gdb_packets.PACKET, b"g")]


def test_an_escape_at_the_end_is_damage() -> None:
    assert list(Receiver().feed(b"$X}#" + gdb_packets.checksum(b"X}"))) == [Received(gdb_packets.DAMAGED)]


def test_a_packet_without_end_takes_no_memory_and_ends_as_damage() -> None:
    receiver = Receiver()
    for _ in range(100):
        assert list(receiver.feed(b"$" + b"a" * LONGEST)) == []
    assert len(receiver._waiting) <= 2 * LONGEST
    assert list(receiver.feed(b"#00")) == [Received(gdb_packets.DAMAGED)]
    assert list(receiver.feed(sent(b"g"))) == [Received(gdb_packets.PACKET, b"g")]
