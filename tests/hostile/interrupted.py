"""Runs the command line in a process that dies at a named moment; started by test_flow_interrupted.py.

Usage: interrupted.py MOMENT COUNT SYNCED COMMAND...: before (or after) the COUNT-th call of MOMENT, ``module:Class.method:before``,
the process kills itself with SIGKILL. Into the file SYNCED goes the size every events file had when it was last
flushed, so that a test can drop what a power cut would have dropped.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import Any


def die() -> None:
    """As the kernel's out-of-memory killer or a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment: str, count: int) -> None:
    """Replace the method by one that dies at its *count*-th call."""
    module, place, when = moment.split(":")
    owner: Any = importlib.import_module(module)
    *path, name = place.split(".")
    for step in path:
        owner = getattr(owner, step)
    original = getattr(owner, name)
    calls = 0

    def dying(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count and when == "before":
            die()
        result = original(*arguments, **named)
        if calls == count and when == "after":
            die()
        return result

    setattr(owner, name, dying)


def note_syncs(path: str) -> None:
    """Keep a record of how far each flushed file reached."""
    original = os.fdatasync
    record = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def noting(descriptor: int) -> None:
        original(descriptor)
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        os.write(record, f"{os.fstat(descriptor).st_size} {name}\n".encode())

    os.fdatasync = noting


if __name__ == "__main__":
    note_syncs(sys.argv[3])
    if sys.argv[1] != "never":
        arm(sys.argv[1], int(sys.argv[2]))
    from unburnt.cli.main import main

    main(sys.argv[4:])
