"""What timestamp authorities gave, looked at as files only, so that X.509 is loaded where there is any and not before."""

from __future__ import annotations

from pathlib import Path

MAX_PEM = 256 << 10
"""Bytes of a file of roots."""
MAX_TOKEN = 32 << 10
"""Bytes of a request (.tsq) or an answer (.tsr); tokens seen in the wild have 1 to 8 KiB."""


def is_anything_there(log: Path) -> bool:
    """Whether *log* ``/timestamps`` or ``/roots`` holds anything at all, whatever it is; also where that cannot be told."""
    try:
        return any(any(folder.rglob("*")) for folder in (log / "timestamps", log / "roots") if folder.is_dir())
    except OSError:
        return True  # who reads them says what is wrong
