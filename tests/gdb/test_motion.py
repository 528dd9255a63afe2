"""One session: points, steps and runs both ways, ends, Ctrl-C."""

from __future__ import annotations

from tests.gdb.rig import ENDLESS, TRAP, Crowd, Debugged, debugged, little, machine_of


def test_breakpoints_stop_forwards_and_backwards() -> None:
    gdb, symbols = debugged()
    beat = symbols["beat"]
    assert gdb.ask("qSupported:swbreak+;hwbreak+").startswith(b"PacketSize=")
    assert gdb.ask(f"Z0,{beat:x},4") == b"OK"
    stops = []
    for _ in range(5):
        reply = gdb.ask("vCont;c")
        assert reply.startswith(TRAP) and b"swbreak:;" in reply and f"20:{little(beat)};".encode() in reply
        stops.append(gdb.timeline.now)
    assert b"swbreak:;" in gdb.ask("bc") and gdb.timeline.now == stops[3]
    assert gdb.ask(f"z0,{beat:x},4") == b"OK" and gdb.ask(f"Z1,{beat:x},4") == b"OK"
    assert b"hwbreak:;" in gdb.ask("bc") and gdb.timeline.now == stops[2]
    assert gdb.ask(f"z1,{beat:x},4") == b"OK"
    assert b"replaylog:begin;" in gdb.ask("bc") and gdb.timeline.now == gdb.timeline.start
    assert b"replaylog:begin;" in gdb.ask("bs")


def over(gdb: Debugged, point: str, packet: str) -> None:
    """What gdb does after a stop at a watchpoint: it takes it away, and makes the step itself."""
    before = gdb.timeline.now
    assert gdb.ask(f"z{point}") == b"OK" and gdb.ask(packet).startswith(TRAP) and gdb.ask(f"Z{point}") == b"OK"
    assert abs(gdb.timeline.now - before) == 1


def test_watchpoints_stop_before_the_access_and_going_back_behind_it() -> None:
    gdb, symbols = debugged()
    at = symbols["counter"]
    point, watch = f"2,{at:x},4", f";watch:{at:x};".encode()

    def counter() -> int:
        return int.from_bytes(gdb.machine.read(at, 4), "little")

    assert gdb.ask(f"Z{point}") == b"OK"
    for number in range(3):
        assert watch in gdb.ask("c") and counter() == number
        assert watch in gdb.ask("vCont;s") and counter() == number, "the watchpoint is there still"
        over(gdb, point, "s")
        assert counter() == number + 1
    for number in range(3, 1, -1):
        assert watch in gdb.ask("bc") and counter() == number
        assert watch in gdb.ask("bs") and counter() == number, "as forwards"
        over(gdb, point, "bs")
        assert counter() == number - 1
    assert b"watch" not in gdb.ask("bs") and b"watch" not in gdb.ask("s")
    over(gdb, point, "s")
    assert b"watch" not in gdb.ask("s"), "what does not write does not stop"


def test_reads_and_accesses_stop() -> None:
    gdb, symbols = debugged()
    at, quiet = symbols["counter"], symbols["quiet"]
    assert gdb.ask(f"Z3,{quiet:x},4") == b"OK" and f"rwatch:{quiet:x};".encode() in gdb.ask("c")
    over(gdb, f"3,{quiet:x},4", "s")
    assert gdb.ask(f"z3,{quiet:x},4") == b"OK" and gdb.ask(f"Z4,{at + 1:x},1") == b"OK"
    assert f"awatch:{at + 1:x};".encode() in gdb.ask("c"), "the watched byte of the word"


def test_a_breakpoint_and_a_watchpoint_going_back() -> None:
    """The nearest of both; and an access by the very last instruction is not forgotten."""
    gdb, symbols = debugged()
    beat, at = symbols["beat"], symbols["counter"]
    point = f"2,{at:x},4"
    gdb.ask(f"Z0,{beat:x},4"), gdb.ask(f"Z{point}")
    forwards = []
    for _ in range(3):
        assert b"watch" not in gdb.ask("c")
        forwards.append(gdb.timeline.now)
        assert b"watch" in gdb.ask("c")
        over(gdb, point, "s")
        forwards.append(gdb.timeline.now)
    backwards = []
    for _ in range(3):
        assert b"watch" in gdb.ask("bc")
        backwards.append(gdb.timeline.now)
        over(gdb, point, "bs")
        assert b"watch" not in gdb.ask("bc")
        backwards.append(gdb.timeline.now)
    assert backwards == forwards[::-1]


def test_points_that_cannot_be() -> None:
    gdb, _ = debugged()
    assert gdb.ask("Z9,80000000,4") == gdb.ask("z9,80000000,4") == b""
    assert gdb.ask("Z2,80000000,0") == gdb.ask("Z2,ffffffff,8") == gdb.ask("Z0,100000000,4") == b"E01"
    assert gdb.ask("z0,80000000,4") == b"OK", "there was none: that is nothing to complain of"


def test_two_points_at_one_place_are_removed_one_by_one() -> None:
    gdb, symbols = debugged()
    for packet in (f"Z0,{symbols['beat']:x},4", f"Z1,{symbols['beat']:x},4", f"z0,{symbols['beat']:x},4"):
        assert gdb.ask(packet) == b"OK"
    gdb.ask("c")
    assert gdb.machine.pc == symbols["beat"]


def test_a_watchpoint_tells_where_in_it_the_access_was() -> None:
    gdb, symbols = debugged()
    at = symbols["counter"]
    assert gdb.ask(f"Z2,{at - 4:x},8") == b"OK"
    assert b"watch:%x;" % at in gdb.ask("c")
    assert gdb.ask(f"z2,{at - 4:x},8") == gdb.ask(f"Z2,{at + 1:x},2") == b"OK"
    gdb.ask("s")
    assert b"watch" not in gdb.ask("c"), "the upper bytes do not change"


def test_what_gdb_writes_is_there_again_when_one_comes_back() -> None:
    gdb, _ = debugged()
    gdb.ask("s")
    assert gdb.ask(f"Pb={little(77)}") == b"OK"
    for packet in ("s", "s", "bs", "bs"):
        gdb.ask(packet)
    assert (gdb.timeline.now, gdb.ask("pb").decode()) == (1, little(77))


def test_in_the_past_the_guest_hears_nothing_new() -> None:
    gdb, _ = debugged(ENDLESS)
    for packet in ("s", "s", "s", "bs"):
        gdb.ask(packet)
    gdb.session.handle(b"c")
    assert not gdb.session.runner.forwards, "what is typed now comes when the known past is over"
    gdb.session.runner.slice()
    assert gdb.session.runner.forwards


def test_the_last_trap_is_known_at_its_first_instruction() -> None:
    gdb, _ = debugged(".globl _start\n_start: la t0, 1f\n csrw mtvec, t0\n ecall\n .balign 4\n1: j 1b\n")
    for _ in range(3):
        gdb.ask("s")
    assert "no trap" in gdb.monitor("trap")
    gdb.ask("s")
    assert gdb.monitor("trap").startswith("instruction 4 ")


def test_points_that_the_guest_does_not_count() -> None:
    machine, symbols = machine_of()
    guest = Crowd()
    gdb = Debugged(machine, guest)
    gdb.ask(f"Z0,{symbols['beat']:x},4")
    gdb.ask("c")
    assert len(guest.accepted) == 2, "the first one did not stop"
    guest.accepted.clear()
    assert b"replaylog:begin" in gdb.ask("bc"), "and backwards not either"


def test_steps_ranges_and_addresses_to_go_on_at() -> None:
    gdb, symbols = debugged()
    assert gdb.ask("vCont;s:1;c").startswith(TRAP) and gdb.timeline.now == 1
    assert gdb.ask("s").startswith(TRAP) and gdb.timeline.now == 2
    start = symbols["_start"]
    assert gdb.ask(f"s{start:x}").startswith(TRAP) and gdb.machine.pc == start + 4
    gdb.ask(f"vCont;r{start:x},{start + 16:x}:1")
    assert not start <= gdb.machine.pc < start + 16
    assert gdb.ask(f"s{start:x}").startswith(TRAP)
    gdb.ask(f"vCont;r{start:x},{start + 8:x}:1")
    assert gdb.machine.pc == start + 8, "the range's end is not in it"
    before = gdb.timeline.now
    assert gdb.ask("bs").startswith(TRAP) and gdb.timeline.now == before - 1
    assert gdb.ask("vCont;q") == gdb.ask("vCont;") == b"E01"
    assert gdb.ask("vCont?").startswith(b"vCont;c;C;s;S")


def test_the_end_of_the_guest() -> None:
    gdb, _ = debugged()
    gdb.session.handle(b"c")
    outcome = None
    while outcome is None:
        outcome = gdb.session.runner.slice()
    assert (outcome.reason, outcome.status) == ("halt", 3) and gdb.session.is_end(outcome)


def test_the_end_of_the_guest_as_a_stop_to_go_back_from() -> None:
    gdb, symbols = debugged()
    assert "stops" in gdb.monitor("end stop")
    gdb.session.handle(b"c")
    outcome = None
    while outcome is None:
        outcome = gdb.session.runner.slice()
    assert not gdb.session.is_end(outcome) and b"replaylog:end" in gdb.session.stopped(outcome)
    gdb.ask(f"Z0,{symbols['beat']:x},4")
    gdb.ask("bc")
    assert gdb.machine.pc == symbols["beat"] and gdb.machine.read(symbols["counter"], 1) == b"\x04"
    gdb.ask(f"z0,{symbols['beat']:x},4")
    assert b"replaylog:end" in gdb.ask("c")
    gdb.session.handle(b"c")
    outcome = gdb.session.runner.slice()
    assert outcome is not None and gdb.session.is_end(outcome), "who goes on from there wants to see the end"


def test_a_limit_ends_the_run() -> None:
    machine, _ = machine_of(ENDLESS)
    gdb = Debugged(machine, last=1000)
    gdb.session.handle(b"c")
    outcome = None
    while outcome is None:
        outcome = gdb.session.runner.slice()
    assert outcome.reason == "limit" and machine.started == 1000 and gdb.session.is_end(outcome)


def test_ctrl_c_stops_what_moves_and_is_nothing_else() -> None:
    gdb, _ = debugged(ENDLESS)
    assert gdb.session.interrupt() is None
    assert gdb.session.handle(b"c") == []
    gdb.session.runner.slice()
    stopped = gdb.session.interrupt()
    assert stopped is not None and stopped.startswith(b"T02") and gdb.timeline.now > 0
    assert gdb.ask("?").startswith(b"T02")
