"""Sheets whose cells lie far apart, for calamine, which makes room for all the rectangle that they span, once a workbook for all sheets.

Such a sheet is left out of the workbook, and read from copies of it that hold a band of its rows and nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterator

from unburnt.read.formats.office.xls_records import BOF, CELLS, EOF, MOST_AREA, records

_STRING = 0x207
_ROWS, _COLUMNS = 65_536, 256
_BAND = MOST_AREA // _COLUMNS
_NOTHING = struct.pack("<H", 0xFFFF)
"""The type of a record that nobody knows."""


def without_sheets(stream: bytes, sheets: Collection[int]) -> bytes:
    """The records without the cells of these sheets, which are counted from 0 in the order of the stream."""
    return _without(stream, lambda sheet, _: sheet not in sheets) if sheets else stream


def bands(stream: bytes, sheet: int) -> Iterator[bytes]:
    """The records with the cells of one sheet only, some rows at a time."""
    for first in range(0, _ROWS, _BAND):
        yield _without(stream, lambda one, row, rows=range(first, first + _BAND): one == sheet and row in rows)  # type: ignore[misc]


def _without(stream: bytes, keeps: Callable[[int, int], bool]) -> bytes:
    fit = bytearray(stream)
    depth, is_sheet, sheet, is_left_out = 0, False, -1, False
    for kind, start, length in records(stream):
        if kind == BOF and length >= 4 and start + 4 <= len(stream):
            depth += 1
            if depth == 1:
                is_sheet = stream[start + 2 : start + 4] != b"\5\0"
                sheet += is_sheet
        elif kind == EOF:
            depth -= 1
        elif kind in CELLS and start + 2 <= len(stream):
            is_left_out = not keeps(sheet, int.from_bytes(stream[start : start + 2], "little"))
            if is_left_out:
                fit[start - 4 : start - 2] = _NOTHING
        elif kind == _STRING and is_left_out:  # the result of the formula before it
            fit[start - 4 : start - 2] = _NOTHING
    return bytes(fit)
