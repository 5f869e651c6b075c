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
    # In one call, unless pdfium leaves out signs that it numbers, or a sign takes two places there.
    buffer = ctypes.create_string_buffer(2 * count + 2)
    given = pdfium.FPDFText_GetText(textpage, 0, count, ctypes.cast(buffer, _SHORTS)) - 1 if count else 0
    if given == count:
        text = buffer.raw[: 2 * count].decode("utf-16-le", "surrogatepass")
        if len(text) == count and not _SURROGATES.search(text):
            return text
    codes = (pdfium.FPDFText_GetUnicode(textpage, index) for index in range(count))
    return "".join(chr(code) if 0 < code < 0x110000 else "\0" for code in codes)


def _lines(textpage: Any, signs: str, frame: Frame) -> PageText:
    pieces: list[str] = []
    lines: list[Line] = []
    length = 0
    shown = signs.replace("\x02", "-").replace("\ufffe", "-")
    for first, end, breaks in _spans(signs):
        text = shown[first:end].replace("\0", "")
        if not text.isascii() and _SURROGATES.search(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        elif is_right_to_left(text) and len(text) == end - first:
            text = logical_line(text, _places(textpage, first, end))
        if text and not text.isspace():
            lines.append(Line(length, length + len(text), _rectangle(textpage, first, end - first, frame)))
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


def _rectangle(textpage: Any, first: int, count: int, frame: Frame) -> Rectangle | None:
    """The box around the signs, from the few boxes that pdfium makes of them."""
    found = pdfium.FPDFText_CountRects(textpage, first, count)
    if found <= 0:
        return None
    left, top, right, bottom = ctypes.c_double(), ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
    if found == 1:
        if not pdfium.FPDFText_GetRect(textpage, 0, left, top, right, bottom):
            return None
        return frame.rectangle(left.value, bottom.value, right.value, top.value)
    boxes: list[tuple[float, float, float, float]] = []
    for index in range(min(found, 10_000)):
        if pdfium.FPDFText_GetRect(textpage, index, left, top, right, bottom):
            boxes.append((left.value, bottom.value, right.value, top.value))
    if not boxes:
        return None
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return frame.rectangle(min(lefts), min(bottoms), max(rights), max(tops))
