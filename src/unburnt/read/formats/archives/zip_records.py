"""A ZIP file's own records (APPNOTE.TXT 6.3.10): end records, central directory, local headers. Names stay bytes."""

from __future__ import annotations

import functools
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from unburnt.read.errors import Damaged, Stopped

_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
LOCAL, CENTRAL, DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
LOCAL_SIZE = 30
_LONGEST_TAIL = 65557
_LARGEST_DIRECTORY = 256 << 20
_ALL_16, _ALL_32 = 0xFFFF, 0xFFFFFFFF
ENCRYPTED, DESCRIBED, UTF8 = 1, 8, 0x800
_UNIX = 3
_DIRECTORY_ATTRIBUTE = 0x10


class End(msgspec.Struct, frozen=True):
    """What the end record says. Volumes count from 0."""

    volume: int
    entries: int
    """As declared, for all volumes."""
    size: int
    offset: int
    position: int
    """Where the directory must end: the place of the first end record."""
    wide: bool
    """Whether the numbers come from a ZIP64 record."""


class Entry(msgspec.Struct):
    """One entry, from the central directory or, in recovery, from its local header."""

    raw: bytes
    flags: int
    method: int
    time: int
    date: int
    crc: int
    compressed: int
    size: int
    offset: int
    volume: int = 0
    extra: bytes = b""
    system: int = 0
    attributes: int = 0
    comment: bytes = b""
    data: int = -1
    """Where its bytes start, once its local header was found."""
    header: int = -1
    """Where its local header was found."""
    listed: int = -1
    """Where the directory lists it."""

    @property
    def is_directory(self) -> bool:
        """A name that ends in a stroke hides no content only where there is none."""
        marked = self.raw.endswith(b"\\") and bool(self.attributes & _DIRECTORY_ATTRIBUTE)
        return (self.raw.endswith(b"/") or marked) and not self.size

    @property
    def is_link(self) -> bool:
        """Whether Unix attributes call it a symbolic link."""
        return self.system == _UNIX and (self.attributes >> 16) & 0xF000 == 0xA000

    @property
    def modified(self) -> str:
        """The DOS time, which has no zone."""
        return _dos_time(self.date, self.time)

    @property
    def utf8_name(self) -> bytes | None:
        """The name in UTF-8 where the entry says so: by its flag, or by Info-ZIP's extra field 0x7075."""
        if self.flags & UTF8:
            return self.raw
        field = extra_field(self.extra, 0x7075)
        if field is not None and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(self.raw):
            return field[5:]
        return None


    @property
    def utf8_comment(self) -> bytes | None:
        """The comment in UTF-8 where the entry says so: by its flag, or by Info-ZIP's extra field 0x6375."""
        if self.flags & UTF8:
            return self.comment
        field = extra_field(self.extra, 0x6375)
        if field is not None and len(field) > 5 and struct.unpack_from("<I", field, 1)[0] == zlib.crc32(self.comment):
            return field[5:]
        return None


@functools.lru_cache(4096)
def _dos_time(date: int, time: int) -> str:
    """Most members of an archive share a few times."""
    year, month, day = (date >> 9) + 1980, date >> 5 & 15, date & 31
    return f"{year:04}-{month:02}-{day:02}T{time >> 11:02}:{time >> 5 & 63:02}:{(time & 31) * 2:02}"


def extra_field(extra: bytes, wanted: int) -> bytes | None:
    """The first extra field with that number."""
    at = 0
    while at + 4 <= len(extra):
        number, length = struct.unpack_from("<HH", extra, at)
        if number == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return None


def find_end(file: BinaryIO, size: int) -> End | None:
    """The end record, with its ZIP64 record where there is one; None where the file has none."""
    start = max(0, size - _LONGEST_TAIL)
    file.seek(start)
    tail = file.read(_LONGEST_TAIL)
    at = last = tail.rfind(_END)
    # A comment may hold the signature too: the record whose comment ends with the file is the right one.
    while at >= 0:
        if at + 22 <= len(tail) and at + 22 + struct.unpack_from("<H", tail, at + 20)[0] == len(tail):
            break
        at = tail.rfind(_END, 0, at)
    at = at if at >= 0 else last
    if at < 0 or at + 22 > len(tail):
        return None
    volume, first, _, entries, length, offset, _ = struct.unpack_from("<4H2IH", tail, at + 4)
    end = End(volume, entries, length, offset, start + at, wide=False)
    full = (volume, first, entries) if _ALL_16 in (volume, first, entries) else ()
    if full or _ALL_32 in (length, offset):
        return _find_wide(file, end) or end
    return end


def comment_of(file: BinaryIO, size: int) -> bytes:
    """The comment behind the end record; empty where there is none."""
    file.seek(max(0, size - _LONGEST_TAIL))
    tail = file.read(_LONGEST_TAIL)
    at = tail.rfind(_END)
    return tail[at + 22 : at + 22 + struct.unpack_from("<H", tail, at + 20)[0]] if 0 <= at <= len(tail) - 22 else b""


def _find_wide(file: BinaryIO, end: End) -> End | None:
    if end.position < 20:
        return None
    file.seek(end.position - 20)
    locator = file.read(20)
    if not locator.startswith(_LOCATOR):
        return None
    offset = struct.unpack_from("<Q", locator, 8)[0]
    # Bytes put before the archive move the record, so the place just before the locator is tried too.
    for place in (offset, end.position - 76):
        if 0 <= place <= end.position - 76:
            file.seek(place)
            record = file.read(56)
            if record.startswith(_END64):
                volume, _, _, entries, length, start = struct.unpack_from("<2I4Q", record, 16)
                return End(volume, entries, length, start, place, wide=True)
    return None


def read_directory(file: BinaryIO, end: End) -> tuple[list[Entry], int]:
    """The entries, and how far they stand from where their offsets say (bytes put before the archive).

    Raises :class:`Damaged` where the directory is not where the end record says, :class:`Stopped` if it is huge.
    """
    if end.size > _LARGEST_DIRECTORY:
        raise Stopped("directory", "Its central directory is larger than 256 MiB.")
    actual = end.position - end.size
    for start in (actual, end.offset):
        if start < 0 or start > end.position:
            continue
        file.seek(start)
        directory = file.read(end.position - start if start != actual else end.size)
        if directory.startswith(CENTRAL) or not end.size:
            return list(_walk(directory, start)), actual - end.offset
    raise Damaged("The central directory is not where the end record says.")


def listed_from(file: BinaryIO, start: int, end: int) -> Iterator[Entry]:
    """What a directory that was found whole lists from its entry at *start* on, up to *end*."""
    file.seek(start)
    yield from _walk(file.read(min(end - start, _LARGEST_DIRECTORY)), start)


def _walk(directory: bytes, start: int) -> Iterator[Entry]:
    at = 0
    while directory.startswith(CENTRAL, at) and at + 46 <= len(directory):
        (made, _, flags, method, time, date, crc, compressed, size, names, extras, comments, volume, _, attributes,
         offset) = struct.unpack_from("<6H3I5H2I", directory, at + 4)
        listed, extra_start = start + at, at + 46 + names
        at = extra_start + extras + comments
        if at > len(directory):
            return
        extra = directory[extra_start : extra_start + extras]
        entry = Entry(
            directory[extra_start - names : extra_start], flags, method, time, date, crc, compressed, size, offset,
            volume, extra, made >> 8, attributes, directory[extra_start + extras : at], listed=listed,
        )
        _widen(entry)
        yield entry


def _widen(entry: Entry) -> None:
    """Fill in the numbers that did not fit, from extra field 1: only those that are all ones stand there."""
    field = extra_field(entry.extra, 1)
    if field is None:
        return
    at = 0
    for name in ("size", "compressed", "offset"):
        if getattr(entry, name) == _ALL_32 and at + 8 <= len(field):
            setattr(entry, name, struct.unpack_from("<Q", field, at)[0])
            at += 8
    if entry.volume == _ALL_16 and at + 4 <= len(field):
        entry.volume = struct.unpack_from("<I", field, at)[0]


def read_local(file: BinaryIO, position: int) -> Entry | None:
    """The local header at *position*, its data's place included; None where there is none."""
    file.seek(position)
    header = file.read(LOCAL_SIZE)
    if len(header) < LOCAL_SIZE or not header.startswith(LOCAL):
        return None
    _, flags, method, time, date, crc, compressed, size, names, extras = struct.unpack_from("<5H3I2H", header, 4)
    rest = file.read(names + extras)
    if len(rest) < names + extras:
        return None
    entry = Entry(
        rest[:names], flags, method, time, date, crc, compressed, size, position, extra=rest[names:],
        data=position + LOCAL_SIZE + names + extras, header=position,
    )
    _widen(entry)
    return entry
