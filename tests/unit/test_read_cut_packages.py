"""Office files whose end is gone: the parts before the cut are read, counted, and never called the whole."""

from __future__ import annotations

import io
import random
import re
import zipfile

import docx
import openpyxl
import pptx
import pytest

from tests.read_by_child import read
from unburnt.model.outcome import Outcome

_random = random.Random(5)
WORDS = [f"слово{_random.randrange(10**9)}" for _ in range(3000)]
LINES = [" ".join(WORDS[at : at + 10]) for at in range(0, len(WORDS), 10)]
ODF = "urn:oasis:names:tc:opendocument:xmlns"


def saved(document: docx.document.Document | openpyxl.Workbook | pptx.presentation.Presentation) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def package(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts.items():
            target.writestr(name, text, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return file.getvalue()


def word() -> bytes:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    return saved(document)


def slides() -> bytes:
    deck = pptx.Presentation()
    for line in LINES[:40]:
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = line
    return saved(deck)


def sheets() -> bytes:
    book = openpyxl.Workbook()
    for line in LINES:
        book.active.append(line.split(" "))
    return saved(book)


def open_document() -> bytes:
    inner = "".join(f"<text:p>{line}</text:p>" for line in LINES)
    content = (f'<office:document-content xmlns:office="{ODF}:office:1.0" xmlns:text="{ODF}:text:1.0"><office:body><office:text>{inner}'
               "</office:text></office:body></office:document-content>")  # fmt: skip
    return package({"mimetype": "application/vnd.oasis.opendocument.text", "meta.xml": "<m/>", "content.xml": content})


def book() -> bytes:
    pages = {f"OEBPS/{number}.xhtml": "<html><body>" + "".join(f"<p>{line}</p>" for line in LINES[number::3]) + "</body></html>"
             for number in range(3)}  # fmt: skip
    items = "".join(f'<item id="i{number}" href="{number}.xhtml"/>' for number in range(3))
    refs = "".join(f'<itemref idref="i{number}"/>' for number in range(3))
    container = '<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
    opf = f"<package><metadata/><manifest>{items}</manifest><spine>{refs}</spine></package>"
    return package({"mimetype": "application/epub+zip", "META-INF/container.xml": container, **pages, "OEBPS/content.opf": opf})


MADE = {"a.docx": word, "a.pptx": slides, "a.xlsx": sheets, "a.odt": open_document, "a.epub": book}


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    return {name: make() for name, make in MADE.items()}


@pytest.mark.parametrize("name", MADE)
def test_without_its_directory_a_package_gives_all_its_text_and_is_partial(name: str, whole: dict[str, bytes]) -> None:
    data = whole[name]
    said = read(data[: data.rfind(b"PK\x01\x02", 0, data.find(b"PK\x01\x02") + 4)], name)
    assert said.finished is not None
    assert (said.outcome, said.finished.reason[:65]) == (
        Outcome.PARTIAL, "Some was lost: its directory of parts is cut off or damaged: " + said.finished.reason[61:65],
    )  # fmt: skip
    kept = set(said.text.split())
    expected = WORDS[:400] if name == "a.pptx" else WORDS
    assert {word for word in expected if word not in kept} == set()


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("share", [0.35, 0.6, 0.8])
def test_a_cut_package_gives_the_words_before_the_cut_and_never_says_read(name: str, share: float, whole: dict[str, bytes]) -> None:
    data = whole[name]
    said = read(data[: int(len(data) * share)], name)
    assert said.outcome in (Outcome.PARTIAL, Outcome.DAMAGED)
    if name != "a.pptx" or share > 0.5:
        assert said.outcome is Outcome.PARTIAL
        assert any(word in said.text for word in WORDS)


def test_the_count_of_parts_found_and_lost_is_told(whole: dict[str, bytes]) -> None:
    data = whole["a.docx"]
    said = read(data[: data.find(b"word/document.xml") + 8_000], "a.docx")
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        names = made.namelist()
    found = names.index("word/document.xml") + 1
    assert said.finished is not None
    match = re.search(r"(\d+) parts were found by their own headers, (\d+) that it names are gone", said.finished.reason)
    assert match is not None
    assert int(match[1]) == found
    # Lists of relationships are named by nobody, and what only they name is not known.
    gone = sum(1 for name in names[found:] if not name.endswith(".rels"))
    assert gone - 2 <= int(match[2]) <= gone


def test_the_directory_of_a_file_inside_is_not_taken_for_the_packages_own(whole: dict[str, bytes]) -> None:
    inner = whole["a.xlsx"]
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole["a.docx"])) as made, zipfile.ZipFile(file, "w") as target:
        for name in made.namelist():
            target.writestr(name, made.read(name))
        target.writestr("word/embeddings/book.xlsx", inner)
    data = file.getvalue()
    said = read(data[: data.find(inner) + len(inner)], "a.docx")
    assert said.began is not None
    assert (said.began.reader, said.outcome) == ("docx", Outcome.PARTIAL)
    assert WORDS[-1] in said.text
    assert inner in said.bytes


def test_cells_whose_texts_are_lost_are_counted(whole: dict[str, bytes]) -> None:
    data = whole["a.xlsx"]
    said = read(data[: data.find(b"PK\x03\x04", data.find(b"xl/worksheets/sheet1.xml"))], "a.xlsx")
    assert said.finished is not None
    assert said.outcome in (Outcome.PARTIAL, Outcome.DAMAGED)
    if said.outcome is Outcome.DAMAGED:
        assert f"the texts of {len(WORDS)} cells are not in the table of strings" in said.finished.reason


def test_an_archive_that_is_cut_and_holds_a_document_stays_an_archive(whole: dict[str, bytes]) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("notes.txt", "text")
        target.writestr("letter.docx", whole["a.docx"])
    said = read(file.getvalue()[:-30], "a.zip")
    assert said.began is not None
    assert said.began.reader == "zip"
    assert said.members == [b"notes.txt", b"letter.docx"]
