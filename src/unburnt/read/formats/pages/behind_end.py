"""What follows the end of a picture or a PDF: programs that show it stop there, and whoever hides a file knows that.

The end is found by the file's own structure, not by a search for marks of other files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from unburnt.base.limits import MIB
from unburnt.read.emitter import Emitter

NAME: Final = "behind the end"
_MOST: Final = 64 * MIB
MOST_ENDS: Final = 200_000
"""Ends of revisions that are looked at in a PDF."""
_PIECE: Final = MIB
_FILLING: Final = b"\0\r\n\t "
_SCAN_END: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""A marker within a scan of JPEG (ITU-T T.81, B.1.1): two bytes that are neither data nor a restart."""
_ALONE: Final = (0x01, *range(0xD0, 0xD9))
_END_OF_PDF: Final = re.compile(rb"startxref\s{1,64}(\d{1,12})\s{1,64}%%EOF(?:\r\n|\r|\n)?")
_TABLE: Final = re.compile(rb"\s{0,64}(?:xref\b|\d{1,10}\s{1,64}\d{1,10}\s{1,64}obj\b)")
"""Bounded, as any number of ends may name one place. What follows an end follows no other, so its filling need not be."""
_REVISION: Final = re.compile(rb"\s*+(?:%|xref\b|\d{1,10}\s{1,64}\d{1,10}\s{1,64}obj\b)")
_TOO_MANY: Final = f"More than {MOST_ENDS} places in the file look like its end; what may follow the true one was not looked for."
_AROUND: Final = 1024
"""ISO 32000-1, implementation note 13: a header may stand so far behind the beginning of the file."""


def end_of_picture(file: BinaryIO, kind: str | None) -> int:
    """Where the last byte of a JPEG or PNG is followed by others, or by none; 0 where that cannot be told."""
    if kind not in ("JPEG", "MPO", "PNG"):
        return 0
    file.seek(0)
    data = file.read(_MOST)
    if kind == "PNG":
        return _end_of_png(data)
    end = _end_of_jpeg(data, 0)
    while kind == "MPO" and end and data.startswith(b"\xff\xd8\xff", end):  # its other pictures, which are frames
        end = _end_of_jpeg(data, end)
    return end


def _end_of_jpeg(data: bytes, start: int) -> int:
    at = start + 2
    while at + 2 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            match = _SCAN_END.search(data, at)
            at = match.start() if match else len(data)
    return 0


def _end_of_png(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND":
            return at if at <= len(data) else 0
    return 0


def end_of_pdf(file: BinaryIO, size: int, emitter: Emitter) -> int:
    """Behind the end mark whose table of objects stands where it says; 0 where there is none such or too many are false, which is told."""
    if size > _MOST:
        return 0
    file.seek(0)
    data = file.read(_MOST)
    shift = max(0, data[:_AROUND].find(b"%PDF-"))
    tables: dict[int, bool] = {}
    for number, match in enumerate(_END_OF_PDF.finditer(data)):
        if number >= MOST_ENDS:
            emitter.note("behind-end-unknown", _TOO_MANY)
            return 0
        stated = int(match[1])
        for place in {stated, stated + shift} - tables.keys():
            tables[place] = place > 0 and _TABLE.match(data, place) is not None
        is_sound = any(tables[place] and place < match.start() for place in (stated, stated + shift))
        # A file that follows may be, or hold, a PDF too, so the first end counts that no later revision follows.
        if is_sound and not _REVISION.match(data, match.end()):
            return match.end()
    return 0


def emit_behind(file: BinaryIO, size: int, end: int, emitter: Emitter) -> None:
    """Send what follows *end* as a member, and say so."""
    emitter.note("behind-end", f"{size - end} bytes follow the end of the document, where no program shows them; they are a file within.")
    emitter.member(NAME.encode(), "embedded", _pieces(file, end, size), name=NAME)


def is_followed(file: BinaryIO, size: int, end: int) -> bool:
    """Whether more than filling follows."""
    return 0 < end < size and any(piece.strip(_FILLING) for piece in _pieces(file, end, size))


def _pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        file.seek(start)
        piece = file.read(min(_PIECE, end - start))
        if not piece:
            return
        start += len(piece)
        yield piece
