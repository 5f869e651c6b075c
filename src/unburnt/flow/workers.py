"""The threads that have documents read: one child at a time each, so as many children as processors."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

import msgspec

from unburnt.catalog.records import Waiting
from unburnt.flow.inbox import Inbox, WasRead
from unburnt.flow.reading import Done, digests_of


class Job(msgspec.Struct, frozen=True):
    """Documents to be worked on by *work*; *step* names anything but plain reading."""

    batch: list[Waiting]
    work: Callable[[Sequence[Waiting]], list[Done]]
    step: tuple[str, int] | None = None


class Workers:
    """A fixed number of threads over one queue of jobs."""

    def __init__(self, count: int, inbox: Inbox) -> None:
        self.count = count
        self._inbox = inbox
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._threads = [threading.Thread(target=self._work, name=f"reader-{i}", daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def give(self, job: Job) -> None:
        """Line one job up."""
        self._jobs.put(job)

    def close(self) -> None:
        """Let the threads end after what they are doing now."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout=60)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._inbox.closed.is_set():
                continue
            try:
                done = job.work(job.batch)
            except BaseException as error:  # noqa: BLE001 - the keeper names it and goes on or stops
                self._inbox.put(WasRead(frozenset(digests_of(job.batch)), [], job.step, error))
            else:
                self._inbox.put(WasRead(frozenset(digests_of(job.batch)), done, job.step))
