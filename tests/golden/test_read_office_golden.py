"""Office files written here from known texts; every expectation comes from that source, never from a reader."""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import datetime

import docx
import msgspec
import openpyxl
import pptx
import pytest
import xlwt
from openpyxl.comments import Comment

from unburnt.model.frames import ExpectedFrame, Finished, MemberBegan, MetadataFrame, PartFrame, ReadTask
from unburnt.model.frames import Frame as AnyFrame
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Part
from unburnt.read import child

ZH = "关于加强户籍登记管理工作的通知"
UG = "ئاپتونوم رايونلۇق خەلق ھۆكۈمىتى"
RU = "Распоряжение о порядке учёта граждан"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def read(data: bytes, name: str) -> list[AnyFrame]:
    """All frames that a child answers for one document."""
    frames: list[AnyFrame] = []

    def collect(raw: bytes) -> None:
        _, inner = msgspec.msgpack.decode(raw, type=tuple[int, msgspec.Raw])
        frames.append(msgspec.msgpack.decode(inner, type=AnyFrame))

    task = ReadTask(name=name, text_limit=1 << 28, members_limit=1000, member_bytes_limit=1 << 28, members_bytes_limit=1 << 28,
                    ratio=200, ratio_free=1 << 26, pages_limit=1000, pixels_limit=1 << 24)  # fmt: skip
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        child.main(msgspec.msgpack.encode([task]), [file.fileno()], collect)
    return frames


def parts(frames: list[AnyFrame]) -> list[Part]:
    """All but what the file says about itself."""
    return [frame.part for frame in frames if isinstance(frame, PartFrame) and frame.part.kind != "properties"]


def finished(frames: list[AnyFrame]) -> Finished:
    (last,) = [frame for frame in frames if isinstance(frame, Finished)]
    return last


def saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def word_with_body(xml: str) -> bytes:
    """A python-docx file whose body is replaced by *xml*."""
    source, target = io.BytesIO(saved(docx.Document())), io.BytesIO()
    body = f'<w:document xmlns:w="{W}"><w:body>{xml}</w:body></w:document>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, body if info.filename == "word/document.xml" else old.read(info.filename))
    return target.getvalue()


def test_word_paragraphs_and_tables_keep_their_order() -> None:
    document = docx.Document()
    document.core_properties.title = ZH
    document.add_paragraph(ZH)
    table = document.add_table(2, 2)
    for row, texts in zip(table.rows, (("姓名", "村"), ("张　三", UG)), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph(RU)
    document.sections[0].header.paragraphs[0].text = "机密"
    frames = read(saved(document), "a.docx")
    found = {part.kind: part.text for part in parts(frames)}
    assert found == {"text": f"{ZH}\n姓名\t村\n张　三\t{UG}\n{RU}\n", "header": "机密\n"}
    assert finished(frames) == Finished(Outcome.READ, "")
    (metadata,) = [frame.metadata for frame in frames if isinstance(frame, MetadataFrame)]
    assert metadata.title == ZH


def test_word_changes_stand_in_the_text_and_are_marked() -> None:
    data = word_with_body(
        f'<w:p><w:r><w:t>{ZH}</w:t></w:r><w:del w:author="李" w:date="2017-05-01T08:00:00Z"><w:r><w:delText>删去</w:delText>'
        f'</w:r></w:del><w:ins w:author="王" w:date="2017-05-02T08:00:00Z"><w:r><w:t>增加</w:t></w:r></w:ins></w:p>'
    )
    (part,) = [part for part in parts(read(data, "a.docx")) if part.kind == "text"]
    assert part.text == f"{ZH}删去增加\n"
    said = [(mark.kind, mark.author, part.text[mark.start : mark.end]) for mark in part.marks]
    assert said == [("deletion", "李", "删去"), ("insertion", "王", "增加")]


def test_word_text_boxes_are_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>秘密</w:t></w:r></w:p></w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    data = word_with_body(
        f"<w:p><w:r><mc:AlternateContent {mc}><mc:Choice Requires='wps'>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
        f"</mc:AlternateContent></w:r><w:r><w:t>{RU}</w:t></w:r></w:p>"
    )
    (part,) = [part for part in parts(read(data, "a.docx")) if part.kind == "text"]
    assert part.text == f"{RU}\n秘密\n"


def test_word_comments_keep_author_and_place() -> None:
    document = docx.Document()
    run = document.add_paragraph("前").add_run(ZH)
    document.add_comment(run, text="请核实", author="赵六", initials="Z")
    found = {part.kind: part for part in parts(read(saved(document), "a.docx"))}
    (mark,) = [mark for mark in found["text"].marks if mark.kind == "comment"]
    assert found["text"].text[mark.start : mark.end] == ZH
    assert (mark.text, mark.author) == ("请核实", "赵六")
    assert found["comments"].text == "请核实\n"


def test_workbook_cells_have_absolute_places_and_stored_digits() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "花名册"
    sheet["B2"] = "张三"
    sheet["C2"] = 110101199003071234
    sheet["D2"] = datetime(2017, 5, 1)
    sheet["B4"] = "=C2+1"
    sheet["B5"] = UG
    sheet["B2"].comment = Comment("已转", "李")
    sheet.row_dimensions[5].hidden = True
    sheet.merge_cells("B7:D8")
    hidden = book.create_sheet("隐藏")
    hidden.sheet_state = "hidden"
    hidden["A1"] = RU
    frames = read(saved(book), "a.xlsx")
    first, second = [part for part in parts(frames) if part.kind == "sheet"]
    cells = {(cell.row, cell.column): cell for cell in first.cells}
    assert (first.label, first.hidden, second.label, second.hidden, second.text) == ("花名册", False, "隐藏", True, RU)
    assert {place: first.text[cell.start : cell.end] for place, cell in cells.items()} == {
        (1, 1): "张三", (1, 2): "110101199003071200", (1, 3): "2017-05-01", (3, 1): "", (4, 1): UG,
    }  # fmt: skip
    # openpyxl itself writes 16 digits of the 18.
    assert (cells[1, 2].raw, cells[1, 2].flags) == ("1.101011990030712e+17", ("imprecise-id",))
    assert (cells[1, 3].type, cells[1, 3].raw, cells[3, 1].formula) == ("date", "42856", "=C2+1")
    assert cells[1, 1].comment == "李: 已转"
    assert (first.hidden_rows, first.merged) == ((4,), ((6, 1, 7, 3),))
    assert [frame.expected.pages for frame in frames if isinstance(frame, ExpectedFrame)][-1] == 2


def test_old_workbook_cells_have_absolute_places() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表一")
    sheet.write(2, 1, ZH)
    sheet.write(4, 3, 5)
    sheet.row(4).hidden = True
    (part,) = [part for part in parts(read(saved(book), "a.xls")) if part.kind == "sheet"]
    assert [(cell.row, cell.column, part.text[cell.start : cell.end]) for cell in part.cells] == [(2, 1, ZH), (4, 3, "5")]
    assert part.hidden_rows == (4,)


def test_slides_keep_order_notes_and_hiding() -> None:
    deck = pptx.Presentation()
    for text in (ZH, RU):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = text
    deck.slides[0].notes_slide.notes_text_frame.text = UG
    deck.slides[1]._element.set("show", "0")
    found = [(part.kind, part.label, part.text.strip(), part.hidden) for part in parts(read(saved(deck), "a.pptx"))]
    assert found == [("slide", "1", ZH, False), ("notes", "1", UG, False), ("slide", "2", RU, True)]


def test_embedded_picture_is_a_member_and_counted() -> None:
    data = io.BytesIO(saved(docx.Document()))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("word/media/image1.png", b"\x89PNG\r\n\x1a\n")
    frames = read(data.getvalue(), "a.docx")
    members = [frame.path for frame in frames if isinstance(frame, MemberBegan)]
    expected = [frame.expected.members for frame in frames if isinstance(frame, ExpectedFrame)][-1]
    assert b"word/media/image1.png" in members
    assert expected == len(members)


@pytest.mark.parametrize("name", ["a.odt", "a.fodt"])
def test_opendocument_changes_and_spaces(name: str) -> None:
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{rest}:1.0"'
        for prefix, rest in (("office", "office"), ("text", "text"))
    )
    body = (
        '<office:body><office:text><text:tracked-changes><text:changed-region text:id="c1"><text:deletion>'
        '<office:change-info><dc:creator>李</dc:creator></office:change-info><text:p>删去</text:p></text:deletion>'
        f'</text:changed-region></text:tracked-changes><text:p>{ZH}<text:change text:change-id="c1"/><text:s text:c="2"/>'
        f'{UG}</text:p></office:text></office:body>'
    )
    head = f'{spaces} xmlns:dc="http://purl.org/dc/elements/1.1/"'
    if name == "a.odt":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            archive.writestr("content.xml", f"<office:document-content {head}>{body}</office:document-content>")
        data = file.getvalue()
    else:
        mime = 'office:mimetype="application/vnd.oasis.opendocument.text"'
        data = f'<?xml version="1.0"?><office:document {head} {mime}>{body}</office:document>'.encode()
    part, *_ = parts(read(data, name))
    assert part.text == f"{ZH}删去  {UG}\n"
    (mark,) = part.marks
    assert (mark.kind, mark.author, part.text[mark.start : mark.end]) == ("deletion", "李", "删去")
