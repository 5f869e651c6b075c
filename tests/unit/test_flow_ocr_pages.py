"""Which pages wait for OCR, and how they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from unburnt.flow.chunks import Chunks
from unburnt.flow.ocr_reading import Successor, lacks_ocr, pages_to_read, spelled
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Expected, Note, Part, PartHead, Passage, Reading
from unburnt.read.ocr.recognised import Recognised, RecognisedLine
from unburnt.read.passages import MOST_PASSAGES, are_of


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


def test_a_doubtful_text_layer_stays_beside_what_was_read_from_pixels(tmp_path: Path) -> None:
    old = reading(Note("rtl-order-doubtful", "0"), needs("0"), outcome=Outcome.READ, heads=(head(0, 5),), pages=1)
    assert pages_to_read(old) == [0]
    with_text = Part(ordinal=0, kind="page", label="1", text="ۋە بىز", page=0, lang="ug", script="Arab")
    seen = Part(ordinal=0, kind="page", label="1", text="بىز ۋە", page=0, lang="ug", script="Arab", origin="ocr")
    successor = Successor(old, Chunks(tmp_path), [])
    successor.keep(with_text)
    successor.keep(seen)
    successor.recognised(0, Recognised((RecognisedLine("بىز ۋە", (0, 0, 9, 9), 0.9),), ("tesseract",)))
    new = successor.finish({"tesseract": "5"}, {"tesseract": ("uig",)})
    successor.chunks.close()
    assert [one.origin for one in new.parts] == ["file", "ocr"]
    assert new.outcome is Outcome.READ
    (said,) = [note.text for note in new.notes if note.code == "ocr-beside-text"]
    assert said == "Page 1 was read from pixels too, since the text layer is doubtful; both are kept."
    assert not lacks_ocr(new)


@pytest.mark.parametrize(("passages", "is_right"), [
    ((Passage(0, 2, "ug", "Arab"), Passage(2, 5, "zh", "Hans")), True),
    ((), True),
    ((Passage(0, 9, "ug", "Arab"),), False),
    ((Passage(3, 5, "ug", "Arab"), Passage(0, 3, "zh", "Hans")), False),
    ((Passage(0, 5, "ug\nforged", "Arab"),), False),
    ((Passage(0, 5, "u" * 9, "Arab"),), False),
    ((Passage(0, 0),) * (MOST_PASSAGES + 1), False),
])
def test_a_child_that_was_taken_over_cannot_say_impossible_passages(passages: tuple[Passage, ...], is_right: bool) -> None:
    assert are_of(passages, "abcde") is is_right
