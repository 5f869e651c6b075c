"""Disk images that only their end tells: they begin with whatever their first block is packed with."""

from __future__ import annotations

from typing import Final

from unburnt.read.source import Source

DISK_IMAGE: Final = "application/x-apple-diskimage"
_TRAILER: Final = 512
_MARK: Final = b"koly\x00\x00\x00\x04\x00\x00\x02\x00"


def has_trailer(source: Source) -> bool:
    """Whether it ends as Apple's UDIF images do: with a block of a fixed size and version."""
    if source.size < 2 * _TRAILER:
        return False
    source.file.seek(source.size - _TRAILER)
    return source.file.read(len(_MARK)) == _MARK
