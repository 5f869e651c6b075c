"""An old workbook's records as calamine takes them right: in a compound file of their own, without what it believes too readily.

It follows chains of sectors that go round in a circle until its memory is full, and makes room for as many cells as a sheet states to
span. And it believes the code page: in Excel 95 that of the texts, since Excel 97 a word that means nothing (MS-XLS 2.4.52: 1200 always).
JExcelApi, Perl's and PHP's writers state windows-1252: every letter came with a zero behind it, and others wrong.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO, Final

from unburnt.read.formats.office.ole_writing import ROOT, STREAM, Entry, write_compound
from unburnt.read.formats.office.xls_records import BOF, records

CODEPAGE: Final = 0x42
_BIFF8, _UNICODE = 0x600, 1200
_NOTHING = struct.pack("<H", 0xFFFF)
"""The type of a record that nobody knows."""
_FIRST: Final = 100
"""Records among which the code page stands."""


def codepage(stream: bytes) -> int | None:
    """The number that is stated; None where there is none."""
    return next((value for _, value in _stated(stream)), None)


def for_calamine(stream: bytes, spans: Iterable[int]) -> BinaryIO:
    """A compound file of these records alone. *spans* are the places of those that state a sheet's span."""
    fit = bytearray(stream)
    is_unicode = stream[:2] + stream[4:6] == struct.pack("<HH", BOF, _BIFF8)
    for at, _ in _stated(stream) if is_unicode else ():
        fit[at : at + 2] = struct.pack("<H", _UNICODE)
    for at in spans:
        fit[at : at + 2] = _NOTHING
    return io.BytesIO(write_compound([Entry("Root Entry", ROOT, children=[1]), Entry("Workbook", STREAM, bytes(fit))]))


def _stated(stream: bytes) -> Iterator[tuple[int, int]]:
    for kind, start, length in islice(records(stream), _FIRST):
        if kind == CODEPAGE and length >= 2 and start + 2 <= len(stream):
            yield start, int(struct.unpack_from("<H", stream, start)[0])
