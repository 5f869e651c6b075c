"""CPIO archives of every variant (POSIX odc, SVR4 newc and crc, the old binary form), as RPM packages and initrds use them."""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_plain import Stretch, emit_all, unix_time
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_END = b"TRAILER!!!"
_LONGEST_NAME = 1 << 16
_MOST = 1_000_000
_KIND, _DIRECTORY, _FILE, _LINK = 0o170000, 0o040000, 0o100000, 0o120000


class _Header(msgspec.Struct, frozen=True):
    mode: int
    links: int
    modified: int
    size: int
    name_size: int
    length: int
    """Of the header itself."""
    align: int
    checksum: int | None = None


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every regular file. Raises :class:`Damaged` where not even the first header holds."""
    members, loss = _members(source.file, source.size)
    if loss and not members:
        raise Damaged(loss)
    emitter.expect(members=len(members))
    tally = Tally(loss=loss)
    emit_all(members, source.file, source.size, emitter, tally)
    return tally.ending()


def _members(file: BinaryIO, size: int) -> tuple[list[Stretch], str]:
    found: list[Stretch] = []
    at = 0
    while at < size and len(found) < _MOST:
        file.seek(at)
        header = _header(file.read(110))
        if header is None or not 0 < header.name_size <= _LONGEST_NAME:
            return found, f"The archive is damaged or cut off at byte {at}."
        file.seek(at + header.length)
        raw = file.read(header.name_size).rstrip(b"\0")
        if raw == _END:
            return found, ""
        start = _aligned(at + header.length + header.name_size, header.align)
        if header.mode & _KIND != _DIRECTORY:
            found.append(_member(raw, start, header))
        at = _aligned(start + header.size, header.align)
    return found, "The archive has no end mark; more members may have followed."


def _aligned(position: int, align: int) -> int:
    return -(-position // align) * align


def _header(data: bytes) -> _Header | None:
    try:
        if data[:6] in (b"070701", b"070702") and len(data) == 110:
            values = [int(data[start : start + 8], 16) for start in range(6, 110, 8)]
            _, mode, _, _, links, modified, length, *_, name_size, check = values
            return _Header(mode, links, modified, length, name_size, 110, 4, check if data[:6] == b"070702" else None)
        if data[:6] == b"070707" and len(data) >= 76:
            _, _, mode, _, _, links, _ = (int(data[start : start + 6], 8) for start in range(6, 48, 6))
            return _Header(mode, links, int(data[48:59], 8), int(data[65:76], 8), int(data[59:65], 8), 76, 1)
    except ValueError:
        return None
    for order, magic in (("<", b"\xc7\x71"), (">", b"\x71\xc7")):
        if data[:2] == magic and len(data) >= 26:
            _, _, _, mode, _, _, links, _, time_high, time, name_size, high, low = struct.unpack(order + "13H", data[:26])
            return _Header(mode, links, time_high << 16 | time, high << 16 | low, name_size, 26, 2)
    return None


def _member(raw: bytes, start: int, header: _Header) -> Stretch:
    kind = header.mode & _KIND
    obstacle = None
    if kind == _LINK:
        obstacle = Outcome.NOT_RECEIVED, "The member is a link, not a file."
    elif kind not in (_FILE, 0):
        obstacle = Outcome.NOT_RECEIVED, "The member is a device or special file, not a file."
    elif header.links > 1 and not header.size:
        obstacle = Outcome.NOT_RECEIVED, "The member is a link to another member of the same content, or empty."
    return Stretch(
        raw=raw, pieces=((start, header.size),), modified=unix_time(header.modified), obstacle=obstacle, checksum=header.checksum
    )


FORMATS = (
    Format(
        "cpio", read, memory_safe=True,
        title="CPIO archives of every variant",
        gives="every regular file, its checksum compared where there is one",
        lacks="links and devices are named as not received",
    ),
)
