"""Word 97-2003 text: the piece table and the document's stories (MS-DOC 2.4.1, 2.5, 2.9.38)."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged
from unburnt.read.formats.office.field_words import shown_words
from unburnt.read.formats.office.office_text import TextBuilder

STORIES = ("text", "footnotes", "header", "macro", "comments", "endnotes", "text boxes", "header text boxes")
MOST_TEXT = 256 * MIB
CONTROL = re.compile("\x07\x07|[\x00-\x08\x0b-\x0d\x0e-\x1f]")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
LANGUAGES = {0x04: "gb18030", 0x19: "cp1251", 0x22: "cp1251", 0x11: "cp932", 0x12: "cp949", 0x01: "cp1256", 0x80: "cp1256",
             0x3F: "cp1251", 0x1F: "cp1254", 0x15: "cp1250", 0x05: "cp1250", 0x0E: "cp1250"}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Something said about characters of the document; places in UTF-16 units from its first."""

    start: int
    end: int
    kind: str
    author: str | None = None
    date: str | None = None
    text: str = ""
    """A comment's words, said of one place."""


@dataclass(frozen=True)
class Piece:
    """Where a stretch of text stands: its place and length in UTF-16 units, its bytes in the stream, what is said about all of it."""

    start: int
    length: int
    offset: int
    width: int
    modifier: int

    def place(self, offset: int) -> int:
        """The place in the text of a byte of the stream."""
        return self.start + (offset - self.offset) // self.width


class WordText:
    """The text of all stories, and which bytes of the stream each piece of it comes from. Raises :class:`Damaged`."""

    def __init__(self, document: bytes, table: bytes) -> None:
        try:
            self._lengths = struct.unpack_from("<8i", document, 0x4C)
            start, size = struct.unpack_from("<II", document, 0x1A2)
        except struct.error as error:
            raise Damaged("The document's head (FIB) is cut short.") from error
        self.modifiers: list[bytes] = []
        """Lists of properties that pieces refer to."""
        self.pieces: list[Piece] = []
        self._whole = self._pieces(document, table[start : start + size])
        # Places in the file count letters beyond the first 65,536 twice.
        self._seconds = [place + number + 1 for number, place in enumerate(_beyond(self._whole))]

    def stories(self) -> dict[str, tuple[int, str]]:
        """The raw text of every story, control characters included, and its place in UTF-16 units."""
        found: dict[str, tuple[int, str]] = {}
        position = 0
        for name, length in zip(STORIES, self._lengths, strict=True):
            if length > 0:
                found[name] = position, self._whole[self.index(position) : self.index(position + length)]
                position += length
        return found

    def stated(self, story: str) -> int:
        """The length that the file states for a story, in UTF-16 units."""
        return max(int(self._lengths[STORIES.index(story)]), 0)

    def index(self, place: int) -> int:
        """The number of the character at a place in UTF-16 units."""
        return place - bisect_left(self._seconds, place) if self._seconds else place

    def _pieces(self, document: bytes, clx: bytes) -> str:
        position = 0
        while position < len(clx) and clx[position] == 1:
            size = struct.unpack_from("<H", clx.ljust(position + 3, b"\0"), position + 1)[0]
            self.modifiers.append(clx[position + 3 : position + 3 + size])
            position += 3 + size
        if position + 5 > len(clx) or clx[position] != 2:
            raise Damaged("The document's table of text pieces is missing.")
        plc = clx[position + 5 : position + 5 + struct.unpack_from("<I", clx, position + 1)[0]]
        count = (len(plc) - 4) // 12
        bounds = struct.unpack_from(f"<{count + 1}I", plc, 0)
        pieces, total, place = [], 0, 0
        for number in range(count):
            length = bounds[number + 1] - bounds[number]
            offset, modifier = struct.unpack_from("<IH", plc, 4 * (count + 1) + 8 * number + 2)
            if length <= 0 or total + length > MOST_TEXT:
                continue
            total += length
            is_narrow = bool(offset & 0x4000_0000)
            begin = (offset & 0x3FFF_FFFF) // 2 if is_narrow else offset
            units = document[begin : begin + length * (1 if is_narrow else 2)]
            if is_narrow:
                pieces.append(units.decode("cp1252", "replace"))
            else:
                units = units[: len(units) & ~1]  # a cut file may end within one
                pieces.append(units.decode("utf-16-le", "surrogatepass"))
            found = len(units) if is_narrow else len(units) // 2
            self.pieces.append(Piece(place, found, begin, 1 if is_narrow else 2, modifier))
            place += found
        whole = "".join(pieces)
        return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") if _astral(pieces) else whole


def _beyond(text: str) -> Iterator[int]:
    return (match.start() for match in _BEYOND.finditer(text))


def _astral(pieces: list[str]) -> bool:
    return any("\ud800" <= character <= "\udfff" for piece in pieces for character in piece[:1] + piece[-1:])


def word95_text(document: bytes) -> str:
    """The text of a Word 6 or 95 file that was not saved fast: one run of bytes in the code page of its language."""
    try:
        language = struct.unpack_from("<H", document, 6)[0] & 0xFF
        start, end = struct.unpack_from("<II", document, 0x18)
        length = struct.unpack_from("<I", document, 0x34)[0]
    except struct.error as error:
        raise Damaged("The document's head (FIB) is cut short.") from error
    raw = document[start : min(end, start + length)]
    return raw.decode(LANGUAGES.get(language, "cp1252"), "replace")


def render(raw: str, spans: Sequence[Span] = ()) -> TextBuilder:
    """Text as people see it: cells by tab, rows and paragraphs by line, field results; instructions become marks.

    *spans*, whose places count the characters of *raw*, become marks too.
    """
    out = TextBuilder()
    fields: list[tuple[int, int | None, list[str]]] = []
    places = _Places(spans)
    for begin, piece in _split(raw):
        before = out.length
        if piece == "\x13":
            fields.append((out.length, None, []))
        elif piece == "\x14" and fields:
            fields[-1] = (fields[-1][0], out.length, fields[-1][2])
        elif piece == "\x15" and fields:
            _end_field(fields, out)
        else:
            shown = _SHOWN.get(piece, "" if len(piece) == 1 and piece < " " and piece not in "\t\n" else piece)
            waiting = next((field for field in fields if field[1] is None), None)
            if waiting is not None:
                waiting[2].append(shown)
            else:
                out.add(shown)
        places.passed(begin, len(piece), before, out.length)
    places.mark(out)
    return out


def _end_field(fields: list[tuple[int, int | None, list[str]]], out: TextBuilder) -> None:
    begin, result, instruction = fields.pop()
    text = "".join(instruction).strip()
    words = shown_words(text) if result is None else ""
    outer = next((field for field in fields if field[1] is None), None)
    if outer is not None:
        outer[2].append(words)
    else:
        out.add(words)
    if text and outer is None:
        kind = "link" if text.upper().startswith("HYPERLINK") else "field"
        out.mark(kind, begin if result is None else result, out.length, text=text[:10_000])


class _Places:
    """Follows the bounds of spans from the raw text into the shown one."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._waiting = sorted({place for span in spans for place in (span.start, span.end)}, reverse=True)
        self._found: dict[int, int] = {}

    def passed(self, begin: int, length: int, before: int, after: int) -> None:
        """*length* characters from *begin* on were shown from *before* to *after*."""
        while self._waiting and self._waiting[-1] < begin + length:
            place = self._waiting.pop()
            into = max(place - begin, 0)
            self._found[place] = min(before + into, after) if after - before >= length or not into else after

    def mark(self, out: TextBuilder) -> None:
        """Say in *out* what the spans say, where any of it is shown."""
        for span in self._spans:
            start, end = self._found.get(span.start, out.length), self._found.get(span.end, out.length)
            if end > start or span.text:
                words = "paragraph mark" if span.kind in _CHANGES and out.text()[start:end] == "\n" else span.text
                out.mark(span.kind, start, end, text=words, author=span.author, date=span.date)


_CHANGES = ("insertion", "deletion")
_SHOWN = {"\x07\x07": "\n", "\x07": "\t", "\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "\u2011", "\x1f": "\u00ad"}


def _split(raw: str) -> Iterator[tuple[int, str]]:
    last = 0
    for match in CONTROL.finditer(raw):
        if match.start() > last:
            yield last, raw[last : match.start()]
        yield match.start(), match[0]
        last = match.end()
    if last < len(raw):
        yield last, raw[last:]
