"""Which pages hold words only as pixels or outlines: those need OCR; a blank page does not."""

from __future__ import annotations

import itertools
from enum import Enum
from typing import Any

import pypdfium2.raw as pdfium
from PIL import Image

from unburnt.read.formats.pages.pdf_places import Frame
from unburnt.read.formats.pages.pdf_text import PageText

_MOST_OBJECTS = 5000
_FEW_SIGNS = 60
_MOST_OF_THE_PAGE = 0.7
_THUMBNAIL = 240.0
_DEPTH = 4


class PageState(Enum):
    """What a page's text layer is worth."""

    TEXT = "text"
    STAMPED = "stamped"
    """A picture over most of the page, with a few words of text on it (a stamp, a page number)."""
    PICTURE = "picture"
    BLANK = "blank"


def state_of(page: Any, content: PageText, frame: Frame) -> PageState:
    """Judge an opened page by its text and by what is drawn on it."""
    if content.is_usable:
        few = len(tuple(itertools.islice(filter(str.isalnum, content.text), _FEW_SIGNS))) < _FEW_SIGNS
        return PageState.STAMPED if few and _picture_share(page, frame) >= _MOST_OF_THE_PAGE else PageState.TEXT
    if next(_pictures(page, _DEPTH), None) is not None:
        return PageState.PICTURE
    if next(page.get_objects(max_depth=1), None) is None:
        return PageState.BLANK
    return PageState.BLANK if _is_uniform(page, frame) and not content.text.strip() else PageState.PICTURE


def _pictures(page: Any, depth: int) -> Any:
    found = page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=depth)
    return itertools.islice(found, _MOST_OBJECTS)


def _picture_share(page: Any, frame: Frame) -> float:
    """The share of the visible page that the largest picture covers."""
    width, height = frame.right - frame.left, frame.top - frame.bottom
    largest = 0.0
    for picture in _pictures(page, 1):
        left, bottom, right, top = picture.get_bounds()
        across = min(right, frame.right) - max(left, frame.left)
        up = min(top, frame.top) - max(bottom, frame.bottom)
        if across > 0 and up > 0:
            largest = max(largest, across * up)
    return largest / max(1.0, width * height)


def _is_uniform(page: Any, frame: Frame) -> bool:
    """Whether a small drawing of the page shows one colour only."""
    width, height = frame.size
    if not (0 < width < 1e6 and 0 < height < 1e6):
        return False
    bitmap = page.render(scale=_THUMBNAIL / max(width, height), grayscale=True)
    view = Image.frombuffer("L", (bitmap.width, bitmap.height), bitmap.buffer, "raw", "L", bitmap.stride, 1)
    lowest, highest = view.getextrema()
    return bool(lowest == highest)
