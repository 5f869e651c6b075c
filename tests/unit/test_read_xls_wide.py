"""Old workbooks whose cells lie far apart: each is read where it stands, without room for all that lies between."""

from __future__ import annotations

import io

import xlwt

from tests.read_by_child import Said, read
from unburnt.read.formats.office.xls_records import MOST_AREA

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
