"""The code page that an old workbook states: in Excel 95 that of its texts, since Excel 97 a word that means nothing."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final

from unburnt.read.formats.office.xls_records import BOF, records

CODEPAGE: Final = 0x42
_BIFF8, _UNICODE = 0x600, 1200
_FIRST: Final = 100
"""Records among which it stands."""
_SMALLEST_SECTOR: Final = 64


def codepage(stream: bytes) -> int | None:
    """The number that is stated; None where there is none."""
    return next((value for _, value in _stated(stream)), None)


def with_unicode_stated(file: BinaryIO, stream: bytes) -> BinaryIO:
    """*file* for calamine, which believes a workbook of Excel 97 or later (MS-XLS 2.4.52: 1200 always) that states another one.

    JExcelApi, Perl's and PHP's writers state windows-1252: every letter came with a zero behind it, and others wrong.
    """
    is_unicode = stream[:2] + stream[4:6] == struct.pack("<HH", BOF, _BIFF8)
    at, value = next(_stated(stream), (0, _UNICODE))
    file.seek(0)
    if not is_unicode or value == _UNICODE:
        return file
    # The record with what stands before it in its sector: the stream's bytes stand somewhere in the file.
    before = max(at - 20, at // _SMALLEST_SECTOR * _SMALLEST_SECTOR)
    data = file.read()
    found = data.find(stream[before : at + 2])
    if found < 0:
        file.seek(0)
        return file
    found += at - before
    return io.BytesIO(data[:found] + struct.pack("<H", _UNICODE) + data[found + 2 :])


def _stated(stream: bytes) -> Iterator[tuple[int, int]]:
    for kind, start, length in islice(records(stream), _FIRST):
        if kind == CODEPAGE and length >= 2 and start + 2 <= len(stream):
            yield start, int(struct.unpack_from("<H", stream, start)[0])
