"""Values of a database as cells: numbers and texts as stored, bytes as text where they are one, else as what they are."""

from __future__ import annotations

import hashlib
import io
import re
from itertools import islice
from typing import Any, Final

from unburnt.read.emitter import Emitter
from unburnt.read.formats.databases.database_objects import unwrapped
from unburnt.read.formats.databases.sqlite_known import Clock
from unburnt.read.formats.systems.plist_text import lines_of, loaded
from unburnt.read.known import BY_TYPE
from unburnt.read.plausible import has_few_controls
from unburnt.read.sniff import UNKNOWN, sniff, sniff_binary
from unburnt.read.source import Source

Shown = tuple[int, int, str, str, str | None, str | None, str | None, tuple[str, ...]]

_SHOWN_BYTES: Final = 32
_SMALLEST_FILE: Final = 24
_SMALLEST_TEXT: Final = 256
"""Of a few bytes that are no UTF-8 a guess at their encoding would say more than they do."""
_TEXT_SAMPLE: Final = 1024
_LARGEST_SETTINGS: Final = 1 << 16
_MOST_SETTINGS: Final = 500
_NO_FILE: Final = frozenset((UNKNOWN, "application/x-bplist"))
"""Settings of Apple's programs, in their thousands, are values and not files."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
_ATTRIBUTED: Final = b"\x04\x0bstreamtyped"


class Blobs:
    """Gives bytes that are a file as a member, once for each content, and says what a cell shows instead."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._known: dict[bytes, str] = {}

    def shown(self, blob: bytes, place: str) -> tuple[str, str | None]:
        """What the cell shows, and what is said beside it; *place* names the member."""
        if (text := _attributed(blob)) is not None:
            return text, "The text of a stored attributed string; its attributes are left out."
        if (text := _text(blob)) is not None:
            return text, None
        if blob.startswith(b"bplist00") and len(blob) <= _LARGEST_SETTINGS and (values := loaded(blob)) is not None:
            return "".join(islice(lines_of(values), _MOST_SETTINGS)).rstrip("\n"), "The values of a stored property list."
        shown = f"x'{blob[:_SHOWN_BYTES].hex()}{'…' if len(blob) > _SHOWN_BYTES else ''}' ({len(blob)} bytes)"
        if len(blob) < _SMALLEST_FILE:
            return shown, None
        name, content = unwrapped(blob)
        source = Source(io.BytesIO(content), len(content))
        media_type = sniff_binary(source) or (sniff(source) if _may_be_text(content) else UNKNOWN)
        if media_type in _NO_FILE:
            return shown, None
        member = self._member(content, media_type, f"{place}/{name}" if name else place)
        return shown, f"Kept as the member {member} ({media_type})."

    def _member(self, blob: bytes, media_type: str, place: str) -> str:
        digest = hashlib.sha256(blob).digest()
        if digest not in self._known:
            row = BY_TYPE.get(media_type)
            ends = row.extensions if row else ()
            end = "." + next((one for one in ends if media_type.endswith(f"/{one}")), ends[0]) if ends else ""
            name = place if place.lower().endswith(end) else place + end
            self._emitter.member(name.encode("utf-8", "surrogatepass"), "embedded", blob, name=name)
            self._known[digest] = name
        return self._known[digest]


def cell(row: int, column: int, value: Any, clock: Clock | None, blobs: Blobs, place: str) -> Shown | None:
    """A value as a sheet takes it; None for NULL."""
    if value is None:
        return None
    if isinstance(value, str):
        return (row, column, value, "text", None, None, None, ()) if value else None
    if isinstance(value, bytes):
        shown, beside = blobs.shown(value, place)
        return row, column, shown, "text", None, None, beside, ("blob",)
    stored = repr(value)
    moment = clock.shown(value) if clock else None
    if moment is None:
        return row, column, stored, "number", None, None, None, ()
    return row, column, f"{stored} ({moment})", "date", stored, None, None, ()


def _text(blob: bytes) -> str | None:
    """Bytes that are a text: programs often store texts so."""
    try:
        text = blob.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) else text


def _may_be_text(content: bytes) -> bool:
    sample = content[:_TEXT_SAMPLE]
    return len(content) >= _SMALLEST_TEXT and b"\0" not in sample and has_few_controls(sample)


def _attributed(blob: bytes) -> str | None:
    """The text in an NSAttributedString that was archived by Apple's ``NSArchiver``: the first NSString's bytes.

    Their number stands before them as one byte, or after 0x81 in two and after 0x82 in four, little-endian.
    """
    if not blob.startswith(_ATTRIBUTED):
        return None
    at = blob.find(b"NSString")
    start = blob.find(b"+", at, at + 24) + 1 if at > 0 else 0
    if not start or start >= len(blob):
        return None
    wide = {0x81: 2, 0x82: 4}.get(blob[start], 0)
    count = int.from_bytes(blob[start + 1 : start + 1 + wide], "little") if wide else blob[start]
    text = blob[start + 1 + wide : start + 1 + wide + count]
    return text.decode("utf-8", "replace") if len(text) == count else None
