"""The locks of each profile, prepared once in the zygote and put on by every child."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from typing import Final

from unburnt.sandbox import allowed, landlock, privileges
from unburnt.sandbox.seccomp import Filter

SYSTEM_LIBRARIES: Final = (
    "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/share", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache",
)  # fmt: skip
_PROCESSOR_FACTS: Final = ("/proc/cpuinfo", "/sys/devices/system/cpu", "/dev/null", "/dev/urandom")
_ELF_64: Final = b"\x7fELF\x02\x01"
_INTERPRETER: Final = 3


class Locks:
    """Filters and fences of the profiles; *on* is False only on the ``unsafe`` rung.

    ``descriptors`` are the fence of the reader and, where one can be had, an empty folder: what a
    child keeps open until it has locked itself.
    """

    def __init__(self, *, on: bool) -> None:
        self.on = on
        self.descriptors: list[int] = []
        self._filters: dict[str, Filter] = {}
        if on:
            self._filters = {"reader": Filter(allowed.reader()), "tool": Filter(allowed.tool())}
            self.descriptors = [landlock.ruleset(), *_empty_folder()]

    def lock_reader(self, descriptors: Sequence[int]) -> None:
        """No file system, no network, no process but this one; closes *descriptors*, its own copies. Raises OSError."""
        if not self.on:
            return
        fence, *cell = descriptors
        for folder in cell:
            # Landlock lets a path be asked about; an empty root has no paths.
            os.fchdir(folder)
            os.chroot(".")
            os.close(folder)
        privileges.drop_all_capabilities()
        landlock.restrict(fence)
        os.close(fence)
        self._filters["reader"].install(os.getpid())

    def lock_tool(self, binary: int, readable: Sequence[int]) -> None:
        """Read-only system libraries and *readable*; only *binary* and its loader may be run. Raises OSError."""
        if not self.on:
            return
        loader = interpreter(binary)
        loaders = opened([loader] if loader else [])
        system = opened(SYSTEM_LIBRARIES)
        fence = landlock.ruleset([*system, *readable], [binary, *loaders])
        for descriptor in (*system, *loaders):
            os.close(descriptor)
        privileges.drop_all_capabilities()
        landlock.restrict(fence)
        os.close(fence)
        self._filters["tool"].install(os.getpid())


def lock_service(readable: Sequence[str]) -> None:
    """Bind this process before it has threads: it may read *readable* and system libraries, and no more. Raises OSError."""
    program = Filter(allowed.service())
    paths = opened([*SYSTEM_LIBRARIES, *_PROCESSOR_FACTS, *readable])
    fence = landlock.ruleset(paths)
    for descriptor in paths:
        os.close(descriptor)
    privileges.drop_all_capabilities()
    landlock.restrict(fence)
    os.close(fence)
    program.install(os.getpid())


def _empty_folder() -> list[int]:
    """An open folder that is gone from its file system, hence empty for good; nothing where none can be made."""
    if not privileges.can_change_root():
        return []
    try:
        path = tempfile.mkdtemp(dir="/tmp")
    except OSError:
        return []
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    os.rmdir(path)
    return [descriptor]


def opened(paths: Sequence[str]) -> list[int]:
    """Descriptors that stand for those of *paths* that exist, without giving their content."""
    return [os.open(path, os.O_PATH | os.O_CLOEXEC) for path in paths if os.path.exists(path)]


def interpreter(binary: int) -> str | None:
    """The path of the loader that a 64-bit ELF binary asks for; None when it asks for none."""
    header = os.pread(binary, 64, 0)
    if header[:6] != _ELF_64:
        return None
    start, size, count = (int.from_bytes(header[a:b], "little") for a, b in ((32, 40), (54, 56), (56, 58)))
    for place in range(count):
        entry = os.pread(binary, size, start + place * size)
        if int.from_bytes(entry[:4], "little") == _INTERPRETER:
            offset, length = int.from_bytes(entry[8:16], "little"), int.from_bytes(entry[32:40], "little")
            return os.fsdecode(os.pread(binary, min(length, 4096), offset).rstrip(b"\0"))
    return None
