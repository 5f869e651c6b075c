"""Rows and strings of a workbook: what patterns read is what the parser reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lxml import etree

from unburnt.read.formats.office.xlsx_sheet import SheetFacts, SheetStream
from unburnt.read.formats.office.xlsx_strings import strings
from unburnt.read.formats.office.xlsx_values import Shown, Values

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\r\n<worksheet xmlns="urn:sheet" xmlns:x14ac="urn:more">{0}<sheetData>'
TAIL = '</sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>'
PLAIN = '<row r="7" spans="1:3" x14ac:dyDescent="0.2"><c r="A7" s="1"/><c r="B7" s="2" t="s"><v>3</v></c></row>'
ROWS = {
    "plain": PLAIN,
    "values": '<row r="1"><c r="A1" t="s"><v>2</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="e"><v>#N/A</v></c><c r="D1" s="2"><v>43101.5</v></c>'
    '<c r="E1" s="1"><v>43101</v></c><c r="F1"><v>007</v></c><c r="G1"><v>-1.50</v></c><c r="H1"><v>1234567890123456</v></c><c r="I1"><v>２</v></c></row>',
    "no-such-text": '<row r="1"><c r="A1" t="s"><v>4</v></c><c r="B1" t="s"><v>²</v></c><c r="C1" t="s"><v>-1</v></c></row><row r="3"><c r="A4" t="s"><v>9</v></c></row>',
    "style-twice": '<row r="1"><c r="A1" s="1" t="n" s="2"><v>1</v></c></row>',
    "place-twice": '<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c><c r="A1" t="b"><f>TRUE</f></c></row>',
    "without-numbers": "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
    "hidden": '<row r="2" hidden="1"><c r="A2"><v>1</v></c></row><row hidden="true" r="9"><c r="B9"><v>1</v></c></row>',
    "either-order": '<row r="1"><c r="A1" t="n" s="4"><v>1.50</v></c><c r="B1" s="4" t="str"><v>x</v></c></row>',
    "formulas": '<row r="1"><c r="A1"><f>B1&amp;"a"</f><v>1</v></c><c r="B1"><f t="shared" si="0"/><v>2</v></c><c r="C1"><f/></c></row>',
    "inline": '<row r="1"><c r="A1" t="inlineStr"><is><t xml:space="preserve"> a_x000D_ </t></is></c></row>',
    "rich": '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>' + PLAIN,
    "references": '<row r="1"><c r="A1" t="str"><v>&lt;a&#x4E2D;&#9;</v></c></row>',
    "comment": '<row r="1"><c r="A1"><v>1<!-- </row> --></v></c></row>' + PLAIN,
    "cdata": '<row r="1"><c r="A1" t="str"><v><![CDATA[</row>]]></v></c></row>' + PLAIN,
    "far-away": '<row r="9999999"><c r="ZZZ9999999"><v>1</v></c></row>',
    "another-row": '<row r="1"><c r="A5"><v>1</v></c></row>',
    "disorder": '<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>',
    "line-ends": '\n<row r="1">\r\n<c r="A1" t="str"><v>a\r\nb</v></c></row>\n',
    "empty-rows": '<row r="1"/><row r="2"></row>' + PLAIN,
    "attribute-twice": PLAIN + '<row r="8" r="9"><c r="A8"><v>1</v></c></row>',
    "unknown-prefix": PLAIN + '<row r="8" nowhere:a="1"><c r="A8"><v>1</v></c></row>',
    "unknown-entity": PLAIN + '<row r="8"><c r="A8"><v>&what;</v></c></row>',
    "no-character": PLAIN + '<row r="8"><c r="A8"><v>&#0;</v></c></row>',
    "cut-off": PLAIN + '<row r="8"><c r="A8"><v>1</v></c><c r="B8"><v>2',
}
STRINGS = {
    "plain": "<si><t>a</t></si><si><t xml:space='preserve'> b </t></si><si><t/></si><si/>",
    "rich": "<si><r><rPr><b/></rPr><t>a</t></r><r><t> b</t></r><rPh sb='0' eb='1'><t>no</t></rPh></si><si><t>c&amp;d</t></si>",
    "comment": "<si><t>a</t></si><si><t>b<!-- </si> -->c</t></si><si><t>d</t></si>",
    "broken": "<si><t>a</t></si><si><t>b</si><si><t>c</t></si>",
}  # fmt: skip


def sheet(xml: str, *, size: int = 1 << 18) -> tuple[list[list[Shown]], SheetFacts, int]:
    data = xml.encode()
    values = Values(["零", "one", "два", "üch"], frozenset({2}), epoch_1904=False)
    stream = SheetStream((data[start : start + size] for start in range(0, len(data), size)), values)
    return list(stream.rows()), stream.facts, values.lost_strings


def listed(xml: str) -> tuple[list[str], bool]:
    found: list[str] = []
    items: Iterator[str] = strings(iter([xml.encode()]))
    try:
        for text in items:
            found.append(text)
    except etree.XMLSyntaxError:
        return found, True
    return found, False


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS.keys())
def test_rows_are_read_as_the_parser_reads_them(rows: str) -> None:
    # A comment before the rows leaves all of them to the parser.
    parsed = sheet(HEAD.format("<!-- -->") + rows + TAIL)
    assert sheet(HEAD.format("") + rows + TAIL) == parsed


@pytest.mark.parametrize("size", [1, 7, 100])
def test_rows_are_the_same_however_the_part_is_unpacked(size: int) -> None:
    xml = HEAD.format("") + "".join(PLAIN.replace("7", str(number)) for number in range(10, 40)) + TAIL
    assert sheet(xml, size=size) == sheet(xml)
    assert len(sheet(xml)[0]) == 30


def test_rows_before_a_damaged_place_are_kept() -> None:
    rows, facts, _ = sheet(HEAD.format("") + ROWS["cut-off"])
    assert [cell[:2] for row in rows for cell in row] == [(6, 1), (7, 0)]
    assert facts.broken


@pytest.mark.parametrize("items", STRINGS.values(), ids=STRINGS.keys())
def test_strings_are_read_as_the_parser_reads_them(items: str) -> None:
    xml = '<sst xmlns="urn:sheet" count="9">{0}' + items + "</sst>"
    assert listed(xml.format("")) == listed(xml.format("<!-- -->"))
