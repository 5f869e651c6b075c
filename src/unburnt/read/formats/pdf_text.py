"""A PDF page's text by pdfium: each sign as the page's fonts name it, each line with its rectangle."""

from __future__ import annotations

import ctypes
import re
from typing import Any

import msgspec
import pypdfium2.raw as pdfium

from unburnt.model.reading import Line, Rectangle
from unburnt.read.formats.pdf_bidi import Place, is_right_to_left, logical_line
from unburnt.read.formats.pdf_places import Frame

MOST_CHARACTERS = 5_000_000
"""The most signs of one page that are taken."""
_HYPHENS = (0x02, 0xFFFE)
_UNUSABLE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")


class PageText(msgspec.Struct, frozen=True):
    """A page's text in pdfium's order, and its lines."""

    text: str
    lines: tuple[Line, ...]

    @property
    def is_usable(self) -> bool:
        """Whether there is text at all and most of it stands for known characters."""
        signs = len("".join(self.text.split()))
        return signs > 0 and len(_UNUSABLE.findall(self.text)) * 3 <= signs


def page_text(page: Any, frame: Frame) -> PageText:
    """The text of an opened page; pdfium's line ends become ``\\n``."""
    textpage = page.get_textpage()
    try:
        count = min(pdfium.FPDFText_CountChars(textpage), MOST_CHARACTERS)
        codes = [pdfium.FPDFText_GetUnicode(textpage, index) for index in range(max(count, 0))]
        return _lines(textpage, codes, frame)
    finally:
        textpage.close()


def _lines(textpage: Any, codes: list[int], frame: Frame) -> PageText:
    pieces: list[str] = []
    lines: list[Line] = []
    length = 0
    for first, end, breaks in _spans(codes):
        text = "".join(map(_sign, codes[first:end]))
        if _has_surrogates(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        elif is_right_to_left(text) and len(text) == end - first:
            text = logical_line(text, _places(textpage, first, end))
        if text.strip():
            lines.append(Line(length, length + len(text), _rectangle(textpage, first, end - first, frame)))
        pieces.append(text + ("\n" if breaks else ""))
        length += len(pieces[-1])
    return PageText("".join(pieces), tuple(lines))


def _spans(codes: list[int]) -> list[tuple[int, int, bool]]:
    """First and last sign of each line, and whether a line end follows. A soft hyphen ends its line too."""
    spans: list[tuple[int, int, bool]] = []
    start = 0
    for index, code in enumerate(codes):
        if code in (0x0D, 0x0A):
            if code == 0x0A and index and codes[index - 1] == 0x0D:
                start = index + 1
                continue
            spans.append((start, index, True))
            start = index + 1
        elif code in _HYPHENS and not (index + 1 < len(codes) and codes[index + 1] in (0x0D, 0x0A)):
            spans.append((start, index + 1, True))
            start = index + 1
    if start < len(codes):
        spans.append((start, len(codes), False))
    return spans


def _sign(code: int) -> str:
    if code in _HYPHENS:
        return "-"
    return chr(code) if 0 < code < 0x110000 else ""


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _places(textpage: Any, first: int, end: int) -> list[Place]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    places: list[Place] = []
    for index in range(first, end):
        pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        places.append((left.value, right.value))
    return places


def _rectangle(textpage: Any, first: int, count: int, frame: Frame) -> Rectangle | None:
    """The box around the signs, from the few boxes that pdfium makes of them."""
    found = pdfium.FPDFText_CountRects(textpage, first, count)
    if found <= 0:
        return None
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(min(found, 10_000)):
        if pdfium.FPDFText_GetRect(textpage, index, left, top, right, bottom):
            boxes.append((left.value, bottom.value, right.value, top.value))
    if not boxes:
        return None
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return frame.rectangle(min(lefts), min(bottoms), max(rights), max(tops))
