"""The text of record is what the generator wrote, in its order, on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from leak_source import error_rate, missing_in_order, name_of, normalised, with_fact

from unburnt.api import Archive
from unburnt.model.reading import Part

Parts = Callable[[str], list[Part]]


def passages(match: str) -> list[Any]:
    return [
        pytest.param(digest, passage, id=f"{name_of(digest)}-{number}")
        for digest, truth in with_fact("passages")
        for number, passage in enumerate(truth["passages"])
        if passage["match"] == match
    ]


def fitting(parts: list[Part], passage: dict[str, Any]) -> str:
    """The text of the parts that the passage may stand in."""
    kind, label, page = passage.get("kind"), passage.get("label"), passage.get("page")
    chosen = [
        part
        for part in parts
        if (kind is None or part.kind == kind)
        and (label is None or part.label == label)
        and (page is None or part.page == page)
    ]
    return "\n".join(part.text for part in chosen)


@pytest.mark.parametrize(("digest", "passage"), passages("exact"))
def test_lines_stand_in_the_text_exactly_and_in_order(parts_of: Parts, digest: str, passage: dict[str, Any]) -> None:
    assert missing_in_order(passage["lines"], fitting(parts_of(digest), passage)) is None


@pytest.mark.parametrize(("digest", "passage"), passages("normalised"))
def test_lines_of_printed_pages_stand_on_their_page_in_order(
    parts_of: Parts, digest: str, passage: dict[str, Any]
) -> None:
    text = normalised(fitting(parts_of(digest), passage))
    assert missing_in_order([normalised(line) for line in passage["lines"]], text) is None


@pytest.mark.parametrize(("digest", "passage"), passages("ocr"))
def test_lines_of_pictures_are_recognised(parts_of: Parts, digest: str, passage: dict[str, Any]) -> None:
    parts = [part for part in parts_of(digest) if part.origin == "ocr"]
    text = normalised(fitting(parts, passage))
    assert error_rate(normalised("".join(passage["lines"])), text) <= passage["tolerance"]


@pytest.mark.parametrize(
    ("digest", "passage"),
    [
        pytest.param(digest, passage, id=f"{name_of(digest)}-{number}")
        for digest, truth in with_fact("passages")
        for number, passage in enumerate(truth["passages"])
        if passage.get("places") and passage["match"] != "ocr"
    ],
)
def test_lines_have_the_rectangle_where_they_were_printed(
    parts_of: Parts, digest: str, passage: dict[str, Any]
) -> None:
    (part,) = [part for part in parts_of(digest) if part.kind == "page" and part.page == passage["page"]]
    assert (round(part.width or 0, 1), round(part.height or 0, 1)) == (595.3, 841.9)
    for line, (x, y) in zip(passage["lines"], passage["places"], strict=True):
        here = [one for one in part.lines if one.rectangle and _holds(one.rectangle, x, y)]
        assert normalised(line) == normalised("".join(part.text[one.start : one.end] for one in here))


@pytest.mark.parametrize(("digest", "passage"), [one for one in passages("ocr") if one.values[1].get("places")])
def test_recognised_lines_have_the_rectangle_where_they_stand_in_the_picture(
    parts_of: Parts, digest: str, passage: dict[str, Any]
) -> None:
    pages = [part for part in parts_of(digest) if part.origin == "ocr" and part.page == passage.get("page", 0)]
    misplaced = []
    for line, (x, y) in zip(passage["lines"], passage["places"], strict=True):
        here = [
            part.text[one.start : one.end]
            for part in pages
            for one in part.lines
            if one.rectangle and _holds(one.rectangle, x, y, margin=(part.width or 0) / 150)
        ]
        if not here or min(error_rate(normalised(line), normalised(text)) for text in here) > 0.5:
            misplaced.append(line)
    assert len(misplaced) <= len(passage["lines"]) // 6, misplaced


def _holds(rectangle: tuple[float, float, float, float], x: float, y: float, *, margin: float = 1.0) -> bool:
    """Whether a point lies inside, with some margin on each side of the line."""
    left, top, right, bottom = rectangle
    return left - margin <= x <= right + margin and top - margin <= y <= bottom + margin


@pytest.mark.parametrize(("digest", "truth"), [pytest.param(*one, id=name_of(one[0])) for one in with_fact("absent")])
def test_what_is_no_text_is_not_read_as_text(parts_of: Parts, digest: str, truth: dict[str, Any]) -> None:
    text = "".join(part.text for part in parts_of(digest))
    assert [word for word in truth["absent"] if word in text] == []


@pytest.mark.parametrize(("digest", "truth"), [pytest.param(*one, id=name_of(one[0])) for one in with_fact("marks")])
def test_changes_and_comments_say_who_and_where(parts_of: Parts, digest: str, truth: dict[str, Any]) -> None:
    found = [
        (mark.kind, part.text[mark.start : mark.end], mark.author)
        for part in parts_of(digest)
        for mark in part.marks
        if part.kind == "text" and mark.kind in ("insertion", "deletion", "comment")
    ]
    assert sorted(found) == sorted((mark["kind"], mark["covered"], mark["author"]) for mark in truth["marks"])
    said = {mark.text for part in parts_of(digest) for mark in part.marks if mark.kind == "comment"}
    assert {mark["said"] for mark in truth["marks"] if mark.get("said")} <= said


@pytest.mark.parametrize(
    ("digest", "passage"),
    [
        pytest.param(digest, passage, id=f"{name_of(digest)}-{number}")
        for digest, truth in with_fact("passages")
        for number, passage in enumerate(truth["passages"])
        if passage.get("lang") and passage["match"] != "ocr"
    ],
)
def test_language_is_found(parts_of: Parts, digest: str, passage: dict[str, Any]) -> None:
    chosen = [part for part in parts_of(digest) if passage["lines"][-1] in part.text or len(parts_of(digest)) == 1]
    assert passage["lang"] in {part.lang for part in chosen or parts_of(digest)}


@pytest.mark.parametrize(("digest", "truth"), [pytest.param(*one, id=name_of(one[0])) for one in with_fact("title")])
def test_title_and_author_are_what_the_file_says(leak_archive: Archive, digest: str, truth: dict[str, Any]) -> None:
    reading = leak_archive.document(digest).reading
    assert reading is not None
    assert reading.metadata.title == truth["title"]
    assert "author" not in truth or reading.metadata.author == truth["author"]


@pytest.mark.parametrize(("digest", "truth"), [pytest.param(*one, id=name_of(one[0])) for one in with_fact("taken")])
def test_photographs_say_when_they_were_taken(leak_archive: Archive, digest: str, truth: dict[str, Any]) -> None:
    reading = leak_archive.document(digest).reading
    assert reading is not None
    assert truth["taken"] in {date.value for date in reading.metadata.dates if date.kind == "taken"}


@pytest.mark.parametrize(("digest", "truth"), [pytest.param(*one, id=name_of(one[0])) for one in with_fact("mail")])
def test_mail_headers_are_decoded(leak_archive: Archive, digest: str, truth: dict[str, Any]) -> None:
    reading = leak_archive.document(digest).reading
    assert reading is not None
    assert reading.metadata.mail is not None
    mail, expected = reading.metadata.mail, truth["mail"]
    assert mail.subject == expected["subject"]
    assert (mail.message_id or "").strip("<>") == expected["message_id"]
    assert [one.strip("<>") for one in mail.in_reply_to] == (
        [expected["in_reply_to"]] if "in_reply_to" in expected else []
    )
    for found, written in ((mail.sender, expected["sender"]), (mail.to, expected["to"])):
        assert [one.replace('"', "") for one in found] == [written]
