"""The cells of a binary workbook (MS-XLSB 2.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cached_property

from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import main_part, relations_of, targets
from unburnt.read.formats.office.xls import Shown, shown_value
from unburnt.read.formats.office.xlsb_records import LAST_COLUMN, LAST_ROW, PART_BYTES, ROW, VALUES, records, wide
from unburnt.read.formats.office.xlsx_styles import CellFormats, judged, shown_date

_RK, _ERROR, _BOOL, _REAL, _TEXT, _SHARED, _FORMULA_TEXT, _FORMULA_REAL, _FORMULA_BOOL, _FORMULA_ERROR, _RICH = *range(2, 12), 62
_STRING, _FORMAT, _CELL_FORMAT, _FORMATS_BEGIN, _FORMATS_END, _PROPERTIES = 19, 44, 47, 617, 618, 153
_MOST_STRINGS = 256 << 20
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


class BinaryCells:
    """What the sheets of one workbook share, read once a sheet asks for it."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._main = main_part(package, "xl/workbook.bin")
        self.lost_strings = 0
        """Cells whose text the table of strings lacks."""
        self.damaged: set[str] = set()
        """Parts with cells that are cut off or at no place of a sheet."""

    def rows(self, part: str) -> Iterator[tuple[int, list[Shown]]]:
        """Each row with its number and its cells, as the file orders them."""
        row, cells = 0, list[Shown]()
        for kind, data in records(self._package.read(part, PART_BYTES) if part else b""):
            if kind == ROW and len(data) >= 4:
                if cells:
                    yield row, cells
                (row,), cells = struct.unpack_from("<I", data), []
            elif kind in VALUES and len(data) > 8:
                try:
                    cell = self._cell(row, kind, data)
                except (struct.error, ValueError):
                    self.damaged.add(part)
                else:
                    cells += [] if cell is None else [cell]
        if cells:
            yield row, cells

    def _cell(self, row: int, kind: int, data: bytes) -> Shown | None:
        column, style = struct.unpack_from("<II", data)
        if row > LAST_ROW or column > LAST_COLUMN:
            raise ValueError(row)
        value = self._value(kind, data)
        if isinstance(value, float) and style & 0xFFFFFF in self.formats.dates and (date := shown_date(value, self._epoch_1904)):
            return row, column, date, "date", None, None, None, ()
        if value == "":
            return None
        shown, said, raw, flags = shown_value(value)
        return row, column, shown, "error" if kind in (_ERROR, _FORMULA_ERROR) else said, raw, None, None, flags

    def _value(self, kind: int, data: bytes) -> str | float | bool:
        if kind == _RK:
            return _packed(struct.unpack_from("<I", data, 8)[0])
        if kind in (_REAL, _FORMULA_REAL):
            return float(struct.unpack_from("<d", data, 8)[0])
        if kind in (_BOOL, _FORMULA_BOOL):
            return bool(data[8])
        if kind in (_ERROR, _FORMULA_ERROR):
            return _ERRORS.get(data[8], "#ERROR!")
        if kind == _SHARED:
            number = int.from_bytes(data[8:12], "little")
            if number < len(self._strings):
                return self._strings[number]
            self.lost_strings += 1
            return ""
        return wide(data, 9 if kind == _RICH else 8)[0] or ""

    @cached_property
    def _strings(self) -> list[str]:
        found, size = list[str](), 0
        for kind, data in self._part("sharedStrings"):
            if kind == _STRING and size < _MOST_STRINGS:
                found.append(wide(data, 1)[0] or "")
                size += len(found[-1]) + 60
        return found

    @cached_property
    def formats(self) -> CellFormats:
        """What the formats of cells show."""
        codes, cells, is_cells = dict[int, str](), list[int](), False
        for kind, data in self._part("styles"):
            if kind == _FORMAT and len(data) > 2:
                codes[int.from_bytes(data[:2], "little")] = wide(data, 2)[0] or ""
            elif kind in (_FORMATS_BEGIN, _FORMATS_END):
                is_cells = kind == _FORMATS_BEGIN
            elif kind == _CELL_FORMAT and is_cells:
                cells.append(int.from_bytes(data[2:4], "little"))
        return judged(codes, cells)

    @cached_property
    def _epoch_1904(self) -> bool:
        book = self._package.read(self._main, PART_BYTES) if self._package.has(self._main) else b""
        return any(kind == _PROPERTIES and data[:1] and data[0] & 1 for kind, data in records(book))

    def _part(self, kind: str) -> Iterator[tuple[int, bytes]]:
        for name in targets(relations_of(self._package, self._main), kind)[:1]:
            if self._package.has(name):
                yield from records(self._package.read(name, PART_BYTES))


def _packed(number: int) -> float:
    """A number in 30 bits (section 2.5.122): whole or the upper half of a float, maybe times 100."""
    value = float((number >> 2) - (1 << 30 if number & 0x8000_0000 else 0)) if number & 2 else float(
        struct.unpack("<d", struct.pack("<Q", (number & 0xFFFF_FFFC) << 32))[0]
    )
    return value / 100 if number & 1 else value
