"""Sheets whose cells lie far apart, for calamine, which makes room for all the rectangle that they span, once a workbook for all sheets.

Such a sheet is left out of the workbook, and read from copies of it that hold a band of its rows and nothing else.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial

from unburnt.read.formats.office.xls_records import (
    BOF,
    CELLS,
    EOF,
    MOST_AREA,
    MULRK,
    SheetFacts,
    last_of_mulrk,
    records,
)

_STRING = 0x207
_ROWS, _COLUMNS, _ANY = 65_536, 256, 1 << 16
_BAND = MOST_AREA // _COLUMNS
_MOST_HELD = 2 * MOST_AREA
MOST_WIDE = 50
"""Sheets of one workbook; all its records are walked three times for each."""
_NOTHING = struct.pack("<H", 0xFFFF)
"""The type of a record that nobody knows."""


def wide_sheets(facts: Iterable[SheetFacts]) -> list[int]:
    """Those that span too much, or without which the others can be held together."""
    wide: list[int] = []
    held = 0
    for number, sheet in enumerate(facts):
        if sheet.area > MOST_AREA or held + sheet.area > _MOST_HELD:
            wide.append(number)
        else:
            held += sheet.area
    return wide


def without_sheets(stream: bytes, sheets: Collection[int]) -> bytes:
    """The records without the cells of these sheets, which are counted from 0 in the order of the stream."""
    return _without(stream, lambda sheet, _: sheet not in sheets) if sheets else stream


def bands(stream: bytes, sheet: int) -> Iterator[bytes]:
    """The records with the cells of one sheet only, some rows at a time; what stands in no column of a sheet is left out."""
    for first in range(0, _ROWS, _BAND):
        yield _without(stream, partial(_is_within, sheet, range(first, first + _BAND)), _COLUMNS)


def wide_losses(stream: bytes, sheet: int, name: str, wide: Sequence[int]) -> list[str]:
    """What is lost of one of the *wide* sheets, in clauses."""
    if sheet not in wide[:MOST_WIDE]:
        return [f"the cells of the sheet {name[:60]!r} lie too far apart"]
    columns = (_without(stream, lambda one, _: one == sheet, most) for most in (_COLUMNS, _ANY))
    return [] if next(columns) == next(columns) else [f"the sheet {name[:60]!r} is damaged"]


def _is_within(wanted: int, rows: range, sheet: int, row: int) -> bool:
    return sheet == wanted and row in rows


def _without(stream: bytes, keeps: Callable[[int, int], bool], most_columns: int = _ANY) -> bytes:
    fit = bytearray(stream)
    depth, sheet, is_left_out = 0, -1, False
    for kind, start, length in records(stream):
        if kind == BOF and length >= 4 and start + 4 <= len(stream):
            depth += 1
            if depth == 1:
                sheet += stream[start + 2 : start + 4] != b"\5\0"
        elif kind == EOF:
            depth -= 1
        elif kind in CELLS and start + 4 <= len(stream):
            row, column = struct.unpack_from("<HH", stream, start)
            last = last_of_mulrk(column, length) if kind == MULRK else column
            is_left_out = last >= most_columns or not keeps(sheet, row)
            if is_left_out:
                fit[start - 4 : start - 2] = _NOTHING
        elif kind == _STRING and is_left_out:  # the result of the formula before it
            fit[start - 4 : start - 2] = _NOTHING
    return bytes(fit)
