"""ARJ archives: members by their own headers; what is packed is LZH with a smaller window, which libarchive unpacks."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_dates import dos_time
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_names import encoding_shown
from unburnt.read.formats.archives.archives_plain import stretch, unix_time
from unburnt.read.formats.archives.unpacking import unpacked_lzh
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MARK = b"\x60\xea"
_LONGEST_HEADER = 2600
_MOST = 250_001
_GARBLED, _GOES_ON, _CONTINUES = 0x01, 0x04, 0x08
_STORED, _PACKED = 0, (1, 2, 3)
_FILES = (0, 1)
_DIRECTORY = 3
_UNIX = (2, 8)
"""Systems on which it counts seconds since 1970."""


class _Member(msgspec.Struct, frozen=True):
    raw: bytes
    flags: int
    method: int
    kind: int
    packed: int
    size: int
    crc: int
    modified: str | None
    data: int


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Damaged` where the first header does not hold."""
    members, loss, is_volume = _members(source.file, source.size)
    files = [one for one in members if one.kind != _DIRECTORY]
    emitter.expect(members=len(files))
    if is_volume:
        loss = f"This is one volume of a split archive; what follows it is not here. {loss}".strip()
    tally = Tally(loss=loss)
    encoding = encoding_shown(emitter, (one.raw for one in files))
    for one in files:
        name = one.raw.decode(encoding, "replace").replace("\\", "/")
        if failure := _obstacle(one, source.size):
            tally.fail(emitter, one.raw, *failure, name=name, size=one.size, modified=one.modified)
        else:
            tally.emit(emitter, one.raw, _content(source.file, one), name=name, modified=one.modified)
    return tally.ending()


def _obstacle(member: _Member, size: int) -> tuple[Outcome, str] | None:
    if member.flags & (_GOES_ON | _CONTINUES):
        return Outcome.NOT_RECEIVED, "A part of the member stands in another volume of the split archive, which is not here."
    if member.data + member.packed > size:
        return Outcome.DAMAGED, "The archive ends before the end of this member."
    if member.flags & _GARBLED:
        return Outcome.LOCKED, "The member is encrypted, and encrypted ARJ members cannot be opened yet."
    if member.method not in (_STORED, *_PACKED) or member.kind not in _FILES:
        return Outcome.UNSUPPORTED, f"The member is packed by ARJ's method {member.method}, which nobody here knows."
    return None


def _content(file: BinaryIO, member: _Member) -> Iterator[bytes]:
    packed = stretch(file, member.data, member.packed)
    pieces = packed if member.method == _STORED else unpacked_lzh(packed, member.packed, member.size, b"-lh7-", None)
    crc = length = 0
    if member.size:
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            length += len(piece)
            yield piece
    if crc != member.crc or length != member.size:
        raise Damaged("The member's bytes do not match their checksum or length.")


def _members(file: BinaryIO, size: int) -> tuple[list[_Member], str, bool]:
    main, at = _header(file, 0)
    if main is None:
        raise Damaged("The archive's main header is damaged.")
    is_volume = bool(main[4] & _GOES_ON)
    found: list[_Member] = []
    while at < size and len(found) < _MOST:
        header, start = _header(file, at)
        if header is None:
            end = _has_end(file, at)
            return found, "" if end else f"The archive is damaged or cut off at byte {at}.", is_volume
        flags, method, kind = header[4], header[5], header[6]
        time, packed, length, crc = struct.unpack_from("<4I", header, 8)
        raw = header[header[0] :].split(b"\0")[0]
        modified = unix_time(time) if header[3] in _UNIX else dos_time(time >> 16, time & 0xFFFF)
        found.append(_Member(raw, flags, method, kind, packed, length, crc, modified, start))
        at = start + packed
    return found, "The archive has no end mark; more members may have followed.", is_volume


def _has_end(file: BinaryIO, at: int) -> bool:
    """A header of no length ends the archive."""
    file.seek(at)
    return file.read(4) == MARK + b"\0\0"


def _header(file: BinaryIO, at: int) -> tuple[bytes | None, int]:
    """A header whose checksum holds, and where what follows it begins."""
    file.seek(at)
    mark = file.read(4)
    length = int.from_bytes(mark[2:], "little")
    if len(mark) < 4 or mark[:2] != MARK or not 30 <= length <= _LONGEST_HEADER:
        return None, at
    header, crc = file.read(length), file.read(4)
    if len(header) < length or int.from_bytes(crc, "little") != zlib.crc32(header):
        return None, at
    at += 4 + length + 4
    while (extended := int.from_bytes(file.read(2), "little")) and at < 1 << 40:
        at += 2 + extended + 4
        file.seek(at)
    return header, at + 2


FORMATS = (
    Format(
        "arj", read, memory_safe=False, libraries=("libarchive-c",),
        title="ARJ archives",
        gives="every member, its checksum compared",
        lacks="encrypted members stay locked; the method 4 is named as unsupported; parts in other volumes as not received",
    ),
)
