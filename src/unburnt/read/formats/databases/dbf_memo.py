"""Memo files of DBF tables (FPT of FoxPro, DBT of dBASE III and IV): each long text under the number its row names."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

BLOCK = 512
TEXT = 1
MARK_4 = b"\xff\xff\x08\x00"
END_3 = b"\x1a"
_LONGEST = 64 * MIB
_PIECE = 4096
_SAMPLE = 40_000
_LOOKED_AT = 4 * MIB
_WORDS = re.compile(rb"[\x80-\xff]{2}")


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit each text as a section, each object as a member. Raises :class:`Damaged` where there is none."""
    memos = _foxpro if source.name.lower().endswith("fpt") else _dbase
    encoding = encoding_of((data for _, is_text, data in memos(source.file, source.size) if is_text), None, "cp1252")
    count = 0
    for block, is_text, data in memos(source.file, source.size):
        count += 1
        if is_text:
            emitter.part("section", f"memo {block}", data.decode(encoding, "replace"))
        else:
            emitter.member(f"memo {block}".encode(), "embedded", data, name=f"memo {block}")
    if not count:
        raise Damaged("There is no memo in it.")
    emitter.metadata(Metadata(fields={"text:encoding": encoding, "dbf:memos": str(count)}))
    return Ending(Outcome.READ)


def encoding_of(texts: Iterable[bytes], stated: str | None, otherwise: str) -> str:
    """What the first texts that tell anything look like, of all in the first MiBs; else *otherwise*."""
    pieces: list[bytes] = []
    size = looked_at = 0
    for text in texts:
        looked_at += len(text)
        if not text.isascii():
            pieces.append(text[:_SAMPLE])
            size += len(pieces[-1])
        if size > _SAMPLE or looked_at > _LOOKED_AT:
            break
    sample = b"\n".join(pieces).replace(b"\0", b"")
    # Accents that stand alone tell of no script; a guess would make Chinese of one and the English letter behind it.
    tells = bool(sample) and (stated is not None or _WORDS.search(sample) is not None)
    return decode(sample, stated, native=False).encoding if tells else otherwise


def _foxpro(file: BinaryIO, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """Number, whether it is text, and bytes. The file's numbers are big-endian; blocks stand one behind the other."""
    file.seek(0)
    head = file.read(8)
    length = struct.unpack(">H", head[6:8])[0] if len(head) == 8 else 0
    # A block size of 0 means single bytes; smaller ones than a memo's own head mean nothing.
    length = length or 1
    at = BLOCK
    while at + 8 <= size:
        file.seek(at)
        kind, count = struct.unpack(">2I", file.read(8))
        if kind > 2 or at + 8 + count > size or count > _LONGEST:
            at += max(length, 8)
            continue
        if count:
            yield at // length, kind == TEXT, file.read(count)
        at += max(length, -(-(8 + count) // length) * length)


def _dbase(file: BinaryIO, size: int) -> Iterator[tuple[int, bool, bytes]]:
    """dBASE IV states each text's length, dBASE III ends it with 0x1A."""
    file.seek(0)
    head = file.read(24)
    length = struct.unpack_from("<H", head, 20)[0] if len(head) == 24 else 0
    length = length if length and length % BLOCK == 0 else BLOCK
    at = length
    while at < size:
        file.seek(at)
        if file.read(4) == MARK_4:
            count = int.from_bytes(file.read(4), "little")
            if 8 <= count <= min(_LONGEST, size - at):
                yield at // length, True, file.read(count - 8)
            at += max(length, -(-count // length) * length if count <= size - at else length)
            continue
        text = up_to_end(file, at)
        if text.strip(b"\0"):
            yield at // length, True, text
        at += max(length, -(-(len(text) + 1) // length) * length)


def up_to_end(file: BinaryIO, at: int) -> bytes:
    """A text of dBASE III that begins *at*, without its end mark."""
    file.seek(at)
    pieces: list[bytes] = []
    while len(pieces) * _PIECE < _LONGEST and (piece := file.read(_PIECE)):
        text, end, _ = piece.partition(END_3)
        pieces.append(text)
        if end:
            break
    return b"".join(pieces)


FORMATS = (
    Format(
        "dbf-memo", read, memory_safe=True,
        title="Memo files of DBF tables (DBT, FPT)",
        gives="each long text as a section, each object as a member, under the number that the table's row names",
        lacks="texts that no row names any more are there too, as left-overs of older versions",
    ),
)
