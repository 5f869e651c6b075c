"""Small files that a person names: read whole, up to a limit, with sentences instead of tracebacks."""

from __future__ import annotations

import os
from pathlib import Path

from unburnt.base.errors import UsageError

SMALL = 16 << 20


def is_write_protected(folder: Path) -> bool:
    """Whether *folder* lies on a medium that is mounted read-only, as evidence behind a write blocker is."""
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def read_small(path: Path, most: int = SMALL) -> bytes:
    """The content of a file of at most *most* bytes; raises :class:`UsageError`."""
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(data) > most:
        raise UsageError(f"{path.name} is too large for what it should be.")
    return data
