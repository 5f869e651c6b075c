"""The directory of a compiled help file (CHM, ITSF), after Matthew Russotto's description of the format."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from unburnt.read.errors import Damaged

_MOST_CHUNKS: Final = 100_000
_LARGEST_CHUNK: Final = 1 << 16
_MOST_ENTRIES: Final = 500_000


class Entry(msgspec.Struct, frozen=True):
    """One thing in the file: in section 0 as it stands, in section 1 within the compressed stream."""

    path: bytes
    section: int
    start: int
    length: int


class Directory(msgspec.Struct):
    """All entries, where section 0 begins, and how many chunks of the list are damaged."""

    content: int
    language: int
    entries: dict[bytes, Entry] = {}
    damaged: int = 0


def read_directory(file: BinaryIO, size: int) -> Directory:
    """Raises :class:`Damaged` where there is none."""
    file.seek(0)
    head = file.read(0x60)
    if len(head) < 0x58:
        raise Damaged("The help file is cut off within its header.")
    version, = struct.unpack_from("<I", head, 4)
    language, = struct.unpack_from("<I", head, 20)
    at, length = struct.unpack_from("<2Q", head, 0x48)
    content = struct.unpack_from("<Q", head, 0x58)[0] if version >= 3 and len(head) >= 0x60 else at + length
    if at + 0x54 > size:
        raise Damaged("The help file is cut off before its list of contents.")
    file.seek(at)
    header = file.read(0x54)
    header_length, _, chunk = struct.unpack_from("<3I", header, 8)
    count, = struct.unpack_from("<I", header, 0x2C)
    if header[:4] != b"ITSP" or not 64 <= chunk <= _LARGEST_CHUNK or count > _MOST_CHUNKS:
        raise Damaged("The help file's list of contents is damaged.")
    found = Directory(content, language)
    # Chunks one after another and not by their links, which may lead in circles.
    for number in range(count):
        file.seek(at + header_length + number * chunk)
        data = file.read(chunk)
        if len(data) < chunk:
            found.damaged += 1
            break
        if data[:4] != b"PMGL":
            continue
        try:
            for entry in _entries(data):
                found.entries.setdefault(entry.path, entry)
        except IndexError:
            found.damaged += 1
        if len(found.entries) > _MOST_ENTRIES:
            break
    return found


def _entries(data: bytes) -> Iterator[Entry]:
    end = len(data) - struct.unpack_from("<I", data, 4)[0]
    at = 0x14
    while at < end:
        length, at = _number(data, at)
        path = data[at : at + length]
        at += length
        section, at = _number(data, at)
        start, at = _number(data, at)
        size, at = _number(data, at)
        if not path:
            raise IndexError
        yield Entry(path, section, start, size)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the highest first, as long as the eighth is set."""
    value = 0
    for _ in range(9):
        byte = data[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            return value, at
    raise IndexError
