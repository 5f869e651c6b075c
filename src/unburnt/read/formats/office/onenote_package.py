"""OneNote files as the service of Office 365 hands them out: the same objects in a package of data elements.

[MS-ONESTORE] 2.7 and 2.8, [MS-FSSHTTPB] 2.2.1.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import Final

from unburnt.base.limits import MIB
from unburnt.read.formats.office.onenote_objects import (
    LONGEST_SET,
    MOST_NAMES,
    Broken,
    Bytes,
    Named,
    Object,
    Objects,
    Revision,
    Section,
    Space,
)

MOST_ITEMS: Final = 1_000_000
_HEAD: Final = 68
"""Four GUIDs and four reserved bytes."""
_BASE: Final = bytes.fromhex("b9fade84a3aa0d4aa3a8520c77ac7073")
_DEFAULT_CONTEXT, _ROOT = (_BASE + struct.pack("<I", number) for number in (1, 2))
_HEADER: Final = bytes.fromhex("9c315a1a6bc2aa41b9c59bd8c44e07d4") + struct.pack("<I", 1)
"""What stands for the file's head ([MS-ONESTORE] 2.7) holds nothing that a page shows."""
_ROLE: Final = bytes.fromhex("f817374a141ce749952681d942de1741")
_JCID, _PROPERTIES, _FILE = 4, 1, 2
_DATA, _REFERENCE = 0x16, 0x1C
_KEY: Final = 3
"""The role of the key with which a section is encrypted."""
_GROUP: Final = 5
_FRAGMENT: Final = 6
_ELEMENT: Final = re.compile(b"\x0c[\x20-\x7e]")
_LONGEST_HEAD: Final = 64
_BROKEN: Final = "parts of it are damaged"
_CUT: Final = "its package of data elements cannot be followed to its end"


@dataclass(slots=True)
class _Group:
    objects: Objects = field(default_factory=dict)
    declared: dict[int, list[tuple[bytes, int]]] = field(default_factory=lambda: {_DATA: [], _REFERENCE: []})
    """Names and partitions, of those whose data follow and of those of which a reference does."""
    given: dict[int, int] = field(default_factory=lambda: {_DATA: 0, _REFERENCE: 0})


class _Fields:
    """The fields of a stream object, one after the other ([MS-FSSHTTPB] 2.2.1)."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, size: int) -> bytes:
        found = self.data[self.at : self.at + size]
        if len(found) != size:
            raise Broken
        self.at += size
        return found

    def number(self) -> int:
        """A compact unsigned integer of 64 bits (2.2.1.1): the zeros of its first byte say how long it is."""
        first = self.take(1)[0]
        if not first:
            return 0
        zeros = (first & -first).bit_length() - 1
        if zeros == 7:
            return int.from_bytes(self.take(8), "little")
        return int.from_bytes(bytes((first,)) + self.take(zeros), "little") >> zeros + 1

    def name(self) -> bytes:
        """An extended GUID (2.2.1.7) as 20 bytes; empty for none."""
        first = self.take(1)[0]
        if not first:
            return b""
        if first == 0x80:
            value = int.from_bytes(self.take(4), "little")
        else:
            zeros = (first & -first).bit_length() - 1
            more = {2: 0, 5: 1, 6: 2}.get(zeros)
            if more is None:
                raise Broken
            value = int.from_bytes(bytes((first,)) + self.take(more), "little") >> zeros + 1
        return self.take(16) + struct.pack("<I", value)

    def cell(self) -> tuple[bytes, bytes]:
        """A cell: context and object space."""
        return self.name(), self.name()


class Package:
    """Goes through the stream objects once, in order; what they say is put together at the end."""

    def __init__(self, source: Bytes) -> None:
        self.section = Section()
        self._source = source
        self._element: tuple[bytes, int] = (b"", 0)
        self._header = b""
        self._cells: list[tuple[tuple[bytes, bytes], bytes]] = []
        self._current: dict[bytes, bytes] = {}
        self._revisions: dict[bytes, Revision] = {}
        self._wanted: dict[bytes, list[bytes]] = {}
        self._now: Revision | None = None
        self._groups: dict[bytes, _Group] = {}
        self._blobs: dict[bytes, tuple[int, int]] = {}

    def follow(self) -> Section:
        """The section with all that stands in the package. Raises :class:`Stopped`."""
        at, ended = _HEAD, False
        for _ in range(MOST_ITEMS):
            if ended or at >= self._source.size:
                break
            try:
                at, ended = self._item(at)
            except (Broken, struct.error):
                self.section.lose(_BROKEN)
                at = self._next_element(at + 1)
        if not ended:
            self.section.lose(_CUT)
        self._put_together()
        return self.section

    def _next_element(self, at: int) -> int:
        """Where the next data element begins, behind what cannot be followed; the file's end where none does."""
        while at < self._source.size:
            data = self._source.at(at, min(MIB, self._source.size - at))
            self._source.deadline.check()
            for found in _ELEMENT.finditer(data):
                if _is_element(data, found.start()):
                    return at + found.start()
            if len(data) < MIB:
                break
            at += MIB - _LONGEST_HEAD
        return self._source.size

    def _item(self, at: int) -> tuple[int, bool]:
        """One header of a stream object and what it holds; gives what follows, and whether the package ends there."""
        head = self._source.at(at, min(13, self._source.size - at))
        if head[0] & 3 == 1:
            return at + 1, False
        if head[0] & 3 == 3:
            return at + 2, struct.unpack_from("<H", head)[0] >> 2 == 0x7A
        if head[0] & 3 == 0:
            both = struct.unpack_from("<H", head)[0]
            kind, size, at = both >> 3 & 0x3F, both >> 9, at + 2
        else:
            both = struct.unpack_from("<I", head)[0]
            kind, size, at = both >> 3 & 0x3FFF, both >> 17, at + 4
            if size == 0x7FFF:
                fields = _Fields(head[4:])
                size = fields.number()
                at += fields.at
        if at + size > self._source.size or not kind:
            raise Broken
        self._source.deadline.check()
        self._take(kind, at, size)
        return at + size, False

    def _take(self, kind: int, at: int, size: int) -> None:
        if kind == 0x02:
            fields = _Fields(self._source.at(at, min(size, 9)))
            length = fields.number()
            self._blobs[self._element[0]] = at + fields.at, min(length, size - fields.at)
            return
        if kind not in (0x01, 0x05, 0x07, 0x0A, 0x0B, 0x0E, _DATA, 0x18, 0x19, 0x1A, _REFERENCE):
            return
        fields = _Fields(self._source.at(at, min(size, LONGEST_SET)))
        if kind == 0x01:
            name = fields.name()
            if fields.take(1)[0]:
                fields.take(24)
            self._element = name, fields.number()
            self._now = None
            if self._element[1] == _GROUP:
                self._groups[name] = _Group()
            elif self._element[1] == _FRAGMENT:
                self.section.lose("parts of it are in fragments, which are not put together")
        elif kind in (0x05, _DATA, 0x18, _REFERENCE):
            self._of_group(kind, at, fields)
        else:
            self._of_index(kind, fields)

    def _of_index(self, kind: int, fields: _Fields) -> None:
        """What leads from the root to the groups ([MS-FSSHTTPB] 2.2.1.12)."""
        if kind == 0x07:
            root, (_, space) = fields.name(), fields.cell()
            if root == _ROOT:
                self.section.root = space
            elif root == _HEADER:
                self._header = space
        elif kind == 0x0E:
            self._cells.append((fields.cell(), fields.name()))
        elif kind == 0x0B:
            self._current[self._element[0]] = fields.name()
        elif kind == 0x1A:
            name = fields.name()
            self._now = self._revisions[name] = Revision(name, fields.name())
        elif self._now is not None and kind == 0x0A:
            role, one = fields.name(), fields.name()
            if role.startswith(_ROLE):
                number = struct.unpack_from("<I", role, 16)[0]
                self._now.roots[number] = one
                self._now.encrypted = self._now.encrypted or number == _KEY
        elif self._now is not None:
            self._wanted.setdefault(self._now.name, []).append(fields.name())

    def _of_group(self, kind: int, at: int, fields: _Fields) -> None:
        """Declarations, then as many data in the same order ([MS-FSSHTTPB] 2.2.1.12; partitions: [MS-ONESTORE] 2.7)."""
        group = self._groups.get(self._element[0])
        if group is None:
            return
        if kind in (0x05, 0x18):
            name = fields.name()
            if kind == 0x05:
                fields.name()
            group.declared[_DATA if kind == 0x18 else _REFERENCE].append((name, fields.number()))
            return
        if group.given[kind] >= len(group.declared[kind]):
            raise Broken
        name, partition = group.declared[kind][group.given[kind]]
        group.given[kind] += 1
        objects = tuple(fields.name() for _ in range(_count(fields)))
        cells = tuple(fields.cell()[1] for _ in range(_count(fields)))
        one = group.objects.setdefault(name, Object(0))
        if kind == _REFERENCE:
            one.file = fields.name()
            return
        length = fields.number()
        if partition == _JCID and length >= 4:
            one.jcid = struct.unpack("<I", fields.take(4))[0]
        elif partition == _PROPERTIES:
            one.place, one.size, one.names = at + fields.at, length, Named(objects, cells)
        elif partition == _FILE:
            one.file = name
            self._blobs[name] = at + fields.at, length

    def _put_together(self) -> None:
        for name, wanted in self._wanted.items():
            self._revisions[name].groups = [self._groups[one].objects for one in wanted if one in self._groups]
            if any(one not in self._groups for one in wanted):
                self.section.lose("groups of its objects are missing")
        for (context, space), element in self._cells:
            if space == self._header:
                continue
            revision = self._current.get(element, b"")
            if revision not in self._revisions:
                if revision or element not in self._current:
                    self.section.lose("revisions of its pages are missing")
                continue
            one = self.section.spaces.setdefault(space, Space(space))
            one.shown[b"" if context in (b"", _DEFAULT_CONTEXT) else context] = revision
            while revision in self._revisions and revision not in one.revisions:
                one.revisions[revision] = self._revisions[revision]
                revision = self._revisions[revision].before
        if any(len(group.declared[kind]) != group.given[kind] for group in self._groups.values() for kind in group.given):
            self.section.lose(_BROKEN)
        self.section.files = self._blobs


def _is_element(data: bytes, at: int) -> bool:
    """Whether the head of a data element stands there, with a name, a serial number and a known kind and nothing else."""
    fields = _Fields(data[at + 2 : at + 2 + (data[at + 1] >> 1)])
    try:
        name = fields.name()
        if fields.take(1)[0]:
            fields.take(24)
        return bool(name) and not data[at + 1] & 1 and 1 <= fields.number() <= 10 and fields.at == data[at + 1] >> 1
    except Broken:
        return False


def _count(fields: _Fields) -> int:
    """How many names follow, each of at least a byte."""
    count = fields.number()
    if count > min(MOST_NAMES, len(fields.data) - fields.at):
        raise Broken
    return count
