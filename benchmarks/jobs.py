"""Independent pieces of work -> their results, in several processes, with a progress bar on standard error."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def processors() -> int:
    """-> processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(
    work: Callable[[Job], Result], jobs: Iterable[Job], workers: int, title: str, visible: bool = True
) -> dict[Job, Result]:
    """Does each job once -> job -> result, in the order in which jobs were given. `work` is a function of a module.

    visible: draw the bar (only where standard error is a terminal). An exception in a job ends all and is raised here.
    """
    todo = list(dict.fromkeys(jobs))
    done: dict[Job, Result] = {}
    with _Bar(title, len(todo), visible) as bar:
        if workers <= 1 or len(todo) <= 1:
            for job in todo:
                done[job] = work(job)
                bar.step()
        else:
            _spread(work, todo, min(workers, len(todo)), done, bar)
    return {job: done[job] for job in todo}


class _Numbered(Generic[Job, Result]):
    """The work, told which job it was."""

    def __init__(self, work: Callable[[Job], Result]) -> None:
        self.work = work

    def __call__(self, job: Job) -> tuple[Job, Result]:
        return job, self.work(job)


def _spread(
    work: Callable[[Job], Result], todo: list[Job], workers: int, done: dict[Job, Result], bar: _Bar
) -> None:
    # Workers are started afresh, as forked ones would have the locks of the parent's threads. They leave Ctrl-C to the
    # parent, from their first moment on, and leaving the block ends them.
    with _deaf():
        pool = get_context("spawn").Pool(workers)
    with pool:
        for job, result in pool.imap_unordered(_Numbered(work), todo):
            done[job] = result
            bar.step()


@contextmanager
def _deaf() -> Iterator[None]:
    """Inside, SIGINT is ignored, and so it is by processes that are started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Bar:
    """A bar, or nothing where nobody would see it."""

    def __init__(self, title: str, total: int, visible: bool) -> None:
        self.progress = None
        if visible and total and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self.progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self.task = self.progress.add_task(title, total=total)

    def __enter__(self) -> _Bar:
        if self.progress:
            self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.progress:
            self.progress.stop()

    def step(self) -> None:
        """One more is done."""
        if self.progress:
            self.progress.advance(self.task)
