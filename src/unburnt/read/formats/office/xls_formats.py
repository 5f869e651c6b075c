"""Formats of an old workbook's cells that show more than the number (MS-XLS 2.4.126, 2.4.353), and which cells have them."""

from __future__ import annotations

import struct

from unburnt.read.formats.office.number_shown import MOST_SHOWN, NumberFormat
from unburnt.read.formats.office.xlsx_styles import judged

FORMAT, CELL_FORMAT = 0x41E, 0xE0
_PACKED_ROW = 0xBD
NUMBERS = frozenset((0x06, 0x203, 0x27E, _PACKED_ROW))
_BIFF8 = 0x600


class Formats:
    """Collects what stands before the first sheet; after that tells it of each sheet's cells."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._cells: list[int] = []
        self._shown: dict[int, NumberFormat] | None = None

    def take(self, kind: int, record: bytes, version: int, encoding: str) -> None:
        """A record of one of the two kinds; one that is cut off gives nothing."""
        if kind == CELL_FORMAT and len(record) >= 4:
            self._cells.append(struct.unpack_from("<H", record, 2)[0])
        elif kind == FORMAT and len(record) > 5:
            (number,) = struct.unpack_from("<H", record)
            if version < _BIFF8:
                self._codes[number] = record[3 : 3 + record[2]].decode(encoding, "replace")
            else:
                count, wide = struct.unpack_from("<HB", record, 2)
                raw = record[5 : 5 + count * (1 + (wide & 1))]
                self._codes[number] = raw.decode("utf-16-le" if wide & 1 else "latin-1", "replace")

    def shown(self) -> dict[int, NumberFormat]:
        """By the index of a cell's format; empty where none shows more than a number."""
        if self._shown is None:
            self._shown = judged(self._codes, self._cells).shown
        return self._shown


def note_cells(kind: int, record: bytes, shown: dict[int, NumberFormat], found: dict[tuple[int, int], NumberFormat]) -> None:
    """Note which cells of a record have one of the formats *shown*."""
    if len(found) >= MOST_SHOWN or len(record) < 6:
        return
    row, column = struct.unpack_from("<HH", record)
    last = (len(record) - 6) // 6 if kind == _PACKED_ROW else 1
    for number in range(last):
        form = shown.get(struct.unpack_from("<H", record, 4 + 6 * number)[0])
        if form is not None:
            found[row, column + number] = form
