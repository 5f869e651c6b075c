"""What both forms of a OneNote section hold: object spaces with revisions, objects, sets of properties ([MS-ONESTORE] 2.1, 2.6).

Everything is bounded by the bytes that are there: a count says how far to look and never how much to set aside.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged
from unburnt.read.formats.deadline import Deadline

NIL: Final = bytes(16)
LONGEST_SET: Final = 16 * MIB
MOST_NAMES: Final = 1 << 20
"""Names of other objects that one object may hold."""
_MOST_SETS: Final = 100_000
"""Sets within one set."""
FILE_OBJECT: Final = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
"""What an embedded file begins with in a revision store; its bytes follow after 36 of its head ([MS-ONESTORE] 2.6.13)."""
FILE_HEAD: Final = 36
_DEEPEST_SET: Final = 12
_ONE, _ID, _IDS, _SPACE, _SPACES, _CONTEXT, _CONTEXTS, _SETS, _SET = 2, 8, 9, 10, 11, 12, 13, 16, 17
_FIXED: Final = {3: 1, 4: 2, 5: 4, 6: 8}
_SIZED: Final = 7

Value = int | bytes | tuple[bytes, ...] | list["Properties"]
Properties = dict[int, Value]
"""By the property's id with its type ([MS-ONESTORE] 2.6.6, without the bit that is a boolean's value); names of objects are 20 bytes."""


class Broken(Exception):
    """A structure that cannot be followed; never leaves the readers of OneNote."""


class Bytes:
    """The file, of which no more is read than is there."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size, self.deadline = file, size, Deadline()

    def at(self, place: int, size: int) -> bytes:
        """Exactly *size* bytes. Raises :class:`Broken`."""
        if place < 0 or size < 0 or place + size > self.size:
            raise Broken
        self.file.seek(place)
        data = self.file.read(size)
        if len(data) != size:
            raise Broken
        return data

    def pieces(self, place: int, size: int) -> Iterator[bytes]:
        """The same for what may be large. Raises :class:`Damaged` where it is cut off."""
        end = place + size
        while place < end:
            self.file.seek(place)
            piece = self.file.read(min(MIB, end - place))
            if not piece:
                raise Damaged("Its bytes are cut off.")
            yield piece
            place += len(piece)


@dataclass(slots=True)
class Named:
    """What an object refers to, in the order in which it does; the package of the service lists them beside it."""

    objects: tuple[bytes, ...] = ()
    cells: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Object:
    """An object as one revision declares it: what it is (JCID), where its properties stand, which file it stands for."""

    jcid: int
    place: int = 0
    size: int = 0
    names: Mapping[int, bytes] | Named = field(default_factory=dict)
    file: bytes = b""
    extension: str = ""


Objects = dict[bytes, Object]


@dataclass(slots=True)
class Revision:
    """A state of an object space; what it does not declare stands in the revision that it depends on."""

    name: bytes
    before: bytes = NIL
    roots: dict[int, bytes] = field(default_factory=dict)
    groups: list[Objects] = field(default_factory=list)
    table: dict[int, bytes] = field(default_factory=dict)
    encrypted: bool = False


@dataclass(slots=True)
class Space:
    """The section itself, or one page: its revisions as they stand in the file, and which one each context shows."""

    name: bytes
    revisions: dict[bytes, Revision] = field(default_factory=dict)
    shown: dict[bytes, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Section:
    """A file; *files* are the places and sizes of embedded ones, *losses* what could not be followed."""

    root: bytes = b""
    spaces: dict[bytes, Space] = field(default_factory=dict)
    files: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    losses: dict[str, None] = field(default_factory=dict)

    def lose(self, what: str) -> None:
        """Remember once that *what* cannot be followed."""
        self.losses[what] = None


def properties_of(source: Bytes, one: Object) -> tuple[Properties, bool]:
    """The object's properties, and whether all of them could be read ([MS-ONESTORE] 2.6.1, 2.6.7)."""
    values: Properties = {}
    if not one.size:
        return values, True
    try:
        data = source.at(one.place, min(one.size, LONGEST_SET))
        streams, at = _streams(data)
        _Sets(data, _resolved(streams, one.names)).read(at, values, 0)
    except (Broken, struct.error, IndexError):
        return values, False
    return values, True


def _streams(data: bytes) -> tuple[list[bytes], int]:
    """The bytes of the streams of names of objects, of spaces and of contexts; and where the properties begin."""
    found, at, wanted = [b"", b"", b""], 0, True
    for number in range(3):
        if not wanted:
            break
        head = struct.unpack_from("<I", data, at)[0]
        size = 4 * (head & 0xFFFFFF)
        found[number] = data[at + 4 : at + 4 + size]
        if len(found[number]) != size or size > 4 * MOST_NAMES:
            raise Broken
        at += 4 + size
        # The first says that the second is missing, the second that a third follows.
        wanted = not head >> 31 if number == 0 else bool(head >> 30 & 1)
    return found, at


def _resolved(streams: list[bytes], names: Mapping[int, bytes] | Named) -> list[tuple[bytes, ...]]:
    if isinstance(names, Named):
        objects, spaces = len(streams[0]) // 4, len(streams[1]) // 4
        return [names.objects[:objects] if objects else names.objects, names.cells[:spaces], names.cells[spaces:]]
    return [tuple(named(stream, at, names) for at in range(0, len(stream), 4)) for stream in streams]


def named(data: bytes, at: int, names: Mapping[int, bytes]) -> bytes:
    """The full name that a CompactID stands for ([MS-ONESTORE] 2.2.2); empty where its table does not say."""
    compact = struct.unpack_from("<I", data, at)[0]
    guid = names.get(compact >> 8)
    return guid + struct.pack("<I", compact & 0xFF) if guid else b""


def set_at(data: bytes, at: int) -> tuple[Properties, int]:
    """A set of properties that begins at *at*, without the names it refers to; and where it ends. Raises :class:`Broken`."""
    values: Properties = {}
    try:
        return values, _Sets(data, None).read(at, values, 0)
    except (struct.error, IndexError) as error:
        raise Broken from error


class _Sets:
    """Reads a set of properties and those within it; the streams of names, where they are known, are used up in order."""

    def __init__(self, data: bytes, names: list[tuple[bytes, ...]] | None) -> None:
        self._data, self._names, self._used, self._sets = data, names, [0, 0, 0], 0

    def read(self, at: int, into: Properties, depth: int) -> int:
        """Fill *into*; gives where the set ends. Raises :class:`Broken`."""
        self._sets += 1
        if depth > _DEEPEST_SET or self._sets > _MOST_SETS:
            raise Broken
        count = struct.unpack_from("<H", self._data, at)[0]
        ids = struct.unpack_from(f"<{count}I", self._data, at + 2)
        at += 2 + 4 * count
        for one in ids:
            key, kind = one & 0x7FFFFFFF, one >> 26 & 31
            if kind in _FIXED:
                into[key] = int.from_bytes(self._slice(at, _FIXED[kind]), "little")
                at += _FIXED[kind]
            elif kind == _SIZED:
                size = struct.unpack_from("<I", self._data, at)[0]
                into[key] = self._slice(at + 4, size)
                at += 4 + size
            elif kind in (_ID, _SPACE, _CONTEXT):
                into[key] = self._next((kind - _ID) // 2, 1)
            elif kind in (_IDS, _SPACES, _CONTEXTS):
                into[key] = self._next((kind - _IDS) // 2, struct.unpack_from("<I", self._data, at)[0])
                at += 4
            elif kind == _SET:
                inner: Properties = {}
                at = self.read(at, inner, depth + 1)
                into[key] = [inner]
            elif kind == _SETS:
                at = self._several(at, into, key, depth)
            else:
                into[key] = one >> 31 if kind == _ONE else 0
        return at

    def _several(self, at: int, into: Properties, key: int, depth: int) -> int:
        count = struct.unpack_from("<I", self._data, at)[0]
        at += 4
        sets: list[Properties] = []
        into[key] = sets
        if count:
            at += 4
        for _ in range(count):
            inner: Properties = {}
            sets.append(inner)
            at = self.read(at, inner, depth + 1)
        return at

    def _slice(self, at: int, size: int) -> bytes:
        found = self._data[at : at + size]
        if len(found) != size:
            raise Broken
        return found

    def _next(self, stream: int, count: int) -> tuple[bytes, ...]:
        if self._names is None:
            return ()
        start = self._used[stream]
        found = self._names[stream][start : start + count]
        if len(found) != count:
            raise Broken
        self._used[stream] = start + count
        return found
