"""Microsoft Works texts (.wps): Works 3 and 4 keep them in the OLE stream MN0, Works 2000 to 9 in chunks of CONTENTS.

There is no published specification; the places of texts are those that libwps found. WPS Office's .wps is another format.
"""

from __future__ import annotations

import re
import struct
from typing import Any

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Unsupported
from unburnt.read.formats.office.ole_container import OleTrouble, open_ole, read_properties, stream_bytes
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_MOST = 64 * MIB
_TABLES, _ENTRIES = 4096, 32
_ENTRY = 24
_TEXT_START, _TEXT_END_AT = 0x100, 0x26
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")


def read(source: Source, emitter: Emitter) -> Ending:
    """The running text; lines end where paragraphs do. Raises :class:`Damaged`, :class:`Unsupported`."""
    source.file.seek(0)
    try:
        ole = open_ole(source.file)
    except OleTrouble as error:
        raise Damaged("The file's structure (OLE) cannot be followed.") from error
    emitter.metadata(read_properties(ole), searchable=True)
    text, whole = _text(ole)
    shown = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "\n").replace("\x0c", "\n"))
    if shown.strip():
        emitter.part("text", "text", shown)
    if not whole:
        return Ending(Outcome.PARTIAL if shown.strip() else Outcome.DAMAGED, "Some was lost: its text is cut off.")
    return Ending(Outcome.READ) if shown.strip() else Ending(Outcome.EMPTY, "It holds no text of its own.")


def _text(ole: Any) -> tuple[str, bool]:
    """The text with its control characters, and whether all of it was there."""
    contents = stream_bytes(ole, ("CONTENTS",))
    if contents is not None:
        pieces = [(contents[at : at + length], length) for name, at, length in _chunks(contents) if name == b"TEXT"]
        if not pieces:
            raise Damaged("Its index names no text.")
        data = b"".join(piece for piece, _ in pieces)[:_MOST]
        return data[: len(data) // 2 * 2].decode("utf-16-le", "replace"), len(data) == sum(length for _, length in pieces)
    old = stream_bytes(ole, ("MN0",))
    if old is None:
        raise Unsupported("A Works file of the Macintosh; its text cannot be read yet.")
    if len(old) < _TEXT_START:
        raise Damaged("The text's head is cut short.")
    end = struct.unpack_from("<I", old, _TEXT_END_AT)[0]
    data = old[_TEXT_START : min(end, _TEXT_START + _MOST)]
    return decode(data, native=False).text, len(data) == end - _TEXT_START


def _chunks(contents: bytes) -> list[tuple[bytes, int, int]]:
    """Kind, place and length of every chunk that the chain of tables names."""
    found: list[tuple[bytes, int, int]] = []
    at = 0x18
    seen: set[int] = set()
    while len(seen) < _TABLES and at not in seen and at + 8 <= len(contents):
        seen.add(at)
        _, count, following = struct.unpack_from("<HHI", contents, at)
        for number in range(min(count, _ENTRIES)):
            start = at + 8 + _ENTRY * number
            if start + _ENTRY > len(contents) or struct.unpack_from("<H", contents, start)[0] != _ENTRY:
                break
            place, length = struct.unpack_from("<II", contents, start + 16)
            found.append((contents[start + 12 : start + 16], place, length))
        at = following
    return found


FORMATS = (
    Format(
        "works", read, memory_safe=True, libraries=("olefile",),
        title="Microsoft Works 3 to 9 (WPS)",
        gives="the running text, properties",
        lacks="footnotes, headers and pictures are not told apart or read; Works for DOS and for the Macintosh are not read",
    ),
)
