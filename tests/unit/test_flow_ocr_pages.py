"""Which pages wait for OCR, and how they are named."""

from __future__ import annotations

import pytest

from unburnt.flow.ocr_reading import lacks_ocr, pages_to_read, spelled
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Expected, Note, PartHead, Reading


def reading(
    *notes: Note, outcome: Outcome = Outcome.PARTIAL, heads: tuple[PartHead, ...] = (), pages: int | None = None
) -> Reading:
    return Reading(
        blob="a" * 64, type="application/pdf", reader="pdf", outcome=outcome, reason="Some pages hold pictures.",
        notes=notes, parts=heads, expected=Expected(pages=pages),
    )


def head(page: int, characters: int = 0) -> PartHead:
    return PartHead(ordinal=page, kind="page", label=str(page + 1), characters=characters, page=page)


def needs(page: str) -> Note:
    return Note("page-needs-ocr", page)


def test_noted_pages_are_read_in_order_and_nonsense_is_passed_over() -> None:
    found = pages_to_read(reading(needs("7"), needs("2"), needs("-1"), needs("٣"), needs("9" * 40), needs("2")))
    assert found == [2, 7]


def test_pages_beyond_the_last_possible_note_are_read_too() -> None:
    notes = [needs(str(page)) for page in range(1_000)]
    heads = tuple(head(page, characters=5 if page == 1_001 else 0) for page in range(1_003))
    assert pages_to_read(reading(*notes, heads=heads)) == [*range(1_000), 1_000, 1_002]


def test_a_reading_that_names_no_page_has_all_its_pages_read() -> None:
    assert pages_to_read(reading(outcome=Outcome.NEEDS_OCR, pages=3)) == [0, 1, 2]
    assert pages_to_read(reading(outcome=Outcome.NEEDS_OCR)) == [0]
    assert pages_to_read(reading(outcome=Outcome.NEEDS_OCR, heads=(head(0, 9), head(1)))) == [1]
    assert pages_to_read(reading(outcome=Outcome.READ, heads=(head(0),))) == []


def test_a_reading_that_had_its_turn_waits_no_more() -> None:
    assert lacks_ocr(reading(needs("0")))
    assert lacks_ocr(reading(outcome=Outcome.NEEDS_OCR))
    assert not lacks_ocr(reading(needs("0"), Note("ocr-done", "Page 1 was read from pixels.")))
    assert not lacks_ocr(reading(outcome=Outcome.READ))


@pytest.mark.parametrize(
    ("pages", "words"), [([2], "page 3"), ([0, 1, 2, 3, 6], "pages 1-4, 7"), ([5, 3], "pages 4, 6")]
)
def test_pages_are_counted_as_people_count_them(pages: list[int], words: str) -> None:
    assert spelled(pages) == words


def test_a_very_long_list_of_pages_is_cut() -> None:
    assert spelled(range(0, 1_000, 2)).endswith("77, 79 and others")
