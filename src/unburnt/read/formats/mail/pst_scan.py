"""Messages of a store whose index is lost: blocks are found by their own trailers, messages by what the blocks hold.

A trailer (MS-PST, section 2.2.2.8.1) names its block, and its signature holds only where it was written. Which list of
subnodes belongs to a message stood in the index alone. A program writes both in one go, always in the same order, so
the list that lies next to the message is taken, and the mail says that it was.
"""

from __future__ import annotations

import struct
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from unburnt.read.formats.mail.pst_blocks import (
    DATA_LIST,
    INTERNAL,
    LARGE,
    NODE_LIST,
    Blocks,
    Lost,
    Node,
    Place,
    checksum,
)
from unburnt.read.formats.mail.pst_tables import FIXED, PROPERTIES, SIGNATURE, Heap

CLASS = 0x001A
CELL = 64
CHUNK = 8 << 20
MOST_BLOCKS = 4_000_000
MOST_SCANNED = 8 << 30


@dataclass
class _Lists:
    """What the lists among the blocks say."""

    children: set[int] = field(default_factory=set)
    """Blocks that are pieces of longer data or of longer lists."""
    roots: dict[int, dict[int, tuple[int, int]]] = field(default_factory=dict)
    """Lists of subnodes: of each subnode its data and its own list."""
    data_roots: set[int] = field(default_factory=set)


def found_messages(blocks: Blocks, size: int, known: Iterable[Node]) -> list[Node]:
    """Messages that no index names, with their subnodes as far as these can be told; fills :attr:`Blocks.rescued`.

    The id of each is that of its block. Stores with pages of 4 KiB are not searched: their trailers are not documented.
    """
    if blocks.layout is LARGE:
        return []
    places = {place.identifier: place for place in _places(blocks, min(size, MOST_SCANNED))}
    for identifier, place in places.items():
        blocks.rescued.setdefault(identifier, place)
    used = {node.data & ~1 for node in known} | {node.below & ~1 for node in known}
    lists = _lists(blocks, places)
    referred = {data for entries in lists.roots.values() for data, _ in entries.values()}
    inner = {below for entries in lists.roots.values() for _, below in entries.values() if below}
    wanted = sorted(
        one for one in places if one not in used and one not in lists.children and (not one & INTERNAL or one in lists.data_roots)
    )
    messages = {one: references for one in wanted if (references := _references(blocks, one)) is not None}
    outer = [one for one in messages if one not in referred]
    below = _below(outer, messages, {one: entries for one, entries in lists.roots.items() if one not in inner and one not in used})
    reached = _reached(below.values(), lists.roots)
    orphans = [one for one in messages if one in referred and one not in reached]
    return [Node(one & 0xFFFFFFFF, one, below.get(one, 0)) for one in sorted([*outer, *orphans])]


def _places(blocks: Blocks, size: int) -> Iterator[Place]:
    wide = blocks.layout.wide
    form, trailer = struct.Struct("<48xHHIQ" if wide else "<52xHHII"), blocks.layout.trailer
    most, found = blocks.layout.largest - trailer, 0
    for start in range(0, size, CHUNK):
        chunk = blocks.raw(start, CHUNK)
        for number, (count, signature, third, fourth) in enumerate(form.iter_unpack(chunk[: len(chunk) // CELL * CELL])):
            identifier, said = (fourth, third) if wide else (third, fourth)
            if not 0 < count <= most or not identifier:
                continue
            begin = start + (number + 1) * CELL - -(-(count + trailer) // CELL) * CELL
            mixed = (begin ^ identifier) & 0xFFFFFFFF
            if begin < CELL or (mixed >> 16 ^ mixed) & 0xFFFF != signature or checksum(blocks.raw(begin, count)) != said:
                continue
            found += 1
            if found > MOST_BLOCKS:
                return
            yield Place(identifier & ~1, begin, count)


def _lists(blocks: Blocks, places: Iterable[int]) -> _Lists:
    found, entries = _Lists(), 0
    for one in places:
        if not one & INTERNAL or entries > MOST_BLOCKS:
            continue
        try:
            raw = blocks.block(one)
        except Lost:
            continue
        kind, level, count = struct.unpack_from("<BBH", raw) if len(raw) >= 8 else (0, 0, 0)
        if kind == DATA_LIST:
            form = "Q" if blocks.layout.wide else "I"
            count = min(count, (len(raw) - 8) // struct.calcsize(form))
            found.children.update(inner & ~1 for inner in struct.unpack_from(f"<{count}{form}", raw, 8))
            found.data_roots.add(one)
        elif kind == NODE_LIST and level:
            found.children.update(_entries(blocks, raw, count))
        if kind == NODE_LIST:
            found.roots[one] = _whole_list(blocks, one)
            entries += len(found.roots[one])
    for one in found.children:
        found.roots.pop(one, None)
    return found


def _entries(blocks: Blocks, raw: bytes, count: int) -> Iterator[int]:
    start, form = (8, "<QQ") if blocks.layout.wide else (4, "<II")
    size = struct.calcsize(form)
    for at in range(min(count, (len(raw) - start) // size)):
        yield struct.unpack_from(form, raw, start + at * size)[1] & ~1


def _whole_list(blocks: Blocks, one: int) -> dict[int, tuple[int, int]]:
    try:
        return {number: (node.data & ~1, node.below & ~1) for number, node in blocks.subnodes(one).items()}
    except Lost:
        return {}


def _references(blocks: Blocks, one: int) -> frozenset[int] | None:
    """Which subnodes a message's properties refer to; None where the block holds no message."""
    try:
        first = next(blocks.data(one), b"")
        if len(first) < 12 or first[2] != SIGNATURE or first[3] != PROPERTIES:
            return None
        heap = Heap(blocks, Node(0, one, 0), PROPERTIES)
        found = [struct.unpack("<HHI", record[:8]) for record in heap.records(heap.root) if len(record) >= 8]
    except Lost:
        return None
    if not any(number == CLASS for number, _, _ in found):
        return None
    return frozenset(reference for _, kind, reference in found if kind not in FIXED and reference & 0x1F)


def _below(
    outer: list[int], references: dict[int, frozenset[int]], lists: dict[int, dict[int, tuple[int, int]]]
) -> dict[int, int]:
    """The list of subnodes of each message: the next one behind it, or before it, whichever fits more messages."""
    order, roots = sorted(outer), sorted(lists)
    tried: list[dict[int, int]] = []
    for direction in (1, -1):
        taken: dict[int, int] = {}
        for number, one in enumerate(order):
            neighbour = order[number + direction] if 0 <= number + direction < len(order) else (1 << 64 if direction > 0 else 0)
            low, high = sorted((one, neighbour))
            between = roots[bisect(roots, low) : bisect(roots, high)][::direction]
            fitting = next((root for root in between if references[one] <= lists[root].keys()), None)
            if fitting is not None:
                taken[one] = fitting
        tried.append(taken)
    return max(tried, key=lambda taken: (sum(bool(references[one]) for one in taken), len(taken)))


def _reached(roots: Iterable[int], lists: dict[int, dict[int, tuple[int, int]]]) -> set[int]:
    """The data of all subnodes at any depth."""
    reached: set[int] = set()
    waiting, seen = list(roots), set[int]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for data, below in lists.get(one, {}).values():
            reached.add(data)
            waiting.append(below)
    return reached
