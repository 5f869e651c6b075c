"""Outlook stores of our own (MS-PST, Unicode, not encoded), written from the specification and without unburnt's reader."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

TEXT, NUMBER, TIME, BYTES, OBJECT = 0x1F, 0x03, 0x40, 0x102, 0x0D
STORE, NAMES, ROOT = 0x21, 0x61, 0x122
RECIPIENTS, ATTACHMENTS = 0x692, 0x671
BLOCK = 8176
Properties = dict[int, tuple[int, object]]


def text(value: str) -> tuple[int, object]:
    """A Unicode property."""
    return TEXT, value.encode("utf-16-le", "surrogatepass")


def moment(seconds: int) -> tuple[int, object]:
    """A time, given in seconds since 1970."""
    return TIME, struct.pack("<Q", (seconds + 11_644_473_600) * 10_000_000)


@dataclass
class Attached:
    """A file, or a message that is attached."""

    properties: Properties
    message: Item | None = None


@dataclass
class Item:
    """A message of any class."""

    properties: Properties
    recipients: list[Properties] = field(default_factory=list)
    attachments: list[Attached] = field(default_factory=list)


@dataclass
class Dir:
    """A folder; *stated* is its own count of messages where that is to be wrong."""

    name: str
    items: list[Item] = field(default_factory=list)
    below: list[Dir] = field(default_factory=list)
    hidden: list[Item] = field(default_factory=list)
    stated: int | None = None


def _crc(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _signature(place: int, identifier: int) -> int:
    mixed = (place ^ identifier) & 0xFFFFFFFF
    return (mixed >> 16 ^ mixed) & 0xFFFF


class Writer:
    """Blocks and nodes of one store (the NDB layer, MS-PST section 2.2)."""

    def __init__(self) -> None:
        self.data = bytearray(0x4600)
        self.blocks: list[tuple[int, int, int]] = []
        self.nodes: list[tuple[int, int, int, int]] = []
        self.next = 4

    def block(self, data: bytes, *, internal: bool = False) -> int:
        """One block of at most 8176 bytes; its id."""
        identifier = self.next | (2 if internal else 0)
        self.next += 4
        place = len(self.data)
        padding = -(len(data) + 16) % 64
        self.data += data + bytes(padding)
        self.data += struct.pack("<HHIQ", len(data), _signature(place, identifier), _crc(data), identifier)
        self.blocks.append((identifier, place, len(data)))
        return identifier

    def long(self, data: bytes) -> int:
        """Data of any length; the id of its only block or of the list of its blocks."""
        if len(data) <= BLOCK:
            return self.block(data)
        pieces = [self.block(data[at : at + BLOCK]) for at in range(0, len(data), BLOCK)]
        return self.block(struct.pack("<BBHI", 1, 1, len(pieces), len(data)) + struct.pack(f"<{len(pieces)}Q", *pieces), internal=True)

    def subnodes(self, found: list[tuple[int, int, int]]) -> int:
        """A list of subnodes (number, data, subnodes of its own); 0 for none."""
        if not found:
            return 0
        entries = b"".join(struct.pack("<QQQ", *one) for one in sorted(found))
        return self.block(struct.pack("<BBHI", 2, 0, len(found), 0) + entries, internal=True)

    def node(self, identifier: int, data: int, below: int, parent: int) -> None:
        """Name data as a node."""
        self.nodes.append((identifier, data, below, parent))

    def tree(self, kind: int, entries: list[tuple[int, bytes]]) -> tuple[int, int]:
        """A B-tree of pages; id and place of its root."""
        level = 0
        while True:
            size = len(entries[0][1])
            most = 488 // size
            above = []
            for at in range(0, len(entries), most):
                taken = entries[at : at + most]
                identifier, place = self._page(kind, level, size, most, b"".join(raw for _, raw in taken), len(taken))
                above.append((taken[0][0], struct.pack("<QQQ", taken[0][0], identifier, place)))
            if len(above) == 1:
                return identifier, place
            entries, level = above, level + 1

    def _page(self, kind: int, level: int, size: int, most: int, raw: bytes, count: int) -> tuple[int, int]:
        self.data += bytes(-len(self.data) % 512)
        identifier, place = self.next, len(self.data)
        self.next += 4
        body = raw.ljust(488, b"\0") + struct.pack("<BBBBI", count, most, size, level, 0)
        self.data += body + struct.pack("<BBHIQ", kind, kind, _signature(place, identifier), _crc(body), identifier)
        return identifier, place

    def whole(self, *, forget_last: bool = False) -> bytes:
        """The file; with *forget_last* its index is written again without the last node."""
        if forget_last:
            self.tree(0x81, [(one[0], struct.pack("<QQQII", *one, 0)) for one in sorted(self.nodes)])
            self.nodes.remove(max(self.nodes))
        nodes = self.tree(0x81, [(one[0], struct.pack("<QQQII", *one, 0)) for one in sorted(self.nodes)])
        blocks = self.tree(0x80, [(one[0], struct.pack("<QQHHI", *one, 2, 0)) for one in sorted(self.blocks)])
        root = struct.pack("<IQQQQQQQQBBH", 0, len(self.data), 0x4400, 0, 0, *nodes, *blocks, 0, 0, 0)
        head = b"SM" + struct.pack("<HHBBIIQQI", 23, 19, 1, 1, 0, 0, 0, self.next, 1) + bytes(128 + 8) + root + bytes(4)
        head += b"\xff" * 256 + struct.pack("<BBHQ", 0x80, 0, 0, self.next)
        header = b"!BDN" + struct.pack("<I", _crc(head[:471])) + head + struct.pack("<I", _crc(head[:516])) + bytes(36)
        self.data[: len(header)] = header
        return bytes(self.data)


class Heap:
    """A heap on one block (MS-PST section 2.3.1)."""

    def __init__(self, client: int) -> None:
        self.client, self.items = client, list[bytes]()

    def add(self, data: bytes) -> int:
        """The id of new data on the heap."""
        self.items.append(data)
        return len(self.items) << 5

    def table(self, key: int, size: int, records: bytes) -> int:
        """A B-tree on the heap with one level."""
        return self.add(struct.pack("<BBBBI", 0xB5, key, size, 0, self.add(records) if records else 0))

    def whole(self, root: int) -> bytes:
        """The block."""
        data, places = bytearray(12), []
        for item in self.items:
            places.append(len(data))
            data += item
        places.append(len(data))
        data += bytes(len(data) % 2)
        data[:12] = struct.pack("<HBBI4x", len(data), 0xEC, self.client, root)
        return bytes(data) + struct.pack(f"<HH{len(places)}H", len(self.items), 0, *places)


def _context(writer: Writer, properties: Properties, subnodes: list[tuple[int, int, int]]) -> int:
    """A property context (section 2.3.3); long values become subnodes."""
    heap, records = Heap(0xBC), b""
    for place, (number, (kind, value)) in enumerate(sorted(properties.items())):
        if isinstance(value, int):
            reference = value & 0xFFFFFFFF
        else:
            assert isinstance(value, bytes)
            if len(value) > 600:
                reference = (0x8000 + place) << 5 | 0x1F
                subnodes.append((reference, writer.long(value), 0))
            else:
                reference = heap.add(value) if value else 0
        records += struct.pack("<HHI", number, kind, reference)
    # The header of the tree is the root, and comes last.
    return writer.block(heap.whole(heap.table(2, 6, records)))


def _table(writer: Writer, columns: list[tuple[int, int]], rows: list[tuple[int, Properties]]) -> int:
    """A table context (section 2.3.4) whose first two columns are row id and version."""
    heap = Heap(0x7C)
    described = [(0x67F2, NUMBER), (0x67F3, NUMBER), *columns]
    wide = 4 * len(described)
    bits = -(-len(described) // 8)
    data, index = b"", b""
    for place, (identifier, properties) in enumerate(rows):
        row = struct.pack("<II", identifier, 1)
        for number, kind in columns:
            value = properties.get(number, (kind, 0))[1]
            row += struct.pack("<I", value if isinstance(value, int) else heap.add(value) if value else 0)  # type: ignore[arg-type]
        data += row + b"\xff" * bits
        index += struct.pack("<II", identifier, place)
    told = sorted((number << 16 | kind, 4 * at, at) for at, (number, kind) in enumerate(described))
    rows_at = heap.add(data) if data else 0
    index_at = heap.table(4, 4, index)
    info = struct.pack("<BBHHHHIII", 0x7C, len(described), wide, wide, wide, wide + bits, index_at, rows_at, 0)
    info += b"".join(struct.pack("<IHBB", tag, at, 4, bit) for tag, at, bit in told)
    return writer.block(heap.whole(heap.add(info)))


def _message(writer: Writer, item: Item) -> tuple[int, int]:
    """Data and subnodes of a message."""
    below: list[tuple[int, int, int]] = []
    properties = dict(item.properties)
    if item.recipients:
        columns = [(0x0C15, NUMBER), (0x3001, TEXT), (0x39FE, TEXT)]
        below.append((RECIPIENTS, _table(writer, columns, list(enumerate(item.recipients))), 0))
    if item.attachments:
        numbers = [(0x400 + place) << 5 | 5 for place in range(len(item.attachments))]
        below.append((ATTACHMENTS, _table(writer, [(0x3705, NUMBER)], [(one, {0x3705: (NUMBER, 1)}) for one in numbers]), 0))
        properties[0x0E07] = (NUMBER, 0x11)
        for number, attached in zip(numbers, item.attachments, strict=True):
            inner: list[tuple[int, int, int]] = []
            values = dict(attached.properties)
            if attached.message is not None:
                identifier = 0x500 << 5 | 4
                inner.append((identifier, *_message(writer, attached.message)))
                values[0x3701] = (OBJECT, struct.pack("<II", identifier, 1000))
            data = _context(writer, values, inner)
            below.append((number, data, writer.subnodes(inner)))
    data = _context(writer, properties, below)
    return data, writer.subnodes(below)


PLACE, KEYWORDS = 0x8000, 0x8001
"""The numbers that a store made here gives to two named properties: an appointment's place, and one that has a text for a name."""


def _names() -> Properties:
    """Section 2.4.7: identifiers, name texts, and which number each has."""
    appointment = bytes.fromhex("02200600 0000 0000 C000 000000000046")
    name = "Keywords".encode("utf-16-le")
    entries = struct.pack("<IHH", 0x8208, 3 << 1, 0) + struct.pack("<IHH", 0, 2 << 1 | 1, 1)
    return {2: (BYTES, appointment), 3: (BYTES, entries), 4: (BYTES, struct.pack("<I", len(name)) + name)}


def store(root: Dir, *, password: int = 0, orphans: tuple[Item, ...] = (), forget_last: bool = False) -> bytes:
    """The bytes of a store; its root folder has no name of its own, *orphans* lie in no folder.

    With *forget_last* the last message was there in an older index and is not in the newest.
    """
    writer, counter = Writer(), [0x400]

    def number() -> int:
        counter[0] += 1
        return counter[0] << 5

    def folder(found: Dir, identifier: int, parent: int) -> None:
        stated = len(found.items) - forget_last if found.stated is None else found.stated
        below: list[tuple[int, int, int]] = []
        data = _context(writer, {0x3001: text(found.name), 0x3602: (NUMBER, stated), 0x3603: (NUMBER, 0)}, below)
        writer.node(identifier, data, writer.subnodes(below), parent)
        for kind, items in ((4, found.items), (8, found.hidden)):
            for item in items:
                writer.node(number() | kind, *_message(writer, item), identifier)
        for inner in found.below:
            folder(inner, number() | 2, identifier)

    writer.node(STORE, _context(writer, {0x3001: text("A store made here"), 0x67FF: (NUMBER, password)}, []), 0, 0)
    writer.node(NAMES, _context(writer, {1: (NUMBER, 251), **_names()}, []), 0, 0)
    folder(root, ROOT, ROOT)
    for item in orphans:
        writer.node(number() | 4, *_message(writer, item), 0x3FFF << 5 | 2)
    return writer.whole(forget_last=forget_last)
