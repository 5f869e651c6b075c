"""Landlock: the kernel's own file, network and signal fences for an unprivileged process.

Source: the kernel's ``Documentation/userspace-api/landlock.rst``; interface versions 1 to 7.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from typing import Final

from unburnt.sandbox import syscalls

EXECUTE: Final = 1 << 0
READ_FILE: Final = 1 << 2
READ_FOLDER: Final = 1 << 3
READ: Final = READ_FILE | READ_FOLDER
_FILE_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_RIGHTS: Final = 0b11
_SCOPES: Final = 0b11
"""Abstract sockets and signals end at the fence."""
_NEWEST: Final = 7
# Denials would name files of the material in the kernel's audit log.
_LOG_NOTHING: Final = (1 << 0) | (1 << 2)
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The interface version the kernel offers, at most the newest known here; 0 without Landlock."""
    try:
        offered = syscalls.call("landlock_create_ruleset", None, 0, _VERSION_FLAG)
    except OSError:
        return 0
    return min(offered, _NEWEST)


def ruleset(readable: Iterable[int] = (), executable: Iterable[int] = ()) -> int:
    """A new ruleset's descriptor: all is fenced but the given descriptors of files and folders. Raises OSError."""
    offered = version()
    attributes = _Ruleset(
        _FILE_RIGHTS[min(offered, 5)],
        _NETWORK_RIGHTS if offered >= 4 else 0,
        _SCOPES if offered >= 6 else 0,
    )
    size = 8 if offered < 4 else 16 if offered < 6 else 24
    fence = syscalls.call("landlock_create_ruleset", ctypes.byref(attributes), size, 0)
    os.set_inheritable(fence, False)
    for descriptor in readable:
        is_folder = os.stat(descriptor).st_mode & 0o170000 == 0o040000
        _allow(fence, descriptor, READ if is_folder else READ_FILE)
    for descriptor in executable:
        _allow(fence, descriptor, READ_FILE | EXECUTE)
    return fence


def _allow(fence: int, descriptor: int, rights: int) -> None:
    rule = _PathBeneath(rights, descriptor)
    syscalls.call("landlock_add_rule", fence, _PATH_BENEATH, ctypes.byref(rule), 0)


def restrict(fence: int) -> None:
    """Put this thread, and all it starts, inside the fence for good. Raises OSError."""
    syscalls.call("landlock_restrict_self", fence, _LOG_NOTHING if version() >= 7 else 0)
