"""The records of HWP 5 (Hancom's "HWP Document File Formats 5.0", revision 1.3, chapter 4): read in bounds, put in a tree."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from unburnt.base.limits import MIB

STREAM_BYTES = 64 * MIB
"""The most that one stream may unpack to; the rest is left unread, and the reading says so."""
MOST_RECORDS = 1_000_000
PARA_HEADER, PARA_TEXT, CTRL_HEADER, LIST_HEADER, TABLE, EQUATION, MEMO_LIST = 0x42, 0x43, 0x47, 0x48, 0x4D, 0x58, 0x5D
DOCUMENT_PROPERTIES = 0x10
_LONG = 0xFFF


@dataclass(slots=True)
class Record:
    """One record with those below it."""

    tag: int
    level: int
    data: bytes
    below: list[Record] = field(default_factory=list)


def unpacked(data: bytes, *, compressed: bool) -> tuple[bytes, bool]:
    """A stream's bytes, and whether they are all there."""
    if not compressed:
        return data, True
    engine = zlib.decompressobj(-15)
    try:
        plain = engine.decompress(data, STREAM_BYTES)
    except zlib.error:
        return _as_far_as_it_goes(data), False
    return plain, engine.eof


def _as_far_as_it_goes(data: bytes) -> bytes:
    """What comes before the first broken byte."""
    engine, pieces, size = zlib.decompressobj(-15), [], 0
    try:
        for at in range(0, len(data), 256):
            pieces.append(engine.decompress(data[at : at + 256], STREAM_BYTES - size))
            size += len(pieces[-1])
            if size >= STREAM_BYTES or engine.eof:
                break
    except zlib.error:
        pass
    return b"".join(pieces)


def records_of(data: bytes) -> tuple[list[Record], bool]:
    """The records at the top, each with what hangs below it; and whether every byte belonged to one."""
    top: list[Record] = []
    stack: list[Record] = []
    at, count = 0, 0
    while at + 4 <= len(data):
        (head,) = struct.unpack_from("<I", data, at)
        at += 4
        tag, level, size = head & 0x3FF, head >> 10 & 0x3FF, head >> 20
        if size == _LONG:
            if at + 4 > len(data):
                return top, False
            (size,) = struct.unpack_from("<I", data, at)
            at += 4
        count += 1
        record = Record(tag, level, data[at : at + size])
        while stack and stack[-1].level >= level:
            stack.pop()
        (stack[-1].below if stack else top).append(record)
        stack.append(record)
        at += size
        if at > len(data) or count >= MOST_RECORDS:
            return top, at == len(data)
    return top, at == len(data)
