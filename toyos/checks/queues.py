"""The queues of PCBs: every process on exactly one, that of its state; and their links."""

from __future__ import annotations

from collections.abc import Mapping

from toyos.build import System
from toyos.checks.check import Check, Finding, Findings
from toyos.checks.view import WORD, View
from toyos.inspect.layout import state_names

# State -> the queue that holds all processes in that state; a sleeper is on that of its event.
QUEUE_OF_STATE = {"Free": "free_pcbs", "New": "new_queue", "Ready": "ready_queue", "Zombie": "zombies"}
EVENTS = ("sleepers",)  # queues of events that have a name for all; others lie in PCBs, or are the console's
CHILDREN = "P_CHILDREN_QUEUE"
LINKS = ("P_STATE", "P_PID", "P_NEXT", "P_PREV", "P_QUEUE")


class Queues(Check):
    name = "queues"
    sentence = "Every process is on exactly one queue, that of its state, and only the Running one is on none."

    def __init__(self, view: View, parts: System) -> None:
        super().__init__(view, parts)
        self.states = state_names(self.symbols)
        self._columns = [view.column(name) for name in LINKS]
        self._names = {self.symbols[name]: name for name in (*QUEUE_OF_STATE.values(), *EVENTS)}
        self._seen = b""

    def forget(self) -> None:
        self._seen = b""

    def idles(self) -> Findings:
        yield from self.returns()

    def returns(self) -> Findings:
        words = self.view.pool[:, self._columns]
        heads = b"".join(self.view.words(queue, 2).tobytes() for queue in self._names)
        now = words.tobytes() + heads + self.view.current.to_bytes(WORD, "little")
        if now == self._seen:
            return
        self._seen = now
        rows = {pcb: tuple(row) for pcb, row in zip(self.view.pcbs, words.tolist(), strict=True)}
        yield from self._states(rows)
        queues = dict.fromkeys([*self._names, *(row[4] for row in rows.values() if row[4])])
        for queue in queues:
            yield from self._links(queue, rows)

    # ---- states ------------------------------------------------------------------------------------------------------
    def _states(self, rows: Mapping[int, tuple[int, ...]]) -> Findings:
        current, idle = self.view.current, self.view.variable("process0")
        if current not in rows:
            yield Finding(f"`current` is {current:#010x}, which is no PCB", 0, ("current", current))
        for pcb, (state, _, _, _, queue) in rows.items():
            name = self.states.get(state)
            subject = ("state", pcb, state, queue)
            if name is None:
                yield Finding(f"its state is {state}, which is none", pcb, subject)
            elif name == "Running":
                if pcb != current:
                    yield Finding(f"it is Running, but `current` is {self.view.title(current)}", pcb, subject)
                elif queue:
                    yield Finding(f"it is Running, but on {self._queue(queue)}", pcb, subject)
            elif pcb == current:
                yield Finding(f"it is `current`, but its state is {name}", pcb, subject)
            elif pcb == idle and name == "Ready":
                if queue:  # it runs when nobody is ready, and waits nowhere
                    yield Finding(f"process 0 is on {self._queue(queue)}; it waits on none", pcb, subject)
            elif not queue:
                yield Finding(f"it is {name}, but on no queue", pcb, subject)
            elif not self._right(pcb, name, queue):
                yield Finding(f"it is {name}, but on {self._queue(queue)}", pcb, subject)

    def _right(self, pcb: int, state: str, queue: int) -> bool:
        """-> whether a process in this state may be on this queue."""
        if state in QUEUE_OF_STATE:
            return queue == self.symbols[QUEUE_OF_STATE[state]]
        owner = self._owner(queue)
        if owner is not None:
            return owner == pcb and queue == pcb + self.symbols[CHILDREN]
        return self._names.get(queue) not in QUEUE_OF_STATE.values()

    def _owner(self, queue: int) -> int | None:
        """-> PCB that the queue lies in, None for a queue outside of the pool."""
        pcbs = self.view.pcbs
        return queue - (queue - pcbs.start) % pcbs.step if pcbs.start <= queue < pcbs.stop else None

    def _queue(self, queue: int) -> str:
        owner = self._owner(queue)
        if queue in self._names:
            return self._names[queue]
        return f"the queue of {self.view.title(owner)} for its children" if owner else f"the queue at {queue:#010x}"

    # ---- links -------------------------------------------------------------------------------------------------------
    def _links(self, queue: int, rows: Mapping[int, tuple[int, ...]]) -> Findings:
        """Follows a queue from its head, and looks who else says that he is on it."""
        title, at, last = self._queue(queue), self.view.word(queue), 0
        found: set[int] = set()
        whole = False
        while at:
            if at not in rows:
                yield Finding(f"{title} leads to {at:#010x}, which is no PCB", last, ("astray", queue, at))
                break
            if at in found:
                yield Finding(f"{title} runs in a circle from it on", at, ("circle", queue, at))
                break
            _, _, following, before, says = rows[at]
            if says != queue:
                other = (
                    f"on two queues, as P_QUEUE is {self._queue(says)}" if says else "P_QUEUE says that it is on none"
                )
                yield Finding(f"it is linked into {title}, but {other}", at, ("two", queue, at))
                break
            if before != last:
                yield Finding(
                    f"on {title} it comes behind {self.view.title(last)}, but P_PREV is {self.view.title(before)}",
                    at, ("previous", queue, at),
                )  # fmt: skip
            found.add(at)
            at, last = following, at
        else:
            whole = True
            tail = self.view.word(queue + WORD)
            if tail != last:
                yield Finding(
                    f"{title} ends with {self.view.title(last)}, but its tail is {self.view.title(tail)}",
                    last, ("tail", queue, tail),
                )  # fmt: skip
        for pcb, row in rows.items():
            if whole and row[4] == queue and pcb not in found:
                yield Finding(
                    f"it says that it is on {title}, whose links do not lead to it", pcb, ("lost", queue, pcb)
                )
