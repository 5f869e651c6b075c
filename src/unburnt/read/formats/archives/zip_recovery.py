"""ZIP entries without a usable directory: local headers found by going forward through the file once."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from unburnt.read.formats.archives.zip_records import DESCRIBED, DESCRIPTOR, LOCAL, Entry, read_local

_SIGNATURE = re.compile(b"PK(?:\x03\x04|\x07\x08|\x01\x02|\x05\x06)")
_CHUNK = 1 << 20
_MOST_MARKS = 2_000_000
_LOOK_AHEAD = 1000
"""How many signatures after a header are tried as its end: content may hold ZIP signatures of its own."""


def scan(file: BinaryIO, size: int) -> list[Entry]:
    """Every local header that does not stand inside another entry's bytes. Sizes that were left open are found."""
    marks = list(_marks(file))
    entries: list[Entry] = []
    free_from = 0
    for number, (place, signature) in enumerate(marks):
        if place < free_from or signature != LOCAL:
            continue
        entry = read_local(file, place)
        if entry is None:
            continue
        if entry.flags & DESCRIBED and not entry.compressed:
            free_from = _close(file, entry, marks, number, size)
        else:
            free_from = entry.data + entry.compressed
        entries.append(entry)
        # A size that leads out of the file belongs to the entry that was cut off, or is a lie: what follows counts.
        if free_from > size:
            free_from = entry.data
    return entries


def _marks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    file.seek(0)
    position, kept, found = 0, b"", 0
    while chunk := file.read(_CHUNK):
        data = kept + chunk
        for match in _SIGNATURE.finditer(data):
            yield position - len(kept) + match.start(), match.group()
            found += 1
            if found >= _MOST_MARKS:
                return
        position += len(chunk)
        kept = data[-3:]


def _close(file: BinaryIO, entry: Entry, marks: list[tuple[int, bytes]], number: int, size: int) -> int:
    """Find the descriptor whose compressed size is its own distance; fill the entry; give where it ends."""
    for place, signature in marks[number + 1 : number + 1 + _LOOK_AHEAD]:
        if signature != DESCRIPTOR or place < entry.data:
            continue
        file.seek(place + 4)
        record = file.read(20)
        for layout in ("<III", "<IQQ"):
            length = struct.calcsize(layout)
            if len(record) < length:
                continue
            crc, compressed, unpacked = struct.unpack_from(layout, record)
            if compressed == place - entry.data:
                entry.crc, entry.compressed, entry.size = crc, compressed, unpacked
                return place + 4 + length
    # No descriptor: the bytes up to the next header, or to the end; decoding will tell how far they are good.
    following = next((at for at, kind in marks[number + 1 :] if at >= entry.data and kind != DESCRIPTOR), size)
    entry.compressed = following - entry.data
    return following
