"""Properties of Outlook messages (MS-OXMSG, section 2.4; MS-OXPROPS): fixed ones in one stream, long ones in their own."""

from __future__ import annotations

import struct
from typing import Any

from unburnt.read.formats.mail.mail_headers import charset_text
from unburnt.read.formats.mail.mapi_values import (
    BINARY,
    BOOLEAN,
    INTEGER,
    INTERNET_CODEPAGE,
    MESSAGE_CODEPAGE,
    STRING8,
    TIME,
    UNICODE,
    filetime,
)
from unburnt.read.formats.office.code_pages import encoding_of
from unburnt.read.formats.office.ole_container import stream_bytes

STREAM = "__properties_version1.0"
ENTRY = struct.Struct("<HHI8s")

Storage = tuple[str, ...]


class Properties:
    """The properties of one storage: a message, a recipient or an attachment. *header* is 32, 24 or 8 bytes long."""

    def __init__(self, ole: Any, storage: Storage, header: int, encoding: str | None = None) -> None:
        self._ole, self._storage = ole, storage
        self.fixed: dict[int, bytes] = {}
        raw = stream_bytes(ole, (*storage, STREAM)) or b""
        self.found = bool(raw)
        usable = raw[header : header + (len(raw) - header) // 16 * 16] if len(raw) > header else b""
        for kind, number, _, value in ENTRY.iter_unpack(usable):
            if kind in (INTEGER, BOOLEAN, TIME):
                self.fixed[number] = value
        self.encoding = encoding or self._encoding()

    def _encoding(self) -> str | None:
        for number in (MESSAGE_CODEPAGE, INTERNET_CODEPAGE):
            if page := self.integer(number):
                return encoding_of(page)
        return None

    def stream(self, number: int, kind: int) -> bytes | None:
        """The bytes of a property that has its own stream."""
        name = f"__substg1.0_{number:04X}{kind:04X}"
        return stream_bytes(self._ole, (*self._storage, name))

    def text(self, number: int) -> str:
        """A property as text; empty where there is none."""
        raw = self.stream(number, UNICODE)
        if raw is not None:
            return raw.decode("utf-16-le", "replace").rstrip("\x00")
        raw = self.stream(number, STRING8)
        return charset_text(raw.rstrip(b"\x00"), self.encoding) if raw is not None else ""

    def binary(self, number: int) -> bytes | None:
        """A binary property."""
        return self.stream(number, BINARY)

    def integer(self, number: int) -> int | None:
        """A number of 32 bits."""
        value = self.fixed.get(number)
        return int(struct.unpack_from("<i", value)[0]) if value is not None else None

    def time(self, number: int) -> str | None:
        """A time, which MS-OXPROPS says is UTC, in RFC 3339."""
        value = self.fixed.get(number)
        return filetime(value) if value is not None else None
