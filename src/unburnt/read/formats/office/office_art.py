"""Pictures in old office files (MS-ODRAW): the files inside the drawing records of DOC, XLS and PPT."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from unburnt.base.limits import MIB
from unburnt.read.emitter import Emitter

_STORED, _CONTAINER = 0xF007, 0xF
_BITMAPS = {0xF01D: "jpg", 0xF02A: "jpg", 0xF01E: "png", 0xF029: "tif"}
_METAFILES = {0xF01A: "emf", 0xF01B: "wmf", 0xF01C: "pict"}
_METAFILE_HEAD = 34
_LARGEST = 64 * MIB
_TOGETHER = 256 * MIB
_MOST = 20_000
_DEPTH = 12


@dataclass(frozen=True)
class Picture:
    """One picture: its file's extension and bytes, as they were before they were put into the document."""

    extension: str
    data: bytes


def pictures_in(untrusted_records: bytes, delayed: bytes = b"") -> list[Picture]:
    """The pictures in a run of drawing records, at most 256 MiB; *delayed* is the stream they may stand in instead (DOC)."""
    return _bounded(_walk(untrusted_records, 0, len(untrusted_records), delayed, 0))


def inline_pictures(untrusted_data: bytes) -> list[Picture]:
    """The pictures of a Word file's ``Data`` stream: PICF records one after the other (MS-DOC 2.9.192)."""
    return _bounded(_inline(untrusted_data))


def _inline(untrusted_data: bytes) -> Iterator[Picture]:
    at = 0
    while at + 68 <= len(untrusted_data):
        length, head, kind = struct.unpack_from("<IHH", untrusted_data, at)
        if head != 68 or length < head:
            break
        start = at + head
        if kind == 0x66 and start < len(untrusted_data):  # the picture's file name comes first
            start += 1 + untrusted_data[start]
        yield from _walk(untrusted_data, start, min(at + length, len(untrusted_data)), b"", 0)
        at += length


def _bounded(pictures: Iterator[Picture]) -> list[Picture]:
    found: list[Picture] = []
    total = 0
    for picture in pictures:
        total += len(picture.data)
        if total > _TOGETHER or len(found) >= _MOST:
            break
        found.append(picture)
    return found


def emit_pictures(pictures: list[Picture], emitter: Emitter) -> None:
    """Hand out each picture as a member, numbered from 1."""
    for number, picture in enumerate(pictures, 1):
        name = f"picture {number}.{picture.extension}"
        emitter.member(name.encode(), "embedded", picture.data, name=name)


def _walk(data: bytes, start: int, end: int, delayed: bytes, depth: int) -> Iterator[Picture]:
    while start + 8 <= end:
        version, kind, length = struct.unpack_from("<HHI", data, start)
        content, after = start + 8, min(start + 8 + length, end)
        if kind == _STORED:
            yield from _stored(data, content, after, delayed, depth)
        elif kind in _BITMAPS or kind in _METAFILES:
            picture = _picture(data[content:after], version >> 4, kind)
            if picture is not None:
                yield picture
        elif version & 0xF == _CONTAINER and depth < _DEPTH:
            yield from _walk(data, content, after, delayed, depth + 1)
        start = after if after > start else end


def _stored(data: bytes, start: int, end: int, delayed: bytes, depth: int) -> Iterator[Picture]:
    """A file block (FBSE): the picture follows its 36 bytes and name, or stands in the other stream."""
    if start + 36 > end:
        return
    size, used, place = struct.unpack_from("<III", data, start + 20)
    inside = start + 36 + data[start + 33]
    if inside + 8 <= end:
        yield from _walk(data, inside, end, b"", depth + 1)
    elif used and delayed and place + 8 <= len(delayed):
        yield from _walk(delayed, place, min(place + size, len(delayed)), b"", depth + 1)


def _picture(record: bytes, instance: int, kind: int) -> Picture | None:
    """The file after one or two digests of 16 bytes and a tag, or after a metafile's header."""
    head = 32 if instance & 1 else 16
    if kind in _BITMAPS:
        content = record[head + 1 :]
        return Picture(_BITMAPS[kind], content) if content else None
    if len(record) <= head + _METAFILE_HEAD:
        return None
    content = record[head + _METAFILE_HEAD :]
    if record[head + 32] == 0:
        try:
            content = zlib.decompressobj().decompress(content, _LARGEST)
        except zlib.error:
            return None
    return Picture(_METAFILES[kind], content) if content else None
