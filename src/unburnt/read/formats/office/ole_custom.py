"""Custom properties of OLE files: the second section of DocumentSummaryInformation (MS-OLEPS 2.21, MS-OSHARED 2.3.3.2)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

CUSTOM = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
MOST_PROPERTIES = 500
LONGEST = 20_000
_I2, _I4, _R8, _BOOL, _LPSTR, _LPWSTR, _FILETIME = 2, 3, 5, 11, 30, 31, 64


def custom_properties(untrusted_stream: bytes, named: Callable[[int | None], str]) -> dict[str, str]:
    """Names and values; *named* gives Python's name for a code page. What leads out of the stream is left out."""
    try:
        return _section(untrusted_stream, _place(untrusted_stream), named)
    except (struct.error, IndexError, ValueError, OverflowError):
        return {}


def _place(data: bytes) -> int:
    for number in range(min(struct.unpack_from("<I", data, 24)[0], 4)):
        if data[28 + 20 * number : 44 + 20 * number] == CUSTOM:
            return int(struct.unpack_from("<I", data, 44 + 20 * number)[0])
    raise ValueError


def _section(data: bytes, at: int, named: Callable[[int | None], str]) -> dict[str, str]:
    count = min(struct.unpack_from("<I", data, at + 4)[0], MOST_PROPERTIES + 2)
    places = {}
    for number in range(count):
        identity, offset = struct.unpack_from("<2I", data, at + 8 + 8 * number)
        places[identity] = at + offset
    codepage = struct.unpack_from("<H", data, places[1] + 4)[0] if 1 in places else None
    encoding = named(codepage)
    found: dict[str, str] = {}
    for identity, name in _names(data, places[0], encoding).items() if 0 in places else ():
        if identity in places and name:
            value = _value(data, places[identity], encoding)
            if value:
                found[name[:200]] = value[:LONGEST]
    return found


def _names(data: bytes, at: int, encoding: str) -> dict[int, str]:
    names: dict[int, str] = {}
    count = min(struct.unpack_from("<I", data, at)[0], MOST_PROPERTIES)
    at += 4
    for _ in range(count):
        identity, length = struct.unpack_from("<2I", data, at)
        size = length * 2 if encoding == "utf-16-le" else length
        names[identity] = data[at + 8 : at + 8 + min(size, LONGEST)].decode(encoding, "replace").rstrip("\0")
        at += 8 + (size + 3 & ~3 if encoding == "utf-16-le" else size)
    return names


def _value(data: bytes, at: int, encoding: str) -> str:
    kind, length = struct.unpack_from("<HxxI", data, at)
    if kind == _LPSTR:
        return data[at + 8 : at + 8 + min(length, LONGEST * 2)].decode(encoding, "replace").rstrip("\0")
    if kind == _LPWSTR:
        return data[at + 8 : at + 8 + min(length * 2, LONGEST * 2)].decode("utf-16-le", "replace").rstrip("\0")
    if kind == _FILETIME:
        ticks = struct.unpack_from("<Q", data, at + 4)[0]
        return (datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)).isoformat() if ticks else ""
    if kind == _BOOL:
        return "true" if length & 0xFFFF else "false"
    layout = {_I2: "<h", _I4: "<i", _R8: "<d"}.get(kind)
    return f"{struct.unpack_from(layout, data, at + 4)[0]:.15g}" if layout else ""
