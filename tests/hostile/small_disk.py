"""Runs the command line in a process whose archive's disk fills up, or goes away, at a named moment.

Started by test_flow_full_disk.py inside a mount namespace of its own. Usage: small_disk.py DEED PLACE MOMENT COUNT
COMMAND...: before the COUNT-th call of MOMENT, ``module:Class.method``, the disk mounted at PLACE is filled to its
last byte (``fill``), or taken away (``pull``) as a drive is whose cable was pulled.
"""

from __future__ import annotations

import ctypes
import errno
import importlib
import os
import sys
from typing import Any

BALLAST = "ballast"
_DETACH = 2


def fill(place: str) -> None:
    """Leave no byte free."""
    ballast = os.open(os.path.join(place, BALLAST), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for size in (1 << 16, 1 << 12, 1):
        try:
            while True:
                os.write(ballast, b"\0" * size)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
    os.close(ballast)


def pull(place: str) -> None:
    """Paths end at once; what is open stays open, as with a drive whose cache the kernel still has."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.umount2(os.fsencode(place), _DETACH) != 0:
        raise OSError(ctypes.get_errno(), "umount2")


def arm(moment: str, count: int, deed: Any, place: str) -> None:
    """Have *deed* done before the *count*-th call of *moment*."""
    module, path = moment.split(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for step in outer:
        owner = getattr(owner, step)
    original = getattr(owner, name)
    calls = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count:
            deed(place)
        return original(*arguments, **named)

    setattr(owner, name, counted)


if __name__ == "__main__":
    if sys.argv[1] != "nothing":
        arm(sys.argv[3], int(sys.argv[4]), {"fill": fill, "pull": pull}[sys.argv[1]], sys.argv[2])
    from unburnt.cli.main import main

    main(sys.argv[5:])
