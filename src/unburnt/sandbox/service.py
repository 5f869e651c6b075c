"""The keeper's side of a long-lived locked worker, for runtimes with threads, which must not be forked."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Final, Self

from unburnt.base.errors import SandboxUnavailable, UnburntError, UsageError
from unburnt.base.limits import Limits
from unburnt.sandbox import rungs, wire
from unburnt.sandbox.ended import safe_name
from unburnt.sandbox.handed import in_memory, read_only
from unburnt.sandbox.watch import Frames, Overrun, process_of, resident_bytes

_START_SECONDS: Final = 120.0
_TICK_MILLISECONDS: Final = 100
_READ: Final = 1 << 20
_RESERVED_PER_RESIDENT: Final = 4
"""Runtimes' arenas reserve far more address space than they use; what is resident is watched besides."""
REQUESTS_PER_WORKER: Final = 500
"""After so many the worker is replaced, so that leaks and fragmentation end with it; one that leaks much, before."""


class ServiceFailed(UnburntError):
    """The worker died, failed or was stopped at *limit* while it answered; the next request finds a new one."""

    def __init__(self, message: str, *, limit: str | None = None) -> None:
        super().__init__(message)
        self.limit = limit


class _Worker:
    """One process, from its start to its end."""

    def __init__(self, entry: str, limits: Limits, readable: Sequence[str], rung: str) -> None:
        self._limits = limits
        self._child = -1
        self._allowed = 0
        self.requests = 0
        self.control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self._answers, answers_end = os.pipe()
        life_end, self._life = os.pipe()
        given = (theirs.fileno(), answers_end, life_end)
        lock = "unlocked" if rung == rungs.UNSAFE else "locked"
        arguments = ["-m", "unburnt.sandbox.worker", *(str(end) for end in given), entry, lock, *readable]
        try:
            self._process = subprocess.Popen(
                rungs.command(rung, arguments, readable),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=rungs.environment(),
                pass_fds=given,
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(answers_end)
            os.close(life_end)

    def await_ready(self, entry: str) -> None:
        """Until it is warm; raises SandboxUnavailable when it never is."""
        try:
            if select.select([self.control], [], [], _START_SECONDS)[0]:
                _, descriptors = wire.told(self.control)
                self._child = descriptors[0] if descriptors else -1
            self._next(_START_SECONDS)
        except (OSError, ServiceFailed) as error:
            raise SandboxUnavailable(
                f"The sandboxed service {entry} did not start: {error}", remedy="Run `unburnt doctor`."
            ) from error
        self._cap_memory()

    def _cap_memory(self) -> None:
        process = process_of(self._child)
        self._resident = f"/proc/{process}/statm"
        self._allowed = resident_bytes(self._resident) + self._limits.memory
        with open(self._resident, "rb") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        most = mapped + _RESERVED_PER_RESIDENT * self._limits.memory
        resource.prlimit(process, resource.RLIMIT_AS, (most, most))

    def ask(self, request: bytes, files: Sequence[int]) -> bytes:
        """One request and its answer; raises ServiceFailed."""
        self.requests += 1
        with contextlib.ExitStack() as given:
            passed = [
                given.enter_context(in_memory(request)),
                *(given.enter_context(read_only(file)) for file in files),
            ]
            try:
                wire.request(self.control, passed)
            except OSError:
                raise ServiceFailed("The sandboxed service had stopped before it was asked.") from None
        return self._next(self._limits.wall_seconds)

    def _next(self, seconds: float) -> bytes:
        frames: list[bytes] = []
        cutter = Frames(self._limits, frames.append)
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        deadline = time.monotonic() + seconds
        while not frames:
            is_idle = not poll.poll(_TICK_MILLISECONDS)
            if time.monotonic() > deadline:
                raise ServiceFailed("The sandboxed service took longer than it may.", limit="time")
            if is_idle:
                self._check_memory()
                continue
            try:
                untrusted_bytes = os.read(self._answers, _READ)
                cutter.feed(untrusted_bytes)
            except Overrun as overrun:
                raise ServiceFailed("The sandboxed service answered more than it may.", limit=overrun.limit) from None
            if cutter.verdict.last_word == wire.NO_MEMORY:
                raise ServiceFailed("The sandboxed service ran out of memory.", limit="memory")
            if cutter.verdict.last_word:
                name = safe_name(cutter.verdict.untrusted_name)
                raise ServiceFailed(f"The sandboxed service failed with {name} and was stopped.")
            if not untrusted_bytes:
                raise ServiceFailed("The sandboxed service died in the middle of its answer.")
        return frames[0]

    @property
    def is_worn(self) -> bool:
        """Whether it is to be replaced before the next request: it has answered many, or holds half of what it may."""
        held = resident_bytes(self._resident)
        return self.requests >= REQUESTS_PER_WORKER or held > self._allowed - self._limits.memory // 2

    def _check_memory(self) -> None:
        if self._allowed and resident_bytes(self._resident) > self._allowed:
            raise ServiceFailed("The sandboxed service used more memory than it may.", limit="memory")

    def end(self) -> None:
        """Kill it and close what belongs to it."""
        if self._child >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._child, signal.SIGKILL)
            os.close(self._child)
        self._process.kill()
        self._process.wait()
        self.control.close()
        os.close(self._answers)
        os.close(self._life)


class Service:
    """A locked worker that answers one request at a time; started when first asked, restarted after a failure.

    *entry* is ``module:function`` with ``function(request, files) -> bytes``; its module's optional ``warm()``
    runs once, already locked, with *readable* and Python's own libraries to read from.
    Raises SandboxUnavailable when no rung can be had and *unsafe* is not set.
    """

    def __init__(
        self,
        entry: str,
        *,
        limits: Limits,
        readable: Sequence[str] = (),
        rung: str | None = None,
        unsafe: bool = False,
    ) -> None:
        self.rung = rungs.choose(rung, unsafe=unsafe)
        self._entry = entry
        self._limits = limits
        self._readable = [os.path.realpath(path) for path in readable]
        self._lock = threading.Lock()
        self._worker: _Worker | None = None

    def ask(self, request: bytes, files: Sequence[int] = ()) -> bytes:
        """The worker's answer; raises ServiceFailed when it dies or overruns, SandboxUnavailable when it cannot start.

        *files* are descriptors, given to the worker opened anew for reading.
        """
        if len(files) > wire.MOST_DESCRIPTORS:
            raise UsageError(f"One request takes at most {wire.MOST_DESCRIPTORS} files.")
        with self._lock:
            try:
                if self._worker is not None and self._worker.is_worn:
                    self._end()
                if self._worker is None:
                    self._worker = _Worker(self._entry, self._limits, self._readable, self.rung)
                    self._worker.await_ready(self._entry)
                return self._worker.ask(request, files)
            except BaseException:
                self._end()
                raise

    def close(self) -> None:
        """End the worker; a later request starts a new one."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _end(self) -> None:
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.end()
