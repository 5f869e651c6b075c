"""The boxes of HEIF, AVIF (ISO/IEC 14496-12) and JPEG 2000 (ISO/IEC 15444-1, annex I): where they end, and EXIF among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_MOST_BYTES = 1 << 20
_MOST_BOXES = 1000
_EXIF = (b"JpgTiffExif->JP2", bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"))
"""Ids of boxes that hold EXIF, by agreement of the programs that write them; the second is Photoshop's."""
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""ISO 16684-1 (XMP), part 3."""


def boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start and end of each box at the top, as far as they say so; the last may end behind the file."""
    at = 0
    for _ in range(_MOST_BOXES):
        if at >= size:
            return
        file.seek(at)
        untrusted_head = file.read(16)
        length = int.from_bytes(untrusted_head[:4], "big")
        if len(untrusted_head) < 8 or length == 1:
            # Too short for a head, or its length stands behind it.
            length = int.from_bytes(untrusted_head[8:], "big") if len(untrusted_head) == 16 else 16
        end = at + max(8, length) if length else size
        yield untrusted_head[4:8], at, end
        at = end


def ends_within_a_box(file: BinaryIO, size: int) -> bool:
    """Whether the file ends before one of its boxes does."""
    return any(end > size for _, _, end in boxes(file, size))


def said_in_boxes(file: BinaryIO, size: int) -> tuple[bytes, bytes]:
    """EXIF and XMP that a JPEG 2000 file has in boxes of their own; empty where there are none."""
    exif = packet = b""
    for kind, start, end in boxes(file, size):
        if kind == b"uuid" and end - start < _MOST_BYTES:
            file.seek(start + 8)
            name, untrusted_content = file.read(16), file.read(end - start - 24)
            exif = exif or (untrusted_content if name in _EXIF else b"")
            packet = packet or (untrusted_content if name == _XMP else b"")
    return exif, packet
