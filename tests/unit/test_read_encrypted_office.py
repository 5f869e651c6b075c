"""What an encrypted office file is, its package says, and not its name."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile
from pptx import Presentation

from tests.read_by_child import read

PASSWORD = "花园-7"
MAIN = "application/vnd.openxmlformats-officedocument."


def _document() -> bytes:
    document = docx.Document()
    document.add_paragraph("The sealed order")
    return _saved(document)


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0]["B2"] = "The sealed order"
    return _saved(book)


def _slides() -> bytes:
    slides = Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "The sealed order"
    return _saved(slides)


def _saved(made: object) -> bytes:
    file = io.BytesIO()
    made.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


def encrypted(plain: bytes) -> bytes:
    file = io.BytesIO()
    OOXMLFile(io.BytesIO(plain)).encrypt(PASSWORD, file)
    return file.getvalue()


KINDS = [(_document, "docx", "wordprocessingml.document"), (_workbook, "xlsx", "spreadsheetml.sheet"),
         (_slides, "pptx", "presentationml.presentation")]  # fmt: skip


@pytest.mark.parametrize(("make", "reader", "kind"), KINDS)
@pytest.mark.parametrize("name", ["a", "a.bak", "a.docx", "a.pptx"])
def test_an_opened_package_is_read_as_what_it_is(make: object, reader: str, kind: str, name: str) -> None:
    said = read(encrypted(make()), name, passwords=("wrong", PASSWORD))  # type: ignore[operator]
    assert said.began is not None
    assert (said.began.reader, said.began.type) == (reader, MAIN + kind)
    assert said.outcome == "read"
    assert said.finished is not None
    assert said.finished.opened_with_secret
    assert "The sealed order" in said.text


def test_a_locked_package_without_a_telling_name_is_of_no_kind_yet() -> None:
    said = read(encrypted(_workbook()), "a.bak")
    assert said.began is not None
    assert said.began.type == "application/encrypted"
    assert said.outcome == "locked"


def test_a_locked_package_is_what_its_name_says_until_it_is_opened() -> None:
    said = read(encrypted(_workbook()), "a.xlsx", passwords=("wrong",))
    assert said.began is not None
    assert (said.began.reader, said.outcome) == ("xlsx", "locked")
    assert said.finished is not None
    assert "none of the given passwords" in said.finished.reason


def test_a_locked_package_is_not_opened_where_other_documents_are_read() -> None:
    assert [type(frame).__name__ for frame in read(encrypted(_workbook()), "a", shared=True).frames] == ["NeedsOwnChild"]
