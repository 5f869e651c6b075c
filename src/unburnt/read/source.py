"""What a reader is given: one open file, and hints that it must not trust."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import BinaryIO

import msgspec


class VolumeAt(msgspec.Struct, frozen=True):
    """One volume of a split archive in the file that all of them make up: its number in the set, and where it stands."""

    number: int
    start: int
    size: int


def is_interrupted(volumes: Sequence[VolumeAt], start: int, end: int) -> bool:
    """Whether a missing volume stands, or would stand, between these two places."""
    for before, after in pairwise(volumes):
        if after.number != before.number + 1 and start < after.start and end > before.start + before.size:
            return True
    return False


class Source(msgspec.Struct, frozen=True):
    """*file* is seekable and read-only; *name* and *charsets* come from the sender and are hints only."""

    file: BinaryIO
    size: int
    name: str = ""
    charsets: tuple[str, ...] = ()
    """Those that containers declare for it."""
    passwords: tuple[str, ...] = ()
    """To be tried on what is locked; a mail's key is among them where it is short."""
    keys: tuple[str, ...] = ()
    """What was given as a password and is too long for one: a key in base64. Stretching it, as archives do, takes seconds."""
    shared: bool = False
    """Whether other documents share this child: native code must then raise ``NeedsAlone``."""
    volumes: tuple[VolumeAt, ...] = ()
    """Those that *file* is made up of, in order, where it is a split archive."""
    beside: tuple[BinaryIO, ...] = ()
    """The memo files that lie beside it, where it is a table; as untrusted as itself, and perhaps of another table."""

    def head(self, count: int = 4096) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        return self.file.read(count)

    def all(self, most: int) -> bytes:
        """All bytes, at most *most*."""
        self.file.seek(0)
        return self.file.read(most)
