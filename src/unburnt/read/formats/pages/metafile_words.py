"""What both kinds of Windows metafiles share: pieces of text put into lines, and bitmaps made files."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

_APART = 3
"""Units between two pieces of one line that make them words of their own."""


class Word(NamedTuple):
    """A piece of text as one record draws it, and where: left, right and base line in the drawing's units."""

    text: str
    left: int
    right: int
    y: int


def lines_of(words: Iterable[Word]) -> str:
    """The pieces in the order in which they were drawn, a line for each change of height."""
    pieces: list[str] = []
    last: Word | None = None
    for word in words:
        text = word.text.replace("\0", "")
        if not text:
            continue
        if last is not None:
            near = last.y == word.y and 0 <= word.left - last.right <= _APART and last.right > last.left
            pieces.append("" if near else " " if last.y == word.y else "\n")
        pieces.append(text)
        last = word
    return "".join(pieces) + ("\n" if pieces else "")


def bitmap_file(head: bytes, bits: bytes) -> bytes:
    """A device-independent bitmap as a BMP file: 14 bytes that say where its pixels begin."""
    return struct.pack("<2sIHHI", b"BM", 14 + len(head) + len(bits), 0, 0, 14 + len(head)) + head + bits
