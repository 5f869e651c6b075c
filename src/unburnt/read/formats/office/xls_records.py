"""What an old workbook's records say beside the values (MS-XLS 2.4): hidden rows and columns, comments, choices, drawings."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from unburnt.read.formats.office.number_shown import NumberFormat
from unburnt.read.formats.office.xls_around import AROUND, Around
from unburnt.read.formats.office.xls_formats import CELL_FORMAT, FORMAT, NUMBERS, Formats, note_cells
from unburnt.read.formats.office.xls_validation import MOST_VALIDATIONS, VALIDATION, validation_line

FILEPASS, BOF, EOF, ROW, COLINFO, CONTINUE = 0x2F, 0x809, 0x0A, 0x208, 0x7D, 0x3C
SPAN = 0x200
NOTE, OBJECT, TEXT, DRAWING_GROUP, OLD_PICTURE = 0x1C, 0x5D, 0x1B6, 0xEB, 0x7F
CELLS = frozenset((0x06, 0x201, 0x203, 0x204, 0x205, 0xFD, 0x27E, 0xBD, 0xBE, 0xD6))
MULRK = 0xBD
MOST_AREA = 6_000_000
"""The widest rectangle of cells: calamine holds all of it, empty ones too, 60 bytes each."""
MOST_COMMENTS = 100_000
_OF_NOTES = frozenset((NOTE, OBJECT, TEXT, CONTINUE))
_BESIDE = _OF_NOTES | AROUND
_FILEPASS, _DRAWINGS = struct.pack("<H", FILEPASS), struct.pack("<H", DRAWING_GROUP)
_HEAD = struct.Struct("<HH").unpack_from
_BIFF8, _NOTE_OBJECT, _FURTHER = 0x600, 0x19, 0xFFFF


@dataclass
class SheetFacts:
    """What one sheet's records say."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formats: dict[tuple[int, int], NumberFormat] = field(default_factory=dict)
    """Of cells that show more than a number."""
    validations: list[str] = field(default_factory=list)
    around: Around = field(default_factory=Around)
    area: int = 0
    """Cells of the rectangle that those with content span (XLS only)."""


def records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """(type, start of content, length) of every record."""
    position, last, head = 0, len(stream) - 4, _HEAD
    while position <= last:
        kind, length = head(stream, position)
        yield kind, position + 4, length
        position += 4 + length


def last_of_mulrk(first: int, length: int) -> int:
    """The column of the last number in a MULRK record, which holds six bytes for each (MS-XLS 2.4.175)."""
    return first + max(0, (length - 6) // 6 - 1)


def is_encrypted(stream: bytes) -> bool:
    """Whether a FILEPASS record stands among the first ones."""
    if _FILEPASS not in stream:
        return False  # No walk is needed to know.
    for kind, _, _ in islice(records(stream), 202):
        if kind == FILEPASS:
            return True
        if kind == EOF:
            return False
    return False


def drawings(stream: bytes) -> bytes:
    """The drawing group, which is cut over records, continued ones too."""
    pieces: list[bytes] = []
    if _DRAWINGS not in stream:
        return b""
    last = 0
    for kind, start, length in records(stream):
        if kind == DRAWING_GROUP or (kind == CONTINUE and last == DRAWING_GROUP):
            pieces.append(stream[start : start + length])
            last = DRAWING_GROUP
        elif kind == EOF:
            break
        else:
            last = kind
    return b"".join(pieces)


def facts_of_sheets(stream: bytes, encoding: str, spans: list[int]) -> Iterator[SheetFacts]:
    """The facts of each sheet, in the order of the stream; *encoding* is for Excel 95, whose text has a code page.

    Into *spans* goes where the records stand that state how far a sheet's cells reach.
    """
    facts, notes = SheetFacts(), _Notes(stream, encoding, _BIFF8)
    depth, is_sheet, formats = 0, False, Formats()
    shown: dict[int, NumberFormat] = {}
    top, left, bottom, right = 65_535, 255, 0, 0
    place, last, after = _HEAD, len(stream) - 4, 0
    while after <= last:
        kind, length = place(stream, after)
        start = after + 4
        after = start + length
        if kind in CELLS:
            if start > last:
                continue
            if shown and kind in NUMBERS:
                note_cells(kind, stream[start:after], shown, facts.formats)
            row, column = place(stream, start)
            last_column = column if kind != MULRK else last_of_mulrk(column, length)
            if top <= row <= bottom and left <= column and last_column <= right:
                continue
            top, left, bottom, right = min(top, row), min(left, column), max(bottom, row), max(right, last_column)
            facts.area = (bottom - top + 1) * (right - left + 1)
        elif kind == ROW:
            if length >= 16 and start + 16 <= len(stream) and stream[start + 12] & 0x20:
                facts.hidden_rows.add(place(stream, start)[0])
        elif kind == SPAN:
            spans.append(start - 4)
        elif kind == BOF and length >= 4 and start <= last:
            depth += 1
            if depth == 1:
                version, part = struct.unpack_from("<HH", stream, start)
                is_sheet = part != 5
                facts, notes = SheetFacts(around=Around(version, encoding)), _Notes(stream, encoding, version)
                top, left, bottom, right = 65_535, 255, 0, 0
                shown = formats.shown() if is_sheet else {}
        elif kind == EOF:
            depth -= 1
            if depth == 0 and is_sheet:
                facts.comments = notes.found
                yield facts
        elif kind == COLINFO:
            if length >= 10 and start + 10 <= len(stream):
                first, until, _, _, options = struct.unpack_from("<5H", stream, start)
                if options & 1:
                    facts.hidden_columns.update(range(first, min(until, 255) + 1))
        elif kind == VALIDATION:
            if len(facts.validations) < MOST_VALIDATIONS and (line := validation_line(stream[start : start + length])):
                facts.validations.append(line)
        elif kind in (FORMAT, CELL_FORMAT):
            formats.take(kind, stream[start:after], facts.around.version, encoding)
        elif kind in _BESIDE:
            if kind in _OF_NOTES:
                notes.take(kind, start, min(length, len(stream) - start))
            if kind in AROUND:
                facts.around.take(kind, stream[start:after])


class _Notes:
    """Puts comments together: a note object's number, its text in the records that follow, and the cell it is at."""

    def __init__(self, stream: bytes, encoding: str, version: int) -> None:
        self.found: dict[tuple[int, int], str] = {}
        self._stream = stream
        self._encoding = encoding
        self._version = version
        self._texts: dict[int, str] = {}
        self._object = -1
        self._wanted = 0
        self._cell = (0, 0)

    def take(self, kind: int, start: int, length: int) -> None:
        record = self._stream[start : start + length]
        if kind == NOTE and len(record) >= 6 and len(self.found) < MOST_COMMENTS:
            (self._note if self._version >= _BIFF8 else self._old_note)(record)
        elif kind == OBJECT:
            is_note = len(record) >= 8 and struct.unpack_from("<HHH", record)[::2] == (0x15, _NOTE_OBJECT)
            self._object, self._wanted = struct.unpack_from("<H", record, 6)[0] if is_note else -1, 0
        elif kind == TEXT and len(record) >= 12:
            self._wanted = struct.unpack_from("<H", record, 10)[0] if self._object >= 0 else 0
        elif kind == CONTINUE and self._wanted > 0 and record:
            piece = record[1:].decode("utf-16-le", "replace") if record[0] & 1 else record[1:].decode("latin-1")
            self._texts[self._object] = self._texts.get(self._object, "") + piece[: self._wanted]
            self._wanted -= len(piece)

    def _note(self, record: bytes) -> None:
        row, column, _, number = struct.unpack_from("<4H", record) if len(record) >= 8 else (0, 0, 0, -1)
        text = self._texts.get(number, "")
        author = ""
        if len(record) >= 11:
            count, wide = struct.unpack_from("<HB", record, 8)
            raw = record[11 : 11 + count * (1 + (wide & 1))]
            author = raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace").strip("\x00 ")
        if text:
            self.found[row, column] = f"{author}: {text}" if author else text

    def _old_note(self, record: bytes) -> None:
        row, column, _ = struct.unpack_from("<3H", record)
        text = record[6:].decode(self._encoding, "replace")
        if row == _FURTHER:
            self.found[self._cell] = self.found.get(self._cell, "") + text
        else:
            self._cell = (row, column)
            self.found[self._cell] = text
