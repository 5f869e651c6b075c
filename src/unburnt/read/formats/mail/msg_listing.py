"""All properties of an item in an Outlook file: what the form of a contact, a meeting or a task would show (MS-OXMSG, section 2.2.3)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any

from unburnt.read.formats.mail.mapi_listing import LONG_IDS
from unburnt.read.formats.mail.mapi_values import BOOLEAN, NUMBERS, STRING8, TIME, UNICODE, Value, Values
from unburnt.read.formats.mail.msg_properties import ENTRY, STREAM, Storage
from unburnt.read.formats.office.ole_container import stream_bytes

_NAMES, _ENTRIES, _TEXTS = "__nameid_version1.0", "__substg1.0_00030102", "__substg1.0_00040102"
_NAMED_FROM, _HEADER, _MOST = 0x8000, 32, 20_000
_SEVERAL = 0x1000
_TEXT = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(?:-([0-9A-Fa-f]{8}))?$")


def values_of(ole: Any, paths: list[Storage], encoding: str | None) -> Values:
    """The texts, numbers and times of the message at the top, those with names under their names."""
    names = dict(_names(ole))
    found = (Value(value.number, value.type, value.data, names.get(value.number, "")) for value in _values(ole, paths))
    made = Values.of(found, encoding)
    made.encoding = encoding or made.encoding
    return made


def _values(ole: Any, paths: list[Storage]) -> Iterator[Value]:
    fixed = (stream_bytes(ole, (STREAM,)) or b"")[_HEADER:]
    for kind, number, _, value in ENTRY.iter_unpack(fixed[: len(fixed) // ENTRY.size * ENTRY.size]):
        if kind in NUMBERS or kind in (BOOLEAN, TIME):
            yield Value(number, kind, value)
    several: dict[tuple[int, int], list[bytes]] = {}
    for path in sorted(paths)[:_MOST]:
        match = _TEXT.match(path[0]) if len(path) == 1 else None
        if match is None:
            continue
        number, kind = int(match[1], 16), int(match[2], 16)
        if kind in (UNICODE, STRING8) and not match[3]:
            yield Value(number, kind, stream_bytes(ole, path) or b"")
        elif kind & ~_SEVERAL in (UNICODE, STRING8) and match[3]:
            several.setdefault((number, kind & ~_SEVERAL), []).append((stream_bytes(ole, path) or b"").rstrip(b"\0"))
    for (number, kind), texts in several.items():
        separator = "; ".encode("utf-16-le") if kind == UNICODE else b"; "
        yield Value(number, kind, separator.join(text + bytes(len(text) % 2) if kind == UNICODE else text for text in texts))


def _names(ole: Any) -> Iterator[tuple[int, str]]:
    """Which number a named property has in this file, and what it is called."""
    entries, texts = (stream_bytes(ole, (_NAMES, name)) or b"" for name in (_ENTRIES, _TEXTS))
    for identifier, kind, index in struct.iter_unpack("<IHH", entries[: min(len(entries) // 8, _MOST) * 8]):
        if kind & 1:
            length = struct.unpack_from("<I", texts, identifier)[0] if identifier + 4 <= len(texts) else 0
            yield _NAMED_FROM + index, texts[identifier + 4 : identifier + 4 + min(length, 512)].decode("utf-16-le", "replace")
        else:
            yield _NAMED_FROM + index, LONG_IDS.get(identifier, f"0x{identifier:04X}")
