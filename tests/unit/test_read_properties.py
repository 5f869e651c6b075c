"""What documents say about themselves can be found as text, in one way for every reader."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import docx
import openpyxl
import pikepdf
import pptx

from tests.read_by_child import read
from unburnt.model.outcome import Outcome

APP = ('<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Template>红头文件.dotx</Template>'
       "<Company>县公安局</Company><Manager>王五</Manager><Words>1234567</Words></Properties>")  # fmt: skip


def with_properties(document: docx.document.Document) -> bytes:
    said = document.core_properties
    said.title, said.subject, said.keywords, said.comments, said.category = "通知", "subjectword", "keyone", "descriptionword", "categoryword"
    said.last_printed = datetime(2017, 5, 4, 9, 12, tzinfo=UTC)
    file = io.BytesIO()
    document.save(file)
    with zipfile.ZipFile(file) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    parts["docProps/app.xml"] = APP.encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for name, data in parts.items():
            out.writestr(name, data)
    return target.getvalue()


def test_a_word_documents_properties_are_text_of_their_own() -> None:
    document = docx.Document()
    document.add_paragraph("正文")
    said = read(with_properties(document), "a.docx")
    assert said.text == "正文\n"
    for line in ("title: 通知", "subject: subjectword", "keywords: keyone", "description: descriptionword", "category: categoryword",
                 "Template: 红头文件.dotx", "Company: 县公安局", "Manager: 王五", "printed: 2017-05-04T09:12:00Z"):  # fmt: skip
        assert line in said.properties.split("\n")
    assert "1234567" not in said.properties


def test_properties_do_not_make_an_empty_document_read() -> None:
    said = read(with_properties(docx.Document()), "a.docx")
    assert said.outcome is Outcome.EMPTY
    assert "subjectword" in said.properties


def test_a_workbooks_custom_properties_are_found_whatever_their_names() -> None:
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = 1
    book.custom_doc_props.append(openpyxl.packaging.custom.StringProperty(name="Pages", value="案卷 4711"))
    book.save(file)
    assert "Pages: 案卷 4711" in read(file.getvalue(), "a.xlsx").properties.split("\n")


def test_a_presentations_properties_are_text_of_their_own() -> None:
    slides, file = pptx.Presentation(), io.BytesIO()
    slides.core_properties.keywords = "keyinslides"
    slides.save(file)
    assert "keywords: keyinslides" in read(file.getvalue(), "a.pptx").properties.split("\n")


def test_a_pdfs_properties_are_text_of_their_own() -> None:
    pdf, file = pikepdf.Pdf.new(), io.BytesIO()
    pdf.add_blank_page()
    pdf.docinfo["/Subject"], pdf.docinfo["/Keywords"], pdf.docinfo["/Case"] = "主题", "pdfkey", "案卷"
    pdf.save(file)
    said = read(file.getvalue(), "a.pdf")
    assert said.outcome is Outcome.EMPTY
    assert {"Subject: 主题", "Keywords: pdfkey", "Case: 案卷"} <= set(said.properties.split("\n"))


def test_an_rtf_files_properties_are_text_of_their_own() -> None:
    said = read(rb"{\rtf1\ansi{\info{\title T}{\subject rtfsubject}{\company rtfcompany}}Body}", "a.rtf")
    assert {"subject: rtfsubject", "company: rtfcompany"} <= set(said.properties.split("\n"))
