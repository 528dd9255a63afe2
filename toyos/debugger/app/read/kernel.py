"""The kernel's structures -> processes, queues, a PCB, compared with the last stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toyos.debugger.app.view import PcbField, Process
from toyos.debugger.session import Session
from toyos.inspect.process import Process as Inspected

FREE_QUEUE = "free_pcbs"  # as long as the pool, and of no interest


def processes(session: Session, known: Sequence[Inspected], values: Mapping[tuple[object, ...], Any]) -> list[Process]:
    """known: what the inspector found; values: of the last stop."""
    current = session.kernel.word(session.kernel.symbols["current"])
    found = []
    for process in known:
        before = values.get(("state", process.pid))
        queue = session.inspector.queue_name(process.queue) if process.queue else ""
        found.append(
            Process(
                process.pid, process.ppid, process.state, process.name, queue, process.pcb, process.pcb == current,
                before is not None and before != process.state,
            )
        )  # fmt: skip
    return found


def queues(session: Session) -> list[tuple[str, list[int]]]:
    """-> name and pids of the queues, from head to tail."""
    return [
        (queue.name, [process.pid for process in queue.processes])
        for queue in session.inspector.queue_list()
        if queue.symbol != FREE_QUEUE
    ]


def pcb(process: Inspected, values: Mapping[tuple[object, ...], Any]) -> list[PcbField]:
    """A process -> the fields of its PCB."""
    return [
        PcbField(
            field.name, field.offset, field.size, field.text, field.comment,
            values.get(("pcb", process.pid, field.name), field.text) != field.text,
        )
        for field in process.fields
    ]  # fmt: skip
