"""Whether a file of events is still as its only writer left it: its length, its place on disk, and its last bytes.

A look that costs no more than a few system calls however long the file is. What else was changed in it, verifying finds.
"""

from __future__ import annotations

import os
from pathlib import Path

from unburnt.base.errors import ForeignLines

_BYTES = 4_096


class OwnTail:
    """Of the file at *path*, open for reading and writing as *descriptor*, as it is now."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path, self._descriptor = path, descriptor
        self._size = os.fstat(descriptor).st_size
        self._last = self._read()

    def grew(self, data: bytes) -> None:
        """This process wrote *data* at the end."""
        self._size += len(data)
        self._last = (self._last + data[-_BYTES:])[-_BYTES:]

    def require(self) -> None:
        """Raises :class:`ForeignLines` where somebody else wrote to the file, or put another in its place."""
        what = self._change()
        if what is not None:
            raise foreign(self._path, what)

    def _change(self) -> str | None:
        mine = os.fstat(self._descriptor)
        try:
            there = self._path.lstat()
        except FileNotFoundError:
            return "it was taken away"
        if (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino):
            return "another file stands in its place"
        if mine.st_size != self._size:
            return f"it has {mine.st_size} bytes, and {self._size} were written"
        return None if self._read() == self._last else "its last lines are others than were written"

    def _read(self) -> bytes:
        begin = max(0, self._size - _BYTES)
        return os.pread(self._descriptor, self._size - begin, begin)


def foreign(path: Path, what: str) -> ForeignLines:
    """What is said where somebody else wrote."""
    return ForeignLines(
        f"Somebody else changed events/{path.name} while this keeper was its only writer: {what}. The keeper stopped; of what it "
        "acknowledged it lost nothing, and what it was about to write counts for nothing.",
        remedy="Keep a copy of the archive as it is: it is evidence. Then start again: what nobody vouches for is named, and "
               "'unburnt rebuild --set-aside' moves it out of the history.",
    )
