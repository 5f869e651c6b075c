"""Giving up what a process could do beyond its user: capabilities, new privileges, core dumps, limits."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
from typing import Final

from unburnt.sandbox import syscalls

_DEATH_SIGNAL, _DUMPABLE, _DROP_BOUND, _NO_NEW_PRIVILEGES, _AMBIENT = 1, 4, 24, 38, 47
_CLEAR_ALL: Final = 4
_VERSION_3: Final = 0x20080522
_CAPABILITY_CHANGE_ROOT: Final = 18


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Set(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def _capabilities(mask: int) -> None:
    sets = (_Set * 2)(_Set(mask & 0xFFFFFFFF, mask & 0xFFFFFFFF, 0), _Set(0, 0, 0))
    syscalls.call("capset", ctypes.byref(_Header(_VERSION_3, 0)), sets)


def _permitted() -> int:
    sets = (_Set * 2)()
    syscalls.call("capget", ctypes.byref(_Header(_VERSION_3, 0)), sets)
    return int(sets[0].permitted)


def forgo() -> None:
    """No privilege can be gained any more; of root's powers only a change of root is kept, for the children."""
    for capability in range(64):
        # Not permitted without CAP_SETPCAP, and beyond the last capability there is nothing.
        with contextlib.suppress(OSError):
            syscalls.control_process(_DROP_BOUND, capability)
    syscalls.control_process(_NO_NEW_PRIVILEGES, 1)
    syscalls.control_process(_AMBIENT, _CLEAR_ALL)
    _capabilities(_permitted() & (1 << _CAPABILITY_CHANGE_ROOT))
    syscalls.control_process(_DUMPABLE, 0)


def can_change_root() -> bool:
    """Whether this process may still confine itself to one folder."""
    return bool(_permitted() & (1 << _CAPABILITY_CHANGE_ROOT))


def drop_all_capabilities() -> None:
    """The last of root's powers goes. Raises OSError."""
    _capabilities(0)
    syscalls.control_process(_DUMPABLE, 0)


def die_with(parent: int) -> None:
    """Be killed when the thread that started this process ends; ends at once when it already has."""
    syscalls.control_process(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def mapped_and_held() -> tuple[int, int]:
    """Bytes of address space that this process has mapped, and bytes of it that are in memory now.

    Not what ``getrusage`` says: its peak outlives an exec, and is then that of the process before.
    """
    with open("/proc/self/statm", "rb") as file:
        mapped, held = file.read().split()[:2]
    return int(mapped) * resource.getpagesize(), int(held) * resource.getpagesize()


def left_of(limit: int, held: int) -> int:
    """Bytes that a child may add to the *held* ones of the process it was forked from; half the limit at least."""
    return max(limit - held, limit // 2)


def set_limits(*, address_space_bytes: int, cpu_seconds: float, descriptors: int) -> None:
    """Cap what this process may use; nothing may be written to any file, and no core is dumped."""
    seconds = max(1, math.ceil(cpu_seconds))
    for which, soft, hard in (
        (resource.RLIMIT_AS, address_space_bytes, address_space_bytes),
        # The soft limit kills with a signal of its own name, the hard one whoever catches that.
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_NOFILE, descriptors, descriptors),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        _cap(which, soft, hard)


def _cap(which: int, soft: int, hard: int) -> None:
    present = resource.getrlimit(which)[1]
    if present != resource.RLIM_INFINITY:
        soft, hard = min(soft, present), min(hard, present)
    resource.setrlimit(which, (soft, hard))
