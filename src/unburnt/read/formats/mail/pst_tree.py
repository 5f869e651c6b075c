"""Which nodes an Outlook store has, in use and no longer in use, and the folders that they make."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from unburnt.read.formats.mail.pst_blocks import BLOCKS, NODES, Blocks, Lost, Node, Place
from unburnt.read.formats.mail.pst_scan import found_messages

ROOT = 0x122
KIND = 0x1F
"""The bits of an id that tell what it names (section 2.2.2.1)."""
FOLDER, SEARCH_FOLDER, MESSAGE, HIDDEN = 2, 3, 4, 8
MOST_NODES = 4_000_000
MOST_SEARCHED = 8 << 30
DEEPEST = 64


@dataclass
class Nodes:
    """All nodes by their ids; *children* by the ids of their parents."""

    known: dict[int, Node] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=dict)
    recovered: list[Node] = field(default_factory=list)
    """Messages of pages no longer in use whose bytes are all there still."""
    found: list[Node] = field(default_factory=list)
    """Messages that were found by their own blocks, in no folder, because pages of the index are lost."""
    lost_pages: int = 0
    """Pages of the index that cannot be had: nodes were then looked for in every page there is."""

    def add(self, node: Node) -> None:
        """Keep a node."""
        if node.identifier not in self.known and len(self.known) < MOST_NODES:
            self.known[node.identifier] = node
            self.children.setdefault(node.parent, []).append(node.identifier)

    def of(self, parent: int, *kinds: int) -> list[Node]:
        """The children of one kind, in the order of their ids."""
        return [self.known[one] for one in self.children.get(parent, ()) if one & KIND in kinds and one != parent]


def find_nodes(blocks: Blocks, size: int) -> Nodes:
    """Follow the index; then look into pages that it does not hold."""
    nodes = Nodes()
    for found in blocks.nodes():
        if isinstance(found, Lost):
            nodes.lost_pages += 1
        else:
            nodes.add(found)
    blocks_lost, used = _used(blocks)
    nodes.lost_pages += blocks_lost
    if size > MOST_SEARCHED and not nodes.lost_pages:
        return nodes
    blocks.rescued.update(_rescued_places(blocks, used))
    for node in _rescued_nodes(blocks, nodes):
        if nodes.lost_pages:
            nodes.add(node)
        elif node.identifier & KIND == MESSAGE and _is_whole(blocks, node):
            nodes.recovered.append(node)
    if nodes.lost_pages:
        nodes.found = found_messages(blocks, size, nodes.known.values())
    return nodes


def _used(blocks: Blocks) -> tuple[int, set[int]]:
    """How many pages of the index of blocks are lost, and where its others lie."""
    lost, seen, waiting = 0, set[int](), [blocks.block_root]
    while waiting:
        offset = waiting.pop()
        if offset in seen:
            continue
        seen.add(offset)
        try:
            level, entries = blocks.page(BLOCKS, offset)
        except Lost:
            lost += 1
            continue
        if level > 1:
            waiting.extend(entry[2] for entry in entries)
        elif level == 1:
            for entry in entries:
                seen.add(entry[2])
                try:
                    blocks.page(BLOCKS, entry[2])
                except Lost:
                    lost += 1
    return lost, seen


def _leaves(blocks: Blocks, kind: int) -> Iterator[tuple[int, int, tuple[tuple[int, ...], ...]]]:
    """Every leaf that was ever written and not overwritten: its own id (ids rise with time), place, entries."""
    for offset, page in blocks.pages(kind):
        try:
            level, entries = blocks.entries(kind, page)
        except Lost:
            continue
        if not level:
            form, at = ("<Q", 8) if blocks.layout.wide else ("<I", 4)
            yield struct.unpack_from(form, page, blocks.layout.end + at)[0], offset, entries


def _rescued_places(blocks: Blocks, used: set[int]) -> dict[int, Place]:
    """Blocks that only pages beside the index tell of, the latest word on each."""
    told: dict[int, tuple[int, Place]] = {}
    for page, offset, entries in _leaves(blocks, BLOCKS):
        if offset in used or len(told) > MOST_NODES:
            continue
        for entry in entries:
            place = blocks.placed(entry)
            if place.identifier not in told or told[place.identifier][0] < page:
                told[place.identifier] = (page, place)
    return {identifier: place for identifier, (_, place) in told.items()}


def _rescued_nodes(blocks: Blocks, nodes: Nodes) -> list[Node]:
    told: dict[int, tuple[int, Node]] = {}
    for page, _, entries in _leaves(blocks, NODES):
        for entry in entries:
            identifier = entry[0] & 0xFFFFFFFF
            if identifier in nodes.known or len(told) > MOST_NODES:
                continue
            if identifier not in told or told[identifier][0] < page:
                told[identifier] = (page, Node(identifier, *entry[1:4]))
    return [told[identifier][1] for identifier in sorted(told)]


def _is_whole(blocks: Blocks, node: Node) -> bool:
    try:
        return blocks.is_whole(blocks.place(node.data))
    except Lost:
        return False
