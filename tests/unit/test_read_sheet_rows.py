"""Rows of sheets: where their cells stand in the text, and numbers that are none."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.read_by_child import read, task
from unburnt.model import frames
from unburnt.model.reading import Part
from unburnt.read.emitter import Emitter
from unburnt.read.formats.office.office_sheet import SheetWriter


def written(*columns: int) -> Part:
    """A sheet of one row with a cell at each of *columns*, which shows the column's number."""
    said: list[frames.Frame] = []
    writer = SheetWriter(Emitter(said.append, task("a"), 1), "a", hidden=False)
    writer.row((0, column, str(column), "number", None, None, None, ()) for column in columns)
    writer.finish()
    return next(one.part for one in said if isinstance(one, frames.PartFrame))


@pytest.mark.parametrize(("columns", "text"), [
    ((0, 1, 2), "0\t1\t2"),
    ((1, 4), "\t1\t\t\t4"),
    ((64, 128), "\t" * 64 + "64" + "\t" * 64 + "128"),
    ((65, 130, 131), "\t65\t130\t131"),
    ((3, 3, 4), "\t\t\t33\t4"),
    ((3, 1, 2), "\t\t\t31\t2"),
])  # fmt: skip
def test_each_column_is_a_tab_but_a_wide_gap_is_one(columns: tuple[int, ...], text: str) -> None:
    part = written(*columns)
    assert part.text == text
    assert [part.text[cell.start : cell.end] for cell in part.cells] == [str(column) for column in columns]
    assert [cell.column for cell in part.cells] == list(columns)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", ",", "\n", ",\n"])
def test_a_line_of_csv_without_quotes_is_read_as_one_with_quotes(end: str, last: str) -> None:
    rows = [["1", "张三", "-4.50 %", ""], ["", "x\u00b2", "２", "2017-01-02"], ["", "", "", ""], ["1,234"[:1], " 7", "Иван", "a"]]
    plain = end.join(",".join(row) for row in rows) + last.replace("\n", end)
    quoted = end.join(",".join(f'"{field}"' if field else "" for field in row) for row in rows) + last.replace("\n", end)
    one, other = (read(text.encode(), "a.csv").parts[0] for text in (plain, quoted))
    assert [(cell.row, cell.column, cell.type, one.text[cell.start : cell.end]) for cell in one.cells] == [
        (cell.row, cell.column, cell.type, other.text[cell.start : cell.end]) for cell in other.cells
    ]
    assert [(cell.row, cell.column, cell.type) for cell in one.cells] == [
        (0, 0, "number"), (0, 1, "text"), (0, 2, "number"), (1, 1, "text"), (1, 2, "number"), (1, 3, "text"),
        (3, 0, "number"), (3, 1, "number"), (3, 2, "text"), (3, 3, "text"),
    ]  # fmt: skip


@pytest.mark.parametrize(("part", "before", "after"), [
    ("xl/worksheets/sheet1.xml", b"</row>", '<c r="C1" t="s"><v>²</v></c></row>'.encode()),
    ("xl/comments/comment1.xml", b'authorId="0"', 'authorId="²"'.encode()),
    ("docProps/app.xml", b"</Properties>", "<Pages>²</Pages></Properties>".encode()),
])  # fmt: skip
def test_a_number_that_is_none_costs_no_more_than_itself(part: str, before: bytes, after: bytes) -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["B1"] = "张三", "李四"
    book.active["B1"].comment = Comment("注意", "王")
    book.save(file)
    spoiled = io.BytesIO()
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(spoiled, "w") as target:
        for name in made.namelist():
            data = made.read(name)
            assert name != part or before in data
            target.writestr(name, data.replace(before, after) if name == part else data)
    said = read(spoiled.getvalue(), "a.xlsx")
    assert "李四" in said.text and "注意" in said.text
