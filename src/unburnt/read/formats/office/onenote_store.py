"""OneNote's own files: a revision store of lists of file nodes ([MS-ONESTORE] 2.2 to 2.5)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from unburnt.base.limits import MIB
from unburnt.read.formats.office.onenote_objects import (
    FILE_HEAD,
    FILE_OBJECT,
    NIL,
    Broken,
    Bytes,
    Object,
    Objects,
    Revision,
    Section,
    Space,
    named,
)

MOST_NODES: Final = 1_000_000
"""File nodes of one file; a large section has a hundred thousand."""
_LONGEST_FRAGMENT: Final = 64 * MIB
_MAGIC: Final = struct.pack("<Q", 0xA4567AB1F5F7F4C4)
_TERMINATOR: Final = 0xFF
_DEFAULT_ROLE: Final = 1
_ENCRYPTED: Final = 2
_PLACES: Final = (("<Q", 8, 1), ("<I", 4, 1), ("<H", 2, 8), ("<I", 4, 8))
_SIZES: Final = (("<I", 4, 1), ("<Q", 8, 1), ("<B", 1, 8), ("<H", 2, 8))
_NOWHERE: Final = (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
_REFERENCE: Final = re.compile(r"<ifndf>\{([0-9A-Fa-f-]{36})\}")
_LOST_LISTS: Final = "a list of its parts cannot be followed"


@dataclass(slots=True)
class _Node:
    kind: int
    place: int
    size: int
    data: bytes
    """What follows the reference."""


class Store:
    """Follows the lists from the file's head; what is broken is said in ``section.losses`` and passed over."""

    def __init__(self, source: Bytes) -> None:
        self.section = Section()
        self._source = source
        self._nodes = 0
        self._read = 0
        self._fragments: set[int] = set()
        self._groups: dict[int, Objects] = {}
        self._stated: dict[int, int] = {}

    def follow(self) -> Section:
        """The section with all that its lists name. Raises :class:`Stopped`."""
        try:
            head = self._source.at(0, 1024)
            place, size = struct.unpack_from("<QI", head, 160)
            self._stated = self._committed(place, size, struct.unpack_from("<I", head, 96)[0])
            root = struct.unpack_from("<QI", head, 172)
        except Broken:
            self.section.lose("its head or its log of changes is cut off")
            return self.section
        if self._source.size < (stated := struct.unpack_from("<Q", head, 196)[0]):
            self.section.lose(f"{stated - self._source.size} of {stated} bytes are missing")
        for node in self._list(*root):
            self._root_node(node)
        return self.section

    def _committed(self, place: int, size: int, transactions: int) -> dict[int, int]:
        """How many nodes of each list were written to their end ([MS-ONESTORE] 2.3.3); what stands behind is no part of it."""
        stated: dict[int, int] = {}
        seen: set[int] = set()
        while transactions and place not in _NOWHERE and place not in seen and size >= 12:
            seen.add(place)
            if len(seen) > 100_000 or size > _LONGEST_FRAGMENT:
                raise Broken
            data = self._source.at(place, size)
            for at in range(0, (size - 12) // 8 * 8, 8):
                name, count = struct.unpack_from("<II", data, at)
                if name == 1:
                    transactions -= 1
                    if not transactions:
                        break
                else:
                    stated[name] = count
            place, size = struct.unpack_from("<QI", data, size - 12)
        return stated

    def _list(self, place: int, size: int) -> Iterator[_Node]:
        """The nodes of a list, fragment by fragment ([MS-ONESTORE] 2.4)."""
        left: int | None = None
        name = None
        while place not in _NOWHERE:
            self._source.deadline.check()
            try:
                data, own = self._fragment(place, size)
            except Broken:
                self.section.lose(_LOST_LISTS)
                return
            if name is None:
                name, left = own, self._stated.get(own)
            elif own != name:
                self.section.lose(_LOST_LISTS)
                return
            for node in self._parsed(data[16:-20]):
                if left is not None:
                    if not left:
                        return
                    left -= 1
                yield node
            place, size = struct.unpack_from("<QI", data, len(data) - 20)

    def _fragment(self, place: int, size: int) -> tuple[bytes, int]:
        """A fragment's bytes and its list's name. Raises :class:`Broken`, also where it was read before."""
        self._read += size
        if not 36 <= size <= _LONGEST_FRAGMENT or place in self._fragments or self._read > 4 * self._source.size + MIB:
            raise Broken
        self._fragments.add(place)
        data = self._source.at(place, size)
        if not data.startswith(_MAGIC):
            raise Broken
        return data, int(struct.unpack_from("<I", data, 8)[0])

    def _parsed(self, data: bytes) -> Iterator[_Node]:
        at = 0
        while at + 4 <= len(data):
            head = struct.unpack_from("<I", data, at)[0]
            kind, size, base = head & 0x3FF, head >> 10 & 0x1FFF, head >> 27 & 15
            if kind in (0, _TERMINATOR):
                return
            self._nodes += 1
            if size < 4 or at + size > len(data) or self._nodes > MOST_NODES:
                self.section.lose(f"it has more than {MOST_NODES} nodes" if self._nodes > MOST_NODES else _LOST_LISTS)
                return
            if not self._nodes % 4096:
                self._source.deadline.check()
            rest, place, length = data[at + 4 : at + size], 0, 0
            if base in (1, 2):
                (one, width, unit), (other, wide, step) = _PLACES[head >> 23 & 3], _SIZES[head >> 25 & 3]
                if len(rest) < width + wide:
                    self.section.lose(_LOST_LISTS)
                    return
                place = struct.unpack_from(one, rest)[0] * unit
                length = struct.unpack_from(other, rest, width)[0] * step
                rest = rest[width + wide :]
            yield _Node(kind, place, length, rest)
            at += size

    def _root_node(self, node: _Node) -> None:
        if node.kind == 0x04 and len(node.data) >= 20:
            self.section.root = node.data[:20]
        elif node.kind == 0x08 and len(node.data) >= 20:
            space = self.section.spaces.setdefault(node.data[:20], Space(node.data[:20]))
            for one in self._list(node.place, node.size):
                if one.kind == 0x10:
                    # The last list counts ([MS-ONESTORE] 2.5); what earlier ones hold is kept as earlier revisions.
                    space.shown = {}
                    self._revisions(space, one)
        elif node.kind == 0x90:
            for one in self._list(node.place, node.size):
                if one.kind == 0x94 and len(one.data) >= 16:
                    self._file(one)

    def _file(self, node: _Node) -> None:
        try:
            head = self._source.at(node.place, FILE_HEAD)
        except Broken:
            self.section.lose("an embedded file is cut off")
            return
        if head.startswith(FILE_OBJECT):
            self.section.files[node.data[:16]] = node.place + FILE_HEAD, struct.unpack_from("<Q", head, 16)[0]
        else:
            self.section.lose("an embedded file is not where it should be")

    def _revisions(self, space: Space, reference: _Node) -> None:
        """A list of revision manifests ([MS-ONESTORE] 2.1, 2.5)."""
        now: Revision | None = None
        for node in self._list(reference.place, reference.size):
            data, kind = node.data, node.kind
            if kind in (0x1B, 0x1E, 0x1F) and len(data) >= 46:
                now = Revision(data[:20], data[20:40])
                role, odcs = struct.unpack_from("<IH", data, 48 if kind == 0x1B and len(data) >= 54 else 40)
                now.encrypted = odcs == _ENCRYPTED
                space.revisions[now.name] = now
                _show(space, now.name, role, data[46:66] if kind == 0x1F else NIL)
            elif kind in (0x5C, 0x5D) and len(data) >= 24:
                _show(space, data[:20], struct.unpack_from("<I", data, 20)[0], data[24:44] if kind == 0x5D else NIL)
            elif now is not None:
                self._of_revision(space, now, node)

    def _of_revision(self, space: Space, now: Revision, node: _Node) -> None:
        data, kind = node.data, node.kind
        if kind == 0xB0:
            now.groups.append(self._group(node))
        elif kind == 0x5A and len(data) >= 24:
            now.roots[struct.unpack_from("<I", data, 20)[0]] = data[:20]
        elif kind == 0x59 and len(data) >= 8:
            now.roots[struct.unpack_from("<I", data, 4)[0]] = named(data, 0, now.table)
        elif kind in (0x21, 0x22):
            now.table = {}
            now.groups.append({})
        elif kind == 0x7C:
            now.encrypted = True
        elif kind in (0x24, 0x25, 0x26):
            before = space.revisions.get(now.before)
            _into_table(node, now.table, before.table if before else {})
        elif (declared := _declared(node, now.table)) is not None:
            if not now.groups:
                now.groups.append({})
            now.groups[-1][declared[0]] = declared[1]

    def _group(self, reference: _Node) -> Objects:
        """An object group ([MS-ONESTORE] 2.1, 2.5); revisions may share one, which is then read once."""
        known = self._groups.get(reference.place)
        if known is not None:
            return known
        found: Objects = {}
        self._groups[reference.place] = found
        table: dict[int, bytes] = {}
        for node in self._list(reference.place, reference.size):
            if node.kind in (0x21, 0x22):
                table = {}
            elif node.kind == 0x24:
                _into_table(node, table, {})
            elif (declared := _declared(node, table)) is not None:
                found[declared[0]] = declared[1]
        return found


def _show(space: Space, revision: bytes, role: int, context: bytes) -> None:
    if role == _DEFAULT_ROLE:
        space.shown[b"" if context[:16] == NIL else context] = revision


def _into_table(node: _Node, table: dict[int, bytes], before: dict[int, bytes]) -> None:
    """An entry of the global identification table ([MS-ONESTORE] 2.5)."""
    if node.kind == 0x24 and len(node.data) >= 20:
        table[struct.unpack_from("<I", node.data)[0]] = node.data[4:20]
    elif node.kind == 0x25 and len(node.data) >= 8:
        old, new = struct.unpack_from("<II", node.data)
        if old in before:
            table[new] = before[old]
    elif node.kind == 0x26 and len(node.data) >= 12:
        start, count, new = struct.unpack_from("<III", node.data)
        table.update({new + index - start: guid for index, guid in before.items() if start <= index < start + count})


def _declared(node: _Node, table: dict[int, bytes]) -> tuple[bytes, Object] | None:
    """The object that a node declares or revises ([MS-ONESTORE] 2.5)."""
    data, kind = node.data, node.kind
    if kind in (0xA4, 0xA5, 0xC4, 0xC5) and len(data) >= 9:
        return named(data, 0, table), Object(struct.unpack_from("<I", data, 4)[0], node.place, node.size, table)
    if kind in (0x2D, 0x2E) and len(data) >= 10:
        # The short form of a JCID: an object of properties with that index.
        return named(data, 0, table), Object(0x20000 | struct.unpack_from("<H", data, 4)[0] & 0x3FF, node.place, node.size, table)
    if kind in (0x41, 0x42) and len(data) >= 5:
        return named(data, 0, table), Object(0, node.place, node.size, table)
    if kind in (0x72, 0x73) and len(data) >= 9:
        strings = _strings(data, 9 if kind == 0x72 else 12)
        found = _REFERENCE.match(strings[0])
        guid = bytes.fromhex(found[1].replace("-", "")) if found and len(found[1].replace("-", "")) == 32 else b""
        key = guid[3::-1] + guid[5:3:-1] + guid[7:5:-1] + guid[8:]
        return named(data, 0, table), Object(struct.unpack_from("<I", data, 4)[0], file=key, extension=strings[1])
    return None


def _strings(data: bytes, at: int) -> list[str]:
    """Two strings, each behind its count of UTF-16 units; empty where they are cut off."""
    found = []
    for _ in range(2):
        size = 2 * struct.unpack_from("<I", data, at)[0] if at + 4 <= len(data) else 0
        found.append(data[at + 4 : at + 4 + size].decode("utf-16-le", "replace"))
        at += 4 + size
    return found
