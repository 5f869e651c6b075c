"""The keeper's hold on its zygote: started when needed, restarted when it died, asked for children."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import threading
from collections.abc import Sequence
from typing import Final

from unburnt.base.errors import SandboxUnavailable
from unburnt.sandbox import bytecode, rungs, wire

_START_SECONDS: Final = 120.0


class Nursery:
    """One zygote at a time, shared by all threads."""

    def __init__(self, entry: str, rung: str, readable: Sequence[str]) -> None:
        self._entry = entry
        self._rung = rung
        self._readable = list(readable)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._has_compiled = False
        self._is_closed = False

    def order(self, wanted: wire.Order, descriptors: Sequence[int]) -> None:
        """Ask for one child; a dead zygote is replaced first. Raises SandboxUnavailable when none can be had."""
        with self._lock:
            if self._is_closed:
                raise SandboxUnavailable("The sandbox was closed.")
            for attempt in range(2):
                control = self._living()
                try:
                    wire.order(control, wanted, descriptors)
                    return
                except OSError:
                    self._drop()
                    if attempt:
                        raise SandboxUnavailable("The sandbox does not take orders.") from None

    def start(self) -> None:
        """Start the zygote now, so that the first child need not wait for it."""
        with self._lock:
            self._living()

    def compile_once(self) -> None:
        """Have bytecode written for the next time, unless that was tried."""
        if not self._has_compiled:
            self._has_compiled = True
            if bytecode.can_be_written():
                bytecode.write(self._entry, rungs.environment())

    def kill(self) -> None:
        """End the zygote and with it all its children; the next order starts another."""
        with self._lock:
            self._drop()

    def close(self) -> None:
        """As :meth:`kill`, for good: no order starts another."""
        with self._lock:
            self._is_closed = True
            self._drop()

    def _living(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self._drop()
        if self._control is None:
            self._control = self._start()
        return self._control

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        keeper = os.pidfd_open(os.getpid())
        lock = "unlocked" if self._rung == rungs.UNSAFE else "locked"
        arguments = ["-m", "unburnt.sandbox.zygote", str(theirs.fileno()), str(keeper), self._entry, lock]
        try:
            self._process = subprocess.Popen(
                rungs.command(self._rung, arguments, self._readable),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=rungs.environment(),
                pass_fds=(theirs.fileno(), keeper),
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(keeper)
        self._await_ready(ours)
        return ours

    def _await_ready(self, control: socket.socket) -> None:
        ready, _, _ = select.select([control], [], [], _START_SECONDS)
        told = None
        if ready:
            with contextlib.suppress(OSError):
                told, _ = wire.told(control)
        problem = told.problem if isinstance(told, wire.Ready) else "it did not get ready"
        if problem:
            control.close()
            self._drop()
            raise SandboxUnavailable(
                f"The sandbox for {self._entry} did not start: {problem}.", remedy="Run `unburnt doctor`."
            )

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
