"""Where office files lead out: a template that is fetched, a picture that loads when hovered over, a program that a cell calls."""

from __future__ import annotations

from tests.read_by_child import Said, read
from tests.unit.test_read_office_deep import RELATIONS, WORD, content_types, package, relations

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def outside(*each: tuple[str, str, str]) -> str:
    lines = (f'<Relationship Id="{one}" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/>' for one, kind, target in each)
    return relations().replace("</Relationships>", f"{''.join(lines)}</Relationships>")


def links(said: Said) -> list[str]:
    return [line for part in said.all_parts if part.label == "links" for line in part.text.splitlines()]


def test_a_letter_tells_every_address_that_any_of_its_parts_leads_to_once() -> None:
    body = (
        '<w:p><w:hyperlink r:id="a" w:anchor="top"><w:r><w:t>here</w:t></w:r></w:hyperlink>'
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" href="https://shape.example/"/></w:pict></w:r></w:p>'
    )
    said = read(package({
        "[Content_Types].xml": content_types("wordprocessingml.document.main+xml", "word/document.xml"),
        "_rels/.rels": relations(("r1", "officeDocument", "word/document.xml")),
        "word/_rels/document.xml.rels": outside(
            ("a", "hyperlink", "https://link.example/"), ("b", "hyperlink", "https://hover.example/"), ("c", "subDocument", "part 2.docx"),
        ),
        "word/_rels/header9.xml.rels": outside(("a", "attachedTemplate", "https://fetched.example/a.dotx")),
        "word/document.xml": f'<w:document xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:body>{body}</w:body></w:document>',
    }), "a.docx")  # fmt: skip
    assert links(said) == [
        "https://link.example/#top", "https://shape.example/", "https://hover.example/", "part 2.docx", "https://fetched.example/a.dotx",
    ]  # fmt: skip


def test_what_somebody_typed_at_the_edge_of_notes_and_handouts_is_told_and_prompts_are_not() -> None:
    def shape(kind: str, text: str) -> str:
        place = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
        return f"<p:sp><p:nvSpPr>{place}</p:nvSpPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"

    def root(name: str, *shapes: str) -> str:
        drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
        space = f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="{drawing}"'
        return f"<p:{name} {space}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:{name}>"

    said = read(package({
        "[Content_Types].xml": content_types("presentationml.presentation.main+xml", "ppt/presentation.xml"),
        "_rels/.rels": relations(("r1", "officeDocument", "ppt/presentation.xml")), "ppt/presentation.xml": root("presentation"),
        "ppt/slideMasters/slideMaster1.xml": root("sldMaster", shape("title", "Click to edit"), shape("ftr", "prompt"), shape("", "stamp")),
        "ppt/notesMasters/notesMaster1.xml": root("notesMaster", shape("hdr", "内部"), shape("body", "Edit text"), shape("dt", "12/16/2016")),
        "ppt/handoutMasters/handoutMaster1.xml": root("handoutMaster", shape("ftr", "copy 3 of 5"), shape("sldNum", "4"), shape("", "box")),
    }), "a.pptx")  # fmt: skip
    assert [part.text for part in said.parts if part.label == "masters"] == ["stamp\n内部\ncopy 3 of 5\nbox"]


def test_a_program_that_a_workbook_calls_is_named_with_what_it_asks_of_it() -> None:
    said = read(package({
        "[Content_Types].xml": content_types("spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
        "_rels/.rels": relations(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations(("s", "worksheet", "worksheets/sheet1.xml"), ("e", "externalLink", "externalLinks/externalLink1.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>',
        "xl/externalLinks/externalLink1.xml":
            f'<externalLink xmlns="{SHEET}"><ddeLink ddeService="cmd" ddeTopic="/c run"><ddeItems><ddeItem name="i"/></ddeItems></ddeLink></externalLink>',
    }), "a.xlsx")  # fmt: skip
    assert [part.text for part in said.all_parts if part.label == "other workbook 1"] == ["cmd|/c run\ni"]
