"""What files say beside their content, and nobody asked: names before packing, addresses of saved pages, chapters out of the order."""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile

import pptx
import pytest

from tests.read_by_child import read
from unburnt.model.reading import Date


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_the_name_and_time_that_gzip_keeps_are_found(encoding: str) -> None:
    head = b"\x1f\x8b\x08\x1c" + struct.pack("<I", 1_500_000_000) + b"\0\x03" + struct.pack("<H", 3) + b"abc"
    said = read(head + "花名册最终稿.txt".encode(encoding) + b"\0a comment\0" + gzip.compress(b"text")[10:], "x.gz")
    assert said.metadata.fields == {"gzip:name": "花名册最终稿.txt", "gzip:comment": "a comment"}
    assert said.metadata.dates == (Date(kind="modified", value="2017-07-14T02:40:00Z", zone="UTC", origin="gzip"),)
    assert (said.members, said.bytes, said.outcome) == ([b"x"], b"text", "read")
    assert "花名册最终稿.txt" in said.properties


@pytest.mark.parametrize("head", [b"\x1f\x8b", b"\x1f\x8b\x08\x1c\0\0\0\0\0\0\xff\xff", b"\x1f\x8b\x08\x08\0\0\0\0\0\0name without end"])
def test_what_gzip_keeps_may_be_cut_off(head: bytes) -> None:
    assert read(head, "x.gz").outcome == "damaged"


def test_a_saved_page_says_where_it_was() -> None:
    page = (
        b"From: <Saved by Windows Internet Explorer 7>\r\nSubject: page\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="B"\r\n\r\n--B\r\nContent-Type: text/html\r\n'
        b"Content-Location: http://example.org/%E5%90%8D%E5%8D%95\r\n\r\n<p>words</p>\r\n--B--\r\n"
    )
    said = read(page, "a.mht")
    assert said.metadata.fields["mail:Content-Location"] == "http://example.org/%E5%90%8D%E5%8D%95"
    assert "Content-Location: http://example.org/" in said.properties


def test_a_second_subject_is_kept_beside_the_first() -> None:
    said = read(b"From: a@example.org\r\nSubject: first\r\nTo: b@example.org\r\nSubject: second\r\n\r\ntext\r\n", "a.eml")
    assert said.metadata.mail is not None
    assert said.metadata.mail.subject == "first"
    assert said.metadata.fields["mail:Subject"] == "second"
    assert "To" not in " ".join(said.metadata.fields)


def test_a_book_gives_what_stands_beside_its_order_too() -> None:
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                                  '<rootfile full-path="O/c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "O/c.opf": '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="ch%201.xhtml"/><item id="n" href="n.xhtml"/>'
                   '</manifest><spine><itemref idref="a"/></spine></package>',
        "O/ch 1.xhtml": '<html><body><p>第一章 <img src="x.png" alt="照片说明"/><a href="http://example.org/x">there</a><a href="#n">n</a></p>'
                        "</body></html>",
        "O/n.xhtml": "<html><body><p>注释 note</p></body></html>",
    }  # fmt: skip
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    said = read(file.getvalue(), "a.epub")
    assert [(part.label, part.text) for part in said.parts] == [("1", "第一章 照片说明 theren\n"), ("n.xhtml", "注释 note\n")]
    assert "http://example.org/x" in said.properties
    assert said.outcome == "read"


def test_names_of_a_presentation_s_sections_are_found() -> None:
    made, out = pptx.Presentation(), io.BytesIO()
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = "title"
    made.save(out)
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(out) as source:
        parts |= {name: source.read(name) for name in source.namelist()}
    sections = (
        '<p:extLst><p:ext uri="{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"><p14:sectionLst xmlns:p14="http://schemas.microsoft.com/office/'
        'powerpoint/2010/main"><p14:section name="内部 internal" id="{1}"/><p14:section name="выводы" id="{2}"/></p14:sectionLst></p:ext></p:extLst>'
    )
    known = parts["ppt/presentation.xml"].decode()
    parts["ppt/presentation.xml"] = re.sub(r"<p:extLst>.*</p:extLst>|(?=</p:presentation>)", sections, known, count=1, flags=re.DOTALL).encode()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)
    said = read(file.getvalue(), "a.pptx")
    assert "内部 internal\nвыводы" in said.properties
