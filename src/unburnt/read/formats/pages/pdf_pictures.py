"""Which pages hold words only as pixels or outlines: those need OCR; a blank page does not."""

from __future__ import annotations

import itertools
from enum import Enum
from typing import Any

import pypdfium2.raw as pdfium
from PIL import Image

from unburnt.model.reading import Line, Rectangle
from unburnt.read.formats.pages.pdf_places import Frame
from unburnt.read.formats.pages.pdf_text import PageText

_MOST_OBJECTS = 5000
_FEW_SIGNS = 60
_MOST_OF_THE_PAGE = 0.7
_SMALLEST_SHARE = 0.1
"""Smaller pictures are letterheads, seals and signatures."""
_BAND = 0.1
"""A fax's heading and a stamp take less of a page's height than that; the text layer of a scan, more."""
_ALIKE = 24
"""Steps of brightness, of 256, that look the same."""
_THUMBNAIL = 240.0
_DEPTH = 4


class PageState(Enum):
    """What a page's text layer is worth."""

    TEXT = "text"
    STAMPED = "stamped"
    """A picture that may hold words of its own, with a few words of text on it (a stamp, a page number) or none."""
    PICTURE = "picture"
    BLANK = "blank"


def state_of(page: Any, content: PageText, frame: Frame) -> PageState:
    """Judge an opened page by its text and by what is drawn on it."""
    if content.is_usable:
        return PageState.STAMPED if _hides_words(page, content, frame) else PageState.TEXT
    if next(_pictures(page, _DEPTH), None) is not None:
        return PageState.PICTURE
    if next(page.get_objects(max_depth=1), None) is None:
        return PageState.BLANK
    return PageState.BLANK if _is_uniform(page, frame) and not content.text.strip() else PageState.PICTURE


def _pictures(page: Any, depth: int) -> Any:
    found = page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=depth)
    return itertools.islice(found, _MOST_OBJECTS)


def _hides_words(page: Any, content: PageText, frame: Frame) -> bool:
    """Whether pictures on a page with text may hold words that the text does not: few lines of it stand on them.

    Over most of the page that is a scan with a stamp or a fax's heading. A smaller picture is only looked at where its ground is
    of one colour, as of paper or of a screen, and not of a photograph.
    """
    boxes = _picture_boxes(page, frame)
    width, height = frame.size
    share = min(1.0, sum(map(_area, boxes)) / max(1.0, width * height))
    if share < _SMALLEST_SHARE:
        return False
    over = [line for line in content.lines if line.rectangle is not None and any(_middle_in(line.rectangle, box) for box in boxes)]
    signs = (sign for line in over for sign in filter(str.isalnum, content.text[line.start : line.end]))
    few = len(tuple(itertools.islice(signs, _FEW_SIGNS))) < _FEW_SIGNS
    if share >= _MOST_OF_THE_PAGE:
        return few or _height(over) < _BAND * height
    return few and any(_area(box) >= _SMALLEST_SHARE * width * height and _is_flat(page, box, frame) for box in boxes)


def _picture_boxes(page: Any, frame: Frame) -> list[Rectangle]:
    """Where pictures lie on the visible page, strips of a scan one by one; each place once."""
    width, height = frame.size
    found: dict[Rectangle, None] = {}
    for picture in _pictures(page, 1):
        left, top, right, bottom = frame.rectangle(*picture.get_bounds())
        box = max(0.0, left), max(0.0, top), min(width, right), min(height, bottom)
        if box[2] > box[0] and box[3] > box[1]:
            found.setdefault(box)
    return list(found)


def _area(box: Rectangle) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _middle_in(line: Rectangle, box: Rectangle) -> bool:
    return box[0] <= (line[0] + line[2]) / 2 <= box[2] and box[1] <= (line[1] + line[3]) / 2 <= box[3]


def _height(lines: list[Line]) -> float:
    """How much of the page's height *lines* take, those side by side once."""
    total, reached = 0.0, 0.0
    for top, bottom in sorted((line.rectangle[1], line.rectangle[3]) for line in lines if line.rectangle is not None):
        total += max(0.0, bottom - max(top, reached))
        reached = max(reached, bottom)
    return total


def _is_flat(page: Any, box: Rectangle, frame: Frame) -> bool:
    """Whether most of a part of the page is of one brightness."""
    view, scale = _small(page, frame)
    if view is None:
        return False
    left, top, right, bottom = (side * scale for side in box)
    levels = view.crop((left, top, right, bottom)).histogram()
    return max(sum(levels[start : start + _ALIKE]) for start in range(257 - _ALIKE)) > sum(levels) / 2


def _small(page: Any, frame: Frame) -> tuple[Image.Image | None, float]:
    """A small grey drawing of the page, and its pixels a point."""
    width, height = frame.size
    if not (0 < width < 1e6 and 0 < height < 1e6):
        return None, 0.0
    scale = _THUMBNAIL / max(width, height)
    bitmap = page.render(scale=scale, grayscale=True)
    return Image.frombuffer("L", (bitmap.width, bitmap.height), bitmap.buffer, "raw", "L", bitmap.stride, 1), scale


def _is_uniform(page: Any, frame: Frame) -> bool:
    """Whether a small drawing of the page shows one colour only."""
    view, _ = _small(page, frame)
    if view is None:
        return False
    lowest, highest = view.getextrema()
    return bool(lowest == highest)
