"""Events of the kernel as points: the same counts as the kernel's own, and the sentences for what there is not."""

from __future__ import annotations

import pytest

from toyos import build
from toyos.boot import Computer
from toyos.kernel_points import KernelPoints, PointError, Watched
from toyos.variants import MODES
from vm.observe import Observer, Outcome
from vm.points import Hit


class Guest:
    """fork_sum on an observed machine, not started yet."""

    def __init__(self, mode: str) -> None:
        self.computer = Computer(["fork_sum"], parts=build.system(mode), observed=True)
        self.machine = self.computer.machine
        self.observer = Observer(self.machine)
        self.points = KernelPoints(self.machine, self.computer.parts.symbols)

    def add(self, points: list[Watched]) -> None:
        for point, accept in points:
            self.observer.add(point, accept)

    def hits(self) -> list[Hit]:
        """-> all hits up to the end of the run."""
        found: list[Hit] = []
        while True:
            outcome: Outcome = self.observer.run()
            found += outcome.hits
            if outcome.reason != "hit":
                return found


@pytest.fixture(params=MODES)
def guest(request: pytest.FixtureRequest) -> Guest:
    return Guest(request.param)


def test_switches_are_those_that_the_kernel_counts(guest: Guest) -> None:
    guest.add(guest.points.context_switch())
    assert len(guest.hits()) == guest.computer.counter("KS_SWITCHES") > 3


def test_switches_from_and_to_processes(guest: Guest) -> None:
    points = guest.points
    guest.add(points.context_switch(2, 3))
    met = []
    while (outcome := guest.observer.run()).reason == "hit":
        met += [(points.pid_of(hit.before or 0), points.pid_of(hit.after or 0)) for hit in outcome.hits]
    assert set(met) == {(2, 3)}


def test_system_calls_are_those_that_the_kernel_counts(guest: Guest) -> None:
    guest.add(guest.points.system_call())
    assert len(guest.hits()) == guest.computer.counter("KS_SYSTEM_CALLS") > 10


def test_one_fork_is_one_call_of_clone_by_each_parent(guest: Guest) -> None:
    guest.add(guest.points.system_call("fork"))
    assert len(guest.hits()) == guest.computer.counter("KS_FORKS") == 2


def test_the_calls_of_one_process(guest: Guest) -> None:
    guest.add(guest.points.system_call("SYS_clone", pid=2))
    assert len(guest.hits()) == 1


def test_the_states_of_a_process_in_their_order(guest: Guest) -> None:
    guest.add(guest.points.state_change(3))
    names = [guest.points.state_names[hit.after or 0] for hit in guest.hits()]
    assert names[:3] == ["New", "Ready", "Running"]
    assert names[-2:] == ["Zombie", "Free"]


def test_states_of_any_process_are_more(guest: Guest) -> None:
    guest.add(guest.points.state_change())
    assert len(guest.hits()) > 12


def test_user_mode_of_a_process(guest: Guest) -> None:
    guest.add(guest.points.user_mode(3))
    assert guest.observer.run().reason == "hit"
    assert guest.points.current_pid == 3
    assert guest.points.current_name == "fork_sum"


def test_a_process_that_has_gone_has_no_pcb(guest: Guest) -> None:
    guest.add(guest.points.user_mode(3))
    guest.observer.run()
    pcb = guest.points.pcb_of(3)
    assert pcb is not None and guest.points.pid_of(pcb) == 3
    guest.hits()
    assert guest.points.state_names[guest.points.word(pcb + guest.points.symbols["P_STATE"])] == "Free"
    assert guest.points.pcb_of(3) is None and guest.points.pcb_of(1) is not None


def test_causes_by_words_and_by_number(guest: Guest) -> None:
    assert guest.points.causes("page fault") == {12, 13, 15}
    assert guest.points.causes("Timer") == {0x8000_0005, 0x8000_0007}
    assert guest.points.causes("ecall") == guest.points.causes("chmk") == {8}
    assert guest.points.causes("13") == {13}
    guest.add(guest.points.trap_on("store page fault"))
    assert all(hit.trap and hit.trap.cause == 15 for hit in guest.hits())


def test_a_field_of_a_pcb(guest: Guest) -> None:
    guest.add(guest.points.user_mode(2))
    guest.observer.run()
    for point, _ in guest.points.user_mode(2):
        guest.observer.remove(point)
    guest.add(guest.points.pcb_field(2, "child"))
    hit = guest.hits()[0]
    assert hit.before == 0
    assert guest.points.is_pcb(hit.after or 0)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda points: points.system_call("frok"), "there is no system call 'frok'; did you mean 'fork'?"),
        (lambda points: points.system_call("qqqq"), "there is no system call 'qqqq'; expected one of: brk, "),
        (lambda points: points.causes("pge fault"), "there is no trap cause 'pge fault'; did you mean"),
        (lambda points: points.causes(""), "there is no trap cause ''"),
        (lambda points: points.causes("0x63"), "there is no trap cause 0x63; expected one of: 0x0"),
        (lambda points: points.field_offset("stat"), "there is no field of a PCB 'stat'; did you mean 'state'?"),
        (lambda points: points.pcb_field(9, "state"), "there is no process 9 now; `ps` lists those that there are"),
    ],
)
def test_what_there_is_not(call: object, sentence: str) -> None:
    assert callable(call)
    with pytest.raises(PointError) as fault:
        call(Guest("risc").points)
    assert str(fault.value).startswith(sentence)


def test_before_the_first_process_there_is_nobody(guest: Guest) -> None:
    assert guest.points.current_pid is None
    assert guest.points.current_name == ""
    assert guest.points.pid_of(0) == 0
    assert guest.points.word(0) == 0
