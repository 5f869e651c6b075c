"""Types by content: each sample is made here, and its name lies where that is said."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile

import docx
import openpyxl
import pytest
import xlwt
from PIL import Image

from unburnt.read.extensions import mismatch
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def type_of(data: bytes, name: str = "") -> str:
    return sniff(Source(io.BytesIO(data), len(data), name))


def saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def archive(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, data in entries.items():
            target.writestr(name, data)
    return file.getvalue()


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, kind)
    return file.getvalue()


def test_office_packages_are_told_from_plain_archives() -> None:
    assert type_of(saved(docx.Document())) == WORD
    assert type_of(saved(openpyxl.Workbook())) == SHEET
    assert type_of(archive(a=b"text")) == "application/zip"
    assert type_of(archive(mimetype=b"application/epub+zip")) == "application/epub+zip"
    assert type_of(archive(mimetype=b"application/vnd.oasis.opendocument.text")) == "application/vnd.oasis.opendocument.text"


def test_a_package_cut_short_keeps_its_type() -> None:
    assert type_of(saved(docx.Document())[:-300]) == WORD


def test_old_office_files_are_told_by_their_streams() -> None:
    book = xlwt.Workbook()
    book.add_sheet("a").write(0, 0, "x")
    assert type_of(saved(book)) == "application/vnd.ms-excel"


@pytest.mark.parametrize(("kind", "expected"), [
    ("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("TIFF", "image/tiff"), ("WEBP", "image/webp"),
    ("BMP", "image/bmp"),
])  # fmt: skip
def test_pictures(kind: str, expected: str) -> None:
    assert type_of(picture(kind)) == expected


@pytest.mark.parametrize(("data", "name", "expected"), [
    (b"<!DOCTYPE html><p>a", "", "text/html"),
    (b"\xef\xbb\xbf<html><body>a</body></html>", "a.txt", "text/html"),
    ("<html><head><title>通知</title>".encode("gbk"), "", "text/html"),
    (b'<?xml version="1.0"?><note/>', "", "application/xml"),
    (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "", "application/xhtml+xml"),
    (b"From: a@example.org\nTo: b@example.org\nSubject: x\n\nbody", "a.txt", "message/rfc822"),
    (b"X-Odd:1\nReceived: from x\nMessage-ID: <1@x>\nDate: now\n\nbody", "", "message/rfc822"),
    (b"From a@example.org Mon Jan  1 00:00:00 2018\nFrom: a@example.org\nTo: b\n\nbody", "", "application/mbox"),
    (b"%PDF-1.4\n", "a.docx", "application/pdf"),
    (b"{\\rtf1 a}", "", "application/rtf"),
    (json.dumps({"a": [1]}).encode(), "", "application/json"),
    (b"{ not json", "", "text/plain"),
    (b"a,b\n1,2\n", "a.csv", "text/csv"),
    (b"a,b\n1,2\n", "a.txt", "text/plain"),
    ("张三".encode("gbk"), "", "text/plain"),
    ("第一行\r\n第二行".encode("utf-16-le"), "", "text/plain"),
    (b"The header %PDF- is explained here.", "", "text/plain"),
    (bytes(range(256)) * 8, "a.txt", "application/octet-stream"),
    (b"MZ\x90\x00" + bytes(100), "", "application/vnd.microsoft.portable-executable"),
])  # fmt: skip
def test_texts_and_signatures(data: bytes, name: str, expected: str) -> None:
    assert type_of(data, name) == expected


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_of_every_form(form: int) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as target:
        target.addfile(tarfile.TarInfo("a"), io.BytesIO(b""))
    assert type_of(file.getvalue()) == "application/x-tar"


def test_a_lying_extension_is_told_in_a_sentence() -> None:
    assert mismatch("bericht.docx", "application/pdf") == "The name ends in .docx, but the content is of the type application/pdf."
    assert mismatch("bericht.pdf", "application/pdf") is None
    assert mismatch("no extension", "application/pdf") is None
