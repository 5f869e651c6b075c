"""Hashing many originals in several processes at once, since a person waits for it.

Helpers are forked, know the list from the fork, are told ranges of it, and answer with what these showed. What a helper
that died was told is hashed again here: nothing is believed that was not said to the end.
"""

from __future__ import annotations

import heapq
import os
import select
import signal
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import TracebackType
from typing import NoReturn, Self

import msgspec

from unburnt.base.digests import Digest
from unburnt.vault.audit.hashing import Hashed, hash_range, new_buffer
from unburnt.vault.durable import write_all

MOST_HELPERS = 7
_MOST_FILES = 128
_FILES_HERE = 16
_AHEAD = 2
"""Ranges that a helper is told at once, so that it need not wait while others are listened to."""
_TASK = struct.Struct("<QQ")
_LENGTH = struct.Struct("<Q")
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Hashed).decode

_Range = tuple[int, int]


class Hashers:
    """Gives what every original of a list showed, in the order of the list. To be closed, which ends the helpers."""

    def __init__(self, folder: str, digests: Sequence[Digest], *, helpers: int | None = None) -> None:
        """*folder* holds the originals. *helpers*: None for what this machine and this process permit."""
        self._folder, self._digests = folder, digests
        self._buffer: memoryview | None = None
        self._left: list[_Range] = [(0, len(digests))] if digests else []
        self._done: dict[int, Hashed] = {}
        self._given = 0
        self._waits = False
        self._helpers: list[_Helper] = []
        self._poll = select.poll()
        self._wanted = min(most_helpers() if helpers is None else helpers, len(digests) - 1)

    def __enter__(self) -> Self:
        try:
            while len(self._helpers) < self._wanted and self._fork():
                pass
            self._tell()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def ready(self) -> Iterator[Hashed]:
        """What is known by now, and was not yet given. Does not wait, and hashes nothing here."""
        self._listen(0)
        yield from self._in_order()

    def rest(self) -> Iterator[Hashed]:
        """All that was not yet given; this process hashes, too."""
        while self._given < len(self._digests):
            if self._left and not (self._waits and self._is_helped()):
                self._hash_here()
                self._listen(0)
            else:
                self._listen(None)
            yield from self._in_order()

    def _end(self) -> None:
        while self._helpers:
            self._helpers.pop().end()

    def _in_order(self) -> Iterator[Hashed]:
        while (hashed := self._done.pop(self._given, None)) is not None:
            self._given = hashed.end
            yield hashed

    def _hash_here(self) -> None:
        begin, end = told = self._next(_FILES_HERE)
        self._buffer = self._buffer or new_buffer()
        hashed = hash_range(self._folder, self._digests, begin, end, self._buffer, lambda: self._listen(0))
        self._take(told, hashed)

    def _next(self, most: int) -> _Range:
        """The first of what is left: less where little is, so that all end at the same time."""
        begin, end = heapq.heappop(self._left)
        left = end - begin + sum(after - before for before, after in self._left)
        stop = begin + min(most, max(1, left // (2 * _AHEAD * (len(self._helpers) + 1))))
        if stop < end:
            heapq.heappush(self._left, (stop, end))
        return begin, min(stop, end)

    def _take(self, told: _Range, hashed: Hashed) -> None:
        self._done[told[0]] = hashed
        self._waits = hashed.waits
        if hashed.end < told[1]:
            heapq.heappush(self._left, (hashed.end, told[1]))

    def _is_helped(self) -> bool:
        return any(one.told for one in self._helpers)

    def _tell(self) -> None:
        """Give each helper enough to do; where the drive is what one waits for, only one."""
        while self._left:
            idlest = min(self._helpers, key=lambda one: len(one.told), default=None)
            if idlest is None or len(idlest.told) == _AHEAD or self._waits and self._is_helped():
                return
            idlest.tell(self._next(_MOST_FILES))

    def _listen(self, timeout: int | None) -> None:
        for descriptor, _ in self._poll.poll(timeout):
            helper = next(one for one in self._helpers if one.answers == descriptor)
            hashed = helper.heard()
            if hashed is None:
                self._bury(helper)
            else:
                self._take(helper.told.pop(0), hashed)
        self._tell()

    def _bury(self, helper: _Helper) -> None:
        """It died: others do what it was told, at last this process."""
        self._poll.unregister(helper.answers)
        self._helpers.remove(helper)
        for told in helper.told:
            heapq.heappush(self._left, told)
        helper.end()

    def _fork(self) -> bool:
        tasks, telling = os.pipe()
        hearing, answers = os.pipe()
        parent = os.getpid()
        # An interruption between fork and the helper's first line would unwind the parent's calls in the helper.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
        try:
            process = os.fork()
            if process == 0:
                others = [telling, hearing, *(end for one in self._helpers for end in (one.tasks, one.answers))]
                _help(parent, tasks, answers, self._folder, self._digests, others)
            self._helpers.append(_Helper(process, telling, hearing))
        except OSError:  # a limit on processes: fewer do it, or this one alone
            os.close(telling)
            os.close(hearing)
            return False
        finally:
            os.close(tasks)
            os.close(answers)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._poll.register(hearing, select.POLLIN)
        return True


class _Helper:
    """One process that helps: where it is told *tasks* and its *answers* come from, and what it was *told*."""

    def __init__(self, process: int, tasks: int, answers: int) -> None:
        self.process, self.tasks, self.answers = process, tasks, answers
        self.told: list[_Range] = []

    def tell(self, task: _Range) -> None:
        self.told.append(task)
        with suppress(BrokenPipeError):  # its death is heard of where its answers are
            os.write(self.tasks, _TASK.pack(*task))

    def heard(self) -> Hashed | None:
        """Its next answer, None where it died; the answer must be to what it was told first."""
        length = self._exactly(_LENGTH.size)
        data = self._exactly(_LENGTH.unpack(length)[0]) if length is not None else None
        if data is None or not self.told:
            return None
        try:
            hashed = _decode(data)
        except msgspec.DecodeError:
            return None
        begin, end = self.told[0]
        is_answer = hashed.begin == begin < hashed.end <= end and len(hashed.sizes) == hashed.end - begin
        return hashed if is_answer else None

    def end(self) -> None:
        """Kill it, whatever it does, and leave nothing of it."""
        os.close(self.tasks)
        os.close(self.answers)
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.process, 0)

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = os.read(self.answers, size - len(data))
            if not more:
                return None
            data += more
        return data


def most_helpers() -> int:
    """How many processes may help this one: with it as many as processors, and none beside threads.

    A fork could copy a lock that a thread holds.
    """
    try:
        threads = len(os.listdir("/proc/self/task"))
    except OSError:
        threads = threading.active_count()
    return 0 if threads > 1 else min(MOST_HELPERS, len(os.sched_getaffinity(0)) - 1)


def _help(
    parent: int, tasks: int, answers: int, folder: str, digests: Sequence[Digest], others: Sequence[int]
) -> NoReturn:
    """A helper's life: until the parent has nothing more, or is no more."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTIONS)
        for descriptor in others:  # else this would keep the others' ends open, and they would not hear the last
            os.close(descriptor)
        buffer = new_buffer()

        def between() -> None:
            if os.getppid() != parent:
                os._exit(1)

        while len(task := os.read(tasks, _TASK.size)) == _TASK.size:
            begin, end = _TASK.unpack(task)
            data = _encode(hash_range(folder, digests, begin, end, buffer, between))
            write_all(answers, _LENGTH.pack(len(data)) + data)
    finally:
        os._exit(0)
