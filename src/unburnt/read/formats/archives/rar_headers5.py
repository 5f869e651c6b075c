"""The headers of RAR 5 archives."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from unburnt.read.formats.archives.rar_headers import (
    COMMENT,
    SIGNATURE_5,
    RarEntry,
    RarHeaders,
    comment_at,
    walk,
    whole,
)

SIGNATURE = SIGNATURE_5
_MAIN, _FILE, _SERVICE, _ENCRYPTION, _END = 1, 2, 3, 4, 5
_HAS_EXTRA, _HAS_DATA, _SPLIT_BEFORE, _SPLIT_AFTER = 1, 2, 8, 16
_LONGEST_HEADER = 2 << 20
_RECORD_ENCRYPTION, _RECORD_TIME, _RECORD_REDIRECTION = 1, 3, 5
_START_OF_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)


class _Reader:
    """Walks over one header's fields; IndexError or struct.error where they go past its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        """A variable-length integer: seven bits a byte, lowest first."""
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 63:
                raise IndexError

    def fixed(self, layout: str) -> int:
        (value,) = struct.unpack_from(layout, self.data, self.at)
        self.at += struct.calcsize(layout)
        return int(value)

    def take(self, length: int) -> bytes:
        self.at += length
        if self.at > len(self.data):
            raise IndexError
        return self.data[self.at - length : self.at]


def read_headers(file: BinaryIO, size: int, start: int = 0) -> RarHeaders:
    """Go from header to header of the archive of *size* bytes at *start*; damage ends it and is told."""
    return walk(file, start + size, start + len(SIGNATURE_5), _block)


def _block(file: BinaryIO, position: int, found: RarHeaders) -> int:
    """Take in one block; gives its length with its data, 0 where nothing follows."""
    file.seek(position)
    start = file.read(4 + 3)
    lead = _Reader(start)
    stated = lead.fixed("<I")
    length = lead.number()
    if length > _LONGEST_HEADER:
        raise IndexError
    header = whole(file, position + lead.at, length)
    if header is None or zlib.crc32(start[4 : lead.at] + header) != stated:
        raise IndexError
    fields = _Reader(header)
    kind, flags = fields.number(), fields.number()
    extra = fields.number() if flags & _HAS_EXTRA else 0
    data = fields.number() if flags & _HAS_DATA else 0
    if kind == _ENCRYPTION:
        found.locked = True
        return 0
    if kind == _END:
        found.more_volumes = bool(fields.number() & 1)
        return 0
    if kind == _MAIN:
        archive_flags = fields.number()
        found.is_volume, found.is_solid = bool(archive_flags & 1), bool(archive_flags & 4)
        found.volume = fields.number() if archive_flags & 2 else (0 if archive_flags & 1 else None)
    elif kind == _FILE:
        entry = _entry(fields, flags, header[len(header) - extra :] if extra else b"")
        entry.start, entry.data = position, position + lead.at + length
        entry.end = entry.data + data
        found.entries.append(entry)
    elif kind == _SERVICE and (service := _entry(fields, flags, b"")).raw == COMMENT:
        found.comment = comment_at(file, position + lead.at + length, data, service.crc)  # never packed
    return lead.at + length + data


def main_block(*, solid: bool) -> bytes:
    """The start of an archive of one volume."""
    body = bytes((3, _MAIN, 0, 4 if solid else 0))
    return SIGNATURE_5 + struct.pack("<I", zlib.crc32(body)) + body


def whole_header(header: bytes, packed: int) -> bytes:
    """The header of a file's last piece as one of the whole file, of *packed* bytes."""
    lead = _Reader(header)
    lead.fixed("<I")
    lead.number()
    kind, flags = lead.number(), lead.number()
    extra = _number(lead.number()) if flags & _HAS_EXTRA else b""
    if flags & _HAS_DATA:
        lead.number()
    flags = flags & ~(_SPLIT_BEFORE | _SPLIT_AFTER) | _HAS_DATA
    body = _number(kind) + _number(flags) + extra + _number(packed) + header[lead.at :]
    sized = _number(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def end_block() -> bytes:
    """The end of an archive's last volume."""
    body = bytes((3, _END, 0, 0))
    return struct.pack("<I", zlib.crc32(body)) + body


def _entry(fields: _Reader, flags: int, extra: bytes) -> RarEntry:
    file_flags, size, _ = fields.number(), fields.number(), fields.number()
    modified = _unix(fields.fixed("<I")) if file_flags & 2 else None
    crc = fields.fixed("<I") if file_flags & 4 else None
    fields.number()
    fields.number()
    raw = fields.take(fields.number())
    entry = RarEntry(
        raw=raw, name=raw.decode("utf-8", "replace"), size=None if file_flags & 8 else size, crc=crc,
        modified=modified, is_directory=bool(file_flags & 1), is_link=False, encrypted=False,
        split_before=bool(flags & _SPLIT_BEFORE), split_after=bool(flags & _SPLIT_AFTER),
    )
    records = _Reader(extra)
    while records.at < len(extra):
        record = _Reader(records.take(records.number()))
        kind = record.number()
        if kind == _RECORD_ENCRYPTION:
            entry.encrypted = True
            # The checksum of an encrypted member may be made with its password.
            entry.crc = None
        elif kind == _RECORD_REDIRECTION:
            entry.is_link = True
        elif kind == _RECORD_TIME:
            entry.modified = _time(record) or entry.modified
    return entry


def _time(record: _Reader) -> str | None:
    flags = record.number()
    if not flags & 2:
        return None
    return _unix(record.fixed("<I")) if flags & 1 else _filetime(record.fixed("<Q"))


def _unix(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _filetime(steps: int) -> str | None:
    try:
        return (_START_OF_FILETIME + timedelta(microseconds=steps // 10)).isoformat(timespec="seconds")
    except OverflowError:
        return None
