"""A hit in a sheet is shown under the headings that a person would read above it."""

from __future__ import annotations

from unburnt.model.reading import Cell, Part
from unburnt.search.query import parse
from unburnt.search.snippets import snippets

REGISTER = (
    ("花名册",),
    ("序号", "户主", "", "登记情况", ""),
    ("", "姓名", "证件号", "登记日期", "备注"),
    ("1", "张　三", "990321", "五月十日", "在外地上学"),
)


def _sheet(table: tuple[tuple[str, ...], ...], **more: object) -> Part:
    text, cells = "", []
    for row, values in enumerate(table):
        for column, value in enumerate(values):
            if value:
                cells.append(Cell(row, column, len(text), len(text) + len(value)))
                text += value + "\t"
    return Part(ordinal=0, kind="sheet", label="S", text=text, cells=tuple(cells), **more)  # type: ignore[arg-type]


def _headings(part: Part) -> list[str]:
    [found] = snippets(parse("张三"), [part], 1)
    return [heading for heading, _ in found.row]


def test_a_heading_that_is_merged_over_two_rows_heads_its_column() -> None:
    part = _sheet(REGISTER, merged=((0, 0, 0, 4), (1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 1, 4)), hidden_rows=(3,))
    assert _headings(part) == ["序号", "姓名", "证件号", "登记日期", "备注"]


def test_a_column_without_a_heading_is_named_by_its_letter() -> None:
    assert _headings(_sheet(REGISTER))[0] == "A"


def test_a_cell_merged_down_into_the_rows_below_heads_nothing() -> None:
    assert _headings(_sheet(REGISTER, merged=((1, 0, 900, 0),)))[0] == "A"


def test_a_lying_merged_range_takes_no_time_and_names_nothing_twice() -> None:
    part = _sheet(REGISTER, merged=((2, 0, 2, 2**53 - 1),) * 1000)
    assert _headings(part) == ["A", "姓名", "证件号", "登记日期", "备注"]
