"""What is left of a OneNote file that cannot be followed: sets of properties and embedded files, by what they begin with."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from unburnt.base.limits import MIB
from unburnt.read.formats.office.onenote_objects import FILE_HEAD, FILE_OBJECT, Broken, Bytes, Properties, set_at
from unburnt.read.formats.office.onenote_pages import texts_in

_OVERLAP: Final = MIB // 4
"""The longest set of properties that is found whole."""
_MOST_PROPERTIES: Final = 40
"""Before the one that was found, in one set; a page has 18."""
_TEXT_IDS: Final = re.compile(rb"(?:\x22\x1c|\x98\x34|\x58\x1e|\x9c\x1d|\xf3\x1c)\x00\x1c")


def texts_left(source: Bytes, files: Iterable[tuple[int, int]]) -> Iterator[list[str]]:
    """The texts of every set of properties that stands anywhere but in the embedded *files* (place and size), in the file's order.

    Raises :class:`Stopped`.
    """
    ordered = sorted(files)
    starts = [place for place, _ in ordered]
    ends = list(accumulate((place + size for place, size in ordered), max))
    for start, data, is_last in _windows(source):
        source.deadline.check()
        done, around = 0, bisect_right(starts, start)
        if around and start + len(data) <= ends[around - 1]:
            continue
        for found in _TEXT_IDS.finditer(data):
            source.deadline.check()
            if found.start() < done or (start and found.start() < _MOST_PROPERTIES * 4 + 2):
                continue
            if not is_last and found.start() >= len(data) - _OVERLAP + _MOST_PROPERTIES * 4 + 2:
                break
            embedded = bisect_right(starts, start + found.start())
            if embedded and start + found.start() < ends[embedded - 1]:
                continue
            for number in range(_MOST_PROPERTIES):
                at = found.start() - 4 * number - 2
                if at < 0:
                    break
                if not number < data[at] | data[at + 1] << 8 <= 2 * _MOST_PROPERTIES:
                    continue
                try:
                    values, end = _set(data, at)
                except Broken:
                    continue
                done = end
                yield texts_in(values)
                break


def files_left(source: Bytes) -> Iterator[tuple[int, int]]:
    """Place and size of the bytes of every embedded file that stands anywhere, as its head states them."""
    seen = -1
    for start, data, _ in _windows(source):
        at = data.find(FILE_OBJECT)
        while at >= 0:
            source.deadline.check()
            if start + at > seen and at + FILE_HEAD <= len(data):
                seen = start + at
                yield seen + FILE_HEAD, struct.unpack_from("<Q", data, at + 16)[0]
            at = data.find(FILE_OBJECT, at + 1)


def _windows(source: Bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Pieces of the file that overlap, so that what begins in one ends in it; each with its place, and whether it is the last."""
    start, size = 0, MIB + _OVERLAP
    while True:
        is_last = start + size >= source.size
        yield start, source.at(start, min(size, source.size - start)), is_last
        if is_last:
            return
        start += MIB


def _set(data: bytes, at: int) -> tuple[Properties, int]:
    """The set that begins at *at*, if it looks like one. Raises :class:`Broken`."""
    count = struct.unpack_from("<H", data, at)[0]
    if at + 2 + 4 * count > len(data):
        raise Broken
    # An id has one of seventeen types, and bits 16 to 23 of every known one are nothing.
    for one in struct.unpack_from(f"<{count}I", data, at + 2):
        if not 1 <= one >> 26 & 31 <= 17 or one & 0xFF0000:
            raise Broken
    return set_at(data, at)
