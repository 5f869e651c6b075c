"""A PDF page's text by pdfium: each sign as the page's fonts name it, each line with its rectangle."""

from __future__ import annotations

import ctypes
import re
from typing import Any

import msgspec
import pypdfium2.raw as pdfium

from unburnt.model.reading import Line, Rectangle
from unburnt.read.formats.pages.pdf_bidi import Place, is_right_to_left, logical_line
from unburnt.read.formats.pages.pdf_places import Frame

MOST_CHARACTERS = 5_000_000
"""The most signs of one page that are taken."""
_MOST_BOXES = 10_000
"""Of one line."""
_SHORTS = ctypes.POINTER(ctypes.c_ushort)
_ENDS = re.compile("[\r\n\x02\ufffe]")
"""Line ends, and pdfium's two soft hyphens at a line's end."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNUSABLE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")


class PageText(msgspec.Struct, frozen=True):
    """A page's text in pdfium's order, and its lines."""

    text: str
    lines: tuple[Line, ...]

    @property
    def is_usable(self) -> bool:
        """Whether there is text at all and most of it stands for known characters."""
        signs = sum(map(len, self.text.split()))
        return signs > 0 and (not _UNUSABLE.search(self.text) or len(_UNUSABLE.findall(self.text)) * 3 <= signs)


def page_text(page: Any, frame: Frame) -> PageText:
    """The text of an opened page; pdfium's line ends become ``\\n``."""
    textpage = page.get_textpage()
    try:
        count = max(0, min(pdfium.FPDFText_CountChars(textpage), MOST_CHARACTERS))
        return _lines(textpage, _signs(textpage, count), frame)
    finally:
        textpage.close()


def _signs(textpage: Any, count: int) -> str:
    """One sign for each of pdfium's numbers; NUL stands for what is no sign."""
    if not count:
        return ""
    buffer = ctypes.create_string_buffer(2 * count + 2)
    given = pdfium.FPDFText_GetText(textpage, 0, count, ctypes.cast(buffer, _SHORTS)) - 1
    text = buffer.raw[: 2 * given].decode("utf-16-le", "surrogatepass")
    if len(text) != given or _SURROGATES.search(text):  # a sign takes two places there
        return "".join(_sign(textpage, index) for index in range(count))
    return text if given == count else _with_unsaid(textpage, text, count)


def _with_unsaid(textpage: Any, text: str, count: int) -> str:
    """*text* with the signs that pdfium numbers and leaves out of its text; a page has few, so their places are halved for."""
    place = pdfium.FPDFText_GetTextIndexFromCharIndex
    pieces: list[str] = []
    spans = [(0, count)]
    while spans:
        first, end = spans.pop()
        start, last = place(textpage, first), place(textpage, end - 1)
        if start >= 0 and last - start == end - 1 - first:
            pieces.append(text[start : last + 1])
        elif end - first == 1:
            pieces.append(_sign(textpage, first))
        else:
            middle = (first + end) // 2
            spans += [(middle, end), (first, middle)]
    return "".join(pieces)


def _sign(textpage: Any, index: int) -> str:
    code = pdfium.FPDFText_GetUnicode(textpage, index)
    return chr(code) if 0 < code < 0x110000 else "\0"


def _lines(textpage: Any, signs: str, frame: Frame) -> PageText:
    pieces: list[str] = []
    lines: list[Line] = []
    length = 0
    boxes = _Boxes(textpage, frame)
    shown = signs.replace("\x02", "-").replace("\ufffe", "-")
    for first, end, breaks in _spans(signs):
        text = shown[first:end].replace("\0", "")
        if not text.isascii() and _SURROGATES.search(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        elif is_right_to_left(text) and len(text) == end - first:
            text = logical_line(text, _places(textpage, first, end))
        if text and not text.isspace():
            lines.append(Line(length, length + len(text), boxes.around(first, end - first)))
        pieces.append(text + "\n" if breaks else text)
        length += len(pieces[-1])
    return PageText("".join(pieces), tuple(lines))


def _spans(signs: str) -> list[tuple[int, int, bool]]:
    """First and last sign of each line, and whether a line end follows. A soft hyphen ends its line too."""
    spans: list[tuple[int, int, bool]] = []
    start = 0
    for match in _ENDS.finditer(signs):
        at = match.start()
        if signs[at] in "\r\n":
            if signs[at] == "\n" and at and signs[at - 1] == "\r":
                start = at + 1
                continue
            spans.append((start, at, True))
            start = at + 1
        elif signs[at + 1 : at + 2] not in ("\r", "\n"):
            spans.append((start, at + 1, True))
            start = at + 1
    if start < len(signs):
        spans.append((start, len(signs), False))
    return spans


def _places(textpage: Any, first: int, end: int) -> list[Place]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    places: list[Place] = []
    for index in range(first, end):
        pdfium.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
        places.append((left.value, right.value))
    return places


class _Boxes:
    """The boxes that pdfium makes of a run of signs; the places for its answers are made once for a page."""

    def __init__(self, textpage: Any, frame: Frame) -> None:
        self._textpage = textpage.raw  # not looked up anew with each call
        self._frame = frame
        self._values = tuple(ctypes.c_double() for _ in range(4))

    def around(self, first: int, count: int) -> Rectangle | None:
        """The rectangle around all of them."""
        textpage, get = self._textpage, pdfium.FPDFText_GetRect
        left, top, right, bottom = self._values
        found = pdfium.FPDFText_CountRects(textpage, first, count)
        boxes = [
            (left.value, bottom.value, right.value, top.value)
            for index in range(min(found, _MOST_BOXES)) if get(textpage, index, left, top, right, bottom)
        ]  # fmt: skip
        if len(boxes) > 1:
            lefts, bottoms, rights, tops = zip(*boxes, strict=True)
            return self._frame.rectangle(min(lefts), min(bottoms), max(rights), max(tops))
        return self._frame.rectangle(*boxes[0]) if boxes else None
