"""Values of Access columns: what a person reads, its type, and what is stored where that differs."""

from __future__ import annotations

import struct
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from unburnt.read.formats.databases.jet_pages import Pages
from unburnt.read.formats.databases.jet_table import Column

BYTE, INTEGER, LONG, MONEY, SINGLE, DOUBLE, DATE, BINARY, TEXT, OBJECT, MEMO, GUID, NUMERIC, COMPLEX, BIG, DATE_LONG = (
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 18, 19, 20,
)  # fmt: skip
BYTES: Final = (BINARY, OBJECT)
_DAY_0: Final = datetime(1899, 12, 30)
_INTEGERS: Final = {BYTE: "<B", INTEGER: "<h", LONG: "<i", BIG: "<q", COMPLEX: "<i"}
_COMPRESSED: Final = b"\xff\xfe"
Value = tuple[str, str, str | None]


def value_of(column: Column, raw: bytes, pages: Pages) -> Value | bytes | None:
    """Bytes where the column holds bytes; None for nothing. May raise ``Damaged`` for a long value."""
    kind = column.kind
    if kind in (OBJECT, MEMO):
        raw = pages.long_value(raw)
    if kind in BYTES:
        return raw or None
    if kind in (TEXT, MEMO):
        text = text_of(raw, pages)
        return (text, "text", None) if text else None
    try:
        return _plain(column, raw)
    except (struct.error, ValueError, OverflowError):
        return raw or None


def _plain(column: Column, raw: bytes) -> Value | bytes | None:
    kind = column.kind
    if kind in _INTEGERS:
        return str(struct.unpack(_INTEGERS[kind], raw)[0]), "number", None
    if kind == MONEY:
        return str(Decimal(struct.unpack("<q", raw)[0]).scaleb(-4)), "number", None
    if kind in (SINGLE, DOUBLE):
        number = struct.unpack("<f" if kind == SINGLE else "<d", raw)[0]
        return (f"{number:.7g}" if kind == SINGLE else repr(number)), "number", None
    if kind == DATE:
        return _date(struct.unpack("<d", raw)[0])
    if kind == GUID and len(raw) == 16:
        return "{" + str(uuid.UUID(bytes_le=raw)).upper() + "}", "text", None
    if kind == NUMERIC and len(raw) == 17:
        whole = int.from_bytes(b"".join(raw[at : at + 4][::-1] for at in range(1, 17, 4)), "big")
        return str(Decimal(-whole if raw[0] & 0x80 else whole).scaleb(-column.scale)), "number", None
    if kind == DATE_LONG:
        return raw.decode("ascii").rstrip("\0"), "text", None
    return raw or None


def _date(days: float) -> Value:
    # The fraction counts forward from midnight even before day 0.
    whole = int(days)
    moment = _DAY_0 + timedelta(days=whole, seconds=round(abs(days - whole) * 86400))
    stored = repr(days)
    if whole == 0 and days:
        return moment.strftime("%H:%M:%S"), "date", stored
    return (moment.date().isoformat() if days == whole else moment.isoformat(" ")), "date", stored


def text_of(raw: bytes, pages: Pages) -> str:
    """Jet 3 has a code page; later ones UTF-16, or runs of single bytes between zeros after a mark."""
    if pages.is_jet3:
        return raw.decode(pages.encoding, "replace")
    if not raw.startswith(_COMPRESSED):
        return raw.decode("utf-16-le", "replace")
    pieces: list[str] = []
    is_wide, at = False, 2
    while at < len(raw):
        end = raw.find(b"\0", at)
        # In a wide run a zero ends it only where a character would begin.
        while is_wide and end >= 0 and (end - at) % 2:
            end = raw.find(b"\0", end + 1)
        end = len(raw) if end < 0 else end
        pieces.append(raw[at:end].decode("utf-16-le" if is_wide else "latin-1", "replace"))
        is_wide, at = not is_wide, end + 1
    return "".join(pieces)
