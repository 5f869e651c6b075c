"""LZH (LHA) archives: members by their own headers of level 0 to 3; libarchive unpacks each by itself."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_dates import dos_time, windows_time
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_names import encoding_shown
from unburnt.read.formats.archives.archives_plain import stretch, unix_time
from unburnt.read.formats.archives.unpacking import unpacked_lzh
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_KNOWN = (b"-lh0-", b"-lz4-", b"-lh4-", b"-lh5-", b"-lh6-", b"-lh7-")
_DIRECTORY = b"-lhd-"
_MOST = 250_001
_MOST_HEADERS = 64
_SEPARATOR = b"\xff"
_NAME, _FOLDER, _WINDOWS_TIMES = 1, 2, 0x41


class _Member(msgspec.Struct):
    method: bytes
    packed: int
    size: int
    modified: str | None
    name: bytes = b""
    folder: bytes = b""
    checksum: int | None = None
    data: int = 0
    end: int = 0

    @property
    def raw(self) -> bytes:
        return self.folder.replace(_SEPARATOR, b"/") + self.name.replace(b"\\", b"/")


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Damaged` where not even the first header holds."""
    members, loss = _members(source.file, source.size)
    if loss and not members:
        raise Damaged(loss)
    files = [one for one in members if one.method != _DIRECTORY]
    emitter.expect(members=len(files))
    tally = Tally(loss=loss)
    encoding = encoding_shown(emitter, (one.raw for one in files))
    for one in files:
        name = one.raw.decode(encoding, "replace")
        if failure := _obstacle(one, source.size):
            tally.fail(emitter, one.raw, *failure, name=name, size=one.size, modified=one.modified)
        else:
            tally.emit(emitter, one.raw, _content(source.file, one), name=name, modified=one.modified)
    return tally.ending()


def _obstacle(member: _Member, size: int) -> tuple[Outcome, str] | None:
    if member.end > size:
        return Outcome.DAMAGED, "The archive ends before the end of this member."
    if member.method not in _KNOWN:
        return Outcome.UNSUPPORTED, f"The member is packed by the method {member.method.decode('latin-1')}, which nobody here knows."
    return None


def _content(file: BinaryIO, member: _Member) -> Iterator[bytes]:
    packed = stretch(file, member.data, member.packed)
    length = 0
    if not member.size:
        return
    for piece in unpacked_lzh(packed, member.packed, member.size, member.method, member.checksum):
        length += len(piece)
        yield piece
    if length != member.size:
        raise Damaged("The member's compressed bytes are damaged.")


def _members(file: BinaryIO, size: int) -> tuple[list[_Member], str]:
    found: list[_Member] = []
    at = 0
    while at < size and len(found) < _MOST:
        file.seek(at)
        head = file.read(1 << 12)
        if head[:1] == b"\0" and head[20:21] not in (b"\2", b"\3"):
            return found, ""
        try:
            member = _header(file, at, head)
        except (struct.error, IndexError):
            member = None
        if member is None or member.end <= at:
            return found, f"The archive is damaged or cut off at byte {at}."
        found.append(member)
        at = member.end
    return found, ""


def _header(file: BinaryIO, at: int, head: bytes) -> _Member | None:
    method, level = head[2:7], head[20]
    if not (method.startswith((b"-lh", b"-lz", b"-pm")) and method.endswith(b"-")) or level > 3:
        return None
    packed, size, time = struct.unpack_from("<3I", head, 7)
    modified = unix_time(time) if level > 1 else dos_time(time >> 16, time & 0xFFFF)
    member = _Member(method, packed, size, modified)
    if level < 2:
        length = head[21]
        member.name = head[22 : 22 + length]
        end = 2 + head[0]
        if 24 + length <= end:
            member.checksum, = struct.unpack_from("<H", head, 22 + length)
        member.data = at + end
        member.end = member.data + packed
        if level == 1:
            member.data = _extended(file, member, at + end - 2, width=2)
    else:
        member.checksum, = struct.unpack_from("<H", head, 21)
        width = 2 if level == 2 else 4
        total, = struct.unpack_from("<H", head) if level == 2 else struct.unpack_from("<I", head, 24)
        _extended(file, member, at + (24 if level == 2 else 28), width=width)
        member.data = at + total
        member.end = member.data + packed
    if level == 1:
        member.packed = member.end - member.data
    return member if member.data <= member.end else None


def _extended(file: BinaryIO, member: _Member, at: int, *, width: int) -> int:
    """Headers of one kind each; each says how long the next one is. Gives where they end."""
    for _ in range(_MOST_HEADERS):
        file.seek(at)
        length = int.from_bytes(file.read(width), "little")
        at += width
        if length <= width:
            break
        block = file.read(length - width)
        body = block[1:]
        if block[:1] == bytes([_NAME]):
            member.name = body
        elif block[:1] == bytes([_FOLDER]):
            member.folder = body if body.endswith(_SEPARATOR) else body + _SEPARATOR
        elif block[:1] == bytes([_WINDOWS_TIMES]) and len(body) >= 16:
            member.modified = windows_time(int.from_bytes(body[8:16], "little")) or member.modified
        at += length - width
    return at


FORMATS = (
    Format(
        "lzh", read, memory_safe=False, libraries=("libarchive-c",),
        title="LZH (LHA) archives",
        gives="every member with headers of level 0 to 3, its checksum compared",
        lacks="the methods before lh4 and those of other programs are named as unsupported",
    ),
)
