"""A service's worker: a Python process of its own that locks itself, warms up, and answers requests one by one.

Run as ``python -m unburnt.sandbox.worker CONTROL ANSWERS LIFE ENTRY LOCKS READABLE...``. The locks are put on
before the entry is imported, since Landlock binds only the thread that asks and what it starts.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

from unburnt.sandbox import locks, privileges, rungs, wire
from unburnt.sandbox.zygote import import_encodings, import_named

Answer = Callable[[bytes, list[int]], bytes]
_LONGEST_FRAME: Final = wire.LAST - 1


def end_with_keeper(life: int) -> None:
    """Be killed by the kernel when the other end of the pipe *life* closes, even in the middle of native code."""
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)


def _cap() -> None:
    for which in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(which, (0, 0))


def _serve(control: socket.socket, answers: int, answer: Answer) -> None:
    send = wire.sender(answers, _LONGEST_FRAME)
    send(b"")
    while True:
        descriptors = wire.requested(control)
        if not descriptors:
            return
        payload, *files = descriptors
        send(answer(wire.read_all(payload), files))
        for descriptor in descriptors:
            os.close(descriptor)


def main() -> None:
    """Lock, warm up, answer until the keeper goes; any failure is said, and ends this process."""
    control_descriptor, answers_descriptor, life, entry, lock, *readable = sys.argv[1:]
    control, answers = socket.socket(fileno=int(control_descriptor)), int(answers_descriptor)
    for descriptor in (control.fileno(), answers, int(life)):
        os.set_inheritable(descriptor, False)
    end_with_keeper(int(life))
    wire.tell(control, wire.Started(), [os.pidfd_open(os.getpid())])
    import_encodings()
    ctypes.CFUNCTYPE(None)(lambda: None)
    _cap()
    if lock == "locked":
        privileges.forgo()
        locks.lock_service([sys.prefix, sys.base_prefix, *rungs.search_path(), *readable])
    try:
        _serve(control, answers, import_named(entry))
    except MemoryError:
        wire.last_word(answers, wire.NO_MEMORY)
    except BaseException as error:  # noqa: BLE001 - a panic inside a Rust library is no Exception
        wire.last_word(answers, wire.FAILED, type(error).__name__)
    # Threads of a runtime may be stuck: nothing is waited for.
    os._exit(0)


if __name__ == "__main__":
    main()
