"""What Excel keeps beside a sheet: threads of comments, labels of buttons and boxes, who changed which cell."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment

from tests.read_by_child import Said, read
from tests.unit.test_read_office_deep import MAIN, RELATIONS, package, relations

THREADS = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
OLD_FORM = "[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment.\n\nComment:\n    核对过\nReply:\n    ещё раз"


def with_parts(parts: dict[str, str], sheet: str, book: str, comment: str = OLD_FORM) -> Said:
    """A workbook with a comment in its old form, more *parts*, and relations of its *sheet* and of the *book*."""
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active["B2"] = "张三"
    made.active["B2"].comment = Comment(comment, "tc={0001}")
    made.save(file)
    found: dict[str, str | bytes] = {}
    with zipfile.ZipFile(file) as source:
        found |= {name: source.read(name) for name in source.namelist()}
    for name, more in (("xl/worksheets/_rels/sheet1.xml.rels", sheet), ("xl/_rels/workbook.xml.rels", book)):
        known = found[name]
        assert isinstance(known, bytes)
        found[name] = known.decode().replace("</Relationships>", f"{more}</Relationships>")
    return read(package(found | parts), "a.xlsx")


def relation(kind: str, target: str) -> str:
    return f'<Relationship Id="m{abs(hash(target))}" Type="{RELATIONS}/{kind}" Target="{target}"/>'


def test_a_thread_of_comments_stands_at_its_cell_with_its_authors_and_times() -> None:
    thread = "".join(
        f'<threadedComment ref="B2" dT="{time}" personId="{person}" id="{{{number}}}"><text>{text}</text></threadedComment>'
        for number, (time, person, text) in enumerate((("2020-03-01T08:00:00", "{A}", "核对过"), ("2020-03-02T09:30:00", "{B}", "ещё раз")))
    )
    people = '<person displayName="李四" id="{A}" userId="x"/><person displayName="Bob" id="{B}" userId="y"/>'
    said = with_parts(
        {"xl/threadedComments/threadedComment1.xml": f'<ThreadedComments xmlns="{THREADS}">{thread}</ThreadedComments>',
         "xl/persons/person.xml": f'<personList xmlns="{THREADS}">{people}</personList>'},
        relation("threadedComment", "/xl/threadedComments/threadedComment1.xml"), relation("person", "persons/person.xml"),
    )  # fmt: skip
    (cell,) = said.parts[0].cells
    assert cell.comment == "李四 (2020-03-01T08:00:00): 核对过\nBob (2020-03-02T09:30:00): ещё раз"
    assert "李四 (2020-03-01T08:00:00): 核对过" in said.text


def test_a_comment_of_the_old_kind_that_is_not_the_thread_stays() -> None:
    thread = f'<ThreadedComments xmlns="{THREADS}"><threadedComment ref="B2"><text>новое</text></threadedComment></ThreadedComments>'
    named = relation("threadedComment", "/xl/threadedComments/t.xml")
    said = with_parts({"xl/threadedComments/t.xml": thread}, named, "", comment="另一条")
    assert said.parts[0].cells[0].comment == "另一条\nновое"


def test_a_thread_that_only_the_old_form_keeps_is_still_there() -> None:
    assert "ещё раз" in (with_parts({}, "", "").parts[0].cells[0].comment or "")


def test_who_changed_a_cell_of_a_shared_workbook_and_what_stood_there_is_found() -> None:
    headers = (
        f'<headers xmlns="{MAIN}" xmlns:r="{RELATIONS}"><header userName="李四" dateTime="2018-01-01T00:00:00Z" r:id="r1"/></headers>'
    )
    log = (
        f'<revisions xmlns="{MAIN}"><rcc rId="1" sId="1"><oc r="B2" t="inlineStr"><is><t>旧名单</t></is></oc>'
        '<nc r="B2" t="inlineStr"><is><t>张三</t></is></nc></rcc><rsnm rId="2" sheetId="1" oldName="[a]Old" newName="[a]New"/></revisions>'
    )
    said = with_parts(
        {"xl/revisions/revisionHeaders.xml": headers, "xl/revisions/revisionLog1.xml": log,
         "xl/revisions/_rels/revisionHeaders.xml.rels": relations(("r1", "revisionLog", "revisionLog1.xml"))},
        "", relation("revisionHeaders", "revisions/revisionHeaders.xml"),
    )  # fmt: skip
    (part,) = [one for one in said.parts if one.label == "changes"]
    assert part.text == "2018-01-01T00:00:00Z 李四: B2: 旧名单 → 张三\n2018-01-01T00:00:00Z 李四: sheet: [a]Old [a]New"


def test_labels_of_buttons_and_boxes_to_tick_are_found() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("Form")
    sheet.insert_button("B3", {"caption": "提交 send"})
    sheet.write("A1", "x")
    sheet.write_comment("A1", "批注")
    book.close()
    found: dict[str, str | bytes] = {}
    with zipfile.ZipFile(file) as source:
        found |= {name: source.read(name) for name in source.namelist()}
    drawing = found["xl/drawings/vmlDrawing1.vml"]
    assert isinstance(drawing, bytes)
    box = (
        '<v:shape id="b{0}" type="#_x0000_t201"><v:textbox><div><font>{1}</font></div></v:textbox>'
        '<x:ClientData ObjectType="Checkbox">{2}</x:ClientData></v:shape>'
    )
    boxes = box.format(1, "党员", "<x:Checked>1</x:Checked>") + box.format(2, "信教", "")
    found["xl/drawings/vmlDrawing1.vml"] = drawing.decode().replace("</xml>", f"{boxes}</xml>")
    said = read(package(found), "a.xlsx")
    (part,) = [one for one in said.parts if one.label == "Form (drawings)"]
    assert part.text.split("\n") == ["提交 send", "☒ 党员", "☐ 信教"]
