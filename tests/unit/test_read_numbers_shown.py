"""Units and scales of number formats: who reads a sheet sees 12.50万元, and finds it."""

from __future__ import annotations

import io
import struct
import zipfile

import openpyxl
import pytest

from tests.ole_made import compound
from tests.read_by_child import read
from tests.unit.test_read_office_deep import binary_workbook, package, record, relations, wide
from unburnt.read.formats.office.number_shown import number_format

BOTH = '[>=10000]0!.0,"万";0"元"'


@pytest.mark.parametrize(("code", "stored", "shown"), [
    ('0.00"万元"', "12.5", "12.50万元"), ('0"人"', "350", "350人"), ("#,##0,", "1234567", "1,235"), ('0.0,,"M"', "-12340000", "-12.3M"),
    ("0.00%", "0.12345", "12.35%"), ("0%", "-0.004", "0%"), ('#,##0.0#"吨"', "1234.5", "1,234.5吨"), ("0,.0", "1234", "1.2"),
    (BOTH, "125000", "12.5万"), (BOTH, "999", "999元"), ('0!.0000"万"', "125000", "12.5000万"), ('General"件"', "7", "7件"),
    ('0"盈";0"亏";"平"', "-3", "3亏"), ('0"盈";0"亏";"平"', "0", "平"), ('[=1]"男";[=2]"女"', "2", "女"), ('0.00[$元-804]', "1", "1.00元"),
    ('"第"000"号"', "7", "第007号"), ('0.0"℃"_);[Red]\\(0.0"℃"\\)', "-4.25", "(4.3℃)"), ('_ "共"* 0', "5", "共5"), ('#"个"', "0", "个"),
])  # fmt: skip
def test_a_number_is_shown_as_its_format_says(code: str, stored: str, shown: str) -> None:
    form = number_format(code)
    assert form is not None
    assert form.shown(stored) == shown


@pytest.mark.parametrize("code", [
    "General", "0", "#,##0.00", "@", '_ ¥* #,##0.00_ ;_ ¥* \\-#,##0.00_ ', "0.00E+00", "# ?/?", "[DBNum2]0\"元\"", ";;;", "", "x", "[$€-2] 0.00", '"',
])  # fmt: skip
def test_formats_that_show_no_more_than_the_number_are_left_alone(code: str) -> None:
    assert number_format(code) is None


def test_what_a_workbook_shows_is_found_beside_its_numbers() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for place, value, code in (("A1", 12.5, '0.00"万元"'), ("B1", 350, '0"人"'), ("C1", 7, "0.00"), ("A3", 0.25, "0%"), ("B3", "text", '0"人"')):
        sheet[place], sheet[place].number_format = value, code
    book.save(file)
    said = read(file.getvalue(), "a.xlsx")
    assert said.text == "12.5\t350\t7\n0.25\ttext"
    assert {part.label: part.text for part in said.all_parts}["Sheet (as shown)"] == "A1: 12.50万元\nB1: 350人\nA3: 25%"


def biff(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def test_an_old_workbook_shows_the_same() -> None:
    code = '0.00"万元"'
    formats = biff(0x41E, struct.pack("<HHB", 164, len(code), 1) + code.encode("utf-16-le")) + biff(0xE0, struct.pack("<HH16x", 0, 164))
    formats += biff(0xE0, struct.pack("<HH16x", 0, 9))
    name = biff(0x85, struct.pack("<IHBB", 0, 0, 6, 0) + b"Sheet1")
    cells = biff(0x203, struct.pack("<HHHd", 0, 0, 0, 12.5)) + biff(0xBD, struct.pack("<HHHIHIH", 1, 1, 1, 1 << 2 | 3, 0, 3 << 2 | 2, 2))
    begin = biff(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    head = begin + biff(0x42, struct.pack("<H", 1200)) + formats
    at = len(head) + len(name) + 4
    name = biff(0x85, struct.pack("<IHBB", at, 0, 6, 0) + b"Sheet1")
    sheet = biff(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cells + biff(0x0A)
    said = read(compound({"Workbook": head + name + biff(0x0A) + sheet}), "a.xls")
    assert said.text.split() == ["12.5", "0.01", "3"]
    assert {part.label: part.text for part in said.all_parts}["Sheet1 (as shown)"] == "A1: 12.50万元\nB2: 1%\nC2: 3.00万元"


def test_a_binary_workbook_shows_the_same() -> None:
    with zipfile.ZipFile(io.BytesIO(binary_workbook())) as made:
        parts: dict[str, str | bytes] = {name: made.read(name) for name in made.namelist()}
    code = struct.pack("<H", 164) + wide('0"人"')
    parts["xl/styles.bin"] = (
        record(615, struct.pack("<I", 1)) + record(44, code) + record(616) + record(617, struct.pack("<I", 1))
        + record(47, struct.pack("<HH", 0, 164) + bytes(12)) + record(618)
    )
    parts["xl/_rels/workbook.bin.rels"] = relations(
        ("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "worksheet", "worksheets/sheet2.bin"), ("rId4", "styles", "styles.bin"),
    )
    said = read(package(parts), "a.xlsb")
    assert said.parts[0].text.split() == ["张三", "41"]
    assert {part.label: part.text for part in said.all_parts}["名册 (as shown)"] == "D5: 41人"
