"""Watching one child: its answers are counted and cut into frames, its clock runs, and it is killed on overrun."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Final

from unburnt.base.errors import BadAnswer
from unburnt.base.limits import Limits
from unburnt.sandbox import privileges, wire
from unburnt.sandbox.ended import Verdict

_TICK_MILLISECONDS: Final = 100
_START_SECONDS: Final = 30.0
_DYING_SECONDS: Final = 10.0
_READ: Final = 1 << 20
ERRORS_KEPT: Final = 8192
ZYGOTE_DIED: Final = "The sandbox itself was stopped; it starts again for the next document."


class Overrun(Exception):
    """A limit the keeper enforces was passed; *limit* names it."""

    def __init__(self, limit: str, detail: str) -> None:
        super().__init__(detail)
        self.limit = limit


class Frames:
    """Cuts a child's bytes into frames; raises Overrun for a frame, or a whole, beyond its limit."""

    def __init__(self, limits: Limits, on_frame: Callable[[bytes], None]) -> None:
        self._limits = limits
        self._on_frame = on_frame
        self._untrusted_buffer = bytearray()
        self._total = 0
        self.verdict = Verdict()

    def feed(self, untrusted_bytes: bytes) -> None:
        """Take bytes as they came from the pipe."""
        self._total += len(untrusted_bytes)
        if self._total > self._limits.output:
            raise Overrun("output", "It answered more than it may.")
        self._untrusted_buffer += untrusted_bytes
        place = 0
        while len(self._untrusted_buffer) - place >= wire.LENGTH.size:
            (length,) = wire.LENGTH.unpack_from(self._untrusted_buffer, place)
            start = place + wire.LENGTH.size
            if length == wire.LAST:
                self._last_word(start)
                break
            if length > self._limits.frame:
                raise Overrun("frame", "One answer was longer than it may be.")
            if len(self._untrusted_buffer) - start < length:
                break
            place = start + length
            self._on_frame(bytes(self._untrusted_buffer[start:place]))
        del self._untrusted_buffer[:place]

    def _last_word(self, start: int) -> None:
        said = bytes(self._untrusted_buffer[start:])
        if len(said) > 1 + 1 + 255:
            raise Overrun("output", "It went on answering after its end.")
        if len(said) >= 2 and len(said) == 2 + said[1]:
            self.verdict = Verdict(last_word=said[:1], untrusted_name=said[2:].decode("ascii", "replace"))


class Raw:
    """A tool's bytes as they come; raises Overrun beyond the limit."""

    def __init__(self, limits: Limits, on_bytes: Callable[[bytes], None]) -> None:
        self._limits = limits
        self._on_bytes = on_bytes
        self._total = 0
        self.verdict = Verdict()

    def feed(self, untrusted_bytes: bytes) -> None:
        """Take bytes as they came from the pipe."""
        self._total += len(untrusted_bytes)
        if self._total > self._limits.output:
            raise Overrun("output", "It answered more than it may.")
        self._on_bytes(untrusted_bytes)


class Watch:
    """One child from order to burial."""

    def __init__(self, status: socket.socket, output: int, limits: Limits, answers: Frames | Raw) -> None:
        self._status = status
        self._output = output
        self._limits = limits
        self._answers = answers
        self._child = -1
        self._resident = ""
        self._deadline = time.monotonic() + _START_SECONDS + limits.wall_seconds
        self.is_over = False
        self._exited: wire.Exited | None = None
        self._memory_allowed = 0

    def until_end(self) -> tuple[wire.Exited | None, Verdict]:
        """Wait for the child's end, killing it where it must be; None when its zygote died with it.

        What the taker of answers raises is raised again once the child is dead, except BadAnswer.
        """
        try:
            self._follow()
            verdict = self._answers.verdict
        except Overrun as overrun:
            verdict = Verdict(limit=overrun.limit, detail=str(overrun))
        except BadAnswer:
            verdict = Verdict(detail="BadAnswer")
        finally:
            self._kill()
            self._bury()
            if self._child >= 0:
                os.close(self._child)
        return self._exited, verdict

    def _follow(self) -> None:
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        poll.register(self._output, select.POLLIN)
        is_open = True
        while is_open or not self.is_over:
            happened = [descriptor for descriptor, _ in poll.poll(_TICK_MILLISECONDS)]
            if self._status.fileno() in happened:
                self._hear()
                if self.is_over:
                    poll.unregister(self._status)
            if self._output in happened and not self._take():
                is_open = False
                poll.unregister(self._output)
            self._check(is_idle=not happened)

    def _take(self) -> bool:
        untrusted_bytes = os.read(self._output, _READ)
        began = time.monotonic()
        if untrusted_bytes:
            self._answers.feed(untrusted_bytes)
        # The child does not pay for the time the keeper takes over its answers.
        self._deadline += time.monotonic() - began
        return bool(untrusted_bytes)

    def _hear(self) -> None:
        try:
            told, descriptors = wire.told(self._status)
        except OSError:
            told, descriptors = None, []
        if isinstance(told, wire.Started):
            self._child = descriptors[0]
            self._deadline = time.monotonic() + self._limits.wall_seconds
            self._resident = f"/proc/{process_of(self._child)}/statm"
        else:
            self.is_over = True
            self._exited = told if isinstance(told, wire.Exited) else None

    def _check(self, *, is_idle: bool) -> None:
        if time.monotonic() > self._deadline:
            raise Overrun("time", "It took longer than it may.")
        if is_idle and self._resident:
            resident = resident_bytes(self._resident)
            limit = self._limits.memory
            self._memory_allowed = self._memory_allowed or resident + privileges.left_of(limit, resident)
            if resident > self._memory_allowed:
                raise Overrun("memory", "It used more memory than it may.")

    def _kill(self) -> None:
        if self._child >= 0 and not self.is_over:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._child, signal.SIGKILL)

    def _bury(self) -> None:
        last = time.monotonic() + _DYING_SECONDS
        while not self.is_over and (left := last - time.monotonic()) > 0:
            if select.select([self._status], [], [], left)[0]:
                self._hear()
                self._kill()


def process_of(descriptor: int) -> int:
    """The process id, as numbered here, behind a process descriptor; -1 when it is gone."""
    with open(f"/proc/self/fdinfo/{descriptor}", "rb") as file:
        for line in file:
            if line.startswith(b"Pid:"):
                return int(line.split()[1])
    return -1


def resident_bytes(path: str) -> int:
    """What a process's ``statm`` file says is in memory; 0 when the process is gone."""
    try:
        with open(path, "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0
