"""Compiled help files (CHM): the pages and pictures within; the compressed stream is LZX, which libarchive unpacks."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, GivenUp
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_plain import stretch
from unburnt.read.formats.archives.chm_directory import Directory, Entry, read_directory
from unburnt.read.formats.archives.unpacking import unpacked_cab
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_STORAGE = b"::DataSpace/Storage/MSCompressed/"
_CONTROL = _STORAGE + b"ControlData"
_CONTENT = _STORAGE + b"Content"
_RESETS = _STORAGE + b"Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"
_BLOCK = 0x8000
_MOST_BLOCKS = 1 << 18
_LARGEST_TABLE = 4 << 20
_LZX = 3
_TITLE = 3
_OF_THE_PROGRAM = (b"::", b"/#", b"/$")


class _Compressed(msgspec.Struct, frozen=True):
    """Where the compressed stream stands, and where each block of 32 KiB begins in it."""

    start: int
    length: int
    unpacked: int
    places: tuple[int, ...]
    interval: int
    """After so many blocks unpacking begins anew."""
    window: int
    """As a power of two."""


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every page and picture. Raises :class:`Damaged` where there is no list of them."""
    found = read_directory(source.file, source.size)
    members = [one for one in found.entries.values() if not one.path.startswith(_OF_THE_PROGRAM) and not one.path.endswith(b"/")]
    emitter.expect(members=len(members))
    loss = f"The list of contents is damaged in {found.damaged} places." if found.damaged else ""
    tally = Tally(loss=loss)
    compressed: _Compressed | GivenUp
    try:
        compressed = _compressed(source.file, found)
    except (Damaged, struct.error):
        compressed = Damaged("The help file's compressed stream is not described where it should be.")
    stream = _Stream(source.file, compressed)
    emitter.metadata(_metadata(source.file, found, stream))
    # In the order in which they stand, so that nothing is unpacked twice.
    for one in sorted(members, key=lambda one: (one.section, one.start)):
        raw = one.path.removeprefix(b"/")
        if one.section > 1:
            reason = "The member stands in a section of a kind that nobody here knows."
            tally.fail(emitter, raw, Outcome.UNSUPPORTED, reason, name=_text(raw), size=one.length)
        else:
            tally.emit(emitter, raw, _bytes_of(source.file, found, one, stream), name=_text(raw))
    return tally.ending()


def _text(raw: bytes) -> str:
    return decode(raw, native=False).text


def _whole(file: BinaryIO, found: Directory, path: bytes, most: int) -> bytes:
    entry = found.entries.get(path)
    if entry is None or entry.section != 0 or entry.length > most:
        raise Damaged("The help file's compressed stream is not described where it should be.")
    return b"".join(stretch(file, found.content + entry.start, entry.length))


def _compressed(file: BinaryIO, found: Directory) -> _Compressed:
    control = _whole(file, found, _CONTROL, 1024)
    version, interval, window = struct.unpack_from("<3I", control, 8)
    if version >= 2:
        window *= _BLOCK
    else:
        interval //= _BLOCK
    table = _whole(file, found, _RESETS, _LARGEST_TABLE)
    count, width, at = struct.unpack_from("<3I", table, 4)
    unpacked, length, block = struct.unpack_from("<3Q", table, 16)
    content = found.entries.get(_CONTENT)
    bits = window.bit_length() - 1
    if width != 8 or block != _BLOCK or content is None or not 0 < interval <= 64 or not 15 <= bits <= 21 or count > _MOST_BLOCKS:
        raise Damaged("The help file's compressed stream is described absurdly.")
    places = struct.unpack_from(f"<{count}Q", table, at)
    return _Compressed(found.content + content.start, min(length, content.length), unpacked, places, interval, bits)


class _Stream:
    """The compressed section as bytes that are cut out by position; the last stretch that was unpacked is kept."""

    def __init__(self, file: BinaryIO, compressed: _Compressed | GivenUp) -> None:
        self._file = file
        self._compressed = compressed
        self._number = -1
        self._data = b""

    def cut(self, start: int, length: int) -> Iterator[bytes]:
        """*length* bytes from *start*. Raises :class:`Damaged`."""
        if isinstance(self._compressed, GivenUp):
            raise self._compressed
        span = self._compressed.interval * _BLOCK
        while length:
            data = self._stretch(start // span)
            piece = data[start % span : start % span + length]
            if not piece:
                raise Damaged("The compressed stream ends before the end of this member.")
            yield piece
            start += len(piece)
            length -= len(piece)

    def _stretch(self, number: int) -> bytes:
        if number != self._number:
            assert isinstance(self._compressed, _Compressed)
            self._data = b"".join(self._unpacked(self._compressed, number))
            self._number = number
        return self._data

    def _unpacked(self, told: _Compressed, number: int) -> Iterator[bytes]:
        first = number * told.interval
        last = min(first + told.interval, len(told.places))
        size = min(told.interval * _BLOCK, told.unpacked - first * _BLOCK)
        if first >= last or size <= 0:
            raise Damaged("The member stands behind the end of the compressed stream.")
        return unpacked_cab(self._frames(told, first, last), last - first, size, _LZX | told.window << 8)

    def _frames(self, told: _Compressed, first: int, last: int) -> Iterator[tuple[bytes, int]]:
        for block in range(first, last):
            start = told.places[block]
            end = told.places[block + 1] if block + 1 < len(told.places) else told.length
            if not 0 <= start < end or end - start > 2 * _BLOCK:
                raise Damaged("The compressed stream's table of blocks is damaged.")
            packed = b"".join(stretch(self._file, told.start + start, end - start))
            yield packed, min(_BLOCK, told.unpacked - block * _BLOCK)


def _metadata(file: BinaryIO, found: Directory, stream: _Stream) -> Metadata:
    """The title from ``#SYSTEM``, whose entries are numbered."""
    title = None
    system = found.entries.get(b"/#SYSTEM")
    try:
        data = b"".join(_bytes_of(file, found, system, stream)) if system and system.length < 1 << 16 else b""
    except GivenUp:
        data = b""
    at = 4
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<2H", data, at)
        if code == _TITLE:
            title = _text(data[at + 4 : at + 4 + length].split(b"\0")[0])
        at += 4 + length
    return Metadata(title=title or None, fields={"chm:language": f"0x{found.language:04x}"})


def _bytes_of(file: BinaryIO, found: Directory, entry: Entry, stream: _Stream) -> Iterator[bytes]:
    return stretch(file, found.content + entry.start, entry.length) if entry.section == 0 else stream.cut(entry.start, entry.length)


FORMATS = (
    Format(
        "chm", read, memory_safe=False, libraries=("libarchive-c",),
        title="Compiled help files (CHM)",
        gives="every page and picture as a member, the title",
        lacks="tables of contents are members, not put together; the program's own indexes are left out",
    ),
)
