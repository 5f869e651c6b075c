"""Windows metafiles (MS-WMF): old drawings that office programs paste. Their words, and the bitmaps in them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.pages.metafile_words import Word, bitmap_file, lines_of
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 64 * MIB
MOST_RECORDS = 2_000_000
_PLACEABLE = b"\xd7\xcd\xc6\x9a"
_END, _TEXT, _EXTENDED_TEXT, _FONT, _STRETCH = 0x0000, 0x0521, 0x0A32, 0x02FB, 0x0F43
_CHARSETS = {
    0: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 161: "cp1253", 162: "cp1254", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
"""Character sets of fonts (section 2.1.1.5) as Python calls them."""


def read(source: Source, emitter: Emitter) -> Ending:
    """One part of words, line by line as they stand; bitmaps as members."""
    data = source.all(MOST_BYTES)
    words: list[Word] = []
    bitmaps: list[bytes] = []
    encoding, ended = "cp1252", False
    for kind, record in _records(data):
        if kind == _END:
            ended = True
        elif kind == _FONT and len(record) > 13:
            encoding = _CHARSETS.get(record[13], encoding)
        elif kind == _STRETCH and (bitmap := _bitmap(record)):
            bitmaps.append(bitmap)
        elif (word := _word(kind, record, encoding)) is not None:
            words.append(word)
    emitter.expect(members=len(bitmaps))
    text = lines_of(words)
    emitter.part("text", "words", text)
    for number, bitmap in enumerate(bitmaps, 1):
        emitter.member(f"picture {number}.bmp".encode(), "embedded", bitmap, name=f"picture {number}.bmp")
    if not ended:
        return Ending(Outcome.PARTIAL, "The drawing is cut off; what was there before is kept.")
    if not text.strip():
        return Ending(Outcome.EMPTY, f"It is a drawing without words; {len(bitmaps)} pictures in it are listed.")
    return Ending(Outcome.READ)


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each record's function and parameters."""
    at = 22 if data.startswith(_PLACEABLE) else 0
    if len(data) < at + 18 or struct.unpack_from("<HH", data, at)[1] != 9:
        raise Damaged("The drawing's head is damaged.")
    at, count = at + 18, 0
    while at + 6 <= len(data) and count < MOST_RECORDS:
        size, kind = struct.unpack_from("<IH", data, at)
        if size < 3 or at + 2 * size > len(data):
            return
        yield kind, data[at + 6 : at + 2 * size]
        at, count = at + 2 * size, count + 1
        if kind == _END:
            return


def _word(kind: int, record: bytes, encoding: str) -> Word | None:
    """META_TEXTOUT and META_EXTTEXTOUT (sections 2.3.3.20 and 2.3.3.5)."""
    if kind == _TEXT and len(record) >= 6:
        (count,) = struct.unpack_from("<H", record)
        after = 2 + count + count % 2
        if after + 4 > len(record):
            return None
        y, x = struct.unpack_from("<hh", record, after)
        return Word(record[2 : 2 + count].decode(encoding, "replace"), x, x, y)
    if kind == _EXTENDED_TEXT and len(record) >= 8:
        y, x, count, options = struct.unpack_from("<hhHH", record)
        start = 16 if options & 0x0006 else 8
        if start + count > len(record):
            return None
        return Word(record[start : start + count].decode(encoding, "replace"), x, x, y)
    return None


def _bitmap(record: bytes) -> bytes | None:
    """META_STRETCHDIB (section 2.3.1.6): the bitmap follows its 22 bytes whole, head, colours and pixels in one."""
    bitmap = record[22:]
    if len(bitmap) < 40 or struct.unpack_from("<I", bitmap)[0] != 40:
        return None
    bits, compression = struct.unpack_from("<HI", bitmap, 14)
    (colours,) = struct.unpack_from("<I", bitmap, 32)
    table = 4 * (min(colours, 256) or (1 << bits if bits <= 8 else 0)) + (12 if compression == 3 else 0)
    if 40 + table >= len(bitmap):
        return None
    return bitmap_file(bitmap[: 40 + table], bitmap[40 + table :])


FORMATS = (
    Format(
        "wmf", read, memory_safe=True,
        title="Windows metafiles (WMF)",
        gives="the words of the drawing, in the character set of its fonts; bitmaps in it as members",
        lacks="what is drawn as lines",
    ),
)
