"""Binary property lists that Apple's programs read and Python's library refuses: letters beyond ASCII in what is stated to be ASCII,

and times that no calendar has. Structure as in CoreFoundation's ``CFBinaryPList.c``.
"""

from __future__ import annotations

import plistlib
import struct
from datetime import datetime, timedelta
from typing import Any

_TRAILER = 32
_MOST_REFERENCES = 4_000_000


def read_leniently(data: bytes) -> Any:
    """The values; None where offsets or kinds make no sense. A list may hold itself."""
    try:
        return _Lenient(data).values()
    except (ValueError, IndexError, struct.error, OverflowError, TypeError):
        return None


class _Lenient:
    def __init__(self, data: bytes) -> None:
        self._data = data
        offset_size, self._width, count, self._top, table = struct.unpack(">6xBBQQQ", data[-_TRAILER:])
        if not (0 < offset_size <= 8 and 0 < self._width <= 8 and 0 < count <= len(data) and table + count * offset_size <= len(data)):
            raise ValueError
        self._offsets = [
            int.from_bytes(data[at : at + offset_size], "big") for at in range(table, table + count * offset_size, offset_size)
        ]
        self._references = 0
        self._links: dict[int, list[int]] = {}

    def values(self) -> Any:
        """Every object once, then what they hold: nothing recurses."""
        found = [self._object(number) for number in range(len(self._offsets))]
        for number, inner in self._links.items():
            holder = found[number]
            if isinstance(holder, dict):
                half = len(inner) // 2
                for key, value in zip(inner[:half], inner[half:], strict=True):
                    holder[str(found[key])[:1000] if not isinstance(found[key], str) else found[key]] = found[value]
            else:
                holder.extend(found[one] for one in inner)
        return found[self._top]

    def _object(self, number: int) -> Any:
        at = self._offsets[number]
        kind, low = self._data[at] >> 4, self._data[at] & 0x0F
        match kind:
            case 0:
                return {0: None, 8: False, 9: True, 15: b""}[low] if low in (0, 8, 9, 15) else self._wrong()
            case 1:
                return int.from_bytes(self._bytes(at + 1, 1 << low), "big", signed=low >= 3)
            case 2:
                return struct.unpack(">f" if low == 2 else ">d", self._bytes(at + 1, 1 << low))[0]
            case 3:
                return _time(struct.unpack(">d", self._bytes(at + 1, 8))[0])
            case 8:
                return plistlib.UID(int.from_bytes(self._bytes(at + 1, low + 1), "big"))
        start, length = self._length(at, low)
        match kind:
            case 4:
                return self._bytes(start, length)
            case 5:
                return _letters(self._bytes(start, length))
            case 6:
                return self._bytes(start, 2 * length).decode("utf-16-be", "replace")
            case 10 | 11 | 12 | 13:
                self._links[number] = self._numbers(start, length * (2 if kind == 13 else 1))
                return {} if kind == 13 else []
        return self._wrong()

    def _length(self, at: int, low: int) -> tuple[int, int]:
        if low != 0x0F:
            return at + 1, low
        size = 1 << (self._data[at + 1] & 0x0F)
        return at + 2 + size, int.from_bytes(self._bytes(at + 2, size), "big")

    def _numbers(self, start: int, count: int) -> list[int]:
        self._references += count
        if self._references > _MOST_REFERENCES:
            raise ValueError
        raw = self._bytes(start, count * self._width)
        return [int.from_bytes(raw[at : at + self._width], "big") for at in range(0, len(raw), self._width)]

    def _bytes(self, start: int, length: int) -> bytes:
        if start + length > len(self._data):
            raise ValueError
        return self._data[start : start + length]

    def _wrong(self) -> Any:
        raise ValueError


def _letters(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("mac-roman")


def _time(seconds: float) -> datetime | str:
    """Counted from 2001; as written where that is no time."""
    try:
        return datetime(2001, 1, 1) + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return f"{seconds} seconds after 2001-01-01"
