"""Cabinets (CAB, MS-CAB): members by their own headers; MSZIP by zlib, LZX and Quantum by libarchive."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from unburnt.model.outcome import Outcome
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, GivenUp, Unsupported
from unburnt.read.formats.archives.archives_dates import dos_time
from unburnt.read.formats.archives.archives_ending import Tally
from unburnt.read.formats.archives.archives_names import encoding_shown
from unburnt.read.formats.archives.unpacking import unpacked_cab
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_PREVIOUS, _NEXT, _RESERVED = 1, 2, 4
_CONTINUED = {0xFFFD: "before", 0xFFFE: "after", 0xFFFF: "before and after"}
_IS_UTF8 = 0x80
_STORED, _MSZIP = 0, 1
_FRAME = 32768
_LONGEST_NAME = 1024


class _Folder(msgspec.Struct, frozen=True):
    start: int
    frames: int
    method: int


class _Member(msgspec.Struct, frozen=True):
    raw: bytes
    is_utf8: bool
    size: int
    start: int
    folder: int
    modified: str | None


class _Cabinet(msgspec.Struct):
    folders: list[_Folder] = []
    members: list[_Member] = []
    reserved: int = 0
    loss: str = ""


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit every member. Raises :class:`Damaged` where the header cannot be followed."""
    cabinet = _headers(source.file)
    emitter.expect(members=len(cabinet.members))
    tally = Tally(loss=cabinet.loss)
    encoding = encoding_shown(emitter, (one.raw for one in cabinet.members if not one.is_utf8))
    for number in dict.fromkeys(one.folder for one in cabinet.members):
        inside = sorted((one for one in cabinet.members if one.folder == number), key=lambda one: one.start)
        stream = _Stream(_unpacked(source.file, cabinet, number, inside))
        for one in inside:
            name = one.raw.decode("utf-8" if one.is_utf8 else encoding, "replace").replace("\\", "/")
            if (told := _CONTINUED.get(number)) is not None:
                reason = f"The member goes on in the cabinet {told} this one of the same set, which is not here."
                tally.fail(emitter, one.raw, Outcome.NOT_RECEIVED, reason, name=name, size=one.size, modified=one.modified)
            else:
                tally.emit(emitter, one.raw, stream.cut(one.start, one.size), name=name, modified=one.modified)
    return tally.ending()


def _headers(file: BinaryIO) -> _Cabinet:
    file.seek(0)
    head = file.read(36)
    if len(head) < 36:
        raise Damaged("The cabinet is cut off within its header.")
    first, = struct.unpack_from("<I", head, 16)
    folders, members, flags, _, number = struct.unpack_from("<5H", head, 26)
    found = _Cabinet()
    in_folder = 0
    if flags & _RESERVED:
        length, in_folder, found.reserved = struct.unpack("<H2B", file.read(4).ljust(4, b"\0"))
        file.read(length)
    names = {kind: (_name(file), _name(file))[0] for kind in (_PREVIOUS, _NEXT) if flags & kind}
    if names:
        missing = " and ".join(repr(name.decode("utf-8", "replace")[:60]) for name in names.values())
        found.loss = f"This is cabinet {number + 1} of a set; it goes on in {missing}."
    for _ in range(folders):
        block = file.read(8 + in_folder)
        if len(block) < 8:
            raise Damaged("The cabinet is cut off within its header.")
        found.folders.append(_Folder(*struct.unpack_from("<I2H", block)))
    file.seek(first)
    for _ in range(members):
        block = file.read(16)
        if len(block) < 16:
            found.loss = f"{found.loss} The list of members is cut off: {len(found.members)} of {members} are known.".strip()
            break
        size, start, folder, date, time, attributes = struct.unpack("<2I4H", block)
        found.members.append(_Member(_name(file), bool(attributes & _IS_UTF8), size, start, folder, dos_time(date, time)))
    return found


def _name(file: BinaryIO) -> bytes:
    at = file.tell()
    name = file.read(_LONGEST_NAME).split(b"\0")[0]
    file.seek(at + len(name) + 1)
    return name


def _unpacked(file: BinaryIO, cabinet: _Cabinet, number: int, inside: list[_Member]) -> Iterator[bytes]:
    if number >= len(cabinet.folders):
        if number in _CONTINUED:
            return iter(())
        return _raising(Damaged("The member's folder does not exist."))
    folder = cabinet.folders[number]
    frames = _frames(file, folder, cabinet.reserved)
    kind = folder.method & 15
    if kind == _STORED:
        return (packed for packed, _ in frames)
    if kind == _MSZIP:
        return _mszip(frames)
    if kind > 3:
        return _raising(Unsupported("The member is packed by an unknown method."))
    size = min(max(one.start + one.size for one in inside), folder.frames * _FRAME)
    return unpacked_cab(frames, folder.frames, size, folder.method)


def _raising(error: GivenUp) -> Iterator[bytes]:
    raise error
    yield b""


def _frames(file: BinaryIO, folder: _Folder, reserved: int) -> Iterator[tuple[bytes, int]]:
    """Packed bytes and unpacked length of each block. Raises :class:`Damaged`."""
    at = folder.start
    for _ in range(folder.frames):
        file.seek(at)
        head = file.read(8 + reserved)
        if len(head) < 8:
            raise Damaged("The cabinet is cut off before the end of this member.")
        stated, length, size = struct.unpack_from("<I2H", head)
        packed = file.read(length)
        if len(packed) < length:
            raise Damaged("The cabinet is cut off before the end of this member.")
        if stated and stated != _checksum(head[4:], _checksum(packed, 0)):
            raise Damaged("The member's compressed bytes do not match their checksum.")
        yield packed, size
        at += 8 + reserved + length


def _checksum(data: bytes, seed: int) -> int:
    """MS-CAB 3.1: the exclusive or of all words of four bytes; the last ones, if fewer, are taken big-endian."""
    whole = len(data) // 4 * 4
    rest = data[whole:]
    folded = seed ^ int.from_bytes(rest, "big")
    # One long number is folded in halves: exclusive or does not mind the order.
    number, words = int.from_bytes(data[:whole], "little"), whole // 4
    while words > 1:
        half = (words + 1) // 2
        number = number >> (32 * half) ^ number & ((1 << 32 * half) - 1)
        words = half
    return folded ^ number


def _mszip(frames: Iterator[tuple[bytes, int]]) -> Iterator[bytes]:
    """Each block is a deflate stream of its own that may refer to the block before it."""
    before = b""
    for packed, size in frames:
        if not packed.startswith(b"CK") or size > _FRAME:
            raise Damaged("The member's compressed bytes are damaged.")
        try:
            before = zlib.decompressobj(-15, zdict=before).decompress(packed[2:], _FRAME + 1)
        except zlib.error as error:
            raise Damaged("The member's compressed bytes are damaged.") from error
        if len(before) != size:
            raise Damaged("The member's compressed bytes are damaged.")
        yield before


class _Stream:
    """Unpacked bytes that are cut in order; once broken it stays so, and says why."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""
        self._at = 0
        self._broken: GivenUp | None = None

    def cut(self, start: int, size: int) -> Iterator[bytes]:
        """*size* bytes from *start*. Raises :class:`Damaged`."""
        if not size:
            return
        if start < self._at:
            raise Damaged("The member overlaps another one.")
        end = start + size
        while self._at < end:
            if not self._held:
                self._held = self._next()
            skipped = max(0, min(start - self._at, len(self._held)))
            data = self._held[skipped : skipped + end - max(start, self._at)] if self._at + len(self._held) > start else b""
            self._at += skipped + len(data)
            self._held = self._held[skipped + len(data) :]
            if data:
                yield data

    def _next(self) -> bytes:
        if self._broken is not None:
            raise self._broken
        try:
            return next(self._pieces)
        except StopIteration:
            self._broken = Damaged("The cabinet ends before the end of this member.")
        except GivenUp as error:
            self._broken = error
        raise self._broken


FORMATS = (
    Format(
        "cab", read, memory_safe=False, libraries=("libarchive-c",),
        title="Cabinets (CAB)",
        gives="every member, with checksums compared; MSZIP, LZX and Quantum are unpacked",
        lacks="members that go on in another cabinet of a set are named as not received",
    ),
)
