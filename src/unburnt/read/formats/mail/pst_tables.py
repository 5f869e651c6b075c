"""The middle floor of Outlook stores (MS-PST, section 2.3): heaps on nodes, and the properties and tables in them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unburnt.read.formats.mail.mapi_values import Value
from unburnt.read.formats.mail.pst_blocks import LARGE, Blocks, Lost, Node

PROPERTIES, TABLE, TREE = 0xBC, 0x7C, 0xB5
SIGNATURE = 0xEC
INLINE = {0x0002: 2, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 1}
FIXED = INLINE | {0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, 0x0040: 8}
MOST_HEAP = 256 << 20
MOST_RECORDS, MOST_ROWS, MOST_COLUMNS = 65_536, 1_000_000, 4_096
MOST_VALUE = 256 << 20
ROW_IDENTIFIER = 0x67F2


class Heap:
    """What stands on one node: small values on its heap, large ones in its subnodes."""

    def __init__(self, blocks: Blocks, node: Node, kind: int) -> None:
        self._blocks = blocks
        self.subnodes = blocks.subnodes(node.below)
        self._pages: list[bytes] = []
        size = 0
        for page in blocks.data(node.data):
            self._pages.append(page)
            size += len(page)
            if size > MOST_HEAP:
                raise Lost("a heap larger than is followed")
        first = self._pages[0] if self._pages else b""
        if len(first) < 12 or first[2] != SIGNATURE or first[3] != kind:
            raise Lost(f"the content of node {node.identifier:#x}")
        self.root: int = struct.unpack_from("<I", first, 4)[0]

    def item(self, reference: int) -> bytes:
        """A value on the heap. Raises :class:`Lost`."""
        if self._blocks.layout is LARGE:
            number, page = reference >> 5 & 0x3FFF, reference >> 19
        else:
            number, page = reference >> 5 & 0x7FF, reference >> 16
        data = self._pages[page] if page < len(self._pages) else b""
        at = struct.unpack_from("<H", data)[0] + 4 + 2 * (number - 1) if len(data) >= 2 and number else len(data)
        if at + 4 > len(data):
            raise Lost(f"value {reference:#x}")
        start, end = struct.unpack_from("<HH", data, at)
        if start > end or end > len(data):
            raise Lost(f"value {reference:#x}")
        return data[start:end]

    def value(self, reference: int) -> bytes:
        """A value on the heap or in a subnode. Raises :class:`Lost`."""
        if not reference:
            return b""
        if not reference & 0x1F:
            return self.item(reference)
        return b"".join(self.pieces(reference, MOST_VALUE))

    def pieces(self, reference: int, most: int) -> Iterator[bytes]:
        """The same block by block, at most *most* bytes."""
        if not reference & 0x1F:
            yield self.value(reference)
            return
        node, sent = self.subnodes.get(reference), 0
        if node is None:
            raise Lost(f"subnode {reference:#x}")
        for piece in self._blocks.data(node.data):
            sent += len(piece)
            if sent > most:
                raise Lost("a value larger than is followed")
            yield piece

    def records(self, reference: int) -> Iterator[bytes]:
        """The leaves of a tree on the heap (section 2.3.2), key and data together. Raises :class:`Lost`."""
        header = self.item(reference)
        kind, key, size, levels, root = struct.unpack_from("<BBBBI", header) if len(header) >= 8 else (0, 0, 0, 0, 0)
        if kind != TREE or levels > 8 or not key:
            raise Lost("the tree of properties")
        waiting, count = [(root, levels)] if root else [], 0
        while waiting:
            one, level = waiting.pop()
            data, wide = self.item(one), key + (4 if level else size)
            for at in range(0, len(data) - wide + 1, wide):
                count += 1
                if count > MOST_RECORDS * 16:
                    raise Lost("more properties than are followed")
                if level:
                    waiting.append((struct.unpack_from("<I", data, at + key)[0], level - 1))
                else:
                    yield data[at : at + wide]


def properties(heap: Heap, *, apart: frozenset[int] = frozenset()) -> tuple[dict[int, Value], dict[int, int], list[str]]:
    """The values of a property context, the references of those in *apart*, and what is lost."""
    found: dict[int, Value] = {}
    kept: dict[int, int] = {}
    lost: list[str] = []
    for record in heap.records(heap.root):
        number, kind, reference = struct.unpack("<HHI", record[:8]) if len(record) >= 8 else (0, 0, 0)
        if kind in INLINE:
            found[number] = Value(number, kind, record[4 : 4 + INLINE[kind]])
        elif number in apart and kind != 0x000D:
            kept[number] = reference
        else:
            try:
                found[number] = Value(number, kind, heap.value(reference))
            except Lost as error:
                lost.append(f"property {number:#06x} ({error})")
        if len(found) > MOST_RECORDS:
            raise Lost("more properties than are followed")
    return found, kept, lost


def rows(heap: Heap, lost: list[str]) -> Iterator[tuple[int, dict[int, Value]]]:
    """The rows of a table (section 2.3.4): each one's id and values; what cannot be read is told in *lost*."""
    info = heap.item(heap.root)
    if len(info) < 22 or info[0] != TABLE:
        raise Lost("a table")
    count, bits_at, wide = info[1], struct.unpack_from("<H", info, 6)[0], struct.unpack_from("<H", info, 8)[0]
    where = struct.unpack_from("<I", info, 14)[0]
    columns = [struct.unpack_from("<HHHBB", info, 22 + 8 * at) for at in range(min(count, (len(info) - 22) // 8))]
    if not where or not wide:
        return
    made = 0
    for piece in heap.pieces(where, MOST_VALUE):
        # A row never spans two blocks.
        for at in range(0, len(piece) - wide + 1, wide):
            made += 1
            if made > MOST_ROWS:
                raise Lost("more rows than are followed")
            yield _row(heap, piece[at : at + wide], columns, bits_at, lost)


def _row(
    heap: Heap, raw: bytes, columns: list[tuple[int, ...]], bits_at: int, lost: list[str]
) -> tuple[int, dict[int, Value]]:
    found: dict[int, Value] = {}
    for kind, number, at, size, bit in columns:
        place = bits_at + bit // 8
        if place >= len(raw) or not raw[place] & 0x80 >> bit % 8 or at + size > len(raw):
            continue
        data = raw[at : at + size]
        if kind not in FIXED:
            try:
                data = heap.value(struct.unpack("<I", data)[0]) if size == 4 else b""
            except Lost as error:
                lost.append(f"property {number:#06x} ({error})")
                continue
        found[number] = Value(number, kind, data)
    own = found.get(ROW_IDENTIFIER)
    return struct.unpack("<I", own.data)[0] if own is not None and len(own.data) == 4 else 0, found
