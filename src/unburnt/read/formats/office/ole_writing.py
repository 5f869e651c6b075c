"""Writing a compound file (MS-CFB, version 3), always the same for the same content: no times, no leftovers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

SECTOR, SMALL_SECTOR, CUTOFF = 512, 64, 4096
END, FREE, TABLE, TABLE_OF_TABLES, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5
BLACK = 1
IN_HEADER, PER_SECTOR = 109, SECTOR // 4
SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
LONGEST_NAME = 31


@dataclass
class Entry:
    """A storage or a stream; *children* are places in the list of entries, whose first is the root."""

    name: str
    kind: int = STORAGE
    data: bytes = b""
    identifier: bytes = bytes(16)
    children: list[int] = field(default_factory=list)
    left: int = NONE
    right: int = NONE
    child: int = NONE
    start: int = 0
    size: int = 0


def write_compound(entries: Sequence[Entry]) -> bytes:
    """The file's bytes. The first entry is the root; names are at most 31 UTF-16 units."""
    table, small_table = _Table(SECTOR), _Table(SMALL_SECTOR)
    for entry in entries:
        entry.child = _as_tree(entries, entry.children)
        if entry.kind == STREAM:
            entry.size = len(entry.data)
            entry.start = (table if entry.size >= CUTOFF else small_table).add(entry.data)
    entries[0].size = len(small_table.data)
    entries[0].start = table.add(bytes(small_table.data))
    small_count = -(-len(small_table.next) // PER_SECTOR)
    small_start = table.add(_numbers(small_table.next, small_count))
    directory = b"".join(_entry(entry) for entry in entries) + _entry(Entry("", 0)) * (-len(entries) % 4)
    directory_start = table.add(directory)
    return _assembled(table, directory_start, small_start, small_count)


class _Table:
    """Sectors of one size, and the allocation table that chains them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.next: list[int] = []
        self.data = bytearray()

    def add(self, data: bytes) -> int:
        """Append *data* in sectors of its own; the first one's number."""
        if not data:
            return END
        start, count = len(self.next), -(-len(data) // self._size)
        self.next.extend(range(start + 1, start + count))
        self.next.append(END)
        self.data += data + bytes(-len(data) % self._size)
        return start


def _assembled(table: _Table, directory_start: int, small_start: int, small_count: int) -> bytes:
    tables = more = 0
    while True:
        needed = -(-(len(table.next) + tables + more) // PER_SECTOR)
        needed_more = -(-max(0, needed - IN_HEADER) // (PER_SECTOR - 1))
        if (needed, needed_more) == (tables, more):
            break
        tables, more = needed, needed_more
    first = len(table.next)
    numbers = [*table.next, *[TABLE] * tables, *[TABLE_OF_TABLES] * more]
    places = list(range(first, first + tables))
    header = SIGNATURE + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, directory_start, 0, CUTOFF, small_start, small_count,
        first + tables if more else END, more,
    )  # fmt: skip
    header += _numbers(places[:IN_HEADER], 0) + struct.pack("<I", FREE) * max(0, IN_HEADER - tables)
    rest = b""
    for number in range(more):
        inside = places[IN_HEADER + number * (PER_SECTOR - 1) :][: PER_SECTOR - 1]
        following = first + tables + number + 1 if number + 1 < more else END
        rest += _numbers(inside, 0) + struct.pack("<I", FREE) * (PER_SECTOR - 1 - len(inside)) + struct.pack("<I", following)
    return header + bytes(table.data) + _numbers(numbers, tables) + rest


def _numbers(values: Sequence[int], sectors: int) -> bytes:
    """32-bit numbers, filled up to whole *sectors* with the sign for free ones."""
    packed = struct.pack(f"<{len(values)}I", *values)
    return packed + b"\xff" * max(0, sectors * SECTOR - len(packed))


def _as_tree(entries: Sequence[Entry], children: Sequence[int]) -> int:
    """Link siblings as a balanced search tree in the order of MS-CFB (length, then upper case); its root."""
    ordered = sorted(children, key=lambda place: (len(entries[place].name.encode("utf-16-le")), entries[place].name.upper()))
    open_ranges: list[tuple[int, int, Entry | None, str]] = [(0, len(ordered), None, "")]
    root = NONE
    while open_ranges:
        low, high, parent, side = open_ranges.pop()
        if low >= high:
            continue
        middle = (low + high) // 2
        place = ordered[middle]
        if parent is None:
            root = place
        else:
            setattr(parent, side, place)
        open_ranges.append((low, middle, entries[place], "left"))
        open_ranges.append((middle + 1, high, entries[place], "right"))
    return root


def _entry(entry: Entry) -> bytes:
    name = entry.name[:LONGEST_NAME].encode("utf-16-le", "surrogatepass")[: LONGEST_NAME * 2]
    length = len(name) + 2 if entry.kind else 0
    return name.ljust(64, b"\0") + struct.pack(
        "<HBBIII16sI16xIQ", length, entry.kind, BLACK if entry.kind else 0, entry.left, entry.right, entry.child,
        entry.identifier, 0, entry.start, entry.size,
    )  # fmt: skip
