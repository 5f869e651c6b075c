"""Enhanced metafiles (MS-EMF, MS-EMFPLUS): drawings that office programs paste. Their words, and the bitmaps in them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.pages.metafile_words import Word, bitmap_file, lines_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 256 * MIB
MOST_RECORDS = 5_000_000
_HEADER, _END, _COMMENT, _TEXT_A, _TEXT_W, _SMALL_TEXT = 1, 14, 70, 83, 84, 108
_STRETCH, _SET_BITS, _BIT_BLOCK, _STRETCH_BLOCK = 81, 80, 76, 77
_BITMAPS = {_STRETCH: 48, _SET_BITS: 48, _BIT_BLOCK: 84, _STRETCH_BLOCK: 84}
"""Where each record says where its bitmap is: header's offset and size, then the pixels'."""
_GLYPHS, _NO_RECTANGLE, _SMALL = 0x10, 0x100, 0x200
_DRAW_STRING = 0x401C


class _Record(NamedTuple):
    kind: int
    data: bytes
    """With its head of eight bytes, since offsets count from there."""


def read(source: Source, emitter: Emitter) -> Ending:
    """One part of words, line by line as they stand; bitmaps as members."""
    data = source.all(MOST_BYTES)
    words: list[Word] = []
    bitmaps: list[bytes] = []
    glyphs, ended = 0, False
    for record in _records(data):
        ended = ended or record.kind == _END
        if record.kind == _HEADER:
            emitter.metadata(Metadata(title=_description(record.data)))
        elif record.kind in _BITMAPS and (bitmap := _bitmap(record)):
            bitmaps.append(bitmap)
        elif record.kind == _COMMENT and record.data[12:16] == b"EMF+":
            words += _plus_words(record.data[16:])
        elif (found := _word(record)) is not None:
            words.append(found)
        elif record.kind == _TEXT_W:
            glyphs += 1
    if glyphs:
        emitter.note("glyphs", f"{glyphs} pieces of text are stored as shapes of a font; what they say is not told.")
    emitter.expect(members=len(bitmaps))
    text = lines_of(words)
    emitter.part("text", "words", text)
    for number, bitmap in enumerate(bitmaps, 1):
        emitter.member(f"picture {number}.bmp".encode(), "embedded", bitmap, name=f"picture {number}.bmp")
    if not ended or source.size > len(data):
        return Ending(Outcome.PARTIAL, "The drawing is cut off; what was there before is kept.")
    if not text.strip():
        return Ending(Outcome.EMPTY, f"It is a drawing without words; {len(bitmaps)} pictures in it are listed.")
    return Ending(Outcome.READ)


def _records(data: bytes) -> Iterator[_Record]:
    if data[40:44] != b" EMF":
        raise Damaged("The drawing's head is damaged.")
    at, count = 0, 0
    while at + 8 <= len(data) and count < MOST_RECORDS:
        kind, size = struct.unpack_from("<II", data, at)
        if size < 8 or at + size > len(data):
            return
        yield _Record(kind, data[at : at + size])
        at, count = at + size, count + 1
        if kind == _END:
            return


def _word(record: _Record) -> Word | None:
    """EMR_EXTTEXTOUTW, EMR_EXTTEXTOUTA, EMR_SMALLTEXTOUT (sections 2.3.5.7, 2.3.5.8, 2.3.5.37)."""
    data = record.data
    if record.kind in (_TEXT_W, _TEXT_A) and len(data) >= 56:
        left, _, right, _ = struct.unpack_from("<4i", data, 8)
        _, y, count, offset, options = struct.unpack_from("<iiIII", data, 36)
        width = 2 if record.kind == _TEXT_W else 1
        if options & _GLYPHS or offset < 56 or offset + count * width > len(data):
            return None
        encoding = "utf-16-le" if record.kind == _TEXT_W else "cp1252"
        return Word(data[offset : offset + count * width].decode(encoding, "replace"), left, right, y)
    if record.kind == _SMALL_TEXT and len(data) >= 36:
        x, y, count, options = struct.unpack_from("<iiII", data, 8)
        offset = 36 if options & _NO_RECTANGLE else 52
        width = 1 if options & _SMALL else 2
        if options & _GLYPHS or offset + count * width > len(data):
            return None
        # A piece of which only the start is known ends where it starts: the next one is a word apart.
        return Word(data[offset : offset + count * width].decode("latin-1" if width == 1 else "utf-16-le", "replace"), x, x, y)
    return None


def _plus_words(data: bytes) -> Iterator[Word]:
    """EmfPlusDrawString (MS-EMFPLUS, section 2.3.4.14)."""
    at = 0
    while at + 12 <= len(data):
        kind, _, size, length = struct.unpack_from("<HHII", data, at)
        if size < 12 or at + size > len(data):
            return
        if kind == _DRAW_STRING and length >= 28:
            (count,) = struct.unpack_from("<I", data, at + 20)
            x, y = struct.unpack_from("<ff", data, at + 24)
            if 40 + 2 * count <= size and abs(x) < 1e9 and abs(y) < 1e9:
                yield Word(data[at + 40 : at + 40 + 2 * count].decode("utf-16-le", "replace"), int(x), int(x), int(y))
        at += size


def _bitmap(record: _Record) -> bytes | None:
    at = _BITMAPS[record.kind]
    if len(record.data) < at + 16:
        return None
    head, head_size, bits, bits_size = struct.unpack_from("<4I", record.data, at)
    if not bits_size or head_size < 12 or max(head + head_size, bits + bits_size) > len(record.data):
        return None
    return bitmap_file(record.data[head : head + head_size], record.data[bits : bits + bits_size])


def _description(data: bytes) -> str | None:
    if len(data) < 68:
        return None
    count, offset = struct.unpack_from("<II", data, 60)
    if not count or offset < 68 or offset + 2 * count > len(data):
        return None
    said = data[offset : offset + 2 * count].decode("utf-16-le", "replace").split("\0")
    return (said[1] if len(said) > 1 and said[1] else said[0])[:500] or None


FORMATS = (
    Format(
        "emf", read, memory_safe=True,
        title="Enhanced metafiles (EMF, EMF+)",
        gives="the words of the drawing, line by line; bitmaps in it as members; its title",
        lacks="what is drawn as lines; words that are stored as glyph numbers are counted only",
    ),
)
