"""An own walk over the 512-byte headers of a TAR archive (POSIX.1-2017 "pax", GNU tar's "Basic Tar Format").

``tarfile`` ends silently at the first damaged header, and at the two zero blocks after which another archive may
follow; this walk goes on, and its count of members does not come from ``tarfile``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

BLOCK = 512
_CHUNK = 1 << 20
_LONGEST_RECORD = 16 << 20
_ZERO = bytes(BLOCK)
_SIZE_RECORD = re.compile(rb"(?:^|\n)\d+ (?:GNU\.sparse\.)?size=(\d{1,20})\n")
_DATALESS = b"123456"
_AHEAD = b"xXLK"
"""Headers that describe the one after them."""
_OVERALL = b"gVMN"
"""Headers that are no members: global records, volume labels, multi-volume continuations, old name lists."""


class Place(msgspec.Struct, frozen=True):
    """One member: where its first describing header and its own header stand, its kind and length."""

    start: int
    header: int
    kind: bytes
    size: int
    end: int
    """Where its data end; beyond the file's end where the archive was cut off."""
    is_directory: bool


class Walk:
    """Goes over all headers, or over those from *start* on; what it counts is known when the iteration is over."""

    def __init__(self, file: BinaryIO, size: int, start: int = 0) -> None:
        self._file = file
        self._size = size
        self._start = start
        self.damaged = 0
        """Stretches in which no header could be read."""
        self.archives = 1
        """Archives one after another in the file."""
        self.ended = False
        """Whether the file has the end mark of two zero blocks."""

    def __iter__(self) -> Iterator[Place]:
        position = start = self._start
        stated: int | None = None
        ended = False
        while position + BLOCK <= self._size:
            block = self._read(position, BLOCK)
            if block == _ZERO:
                position = start = self._next_written(position)
                ended = True
                continue
            if not is_header(block):
                self.damaged += 1
                position = start = self._next_header(position + BLOCK)
                stated = None
                continue
            kind, size = block[156:157], _number(block[124:136])
            if ended:
                self.archives += 1
                ended = False
            if kind in _AHEAD:
                if kind in b"xX":
                    stated = self._stated_size(position + BLOCK, size)
                position += BLOCK + _padded(size)
                continue
            if kind in _OVERALL:
                position = start = position + BLOCK + _padded(size)
                stated = None
                continue
            place = self._place(start, position, block, size if stated is None else stated)
            yield place
            position = start = place.end + -place.end % BLOCK
            stated = None
        self.ended = ended

    def _place(self, start: int, position: int, block: bytes, size: int) -> Place:
        kind = block[156:157]
        length = 0 if kind in _DATALESS else size
        name = block[:100].rstrip(b"\x00")
        is_directory = kind in b"5D" or (kind in b"0\x00" and name.endswith(b"/") and not size)
        end = position + BLOCK + self._extended(block, position) + length
        return Place(start, position, kind, size, end, is_directory)

    def _extended(self, block: bytes, position: int) -> int:
        """Bytes of the further headers that an old GNU sparse file has."""
        if block[156:157] != b"S" or not block[482]:
            return 0
        extended, more = 0, True
        while more and position + BLOCK + extended < self._size:
            further = self._read(position + BLOCK + extended, BLOCK)
            extended += BLOCK
            more = len(further) == BLOCK and bool(further[504])
        return extended

    def _stated_size(self, position: int, length: int) -> int | None:
        """The length in a pax record, which goes before the header's own; a sparse file's is that of its data."""
        records = self._read(position, min(length, _LONGEST_RECORD))
        found = [match for match in _SIZE_RECORD.finditer(records) if b"sparse" not in match.group()]
        return int(found[-1].group(1)) if found else None

    def _next_written(self, position: int) -> int:
        """The first block from there that is not all zeros."""
        while chunk := self._read(position, _CHUNK):
            stripped = chunk.lstrip(b"\x00")
            if stripped:
                return position + (len(chunk) - len(stripped)) // BLOCK * BLOCK
            position += len(chunk)
        return self._size

    def _next_header(self, position: int) -> int:
        while chunk := self._read(position, _CHUNK):
            for at in range(0, len(chunk) - BLOCK + 1, BLOCK):
                # The magic number first: a checksum of any block may fit by chance, and costs more.
                if chunk[at + 257 : at + 262] == b"ustar" and is_header(chunk[at : at + BLOCK]):
                    return position + at
            position += len(chunk)
        return self._size

    def _read(self, position: int, length: int) -> bytes:
        self._file.seek(position)
        return self._file.read(length)


def is_header(block: bytes) -> bool:
    """Whether the block's checksum is right, summed as unsigned or, by old programs, as signed bytes."""
    try:
        stated = _number(block[148:156])
    except ValueError:
        return False
    rest = block[:148] + b" " * 8 + block[156:BLOCK]
    unsigned = sum(rest)
    return stated in (unsigned, unsigned - 256 * sum(byte > 127 for byte in rest)) and _has_size(block)


def _has_size(block: bytes) -> bool:
    try:
        return _number(block[124:136]) >= 0
    except ValueError:
        return False


def _number(field: bytes) -> int:
    """Octal digits, or base 256 where the first bit is set (GNU). Raises ValueError."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    return int(field.split(b"\x00")[0].strip() or b"0", 8)


def _padded(size: int) -> int:
    return (size + BLOCK - 1) // BLOCK * BLOCK
