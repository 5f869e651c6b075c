"""Words of office files that stand in no paragraph and no cell can be found: links, choices, formulas, names, custom XML, authors."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import docx
import openpyxl
import pptx
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.read_by_child import Said, read
from unburnt.model.outcome import Outcome

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
ODF = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(f'xmlns:{name}="{ODF}:{uri}:1.0"' for name, uri in {
    "office": "office", "text": "text", "table": "table", "draw": "drawing", "form": "form", "presentation": "presentation",
}.items()) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip


def saved(document: docx.document.Document | openpyxl.Workbook | pptx.presentation.Presentation) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def changed(data: bytes, changes: dict[str, str | Callable[[str], str]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    for name, change in changes.items():
        parts[name] = (change if isinstance(change, str) else change(parts[name].decode())).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return file.getvalue()


def word(body: str, relations: str = "", **parts: str) -> Said:
    changes: dict[str, str | Callable[[str], str]] = {
        "word/document.xml": lambda text: text.replace("<w:body>", f"<w:body>{body}"),
        "word/_rels/document.xml.rels": lambda text: text.replace("</Relationships>", relations + "</Relationships>"),
    }
    return read(changed(saved(docx.Document()), changes | {name.replace("__", "/"): part for name, part in parts.items()}), "a.docx")


def lines(said: Said, label: str) -> list[str]:
    (part,) = [part for part in said.all_parts if part.label == label]
    return part.text.rstrip("\n").split("\n")


def odf(kind: str, body: str, **parts: str) -> Said:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        target.writestr("content.xml", f"<office:document-content {SPACES}><office:body>{body}</office:body></office:document-content>")
        for name, part in parts.items():
            target.writestr(name, part)
    return read(file.getvalue(), "a.odt")


# --- Word -----------------------------------------------------------------------------------------------------------------------


def test_content_controls_give_what_was_filled_in_and_what_could_have_been() -> None:
    said = word(
        '<w:p><w:sdt><w:sdtPr><w:alias w:val="案由"/><w:tag w:val="casetag"/><w:dropDownList><w:listItem w:displayText="甲" w:value="1"/>'
        '<w:listItem w:displayText="乙" w:value="2"/></w:dropDownList></w:sdtPr><w:sdtContent><w:r><w:t>甲选</w:t></w:r></w:sdtContent>'
        "</w:sdt></w:p>"
    )
    assert said.parts[0].text.startswith("甲选\n")
    assert lines(said, "form") == ["案由; casetag; 甲; 1; 乙; 2"]


def test_old_form_fields_give_their_help_choices_and_defaults() -> None:
    said = word(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="Text1"/><w:helpText w:val="helpword"/><w:textInput>'
        '<w:default w:val="defaultword"/></w:textInput></w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    assert lines(said, "form") == ["Text1; helpword; defaultword"]


def test_link_targets_and_field_instructions_are_text() -> None:
    said = word(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "http://field.example/"</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>shown</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        '<w:p><w:hyperlink r:id="rIdX"><w:r><w:t>also</w:t></w:r></w:hyperlink><w:fldSimple w:instr="INCLUDETEXT C:/空.doc"/></w:p>'
        '<w:p><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple><w:fldSimple w:instr="INCLUDETEXT &quot;C:/秘密.doc&quot;">'
        "<w:r><w:t>x</w:t></w:r></w:fldSimple></w:p>",
        f'<Relationship Id="rIdX" Type="{RELATIONS}/hyperlink" Target="http://relation.example/" TargetMode="External"/>',
    )
    assert lines(said, "links") == ['HYPERLINK "http://field.example/"', "http://relation.example/"]
    assert lines(said, "fields") == ["INCLUDETEXT C:/空.doc", 'INCLUDETEXT "C:/秘密.doc"']


def test_custom_xml_is_read_as_a_hidden_part() -> None:
    said = word("", **{"customXml__item7.xml": '<form xmlns="urn:f"><case no="案卷4711">藏</case></form>'})
    (part,) = [part for part in said.parts if part.label == "custom XML item7.xml"]
    assert (part.text, part.hidden) == ("案卷4711\n藏", True)


def test_who_changed_and_commented_can_be_found_by_name() -> None:
    said = word(
        '<w:p><w:ins w:author="张三" w:date="2017-05-04T09:12:00Z"><w:r><w:t>inserted</w:t></w:r></w:ins>'
        '<w:del w:author="李四" w:date="2017-05-05T00:00:00Z"><w:r><w:delText>deleted</w:delText></w:r></w:del>'
        '<w:ins w:author="张三" w:date="2017-05-06T10:00:00Z"><w:r><w:t>again</w:t></w:r></w:ins></w:p>'
    )
    assert said.parts[0].text.startswith("inserteddeletedagain\n")
    assert {(mark.kind, mark.author, mark.date) for mark in said.parts[0].marks} >= {("deletion", "李四", "2017-05-05T00:00:00Z")}
    assert lines(said, "authors of changes and comments") == [
        "张三: 2 insertions, 2017-05-04T09:12:00Z to 2017-05-06T10:00:00Z", "李四: 1 deletion, 2017-05-05T00:00:00Z",
    ]


def test_descriptions_of_pictures_and_formulas_are_text() -> None:
    said = word(
        f'<w:p><m:oMath xmlns:m="{MATH}"><m:f><m:num><m:r><m:t>numerator</m:t></m:r></m:num><m:den><m:r><m:t>denominator</m:t></m:r></m:den>'
        "</m:f></m:oMath></w:p>"
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:docPr id="1" name="x" title="照片" descr="大门"/></wp:inline></w:drawing></w:r></w:p>'
    )
    assert said.parts[0].text.startswith("numerator/denominator\n")
    assert lines(said, "descriptions of pictures") == ["照片", "大门"]


def test_the_title_and_the_description_of_a_table_are_text() -> None:
    inner = '<w:tbl><w:tblPr><w:tblCaption w:val="inner title"/></w:tblPr><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>'
    said = word(
        '<w:tbl><w:tblPr><w:tblCaption w:val="名册"/><w:tblDescription w:val="一村一行"/></w:tblPr>'
        f"<w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p>{inner}</w:tc></w:tr></w:tbl>"
    )
    assert "名册" not in said.parts[0].text
    assert lines(said, "descriptions of pictures") == ["名册", "一村一行", "inner title"]


# --- Excel -----------------------------------------------------------------------------------------------------------------------


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["B2"], sheet["B3"] = "cell", '=IF(A1="字面",Other!A1,0)', "=A2+1", "=A3+1"
    sheet["A1"].comment = Comment("commentword", "批注人")
    rule = DataValidation(type="list", formula1='"一,二"', promptTitle="ptitle", prompt="promptword", error="errorword")
    rule.add("C1")
    sheet.add_data_validation(rule)
    sheet.oddHeader.left.text, sheet.oddHeader.center.text, sheet.oddHeader.center.size = "leftword &P", "headerword", 12
    sheet.oddFooter.right.text, sheet.oddFooter.right.font = "R&&D", "Arial,Bold"
    sheet["D1"].hyperlink = "http://link.example/"
    sheet["D1"].hyperlink.tooltip = "tooltipword"
    book.defined_names["范围"] = DefinedName("范围", attr_text="Sheet!$A$1", comment="namecomment")
    return saved(book)


def test_what_stands_beside_the_cells_of_a_workbook_is_text() -> None:
    said = read(workbook(), "a.xlsx")
    assert said.parts[0].text.startswith("cell\t")
    assert lines(said, "Sheet (choices and prompts)") == ["C1: 一,二; ptitle; promptword; errorword"]
    assert lines(said, "Sheet (comments)") == ["A1: 批注人: commentword"]
    assert lines(said, "Sheet (links)") == ["http://link.example/", "tooltipword"]
    assert lines(said, "names") == ["范围: Sheet!$A$1: namecomment"]


def test_formulas_can_be_found_and_copies_of_one_are_told_once() -> None:
    assert lines(read(workbook(), "a.xlsx"), "Sheet (formulas)") == ['B1: =IF(A1="字面",Other!A1,0)', "B2: =A2+1"]


def test_codes_of_printed_headers_are_not_glued_to_their_words() -> None:
    said = read(workbook(), "a.xlsx")
    (part,) = [part for part in said.parts if part.kind == "header"]
    assert [line.strip() for line in part.text.split("\n")] == ["leftword", "headerword", "R&D"]
    assert [mark.text for mark in part.marks] == ["&Lleftword &P&C&12 headerword", '&R&"Arial,Bold"R&&D']


def test_values_kept_of_other_workbooks_and_connections_are_read() -> None:
    relations = (
        f'<Relationship Id="rId97" Type="{RELATIONS}/externalLink" Target="externalLinks/externalLink1.xml"/>'
        f'<Relationship Id="rId98" Type="{RELATIONS}/connections" Target="connections.xml"/></Relationships>'
    )
    said = read(changed(workbook(), {
        "xl/_rels/workbook.xml.rels": lambda text: text.replace("</Relationships>", relations),
        "xl/externalLinks/externalLink1.xml": '<externalLink><externalBook><sheetNames><sheetName val="别处"/></sheetNames><sheetDataSet>'
        '<sheetData><row><cell r="A1"><v>keptvalue</v></cell><cell r="B1"><v>7</v></cell></row></sheetData></sheetDataSet></externalBook></externalLink>',
        "xl/connections.xml": '<connections><connection name="库" ><dbPr connection="Server=10.1.1.1" command="select"/></connection></connections>',
    }), "a.xlsx")  # fmt: skip
    assert lines(said, "other workbook 1") == ["别处", "keptvalue\t7"]
    assert lines(said, "connections") == ["库", "Server=10.1.1.1", "select"]


# --- slides and OpenDocument -------------------------------------------------------------------------------------------------------


def test_a_presentations_links_descriptions_and_the_footers_of_its_notes_are_text() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    run = slide.shapes.title.text_frame.paragraphs[0].add_run()
    run.text, run.hyperlink.address = "shown", "http://slide.example/"
    slide.shapes.title._element.nvSpPr.cNvPr.set("descr", "altword")
    slide.notes_slide.notes_text_frame.text = "noteword"
    footer = '<p:sp><p:nvSpPr><p:cNvPr id="9" name="f"/><p:cNvSpPr/><p:nvPr><p:ph type="ftr"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:p><a:r><a:t>footerword</a:t></a:r></a:p></p:txBody></p:sp></p:spTree>'
    said = read(changed(saved(deck), {"ppt/notesSlides/notesSlide1.xml": lambda text: text.replace("</p:spTree>", footer)}), "a.pptx")
    assert said.outcome is Outcome.READ
    assert lines(said, "links") == ["http://slide.example/"]
    assert lines(said, "descriptions of pictures") == ["altword"]
    assert "footerword" in next(part.text for part in said.parts if part.kind == "notes")


def test_open_document_forms_fields_links_and_formula_objects_are_text() -> None:
    said = odf(
        "text",
        '<office:text><office:forms><form:form><form:text form:name="栏" form:current-value="formvalue"/></form:form></office:forms>'
        '<text:user-field-decls><text:user-field-decl text:name="uf" office:string-value="fieldvalue"/></text:user-field-decls>'
        '<text:p>plain<text:a xlink:href="http://odf.example/">x</text:a><text:hidden-text text:string-value="hiddenword"/>'
        "<office:annotation><dc:creator>批注人</dc:creator><text:p>note</text:p></office:annotation></text:p></office:text>",
        **{"Object 1/content.xml": '<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow><mi>alpha</mi><mo>=</mo><mn>2</mn></mrow></math>'},
    )
    assert lines(said, "form") == ["栏: formvalue", "uf: fieldvalue", "hiddenword"]
    assert lines(said, "links") == ["http://odf.example/"]
    assert lines(said, "Object 1") == ["alpha = 2"]
    assert lines(said, "authors of changes and comments") == ["批注人: 1 comment"]


def test_open_document_sheets_give_rules_names_formulas_and_links() -> None:
    said = odf(
        "spreadsheet",
        '<office:spreadsheet><table:content-validations><table:content-validation table:name="v" table:condition="in-list(甲)">'
        '<table:help-message table:title="helptitle"><text:p>helpword</text:p></table:help-message></table:content-validation>'
        '</table:content-validations><table:table table:name="S"><table:table-row><table:table-cell table:formula="of:=A1&amp;&quot;lit&quot;">'
        '<text:p>v<text:a xlink:href="http://cell.example/">x</text:a></text:p></table:table-cell></table:table-row></table:table>'
        '<table:named-expressions><table:named-range table:name="范围" table:cell-range-address="S.A1"/></table:named-expressions>'
        "</office:spreadsheet>",
    )
    assert lines(said, "choices and prompts") == ["in-list(甲); helptitle; helpword"]
    assert lines(said, "names") == ["范围: S.A1"]
    assert lines(said, "S (formulas)") == ['A1: of:=A1&"lit"']
    assert lines(said, "links") == ["http://cell.example/"]
