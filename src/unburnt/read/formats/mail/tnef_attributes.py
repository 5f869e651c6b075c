"""The attributes of a TNEF stream (MS-OXTNEF), and the properties that some of them hold. Every length is bounded."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from unburnt.read.formats.mail.mapi_listing import LONG_IDS
from unburnt.read.formats.mail.mapi_values import BINARY, OBJECT, STRING8, TIME, UNICODE, Value

SIGNATURE = 0x223E9F78
SEVERAL = 0x1000
SIZES = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, TIME: 8, 0x0048: 16}
SHORT = {0x0002: 2, 0x000B: 1}
NAMED_FROM = 0x8000
MOST_PROPERTIES = 20_000
BETWEEN = 11_644_473_600
"""Seconds from 1601, where Windows begins to count, to 1970."""


@dataclass(frozen=True)
class Attribute:
    """One attribute: its id with its type above it, and its bytes."""

    identifier: int
    data: bytes
    fits: bool
    """Whether its checksum fits."""


class Cut(Exception):
    """The bytes end before what they announce."""


def attributes(data: bytes) -> Iterator[Attribute]:
    """The attributes in order. Raises :class:`Cut` where the last one is not whole."""
    at = 6
    while at < len(data):
        if at + 9 > len(data):
            raise Cut
        _, identifier, length = struct.unpack_from("<BII", data, at)
        at += 9
        if at + length + 2 > len(data):
            raise Cut
        content = data[at : at + length]
        yield Attribute(identifier, content, sum(content) & 0xFFFF == struct.unpack_from("<H", data, at + length)[0])
        at += length + 2


def properties(data: bytes) -> list[Value]:
    """The properties of one message or attachment. Raises :class:`Cut`."""
    return _Reader(data).properties()


def rows(data: bytes) -> list[list[Value]]:
    """The properties of each recipient. Raises :class:`Cut`."""
    reader = _Reader(data)
    return [reader.properties() for _ in range(reader.count(MOST_PROPERTIES))]


def moment(data: bytes) -> bytes | None:
    """A date of seven numbers as a time of Windows; its zone is not told, and UTC is what Outlook writes."""
    if len(data) < 14:
        return None
    try:
        seconds = datetime(*struct.unpack_from("<6H", data)).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    since = int(seconds + BETWEEN)
    return struct.pack("<Q", since * 10_000_000) if since >= 0 else None  # Windows knows no time before 1601


class _Reader:
    """Reads values one after another; each begins at a multiple of four bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def properties(self) -> list[Value]:
        return [one for _ in range(self.count(MOST_PROPERTIES)) if (one := self._property()) is not None]

    def count(self, most: int) -> int:
        found = int(struct.unpack("<I", self._take(4))[0])
        if found > most:
            raise Cut
        return found

    def _take(self, size: int) -> bytes:
        if self.at + size > len(self.data):
            raise Cut
        found = self.data[self.at : self.at + size]
        self.at += size
        return found

    def _padded(self) -> bytes:
        size = self.count(len(self.data))
        found = self._take(size)
        self.at = min(self.at + -size % 4, len(self.data))
        return found

    def _property(self) -> Value | None:
        kind, number = struct.unpack("<HH", self._take(4))
        name = self._name() if number >= NAMED_FROM else ""
        base = kind & ~SEVERAL
        if base in (STRING8, UNICODE, BINARY, OBJECT):
            values = [self._padded() for _ in range(self.count(MOST_PROPERTIES))]
        elif base in SIZES:
            count = self.count(MOST_PROPERTIES) if kind & SEVERAL else 1
            values = [self._take(SIZES[base])[: SHORT.get(base, 16)] for _ in range(count)]
        elif base in (0, 1):
            values = [self._take(4)]
        else:
            raise Cut
        if kind & SEVERAL and base in (STRING8, UNICODE):
            joint = b"; " if base == STRING8 else "; ".encode("utf-16-le")
            zero = b"\0" if base == STRING8 else b"\0\0"
            return Value(number, base, joint.join(one.removesuffix(zero) for one in values), name)
        return Value(number, base, values[0], name) if values and not kind & SEVERAL else None

    def _name(self) -> str:
        self._take(16)
        if struct.unpack("<I", self._take(4))[0] == 0:
            identifier = struct.unpack("<I", self._take(4))[0]
            return LONG_IDS.get(identifier, f"0x{identifier:04X}")
        return self._padded().decode("utf-16-le", "replace").rstrip("\0")[:256]
