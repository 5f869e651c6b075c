"""A RAR archive as libarchive is shown it: only the members whose bytes are all here and in the clear.

In a later volume, at an encrypted member or at a name longer than it likes libarchive gives up on all that follows.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable
from typing import BinaryIO, Protocol

from unburnt.read.formats.archives.rar_headers import RarHeaders


class Buffer(Protocol):
    """Where bytes are put: a ctypes array."""

    def __len__(self) -> int: ...
    def __setitem__(self, where: slice, data: bytes, /) -> None: ...


class RarView:
    """A file made of a start of its own, pieces of the real file, and an end of its own."""

    def __init__(
        self, file: BinaryIO, found: RarHeaders, main_block: Callable[..., bytes], end_block: Callable[[], bytes],
        whole_header: Callable[[bytes, int], bytes],
    ) -> None:
        self._file = file
        self._pieces: list[tuple[int, bytes | None, int]] = []
        """Length; bytes of our own, or else where they stand in the file."""
        self._starts: list[int] = []
        self._size = 0
        self._position = 0
        self._add(main_block(solid=found.is_solid))
        for entry in found.entries:
            if entry.is_obtainable and entry.pieces:
                file.seek(entry.start)
                header = file.read(entry.data - entry.start)
                self._add(whole_header(header, sum(end - start for start, end in entry.pieces)))
                for start, end in entry.pieces:
                    self._add(None, start, end - start)
            elif entry.is_obtainable:
                self._add(None, entry.start, entry.end - entry.start)
        self._add(end_block())

    def _add(self, own: bytes | None, start: int = 0, length: int = 0) -> None:
        length = len(own) if own is not None else length
        self._pieces.append((length, own, start))
        self._starts.append(self._size)
        self._size += length

    def readinto(self, buffer: Buffer) -> int:
        """As of a raw file: as much as stands together."""
        if self._position >= self._size:
            return 0
        index = bisect.bisect_right(self._starts, self._position) - 1
        length, own, start = self._pieces[index]
        within = self._position - self._starts[index]
        wanted = min(length - within, len(buffer))
        if own is not None:
            data = own[within : within + wanted]
        else:
            self._file.seek(start + within)
            data = self._file.read(wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of a file."""
        self._position = max(0, offset + (0, self._position, self._size)[whence])
        return self._position

    def tell(self) -> int:
        """As of a file."""
        return self._position
