"""The keeper's side of the sandbox: one call, one locked child, one account of how it ended."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Self

from unburnt.base.errors import NotFound, UsageError
from unburnt.base.limits import Limits
from unburnt.sandbox import rungs, wire
from unburnt.sandbox.ended import Ended, judge
from unburnt.sandbox.handed import in_memory, read_only
from unburnt.sandbox.nursery import Nursery
from unburnt.sandbox.rungs import available_rungs
from unburnt.sandbox.watch import ERRORS_KEPT, ZYGOTE_DIED, Frames, Raw, Watch

__all__ = ["Ended", "Sandbox", "available_rungs"]

_SET_PIPE_SIZE: Final = 1031
_PIPE_BYTES: Final = 1 << 20


class Sandbox:
    """A warm zygote and the locked children it forks, one per call; any number of threads may call at once.

    *entry* is ``module:function`` with ``function(payload, files, send)``; its module's optional ``warm()``
    runs once, or its ``warm_nest(nest)`` once in a fork of the zygote for each nest that is asked for.
    *readable* names paths outside the system's folders that tools will be allowed to read.
    Raises SandboxUnavailable when no rung can be had and *unsafe* is not set; ``rung`` tells which it is.
    """

    def __init__(
        self, entry: str, *, rung: str | None = None, unsafe: bool = False, readable: Sequence[str] = ()
    ) -> None:
        self.rung = rungs.choose(rung, unsafe=unsafe)
        self._nursery = Nursery(entry, self.rung, readable)
        self._nursery.start()

    def run(
        self, payload: bytes, files: Sequence[int], limits: Limits, on_frame: Callable[[bytes], None], *, nest: str = ""
    ) -> Ended:
        """Run the entry in a child of its own; each of its answers is given to *on_frame* in this thread.

        *files* are descriptors, given to the child opened anew for reading, at their start. An error raised by
        *on_frame* kills the child and is raised again, except BadAnswer: that is the child's failure.
        *nest* says what is to be loaded there, for an entry whose module has ``warm_nest(nest)``.
        """
        if len(files) > wire.MOST_DESCRIPTORS:
            raise UsageError(f"One child takes at most {wire.MOST_DESCRIPTORS} files.")
        order = wire.Order("reader", limits.memory, limits.cpu_seconds, limits.frame, nest=nest)
        return self._run(order, payload, files, limits, Frames(limits, on_frame))

    def run_tool(
        self,
        argv: Sequence[str],
        stdin: int,
        limits: Limits,
        on_bytes: Callable[[bytes], None],
        *,
        readable: Sequence[str] = (),
    ) -> Ended:
        """Run one native program with *stdin* as its only file; its raw output is given to *on_bytes*.

        The program may read the system's libraries and *readable*, write nothing, and start nothing.
        Raises NotFound when there is no such program.
        """
        binary = shutil.which(argv[0])
        if binary is None:
            raise NotFound(f"There is no program {argv[0]} here.", remedy="Run `unburnt doctor`.")
        line = [os.path.realpath(binary), *argv[1:]]
        paths = [os.path.realpath(path) for path in readable]
        order = wire.Order("tool", limits.memory, limits.cpu_seconds, limits.frame, line, paths)
        return self._run(order, b"", [stdin], limits, Raw(limits, on_bytes))

    def close(self) -> None:
        """End the zygote and every child; a call under way ends with its child, a later one is refused."""
        self._nursery.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run(
        self, order: wire.Order, payload: bytes, files: Sequence[int], limits: Limits, answers: Frames | Raw
    ) -> Ended:
        with contextlib.ExitStack() as stack:
            ours, theirs = (stack.enter_context(end) for end in socket.socketpair(type=socket.SOCK_SEQPACKET))
            output, errors = stack.enter_context(_owned()), stack.enter_context(_owned())
            with contextlib.ExitStack() as given:
                output_end, errors_end = _pipe(output, given), _pipe(errors, given)
                passed = [given.enter_context(read_only(file)) for file in files]
                sealed = given.enter_context(in_memory(payload))
                # Beyond the system's allowance for pipes the small default will do.
                with contextlib.suppress(OSError):
                    fcntl.fcntl(output_end, _SET_PIPE_SIZE, _PIPE_BYTES)
                # Complaints that do not fit are lost; nobody reads them until the end.
                os.set_blocking(errors_end, False)
                self._nursery.order(order, [theirs.fileno(), output_end, sealed, errors_end, *passed])
            # Only the child holds the far ends now: their closing tells its end.
            theirs.close()
            watch = Watch(ours, output[0], limits, answers)
            try:
                exited, verdict = watch.until_end()
            finally:
                if not watch.is_over:
                    # A zygote that does not bury a killed child is stuck.
                    self._nursery.kill()
            if exited is None:
                return Ended("crashed", detail=ZYGOTE_DIED)
            if exited.compiled:
                self._nursery.compile_once()
            untrusted_errors = _available(errors[0])
            return judge(exited, verdict, limits, untrusted_errors, is_tool=order.profile == "tool")


@contextlib.contextmanager
def _owned() -> Iterator[list[int]]:
    """Descriptors put into this list are closed in the end."""
    descriptors: list[int] = []
    try:
        yield descriptors
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _pipe(ours: list[int], given: contextlib.ExitStack) -> int:
    """Make a pipe: its reading end is *ours*, its writing end is returned and closed with *given*."""
    near, far = os.pipe()
    ours.append(near)
    given.callback(os.close, far)
    return far


def _available(descriptor: int) -> bytes:
    os.set_blocking(descriptor, False)
    try:
        return os.read(descriptor, ERRORS_KEPT)
    except BlockingIOError:
        return b""
