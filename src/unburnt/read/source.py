"""What a reader is given: one open file, and hints that it must not trust."""

from __future__ import annotations

from typing import BinaryIO

import msgspec


class Source(msgspec.Struct, frozen=True):
    """*file* is seekable and read-only; *name* and *declared* come from the sender and are hints only."""

    file: BinaryIO
    size: int
    name: str = ""
    declared: str | None = None
    passwords: tuple[str, ...] = ()
    shared: bool = False
    """Whether other documents share this child: native code must then raise ``NeedsAlone``."""

    def head(self, count: int = 4096) -> bytes:
        """The first bytes."""
        self.file.seek(0)
        return self.file.read(count)

    def all(self, most: int) -> bytes:
        """All bytes, at most *most*."""
        self.file.seek(0)
        return self.file.read(most)
