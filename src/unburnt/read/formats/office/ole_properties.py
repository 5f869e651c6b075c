"""Property sets of OLE files (MS-OLEPS 2): the summary's numbered values, and the custom ones by name (MS-OSHARED 2.3.3.2).

Read by hand, since olefile 0.47 makes as many values as a vector says that it has, in a stream of any size, and looks for the length of a
Unicode text behind where it stands.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

from unburnt.read.formats.office.code_pages import encoding_of

Value = str | int | float | bool | datetime | None
CUSTOM = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
MOST_PROPERTIES = 500
LONGEST = 20_000
_CODEPAGE, _EDITED_FOR, _MOST_SECTIONS, _UTF16 = 1, 10, 4, 1200
_BOOL, _BSTR, _LPSTR, _LPWSTR, _FILETIME = 11, 8, 30, 31, 64
_NUMBERS = {2: "<h", 3: "<i", 4: "<f", 5: "<d", 10: "<I", 16: "<b", 17: "<B", 18: "<H", 19: "<I", 20: "<q", 21: "<Q", 22: "<i", 23: "<I"}
_BEGINNING = datetime(1601, 1, 1, tzinfo=UTC)
_CUT = (struct.error, IndexError, ValueError, OverflowError)


def summary(untrusted_stream: bytes, codepage: int | None = None) -> dict[int, Value]:
    """The values of a stream's first section by their number; texts by the section's code page, else *codepage*. Times are UTC.

    Number 10 of a summary is no time: for how many seconds the file was edited. What leads out of the stream is left out.
    """
    try:
        places = _places(untrusted_stream, struct.unpack_from("<I", untrusted_stream, 44)[0])
    except _CUT:
        return {}
    stated = _stated(untrusted_stream, places)
    page = codepage if stated is None else stated
    return {number: _value(untrusted_stream, at, page, number == _EDITED_FOR) for number, at in places.items()}


def custom_properties(untrusted_stream: bytes) -> dict[str, str]:
    """The custom properties' names and values as text: those of the section that is for them."""
    try:
        places = _places(untrusted_stream, _custom_section(untrusted_stream))
        codepage = _stated(untrusted_stream, places)
        names = _names(untrusted_stream, places[0], encoding_of(codepage)) if 0 in places else {}
    except _CUT:
        return {}
    found: dict[str, str] = {}
    for number, name in names.items():
        if number in places and name and (shown := _as_text(_value(untrusted_stream, places[number], codepage))):
            found[name[:200]] = shown[:LONGEST]
    return found


def _custom_section(data: bytes) -> int:
    for number in range(min(struct.unpack_from("<I", data, 24)[0], _MOST_SECTIONS)):
        if data[28 + 20 * number : 44 + 20 * number] == CUSTOM:
            return int(struct.unpack_from("<I", data, 44 + 20 * number)[0])
    raise ValueError


def _places(data: bytes, at: int) -> dict[int, int]:
    """Where each value's type stands, by the value's number; of two with one number the last."""
    count = min(struct.unpack_from("<I", data, at + 4)[0], MOST_PROPERTIES + 2, (len(data) - at) // 8)
    listed = (struct.unpack_from("<2I", data, at + 8 + 8 * place) for place in range(count))
    return {number: at + offset for number, offset in listed}


def _stated(data: bytes, places: dict[int, int]) -> int | None:
    at = places.get(_CODEPAGE, len(data)) + 4
    return int.from_bytes(data[at : at + 2], "little") if at + 2 <= len(data) else None


def _names(data: bytes, at: int, encoding: str) -> dict[int, str]:
    names: dict[int, str] = {}
    count = min(struct.unpack_from("<I", data, at)[0], MOST_PROPERTIES)
    at += 4
    for _ in range(count):
        number, length = struct.unpack_from("<2I", data, at)
        size = length * 2 if encoding == "utf-16-le" else length
        names[number] = data[at + 8 : at + 8 + min(size, LONGEST)].decode(encoding, "replace").rstrip("\0")
        at += 8 + (size + 3 & ~3 if encoding == "utf-16-le" else size)
    return names


def _value(data: bytes, at: int, codepage: int | None, is_duration: bool = False) -> Value:
    """A value by its type, which stands at *at*; None for types that no property in use has, and where the stream ends."""
    try:
        kind = struct.unpack_from("<H", data, at)[0]
        if kind in _NUMBERS:
            number: int | float = struct.unpack_from(_NUMBERS[kind], data, at + 4)[0]
            return number
        if kind == _FILETIME:
            ticks = struct.unpack_from("<Q", data, at + 4)[0]
            return int(ticks // 10_000_000) if is_duration else _BEGINNING + timedelta(microseconds=ticks // 10)
        length = struct.unpack_from("<I", data, at + 4)[0]
    except _CUT:
        return None
    if kind == _BOOL:
        return bool(length & 0xFFFF)
    if kind in (_LPSTR, _BSTR):
        return _text(data[at + 8 : at + 8 + min(length, 2 * LONGEST)], codepage)
    return _text(data[at + 8 : at + 8 + min(2 * length, 2 * LONGEST)], _UTF16) if kind == _LPWSTR else None


def _text(data: bytes, codepage: int | None) -> str:
    """Up to the first nought. What is wrong in its code page, or states none, is UTF-8 in some writers' files."""
    stated = encoding_of(codepage)
    for encoding in ("utf-8", stated) if codepage is None else (stated, "utf-8"):
        try:
            return data.decode(encoding).partition("\0")[0]
        except UnicodeDecodeError:
            continue
    return data.decode("utf-16-le", "replace").partition("\0")[0] if codepage == _UTF16 else data.decode("latin-1").partition("\0")[0]


def _as_text(value: Value) -> str:
    if isinstance(value, datetime):
        return "" if value == _BEGINNING else value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.15g}" if isinstance(value, float) else "" if value is None else str(value)
