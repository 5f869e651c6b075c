"""CAJ, the format of the journals of CNKI: the PDF inside where there is one; other variants are named."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Stopped, Unsupported
from unburnt.read.formats.pages.caj_pdf import whole_pdf
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_LARGEST = 128 * MIB
"""Of a CAJ file whose PDF must be put together in memory."""
_PAGES_AT, _START_AT = 0x10, 0x14
_KDH_HEAD, _KDH_KEY = 254, b"FZHMEI"
_CHUNK = len(_KDH_KEY) * 128 * 1024
_END = b"%%EOF"


def read(source: Source, emitter: Emitter) -> Ending:
    """Hand out the PDF. Raises :class:`Damaged`, :class:`Stopped`, :class:`Unsupported`."""
    head = source.head(32)
    if head.startswith(b"KDH "):
        return _kdh(source, emitter)
    if head.startswith(b"CAJ\0"):
        return _caj(source, head, emitter)
    raise Unsupported("A CAJ file of the kind HN: its pages are pictures and text in a form of its own, which cannot be read yet.")


def _kdh(source: Source, emitter: Emitter) -> Ending:
    """KDH is a whole PDF, its bytes combined with a fixed word."""
    end = 0
    kept, at = b"", 0
    for piece in _plain(source.file):
        found = (kept + piece).rfind(_END)
        if found >= 0:
            end = at - len(kept) + found + len(_END)
        at += len(piece)
        kept = piece[-len(_END) + 1 :]
    if not end:
        raise Damaged("There is no end of a PDF in it: it is cut off or damaged.")
    emitter.expect(members=1)
    emitter.member(b"content.pdf", "embedded", _until(_plain(source.file), end), name="content.pdf", declared="application/pdf")
    return Ending(Outcome.READ)


def _plain(file: BinaryIO) -> Iterator[bytes]:
    file.seek(_KDH_HEAD)
    word = _KDH_KEY * (_CHUNK // len(_KDH_KEY))
    while piece := file.read(_CHUNK):
        mask = word[: len(piece)]
        yield (int.from_bytes(piece, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(piece), "big")


def _until(pieces: Iterator[bytes], end: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:end]
        end -= len(piece)
        if end <= 0:
            return


def _caj(source: Source, head: bytes, emitter: Emitter) -> Ending:
    """The objects of a PDF, from the place that a pointer names to the last object's end."""
    if source.size > _LARGEST:
        raise Stopped("size", f"A CAJ file of more than {_LARGEST >> 20} MiB cannot be put together.")
    if len(head) < _START_AT + 4:
        raise Damaged("The file's head is cut short.")
    stated, pointer = struct.unpack_from("<ii", head, _PAGES_AT)
    data = source.all(_LARGEST)
    start = struct.unpack_from("<I", data, pointer)[0] if 0 <= pointer <= len(data) - 4 else len(data)
    end = data.rfind(b"endobj") + len(b"endobj")
    made = whole_pdf(data[start:end]) if start < end else None
    if made is None:
        raise Damaged("There are no pages of a PDF in it: it is cut off, damaged, or of a kind that is not known.")
    pdf, pages = made
    emitter.expect(members=1)
    emitter.metadata(Metadata(pages=stated if 0 < stated < 1_000_000 else None))
    emitter.note("caj-pdf", "Its pages are a PDF without a frame; the frame was made anew, the pages' bytes are those of the file.")
    emitter.member(b"content.pdf", "embedded", pdf, name="content.pdf", declared="application/pdf")
    if pages < stated < 1_000_000:
        return Ending(Outcome.PARTIAL, f"Some was lost: {stated - pages} of {stated} pages are missing.")
    return Ending(Outcome.READ)


FORMATS = (
    Format(
        "caj", read, memory_safe=True,
        title="CAJ (CNKI; CAJ, KDH)",
        gives="the PDF inside CAJ and KDH files, as a member",
        lacks="the kind HN is named and not read, nor are its outlines; NH and TEB are not known",
    ),
)
