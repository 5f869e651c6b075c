"""The headers of RAR archives before version 5."""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from unburnt.read.formats.archives.rar_headers import (
    COMMENT,
    SIGNATURE_4,
    RarComment,
    RarEntry,
    RarHeaders,
    comment_at,
    walk,
    whole,
)

SIGNATURE = SIGNATURE_4
_MAIN, _FILE, _SERVICE, _END, _STORED = 0x73, 0x74, 0x7A, 0x7B, 0x30
_LONG_BLOCK = 0x8000
_MAIN_VOLUME, _MAIN_SOLID, _MAIN_LOCKED, _MAIN_FIRST = 0x01, 0x08, 0x80, 0x100
_SPLIT_BEFORE, _SPLIT_AFTER, _ENCRYPTED, _DIRECTORY, _LARGE, _UNICODE = 0x01, 0x02, 0x04, 0xE0, 0x100, 0x200
_END_CHECKSUM, _END_NUMBER = 0x02, 0x08
_UNIX = 3
_COMMENT_WIDE = 1
"""In what is the attributes' place of a file (unrar: SUBHEAD_FLAGS_CMT_UNICODE)."""
_UNKNOWN_SIZE = 0xFFFFFFFF


def read_headers(file: BinaryIO, size: int, start: int = 0) -> RarHeaders:
    """Go from header to header of the archive of *size* bytes at *start*; damage ends it and is told."""
    return walk(file, start + size, start + len(SIGNATURE_4), _block)


def _block(file: BinaryIO, position: int, found: RarHeaders) -> int:
    start = whole(file, position, 7) or b""
    length: int
    stated, kind, flags, length = struct.unpack("<HBHH", start)
    header = whole(file, position, length)
    if length < 7 or header is None or zlib.crc32(header[2:]) & 0xFFFF != stated:
        raise IndexError
    data = struct.unpack_from("<I", header, 7)[0] if flags & _LONG_BLOCK or kind == _FILE else 0
    if kind == _MAIN:
        found.is_volume = bool(flags & _MAIN_VOLUME)
        found.is_solid = bool(flags & _MAIN_SOLID)
        found.volume = 0 if found.is_volume and flags & _MAIN_FIRST else None
        if flags & _MAIN_LOCKED:
            found.locked = True
            return 0
    elif kind == _FILE:
        entry, data = _entry(header, flags)
        entry.start, entry.data = position, position + length
        entry.end = entry.data + data
        found.entries.append(entry)
    elif kind == _SERVICE and (service := _entry(header, flags)[0]).raw == COMMENT:
        is_wide = bool(struct.unpack_from("<I", header, 28)[0] & _COMMENT_WIDE)
        is_stored = header[25] == _STORED and not service.encrypted
        at = position + length
        found.comment = comment_at(file, at, data, service.crc, is_wide=is_wide) if is_stored else RarComment(is_packed=True)
    elif kind == _END:
        found.more_volumes = bool(flags & 1)
        if found.is_volume and flags & _END_NUMBER:
            found.volume = struct.unpack_from("<H", header, 11 if flags & _END_CHECKSUM else 7)[0]
        return 0
    return length + int(data)


def main_block(*, solid: bool) -> bytes:
    """The start of an archive of one volume."""
    return SIGNATURE_4 + _sealed(_MAIN, _MAIN_SOLID if solid else 0, bytes(6))


def whole_header(header: bytes, packed: int) -> bytes:
    """The header of a file's last piece as one of the whole file, of *packed* bytes."""
    flags, fields = struct.unpack_from("<H", header, 3)[0] & ~(_SPLIT_BEFORE | _SPLIT_AFTER), bytearray(header[7:])
    if packed > _UNKNOWN_SIZE and not flags & _LARGE:
        flags |= _LARGE
        fields[25:25] = bytes(8)
    struct.pack_into("<I", fields, 0, packed & 0xFFFFFFFF)
    if flags & _LARGE:
        struct.pack_into("<I", fields, 25, packed >> 32)
    return _sealed(_FILE, flags, bytes(fields))


def end_block() -> bytes:
    """The end of an archive's last volume."""
    return _sealed(_END, 0x4000, b"")


def _sealed(kind: int, flags: int, fields: bytes) -> bytes:
    rest = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest


def _entry(header: bytes, flags: int) -> tuple[RarEntry, int]:
    """The entry, and how many packed bytes follow its header."""
    packed, size, system, crc, time, _, _, names, attributes = struct.unpack_from("<IIBIIBBHI", header, 7)
    at = 32
    if flags & _LARGE:
        high_packed, high_size = struct.unpack_from("<II", header, at)
        packed, size, at = packed | high_packed << 32, size | high_size << 32, at + 8
    raw = header[at : at + names]
    if len(raw) < names:
        raise IndexError
    name = None
    if flags & _UNICODE:
        plain, _, coded = raw.partition(b"\x00")
        name = _unicode_name(plain, coded) if coded else raw.decode("utf-8", "replace")
        raw = name.encode("utf-8", "surrogatepass")
        name = raw.decode("utf-8", "replace").replace("\\", "/")
    encrypted = bool(flags & _ENCRYPTED)
    entry = RarEntry(
        raw=raw, name=name, size=None if size & _UNKNOWN_SIZE == _UNKNOWN_SIZE else size,
        crc=None if encrypted else crc, modified=_dos_time(time), is_directory=flags & _DIRECTORY == _DIRECTORY,
        is_link=system == _UNIX and attributes & 0xF000 == 0xA000, encrypted=encrypted,
        split_before=bool(flags & _SPLIT_BEFORE), split_after=bool(flags & _SPLIT_AFTER),
    )
    return entry, packed


def _unicode_name(plain: bytes, coded: bytes) -> str:
    """Undo the packing of UTF-16 names: two bits say for each character where its two bytes come from."""
    high, at, flags, bits = coded[0], 1, 0, 0
    units: list[int] = []
    while at < len(coded):
        if not bits:
            flags, bits, at = coded[at], 8, at + 1
            continue
        bits -= 2
        way = flags >> bits & 3
        if way == 0:
            units.append(coded[at])
        elif way == 1:
            units.append(coded[at] | high << 8)
        elif way == 2:
            units.append(coded[at] | coded[at + 1] << 8)
            at += 1
        else:
            run, shift, top = coded[at], 0, 0
            if run & 0x80:
                at += 1
                shift, top = coded[at], high << 8
            for _ in range((run & 0x7F) + 2):
                units.append((plain[len(units)] + shift) & 0xFF | top)
        at += 1
    return struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "surrogatepass")


def _dos_time(value: int) -> str:
    date, time = value >> 16, value & 0xFFFF
    year, month, day = (date >> 9) + 1980, date >> 5 & 15, date & 31
    return f"{year:04}-{month:02}-{day:02}T{time >> 11:02}:{time >> 5 & 63:02}:{(time & 31) * 2:02}"
