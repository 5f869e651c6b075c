"""A recognised picture as a part of a reading: its text, and its lines in the page's own measure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from unburnt.base.limits import PART_BYTES
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Line, Part
from unburnt.read.ocr.picture import Picture
from unburnt.read.ocr.recognised import RecognisedLine, RecognitionFailed


def page_part(page: Part, picture: Picture, lines: Sequence[RecognisedLine]) -> Part:
    """*page* with the text of *lines*; a page that has no measure gets the picture's, in pixels.

    Raises :class:`RecognitionFailed` when the text is longer than a part may be.
    """
    text = "\n".join(line.text for line in lines)
    if len(text.encode("utf-8", "replace")) > PART_BYTES:
        raise RecognitionFailed("The recogniser gave more text than a page can hold.", Outcome.REFUSED)
    width, height = page.width or float(picture.width), page.height or float(picture.height)
    across, down = width / picture.width, height / picture.height
    placed: list[Line] = []
    start = 0
    for line in lines:
        left, top, right, bottom = line.rectangle
        rectangle = (
            round(left * across, 2), round(top * down, 2), round(right * across, 2), round(bottom * down, 2)
        )
        placed.append(Line(start, start + len(line.text), rectangle, round(line.confidence, 3)))
        start += len(line.text) + 1
    # What was said about places in a text that was blank keeps its place on the page.
    marks = tuple(msgspec.structs.replace(mark, start=None, end=None) for mark in page.marks)
    return msgspec.structs.replace(
        page, text=text, lines=tuple(placed), origin="ocr", width=width, height=height, marks=marks, continues=False
    )
