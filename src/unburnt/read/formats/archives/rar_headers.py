"""What the headers of a RAR archive say (RAR 4: technote.txt; RAR 5: rarlab.com/technote.htm), without unpacking.

Read here and not by libarchive, so that the count of members does not come from what unpacking reached, and so
that encrypted and split members are known as such.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import BinaryIO

import msgspec

COMMENT, LONGEST_COMMENT = b"CMT", 256 << 10
"""The name of the block that holds an archive's comment, and the bytes that RAR lets one have."""
SIGNATURE_4, SIGNATURE_5 = b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00"


class RarComment(msgspec.Struct, frozen=True):
    """What somebody wrote about the archive, as it stands there."""

    raw: bytes = b""
    is_wide: bool = False
    """Whether the format says that it is UTF-16LE."""
    is_packed: bool = False
    """Packed or encrypted: then nothing of it is read."""
    is_cut: bool = False
    """Whether it is longer than what is read of it."""
    is_damaged: bool = False


class RarEntry(msgspec.Struct, kw_only=True):
    """One file header."""

    raw: bytes
    name: str | None
    """Decoded, where the format says the encoding; else None."""
    size: int | None
    crc: int | None
    modified: str | None
    is_directory: bool
    is_link: bool
    encrypted: bool
    split_before: bool
    split_after: bool
    start: int = 0
    """Where its header begins."""
    data: int = 0
    """Where its packed bytes begin."""
    end: int = 0
    is_cut: bool = False
    """Whether its volume ends before its bytes do."""
    pieces: tuple[tuple[int, int], ...] = ()
    """Where its packed bytes stand, in several volumes: from and to. The header is then that of the last one."""

    @property
    def is_obtainable(self) -> bool:
        """Whether all its bytes stand here and in the clear."""
        return not (self.is_directory or self.is_link or self.encrypted or self.split_before or self.split_after or self.is_cut)


class RarHeaders(msgspec.Struct):
    """All that the headers told."""

    entries: list[RarEntry] = []
    locked: bool = False
    """Whether the headers themselves are encrypted: then no entry is known."""
    is_solid: bool = False
    is_volume: bool = False
    volume: int | None = None
    """Which volume, from 0, where the format says so."""
    more_volumes: bool = False
    comment: RarComment = RarComment()
    loss: str = ""


def whole(file: BinaryIO, position: int, length: int) -> bytes | None:
    """*length* bytes from *position*, None where the file ends before."""
    file.seek(position)
    data = file.read(length)
    return data if len(data) == length else None


def comment_at(file: BinaryIO, position: int, length: int, crc: int | None, *, is_wide: bool = False) -> RarComment:
    """The stored comment of *length* bytes at *position*, or what there is of it; *crc* is what its header states."""
    file.seek(position)
    wanted = min(length, LONGEST_COMMENT)
    raw = file.read(wanted)
    is_cut = length > wanted
    is_damaged = len(raw) < wanted or (not is_cut and crc is not None and zlib.crc32(raw) != crc)
    return RarComment(raw, is_wide=is_wide, is_cut=is_cut, is_damaged=is_damaged)


def walk(file: BinaryIO, size: int, start: int, block: Callable[[BinaryIO, int, RarHeaders], int]) -> RarHeaders:
    """Go from header to header with *block*, which takes one in and gives its length; damage ends it and is told."""
    found = RarHeaders()
    position = start
    try:
        while position < size and (step := block(file, position, found)):
            position += step
            if position > size:
                found.loss = "The archive is cut off."
    except (IndexError, struct.error):
        found.loss = f"The archive is damaged or cut off at byte {position}."
    return found
