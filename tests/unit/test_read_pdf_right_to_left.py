"""Right-to-left lines of a PDF come out in the order in which people read them, with the numbers' signs in place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from weasyprint import HTML

from tests.read_in_sandbox import read
from unburnt.read.formats.pages.pdf_bidi import logical_line
from unburnt.sandbox.runner import Sandbox

LINES = (
    "2017-يىلى 5-ئاينىڭ 3-كۈنى",
    "يىلى 2017.",
    "يىلى (2017) كەنت",
    "باھاسى 25% ئاشتى",
    "ۋاقتى 12:30 دا",
    "تېلېفون 0998-123-456 نومۇر",
    "1-5 كەنت",
    "«2017» يىلى",
    "سانى 1,250.50 يۈەن",
    "نومۇر №7 بويىچە",
    "ھۆججەت PDF-2017 نۇسخا",
    "ھۆججەت (A-17) نۇسخا",
    "2017- يىلى",
    "7-نومۇر: 8-ماددا.",
    "5، 6، 7-ماددا",
    "تىرە -5 گرادۇس",
    "[3]-ئىزاھات",
    "2017/05/03 كۈنى",
    "3/4-قىسىم",
    "12-13-كۈنلىرى",
)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    path: Path = tmp_path_factory.mktemp("pdf") / "lines.pdf"
    body = "".join(f"<p lang='ug' dir='rtl'>{line}</p>" for line in LINES)
    HTML(string=f"<body style='font-family: Noto Naskh Arabic; font-size: 12px'>{body}").write_pdf(path)
    with Sandbox("unburnt.read.child:main") as sandbox:
        yield read(sandbox, path).one("page").text.split("\n")


@pytest.mark.parametrize(("number", "line"), list(enumerate(LINES)))
def test_a_printed_line_is_read_as_it_was_written(printed: list[str], number: int, line: str) -> None:
    assert unicodedata.normalize("NFKC", printed[number]) == unicodedata.normalize("NFKC", line)


def test_a_line_that_does_not_run_across_is_left_alone() -> None:
    text = "ئا-17"
    assert logical_line(text, [(10.0, 16.0)] * len(text)) == text


def test_no_sign_is_lost_whatever_the_places() -> None:
    text = "ab ئا -17 (c) ئ%"
    ordered = logical_line(text, [(float(index * 7 % 11), float(index * 7 % 11 + 3)) for index in range(len(text))])
    assert sorted(ordered) == sorted(text)


def test_a_ligature_of_lam_and_alef_is_read_as_it_is_written() -> None:
    # pdfium gives both letters the place of their one glyph, and turns them round.
    place = [(20.0, 24.0), (10.0, 18.0), (10.0, 18.0), (2.0, 8.0)]
    assert logical_line("بالس", place) == "بلاس"


def test_alef_and_lam_that_stand_side_by_side_stay_as_they_are() -> None:
    place = [(20.0, 24.0), (15.0, 18.0), (10.0, 14.0), (2.0, 8.0)]
    assert logical_line("بالس", place) == "بالس"
