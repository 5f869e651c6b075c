"""What reaches the keeper's own thread: one queue, a few kinds of message."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from unburnt.base.errors import UnburntError
from unburnt.flow.intake import Taken
from unburnt.flow.reading import Done

_MOST_AT_ONCE = 64
_GATHER_SECONDS = 0.05


class Arrived(msgspec.Struct, frozen=True):
    """Entries of a delivery whose bytes are staged."""

    accession: str
    batch: list[Taken]


class Walked(msgspec.Struct, frozen=True):
    """A delivery was walked to its end, or broke off with *error*."""

    accession: str
    error: UnburntError | None


class WasRead(msgspec.Struct, frozen=True):
    """A worker has read a batch; *step* is set for anything but plain reading. On *error* nothing was."""

    digests: frozenset[str]
    done: list[Done]
    step: tuple[str, int] | None = None
    error: BaseException | None = None


class Call(msgspec.Struct, frozen=True):
    """Something to be done in the keeper's thread; the caller waits on *finished*."""

    act: Callable[[], Any]
    answer: list[Any]
    finished: threading.Event


Message = Arrived | Walked | WasRead | Call


class Inbox:
    """A bounded queue: intake and workers wait when the keeper is behind, so memory stays bounded."""

    def __init__(self, size: int = 16) -> None:
        self._queue: queue.Queue[Message] = queue.Queue(size)
        self.closed = threading.Event()

    def put(self, message: Message) -> None:
        """Hand over; gives up when the keeper has closed, and what was read is dropped."""
        while not self.closed.is_set():
            try:
                self._queue.put(message, timeout=0.5)
                break
            except queue.Full:
                continue
        else:
            _drop(message)
        if self.closed.is_set():
            self.close()  # it may have closed in between

    def close(self) -> None:
        """Take nothing more. What was read and not taken is dropped; it is read again by the next keeper."""
        self.closed.set()
        with contextlib.suppress(queue.Empty):
            while True:
                _drop(self._queue.get_nowait())

    def take(self, wait_seconds: float) -> list[Message]:
        """Everything that is there; waits for a first one at most so long.

        After a reading a moment is given to the next ones, since writing several down costs little more than one.
        """
        messages: list[Message] = []
        with contextlib.suppress(queue.Empty):
            messages.append(self._queue.get(timeout=wait_seconds))
            until = time.monotonic() + _GATHER_SECONDS
            while len(messages) < _MOST_AT_ONCE:
                left = until - time.monotonic() if isinstance(messages[-1], WasRead) else 0
                messages.append(self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait())
        return messages


def _drop(message: Message) -> None:
    for done in message.done if isinstance(message, WasRead) else ():
        done.chunks.close()
