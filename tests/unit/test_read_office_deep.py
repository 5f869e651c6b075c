"""What office files keep beyond what they show: pivot caches, editing sessions, binary workbooks, drawings' words."""

from __future__ import annotations

import io
import struct
import zipfile

import docx
import openpyxl
import pytest

from tests.read_by_child import read
from unburnt.model.outcome import Outcome

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def package(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return file.getvalue()


def relations(*each: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{one}" Type="{RELATIONS}/{kind}" Target="{target}"/>' for one, kind, target in each)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def content_types(main: str, part: str) -> str:
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{part}" ContentType="{main}"/></Types>'
    )


# --- pivot caches ---------------------------------------------------------------------------------------------


def workbook(definition: str, records: str | None) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "合计"
    book.save(file)
    parts: dict[str, str | bytes] = {}
    with zipfile.ZipFile(file) as made:
        parts |= {name: made.read(name) for name in made.namelist()}
    known = parts["xl/_rels/workbook.xml.rels"]
    assert isinstance(known, bytes)
    one = f'<Relationship Id="rId99" Type="{RELATIONS}/pivotCacheDefinition" Target="pivotCache/definition1.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = known.decode().replace("</Relationships>", one)
    parts["xl/pivotCache/definition1.xml"] = definition
    if records is not None:
        parts["xl/pivotCache/_rels/definition1.xml.rels"] = relations(("rId1", "pivotCacheRecords", "records1.xml"))
        parts["xl/pivotCache/records1.xml"] = records
    return package(parts)


DEFINITION = (
    f'<pivotCacheDefinition xmlns="{MAIN}"><cacheSource type="worksheet"><worksheetSource ref="A1:C3" sheet="名册"/></cacheSource>'
    '<cacheFields count="3"><cacheField name="姓名"><sharedItems><s v="张三"/><s v="李四"/></sharedItems></cacheField>'
    '<cacheField name="人数"><sharedItems/></cacheField><cacheField name="在册"><sharedItems><b v="1"/></sharedItems></cacheField></cacheFields>'
    "</pivotCacheDefinition>"
)
RECORDS = (
    f'<pivotCacheRecords xmlns="{MAIN}"><r><x v="1"/><n v="4"/><x v="0"/></r><r><x v="0"/><n v="7"/><m/></r>'
    '<r><x v="77"/><n v="9"/></r><r><x v="-1"/><s v="自由文本"/></r></pivotCacheRecords>'
)


def test_rows_that_only_a_pivot_cache_keeps_are_read_as_a_hidden_sheet() -> None:
    said = read(workbook(DEFINITION, RECORDS), "a.xlsx")
    (cache,) = [part for part in said.parts if part.label.startswith("pivot cache")]
    assert said.outcome is Outcome.READ
    assert (cache.label, cache.hidden) == ("pivot cache 1 of 名册!A1:C3", True)
    assert cache.text == "姓名\t人数\t在册\n李四\t4\tTRUE\n张三\t7\n\t9\n\t自由文本"
    assert [(cell.row, cell.column, cell.type) for cell in cache.cells][3:6] == [(1, 0, "text"), (1, 1, "number"), (1, 2, "boolean")]


def test_without_records_the_shared_values_of_a_cache_are_read() -> None:
    said = read(workbook(DEFINITION, None), "a.xlsx")
    (cache,) = [part for part in said.parts if part.label.startswith("pivot cache")]
    assert cache.text == "姓名\t人数\t在册\n张三\t\tTRUE\n李四"


@pytest.mark.parametrize("definition", ["", "<broken", f'<pivotCacheDefinition xmlns="{MAIN}"/>'])
def test_a_broken_pivot_cache_costs_nothing_else(definition: str) -> None:
    said = read(workbook(definition, RECORDS), "a.xlsx")
    assert said.outcome in (Outcome.READ, Outcome.PARTIAL)
    assert "合计" in said.text


# --- a document's history ----------------------------------------------------------------------------------------


def test_editing_sessions_template_and_authors_of_changes_are_told() -> None:
    file = io.BytesIO()
    docx.Document().save(file)
    with zipfile.ZipFile(file) as made:
        parts: dict[str, str | bytes] = {name: made.read(name) for name in made.namelist()}
    parts["word/settings.xml"] = (
        f'<w:settings xmlns:w="{WORD}"><w:trackRevisions/><w:documentProtection w:edit="readOnly"/><w:rsids>'
        '<w:rsidRoot w:val="00A1"/><w:rsid w:val="00A1"/><w:rsid w:val="00B2"/></w:rsids></w:settings>'
    )
    parts["word/_rels/settings.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{RELATIONS}/attachedTemplate" '
        'Target="file:///C:/Office/红头文件.dotx" TargetMode="External"/></Relationships>'
    )
    fields = read(package(parts), "a.docx").metadata.fields
    assert {key: value for key, value in fields.items() if key.startswith("word:")} == {
        "word:rsid-root": "00A1", "word:rsids": "00A1 00B2", "word:track-changes": "on", "word:protection": "readOnly",
        "word:template": "file:///C:/Office/红头文件.dotx",
    }


# --- binary workbooks -----------------------------------------------------------------------------------------------


def test_words_that_stand_in_a_fields_instruction_are_text() -> None:
    def run(inner: str) -> str:
        return f"<w:r>{inner}</w:r>"

    field = run('<w:fldChar w:fldCharType="begin"/>') + run(r"<w:instrText> EQ \o\ac(○,印)</w:instrText>") + "%s" + run('<w:fldChar w:fldCharType="end"/>')
    shown = run('<w:fldChar w:fldCharType="separate"/>') + run("<w:t>seen</w:t>")
    body = f"<w:p>{run('<w:t>a</w:t>')}{field % ''}{field % shown}</w:p><w:p><w:fldSimple w:instr='EQ \\f(1,2)'/></w:p>"
    assert read(package({
        "[Content_Types].xml": content_types("wordprocessingml.document.main+xml", "word/document.xml"),
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
    }), "a.docx").text == "a○印seen\n1/2\n"  # fmt: skip


def record(kind: int, data: bytes = b"") -> bytes:
    """MS-XLSB, section 2.1.4: type and size in groups of seven bits."""
    head = bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 0x7F else bytes([kind])
    size, rest = b"", len(data)
    while rest > 0x7F:
        size, rest = size + bytes([rest & 0x7F | 0x80]), rest >> 7
    return head + size + bytes([rest]) + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_workbook() -> bytes:
    sheets = b"".join(record(156, struct.pack("<II", state, number) + wide(f"rId{number}") + wide(name))
                      for number, (name, state) in enumerate((("名册", 0), ("隐藏", 1)), 1))
    book = record(131) + record(143) + sheets + record(144) + record(132)

    def sheet(text: str, row: int) -> bytes:
        cells = record(6, struct.pack("<II", 2, 0) + wide(text)) + record(5, struct.pack("<IId", 3, 0, 41.0))
        return (
            record(129) + record(148, struct.pack("<IIII", row, row, 2, 3)) + record(145)
            + record(0, struct.pack("<IIHHBI", row, 0, 300, 0, 0, 0)) + cells + record(146) + record(130)
        )

    types = content_types("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin")
    return package({
        "[Content_Types].xml": types, "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": relations(("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "worksheet", "worksheets/sheet2.bin")),
        "xl/workbook.bin": book, "xl/worksheets/sheet1.bin": sheet("张三", 4), "xl/worksheets/sheet2.bin": sheet("李四", 0),
    })  # fmt: skip


def test_a_binary_workbook_gives_its_cells_with_absolute_addresses() -> None:
    said = read(binary_workbook(), "a.xlsb")
    assert said.outcome is Outcome.READ
    assert [(part.label, part.hidden) for part in said.parts] == [("名册", False), ("隐藏", True)]
    assert [(cell.row, cell.column, said.parts[0].text[cell.start : cell.end]) for cell in said.parts[0].cells] == [
        (4, 2, "张三"), (4, 3, "41"),
    ]


def test_what_stands_around_the_cells_of_a_binary_workbook_is_told() -> None:
    with zipfile.ZipFile(io.BytesIO(binary_workbook())) as made:
        parts: dict[str, str | bytes] = {name: made.read(name) for name in made.namelist()}
    printed = struct.pack("<H", 12) + wide("&L机密&RPage &P") + struct.pack("<I", 0xFFFFFFFF) * 5
    merged = record(176, struct.pack("<4I", 1, 2, 0, 3)) + record(176, struct.pack("<4I", 2, 1, 0, 3))
    column, row = record(60, struct.pack("<4IH", 5, 6, 2000, 0, 1)), record(0, struct.pack("<IIHBB", 4, 0, 0, 0, 0x10) + bytes(5))
    whole = parts["xl/worksheets/sheet1.bin"]
    assert isinstance(whole, bytes)
    for at, added in ((record(145), column + record(145)), (record(146), row + record(146)), (record(130), merged + record(479, printed) + record(130))):
        whole = whole.replace(at, added)
    parts["xl/worksheets/sheet1.bin"] = whole
    parts["xl/worksheets/_rels/sheet1.bin.rels"] = relations(
        ("r1", "comments", "../comments1.bin"), ("r2", "drawing", "../drawings/drawing1.xml"),
    ).replace("</Relationships>", f'<Relationship Id="r3" Type="{RELATIONS}/hyperlink" Target="https://a.example/" TargetMode="External"/></Relationships>')
    parts["xl/comments1.bin"] = (
        record(632, wide("张三")) + record(635, struct.pack("<5I", 0, 4, 4, 2, 2) + bytes(16)) + record(637, b"\0" + wide("秘密"))
        + record(637, b"\0" + struct.pack("<I", 9))
    )
    parts["xl/drawings/drawing1.xml"] = (
        '<xdr:wsDr xmlns:xdr="x" xmlns:a="y"><xdr:sp><xdr:txBody><a:p><a:r><a:t>in a box</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>'
    )
    said = read(package(parts), "a.xlsb")
    texts = {part.label: part.text for part in said.all_parts}
    sheet = said.parts[0]
    assert "张三: 秘密" in texts["名册 (comments)"] and texts["名册 (drawings)"] == "in a box"
    assert texts["名册 (printed header and footer)"] == "机密\nPage  " and texts["名册 (links)"] == "https://a.example/"
    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.merged) == ((4,), (5, 6), ((1, 0, 2, 3),))


def test_cells_far_apart_in_a_binary_workbook_are_read_without_the_room_between_them() -> None:
    with zipfile.ZipFile(io.BytesIO(binary_workbook())) as made:
        parts: dict[str, str | bytes] = {name: made.read(name) for name in made.namelist()}

    def cell(column: int, style: int = 0) -> bytes:
        return struct.pack("<II", column, style)

    def row(number: int) -> bytes:
        return record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))

    cells = (
        row(0) + record(7, cell(0) + struct.pack("<I", 1)) + record(2, cell(1) + struct.pack("<i", 350 << 2 | 2))
        + record(2, cell(2) + struct.pack("<i", -(1250 << 2) | 3)) + record(5, cell(3, 1) + struct.pack("<d", 42_000.5))
        + record(11, cell(4) + b"\x2a" + bytes(6)) + record(4, cell(5) + b"\x01") + record(1, cell(6)) + record(7, cell(7) + struct.pack("<I", 9))
        + row(1_048_575) + record(6, cell(16_383) + wide("终")) + record(62, cell(16_384) + b"\0" + wide("out"))
    )
    parts["xl/worksheets/sheet1.bin"] = record(129) + record(145) + cells + record(146) + record(130)
    parts["xl/sharedStrings.bin"] = record(159, struct.pack("<II", 2, 2)) + record(19, b"\0" + wide("零")) + record(19, b"\0" + wide("始")) + record(160)
    parts["xl/styles.bin"] = record(617, struct.pack("<I", 2)) + record(47, bytes(16)) + record(47, struct.pack("<HH", 0, 22) + bytes(12)) + record(618)
    parts["xl/_rels/workbook.bin.rels"] = relations(
        ("rId1", "worksheet", "worksheets/sheet1.bin"), ("rId2", "worksheet", "worksheets/sheet2.bin"),
        ("rId3", "sharedStrings", "sharedStrings.bin"), ("rId4", "styles", "styles.bin"),
    )
    said = read(package(parts), "a.xlsb")
    first, second = said.parts
    assert first.text == "始\t350\t-12.5\t2014-12-27 12:00:00\t#N/A\tTRUE\n\t终"
    assert [(one.row, one.column, one.type) for one in first.cells][-3:] == [(0, 4, "error"), (0, 5, "boolean"), (1_048_575, 16_383, "text")]
    assert second.text.strip() == "李四\t41"
    assert said.finished is not None
    assert said.finished.reason == "Some was lost: the sheet '名册' is damaged; the texts of 1 cells are not in the table of strings."


def test_a_binary_workbook_of_excel_2007_before_it_was_finished_is_read() -> None:
    with zipfile.ZipFile(io.BytesIO(binary_workbook())) as made:
        parts: dict[str, str | bytes] = {name: made.read(name) for name in made.namelist()}
    sheets = b"".join(record(156, struct.pack("<III", state, 0, 1) + wide(f"rId{number}") + wide(name))
                      for number, (name, state) in enumerate((("名册", 0), ("隐藏", 1)), 1))
    early = parts | {"xl/workbook.bin": record(131) + record(143) + sheets + record(144) + record(132)}
    said = read(package(early), "a.xlsb")
    assert (said.outcome, [(part.label, part.hidden) for part in said.parts]) == (Outcome.READ, [("名册", False), ("隐藏", True)])
    assert said.text.split() == ["张三", "41", "李四", "41"]
    whole = parts["xl/worksheets/sheet1.bin"]
    assert isinstance(whole, bytes)
    parts["xl/worksheets/sheet1.bin"] = whole.replace(record(146), record(11, struct.pack("<IIB", 4, 0, 0x1D) + bytes(6)) + record(146))
    assert read(package(parts), "a.xlsb").parts[0].text.split() == ["张三", "41", "#NAME?"]


def test_a_damaged_binary_workbook_is_no_crash() -> None:
    data = binary_workbook()
    for end in range(200, len(data), 150):
        assert read(data[:end], "a.xlsb").outcome in (Outcome.DAMAGED, Outcome.PARTIAL, Outcome.READ, Outcome.EMPTY)


# --- drawings ---------------------------------------------------------------------------------------------------------


def drawing(*pages: str, listed: int | None = None) -> bytes:
    visio = "http://schemas.microsoft.com/office/visio/2012/main"
    count = len(pages) if listed is None else listed
    inner = "".join(f'<Page ID="{n}" Name="图{n}"{" Background=" + chr(34) + "1" + chr(34) if n == 2 else ""}><Rel r:id="rId{n}"/></Page>'
                    for n in range(1, count + 1))
    return package({
        "[Content_Types].xml": content_types("application/vnd.ms-visio.drawing.main+xml", "visio/document.xml"),
        "_rels/.rels": relations(("rId1", "document", "visio/document.xml")),
        "visio/document.xml": f'<VisioDocument xmlns="{visio}"/>',
        "visio/_rels/document.xml.rels": relations(("rId1", "pages", "pages/pages.xml")),
        "visio/pages/pages.xml": f'<Pages xmlns="{visio}" xmlns:r="{RELATIONS}">{inner}</Pages>',
        "visio/pages/_rels/pages.xml.rels": relations(*((f"rId{n}", "page", f"page{n}.xml") for n in range(1, count + 1))),
    } | {f"visio/pages/page{n}.xml": f'<PageContents xmlns="{visio}">{text}</PageContents>' for n, text in enumerate(pages, 1)})


SHAPE = "<Shapes><Shape><Text>信息<cp IX='0'/>登记点</Text></Shape><Shape><Text>大门</Text></Shape></Shapes>"


def test_a_drawings_pages_give_the_words_of_their_shapes() -> None:
    said = read(drawing(SHAPE, "<Shapes><Shape><Text>底图</Text></Shape></Shapes>"), "plan.vsdx")
    assert said.outcome is Outcome.READ
    assert [(part.label, part.text, part.hidden) for part in said.parts] == [
        ("1 图1", "信息登记点\n大门", False), ("2 图2", "底图", True),
    ]


def test_a_missing_page_of_a_drawing_is_named() -> None:
    said = read(drawing(SHAPE, listed=2), "plan.vsdx")
    assert said.outcome is Outcome.PARTIAL
    assert said.finished is not None and "page 2 is missing" in said.finished.reason


@pytest.mark.parametrize(("data", "media_type"), [
    (b"AT&TFORM" + bytes(100), "image/vnd.djvu"),
])
def test_what_nobody_reads_is_named(data: bytes, media_type: str) -> None:
    said = read(data, "a.one")
    assert said.outcome is Outcome.UNSUPPORTED
    assert said.finished is not None and media_type in said.finished.reason


def test_comments_of_cells_can_be_found_as_text() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active.title = "名册"
    book.active["AB4"] = "张三"
    book.active["AB4"].comment = openpyxl.comments.Comment("已核实", "王科长")
    book.save(file)
    (comments,) = [part for part in read(file.getvalue(), "a.xlsx").parts if part.kind == "comments"]
    assert (comments.label, comments.text) == ("名册 (comments)", "AB4: 王科长: 已核实")
