"""Old workbooks whose cells lie far apart: each is read where it stands, without room for all that lies between."""

from __future__ import annotations

import io
import struct

import pytest
import xlwt

from tests.read_by_child import Said, read
from unburnt.read.formats.office.xls_records import BOF, EOF, MOST_AREA, MULRK, SheetFacts, facts_of_sheets
from unburnt.read.formats.office.xls_wide import wide_losses, wide_sheets

FAR = {(0, 0): "通知", (29_999, 1): 12.5, (30_000, 200): "B", (65_535, 255): "末"}


def workbook(*sheets: dict[tuple[int, int], object]) -> bytes:
    book, file = xlwt.Workbook(), io.BytesIO()
    for number, cells in enumerate(sheets):
        sheet = book.add_sheet(f"S{number}")
        for (row, column), value in cells.items():
            sheet.write(row, column, value)
    book.save(file)
    return file.getvalue()


def cells_of(said: Said, name: str) -> dict[tuple[int, int], str]:
    return {(cell.row, cell.column): part.text[cell.start : cell.end] for part in said.parts if part.label == name for cell in part.cells}


def test_cells_that_lie_far_apart_are_read_each_where_it_stands() -> None:
    assert MOST_AREA < 65_535 * 255
    near = {(0, 0): "A", (3, 3): 7}
    said = read(workbook(near, FAR, near, FAR), "a.xls")
    assert said.outcome == "read"
    for name in ("S1", "S3"):
        assert cells_of(said, name) == {at: str(value) for at, value in FAR.items()}
    for name in ("S0", "S2"):
        assert cells_of(said, name) == {at: str(value) for at, value in near.items()}


def test_a_cell_in_no_column_of_a_sheet_costs_only_itself() -> None:
    data = workbook({(0, 0): "通知", (47_000, 0): 1, (60_000, 255): 2})
    place = struct.pack("<HH", 60_000, 255)
    assert data.count(place) == 1
    said = read(data.replace(place, struct.pack("<HH", 60_000, 65_535)), "a.xls")
    assert (said.outcome, "'S0' is damaged" in said.finished.reason if said.finished else "") == ("partial", True)
    assert cells_of(said, "S0") == {(0, 0): "通知", (47_000, 0): "1"}


def test_numbers_in_one_record_count_with_all_their_columns() -> None:
    cells = struct.pack("<HH", 60_000, 0) + struct.pack("<HI", 0, 7 << 2 | 2) * 1_300 + struct.pack("<H", 1_299)
    record = struct.pack("<HH", MULRK, len(cells)) + cells
    stream = b"".join((
        struct.pack("<4H", BOF, 4, 0x600, 5), struct.pack("<2H", EOF, 0), struct.pack("<4H", BOF, 4, 0x600, 16),
        struct.pack("<7H", 0x27E, 10, 0, 0, 0, 7 << 2 | 2, 0), record, struct.pack("<2H", EOF, 0),
    ))  # fmt: skip
    (facts,) = facts_of_sheets(stream, "utf-16-le", [])
    assert wide_sheets([facts]) == [0]
    assert wide_losses(stream, 0, "S0", [0]) == ["the sheet 'S0' is damaged"]


def test_sheets_that_are_wide_together_are_not_held_together() -> None:
    each = SheetFacts(area=MOST_AREA - 1)
    assert wide_sheets([each, each, SheetFacts(area=2), each]) == [3]


def test_only_so_many_wide_sheets_are_read_and_the_others_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("xls", "xls_wide"):
        monkeypatch.setattr(f"unburnt.read.formats.office.{module}.MOST_WIDE", 2)
    said = read(workbook(*[{(0, 0): "A", (65_535, 255): number} for number in range(3)]), "a.xls")
    assert said.outcome == "partial" and said.finished is not None
    assert "the cells of the sheet 'S2' lie too far apart" in said.finished.reason
    assert cells_of(said, "S1") == {(0, 0): "A", (65_535, 255): "1"}
