"""Who inserted, deleted and commented on what in an old Word file, and when (MS-DOC 2.4.6.2, 2.6.1, 2.7.2, 2.9.81).

Characters' properties stand in pages of 512 bytes, by the places of the text's bytes in the stream; a piece of text may have
some of its own. Only properties that say *changed* are looked at, and only in a file whose bytes hold their codes.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from unburnt.read.formats.office.doc_text import Piece, Span, WordText
from unburnt.read.formats.texts.rtf_changes import local_time

MOST_SPANS = 50_000
_MOST_RUNS, _MOST_STEPS = 250_000, 500_000
"""Runs of changed text that are held, and parts of pieces that are gone through: pieces may show the same bytes again and again."""
_LONGEST_NAME = 255
_PAGE = 512
_PAGES_OF_RUNS, _AUTHORS, _COMMENTS, _COMMENT_TEXTS, _COMMENTERS, _COMMENT_TIMES = 0xFA, 0x232, 0xBA, 0xC2, 0x1BA, 0x41A
"""Where the FIB says where things stand in the table stream (FibRgFcLcb97; the last FibRgFcLcb2002)."""
_DELETED, _INSERTED = 0x0800, 0x0801
_BY, _AT, _DELETED_BY, _DELETED_AT = 0x4804, 0x6805, 0x4863, 0x6864
_WANTED = frozenset((_DELETED, _INSERTED, _BY, _AT, _DELETED_BY, _DELETED_AT))
_CHANGED = re.compile(rb"[\x00\x01]\x08[^\x00]", re.DOTALL)
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)
"""Bytes behind a property's code, by its upper three bits; 0 where the next byte says it."""
_TABLE = 0xD608
_SHORT = {0x41: _DELETED, 0x42: _INSERTED}
"""Properties of a piece in seven bits (section 2.9.215)."""
_COMMENT_BYTES, _TIME_BYTES = 30, 18
Properties = dict[int, int]


@dataclass(frozen=True)
class Comment:
    """One comment: the place in the document that it is about, that of its own text, who and when. Places in UTF-16 units."""

    place: int
    start: int
    end: int
    author: str | None
    date: str | None


def changes(document: bytes, table: bytes, text: WordText) -> tuple[list[Span], bool]:
    """What was inserted and deleted, in order, and whether that is all of it.

    Raises :class:`struct.error` where the file's structure cannot be followed.
    """
    moved = [_of_piece(piece.modifier, text.modifiers) for piece in text.pieces]
    if _CHANGED.search(document) is None and not any(moved):
        return [], True
    authors = _strings(_named(document, table, _AUTHORS))
    found = list(islice(_runs(document, _named(document, table, _PAGES_OF_RUNS)), _MOST_RUNS + 1))
    runs = list(_apart(found[:_MOST_RUNS]))
    starts = [run[0] for run in runs]
    parts = (part for piece, own in zip(text.pieces, moved, strict=True) for part in _within(piece, own, runs, starts))
    spans: list[Span] = []
    for number, (start, end, said) in enumerate(parts):
        if number == _MOST_STEPS or len(spans) > MOST_SPANS:
            return spans[:MOST_SPANS], False
        for span in _spans(start, end, said, authors):
            _join(spans, span)
    return spans[:MOST_SPANS], len(found) <= _MOST_RUNS and len(spans) <= MOST_SPANS


def comments(document: bytes, table: bytes, length: int) -> tuple[list[Comment], bool]:
    """The comments in order, and whether those are all; their story has *length* UTF-16 units, which no two may share.

    Raises :class:`struct.error` where the file's structure cannot be followed.
    """
    places, texts = _named(document, table, _COMMENTS), _named(document, table, _COMMENT_TEXTS)
    count = min((len(places) - 4) // (4 + _COMMENT_BYTES), len(texts) // 4 - 1)
    stated = (len(places) - 4) // (4 + _COMMENT_BYTES)
    if count <= 0:
        return [], stated <= 0
    bounds = struct.unpack_from(f"<{count + 1}I", texts)
    names, times = list(islice(_names(_named(document, table, _COMMENTERS)), MOST_SPANS)), _times(document, table)
    found, told = list[Comment](), 0
    for number in range(min(count, MOST_SPANS)):
        if not told <= bounds[number] <= bounds[number + 1] <= length:
            continue
        told = bounds[number + 1]
        about = 4 * (stated + 1) + number * _COMMENT_BYTES
        letters, by = struct.unpack_from("<H18xH", places, about)
        initials = places[about + 2 : about + 2 + 2 * min(letters, 9)].decode("utf-16-le", "replace")
        author = names[by][:_LONGEST_NAME] if by < len(names) and names[by].strip() else initials.strip("\0 ")
        (place,) = struct.unpack_from("<I", places, 4 * number)
        date = times[number] if number < len(times) else None
        found.append(Comment(place, bounds[number], told, author or None, date))
    return found, len(found) == stated


def _named(document: bytes, table: bytes, entry: int) -> bytes:
    """A part of the table stream, empty where the head is too short to name it."""
    if len(document) < entry + 8:
        return b""
    start, size = struct.unpack_from("<II", document, entry)
    return table[start : start + size]


def _runs(document: bytes, plc: bytes) -> Iterator[tuple[int, int, Properties]]:
    """Bytes of the stream whose text was changed, with the properties that say so."""
    count = min((len(plc) - 4) // 8, len(document) // _PAGE + 1)
    numbers = struct.iter_unpack("<I", plc[4 * ((len(plc) - 4) // 8 + 1) :][: 4 * max(count, 0)])
    for start in dict.fromkeys((number & 0x3FFFFF) * _PAGE for (number,) in numbers):
        page = document[start : start + _PAGE]
        if len(page) < _PAGE or _CHANGED.search(page) is None or page[-1] > 101:
            continue
        bounds = struct.unpack_from(f"<{page[-1] + 1}I", page)
        for index in range(page[-1]):
            at = 2 * page[4 * len(bounds) + index]
            if at and _CHANGED.search(page, at + 1, at + 1 + page[at]):
                said = _properties(page[at + 1 : at + 1 + page[at]])
                if bounds[index] < bounds[index + 1] and (said.get(_INSERTED, 0) & 1 or said.get(_DELETED, 0) & 1):
                    yield bounds[index], bounds[index + 1], said


def _apart(runs: list[tuple[int, int, Properties]]) -> Iterator[tuple[int, int, Properties]]:
    """Runs in order, each from where those before it end: what lies one over the other would be gone through for every piece."""
    last = 0
    for begin, end, said in sorted(runs, key=lambda run: run[:2]):
        if end > last:
            yield max(begin, last), end, said
            last = end


def _properties(modifiers: bytes) -> Properties:
    """Those of the wanted ones that a list of modifiers (``grpprl``) sets."""
    found: Properties = {}
    at = 0
    while at + 2 < len(modifiers):
        code = modifiers[at] | modifiers[at + 1] << 8
        at += 2
        size = _SIZES[code >> 13] or modifiers[at] + 1
        if code == _TABLE and at + 2 <= len(modifiers):
            size = (modifiers[at] | modifiers[at + 1] << 8) + 1
        if code in _WANTED:
            found[code] = int.from_bytes(modifiers[at : at + size], "little")
        at += size
    return found


def _of_piece(modifier: int, lists: list[bytes]) -> Properties:
    """What a whole piece of text is said to be: one property in short, or the number of a list of them."""
    if not modifier & 1:
        code = _SHORT.get(modifier >> 1 & 0x7F)
        return {code: modifier >> 8} if code is not None else {}
    number = modifier >> 1
    return _properties(lists[number]) if number < len(lists) else {}


def _within(
    piece: Piece, own: Properties, runs: list[tuple[int, int, Properties]], starts: list[int]
) -> Iterator[tuple[int, int, Properties]]:
    """The parts of a piece that something is said about, by their places in the text."""
    first, last = piece.offset, piece.offset + piece.length * piece.width
    at = first
    index = max(bisect_right(starts, first) - 1, 0)
    while index < len(runs) and runs[index][0] < last:
        begin, end, said = runs[index]
        begin, end = max(begin, at), min(end, last)
        index += 1
        if begin >= end:
            continue
        if own and begin > at:
            yield piece.place(at), piece.place(begin), own
        yield piece.place(begin), piece.place(end), said | own
        at = end
    if own and at < last:
        yield piece.place(at), piece.place(last), own


def _spans(start: int, end: int, said: Properties, authors: list[str]) -> Iterator[Span]:
    inserted, deleted = said.get(_INSERTED, 0) & 1, said.get(_DELETED, 0) & 1
    by, at = said.get(_BY, 0), said.get(_AT, 0)
    if inserted:
        yield Span(start, end, "insertion", _author(authors, by), local_time(at))
    if deleted:  # Word 97 says who and when by the codes for what was inserted
        is_alone = not inserted and _DELETED_BY not in said and _DELETED_AT not in said
        by, at = (by, at) if is_alone else (said.get(_DELETED_BY, 0), said.get(_DELETED_AT, 0))
        yield Span(start, end, "deletion", _author(authors, by), local_time(at))


def _join(spans: list[Span], span: Span) -> None:
    """Add a span, or lengthen one of the last two that goes on in it: fonts cut what was one change."""
    for back in (-1, -2):
        if len(spans) >= -back:
            last = spans[back]
            if last.end == span.start and (last.kind, last.author, last.date) == (span.kind, span.author, span.date):
                spans[back] = Span(last.start, span.end, last.kind, last.author, last.date)
                return
    spans.append(span)


def _author(authors: list[str], number: int) -> str | None:
    """The first name of the table stands for nobody."""
    return authors[number][:_LONGEST_NAME].strip() or None if 0 < number < len(authors) else None


def _strings(table: bytes) -> list[str]:
    """A table of strings (STTB, section 2.2.4), with letters of two bytes or, in none of Word's own, of one."""
    if len(table) < 6:
        return []
    is_wide = table[:2] == b"\xff\xff"
    at = 2 if is_wide else 0
    count, extra = struct.unpack_from("<HH", table, at)
    at += 4
    found: list[str] = []
    while len(found) < count and at + 1 + is_wide <= len(table):
        length = struct.unpack_from("<H", table, at)[0] if is_wide else table[at]
        at += 1 + is_wide
        raw = table[at : at + length * (1 + is_wide)]
        found.append(raw.decode("utf-16-le" if is_wide else "cp1252", "replace"))
        at += length * (1 + is_wide) + extra
    return found


def _names(owners: bytes) -> Iterator[str]:
    """Who commented: each name behind its length."""
    at = 0
    while at + 2 <= len(owners):
        length = struct.unpack_from("<H", owners, at)[0]
        yield owners[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")
        at += 2 + 2 * length


def _times(document: bytes, table: bytes) -> list[str | None]:
    """When each comment was made, since Word 2002."""
    is_there = len(document) >= _COMMENT_TIMES + 8 and struct.unpack_from("<H", document, 0x98)[0] > (_COMMENT_TIMES - 0x9A) // 8
    kept = _named(document, table, _COMMENT_TIMES) if is_there else b""
    return [local_time(struct.unpack_from("<I", kept, at)[0]) for at in range(0, len(kept) - _TIME_BYTES + 1, _TIME_BYTES)[:MOST_SPANS]]
