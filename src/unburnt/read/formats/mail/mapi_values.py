"""Properties of messages as Outlook, Exchange and TNEF keep them (MS-OXPROPS, MS-OXCDATA 2.11), wherever they were stored."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from unburnt.read.formats.mail.mail_headers import charset_text
from unburnt.read.formats.office.code_pages import encoding_of

INTEGER16, INTEGER, FLOAT, DOUBLE, BOOLEAN, LONG = 0x0002, 0x0003, 0x0004, 0x0005, 0x000B, 0x0014
OBJECT, STRING8, UNICODE, TIME, GUID, BINARY = 0x000D, 0x001E, 0x001F, 0x0040, 0x0048, 0x0102
NUMBERS = {INTEGER16: "<h", INTEGER: "<i", FLOAT: "<f", DOUBLE: "<d", LONG: "<q"}
MESSAGE_CODEPAGE, INTERNET_CODEPAGE = 0x3FFD, 0x3FDE
FIRST_MOMENT = datetime(1601, 1, 1, tzinfo=UTC)


class Properties(Protocol):
    """The properties of one message, recipient or attachment, by their numbers."""

    def text(self, number: int) -> str:
        """A property as text; empty where there is none."""

    def binary(self, number: int) -> bytes | None:
        """A binary property."""

    def integer(self, number: int) -> int | None:
        """A number of 32 bits."""

    def time(self, number: int) -> str | None:
        """A time in RFC 3339, always UTC."""


@dataclass(frozen=True)
class Value:
    """One property: its *number*, its *type* (MS-OXCDATA, section 2.11.1) and its bytes as stored."""

    number: int
    type: int
    data: bytes
    name: str = ""
    """What a named property is called where its store says so."""


@dataclass
class Values:
    """Properties that are held in memory; *encoding* is that of texts in single bytes."""

    found: dict[int, Value] = field(default_factory=dict)
    encoding: str | None = None

    @classmethod
    def of(cls, values: Iterable[Value], encoding: str | None = None) -> Values:
        """Keep the first value of each number; the encoding is the one that the properties state."""
        made = cls({}, encoding)
        for value in values:
            made.found.setdefault(value.number, value)
        made.encoding = made.stated_encoding() or encoding
        return made

    def stated_encoding(self) -> str | None:
        """The encoding of the code page that the message names."""
        for number in (MESSAGE_CODEPAGE, INTERNET_CODEPAGE):
            if (page := self.integer(number)) and (known := encoding_of(page)):
                return known
        return None

    def text(self, number: int) -> str:
        """A property as text; empty where there is none."""
        value = self.found.get(number)
        return shown_text(value, self.encoding) if value is not None and value.type in (UNICODE, STRING8) else ""

    def binary(self, number: int) -> bytes | None:
        """A binary property."""
        value = self.found.get(number)
        return value.data if value is not None and value.type in (BINARY, OBJECT) else None

    def integer(self, number: int) -> int | None:
        """A number of 32 bits."""
        value = self.found.get(number)
        return number_of(value) if value is not None and value.type in (INTEGER, INTEGER16) else None

    def time(self, number: int) -> str | None:
        """A time in RFC 3339, always UTC."""
        value = self.found.get(number)
        return filetime(value.data) if value is not None and value.type == TIME else None


def shown_text(value: Value, encoding: str | None) -> str:
    """A text's characters, without the zero that ends it."""
    if value.type == UNICODE:
        return value.data[: len(value.data) // 2 * 2].decode("utf-16-le", "replace").rstrip("\x00")
    return charset_text(value.data.rstrip(b"\x00"), encoding)


def number_of(value: Value) -> int | None:
    """A whole number."""
    form = NUMBERS[value.type]
    return int(struct.unpack_from(form, value.data)[0]) if len(value.data) >= struct.calcsize(form) else None


def filetime(data: bytes) -> str | None:
    """A time as Windows counts it, in RFC 3339; None for what is no time."""
    if len(data) < 8:
        return None
    try:
        moment = FIRST_MOMENT + timedelta(microseconds=struct.unpack_from("<Q", data)[0] // 10)
    except OverflowError:
        return None
    return moment.isoformat().replace("+00:00", "Z") if 1601 < moment.year < 4000 else None
