"""Small files that a person names: read whole, up to a limit, with sentences instead of tracebacks."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from unburnt.base.errors import UsageError

SMALL = 16 << 20


def is_write_protected(folder: Path) -> bool:
    """Whether *folder* lies on a medium that is mounted read-only, as evidence behind a write blocker is."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def read_small(path: Path, most: int = SMALL, *, pipe: bool = False) -> bytes:
    """The content of a file of at most *most* bytes, with *pipe* also of a pipe; raises :class:`UsageError`."""
    with open_plain(path, pipe=pipe) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise UsageError(f"{path.name} is too large for what it should be.")
    return data


@contextmanager
def open_plain(path: Path, *, pipe: bool = False) -> Iterator[BinaryIO]:
    """A file that a person names, open for reading; a pipe or a device is refused and never waited for.

    With *pipe* a pipe is waited for: a shell gives one for a passphrase that another program prints.
    Raises :class:`UsageError`, also where reading fails.
    """
    try:
        with open(path, "rb", opener=None if pipe else _without_waiting) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) and not (pipe and stat.S_ISFIFO(mode)):
                raise UsageError(f"{path.name} is not a plain file.")
            yield file
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}.") from error


def _without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NONBLOCK | os.O_CLOEXEC)
