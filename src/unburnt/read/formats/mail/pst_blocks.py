"""The lower floor of Outlook stores (MS-PST, section 2.2): pages, blocks, nodes. All three layouts; every read is bounded.

Written by hand because libpff's Python face cannot reach attached messages, nor messages that a folder's table leaves
out, and opens no store whose index is cut off (libpff-python 20260926).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO

import msgspec

from unburnt.read.errors import Damaged, Locked, Unsupported
from unburnt.read.formats.mail.pst_encoding import decoded

NODES, BLOCKS = 0x81, 0x80
INTERNAL = 2
PROTECTED = 0x10
DEEPEST_TREE = 8
MOST_LISTED = 1 << 20
MOST_DATA = 1 << 32
DATA_LIST, NODE_LIST = 1, 2


class Layout(msgspec.Struct, frozen=True):
    """How one generation of stores lays out its pages."""

    page: int
    counts: int
    """Where in a page the counts stand; entries come before them."""
    wide: bool
    """64-bit ids and offsets."""
    trailer: int
    largest: int
    """The longest block as stored, trailer included."""

    @property
    def end(self) -> int:
        """Where a page's trailer begins."""
        return {False: 500, True: 496}[self.wide] if self.page == 512 else 4072


ANSI = Layout(512, 496, False, 12, 8192)
UNICODE = Layout(512, 488, True, 16, 8192)
LARGE = Layout(4096, 4056, True, 24, 65536)


class Node(msgspec.Struct, frozen=True):
    """What an id names: its data, the list of its subnodes, and the node it belongs to."""

    identifier: int
    data: int
    below: int
    parent: int = 0


class Place(msgspec.Struct, frozen=True):
    """Where a block lies."""

    identifier: int
    offset: int
    size: int
    whole: int = 0
    """Its size once it is expanded; 0 where it is stored as it is."""


class Lost(Exception):
    """A page or block cannot be had; the text says which."""


class Blocks:
    """Pages and blocks of one store. What is damaged raises :class:`Lost`; the rest goes on."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._size = file, size
        header = self._read(0, 564)
        version = struct.unpack_from("<H", header, 10)[0] if len(header) == 564 else 0
        if header[:4] != b"!BDN" or not version:
            raise Damaged("The store's header is not whole.")
        self.layout = LARGE if version >= 36 else UNICODE if version >= 23 else ANSI
        if version not in (14, 15, 36, 37) and not 20 <= version <= 24:
            raise Unsupported(f"An Outlook store of version {version}, which is not known.")
        self.encoding: int = header[513 if self.layout.wide else 461]
        if self.encoding == PROTECTED:
            raise Locked("The store is encrypted by Windows Information Protection; only the organisation's Windows opens it.")
        roots = struct.unpack_from("<QQQQ", header, 216) if self.layout.wide else struct.unpack_from("<IIII", header, 184)
        self.stated: int = struct.unpack_from("<Q" if self.layout.wide else "<I", header, 184 if self.layout.wide else 168)[0]
        """Where the file ends by its header (``ibFileEof``, MS-PST 2.2.2.5)."""
        self.node_root, self.block_root = roots[1], roots[3]
        self.rescued: dict[int, Place] = {}
        """Places from pages that no index holds, asked only where the index has none."""
        self.damaged: set[int] = set()
        """Blocks whose checksum does not fit."""
        self.page = lru_cache(4096)(self._page)

    def _read(self, offset: int, count: int) -> bytes:
        if offset >= self._size:
            return b""  # no file system takes any number as a place
        self._file.seek(offset)
        return self._file.read(count)

    def raw(self, offset: int, count: int) -> bytes:
        """The bytes as they stand there, as many as there are."""
        return self._read(offset, count)

    def pages(self, kind: int) -> Iterator[tuple[int, bytes]]:
        """Every page that ends as one of *kind* does, wherever it lies, whether in use or not."""
        step, layout, chunk = 512, self.layout, 8 << 20
        for start in range(0, self._size, chunk):
            data = self._read(start, chunk + layout.page)
            kinds, again = data[layout.end :: step], data[layout.end + 1 :: step]
            at = kinds.find(kind)
            while at >= 0 and at * step < chunk:
                page = data[at * step : at * step + layout.page]
                if at < len(again) and again[at] == kind and len(page) == layout.page and self._fits(page):
                    yield start + at * step, page
                at = kinds.find(kind, at + 1)

    def _fits(self, page: bytes) -> bool:
        end = self.layout.end
        said = struct.unpack_from("<I", page, end + (4 if self.layout.wide else 8))[0]
        return bool(said == checksum(page[:end]))

    def _page(self, kind: int, offset: int) -> tuple[int, tuple[tuple[int, ...], ...]]:
        """The level and entries of a page of an index."""
        layout = self.layout
        page = self._read(offset, layout.page) if 0 < offset < self._size else b""
        if len(page) < layout.page or page[layout.end] != kind or page[layout.end + 1] != kind:
            raise Lost("a page of the index")
        return self.entries(kind, page)

    def entries(self, kind: int, page: bytes) -> tuple[int, tuple[tuple[int, ...], ...]]:
        """Level and entries of a page's bytes."""
        layout = self.layout
        if layout.page == 512:
            count, _, size, level = page[layout.counts : layout.counts + 4]
        else:
            count, _, size, level = struct.unpack_from("<HHBB", page, layout.counts)
        form = _FORMS[layout.wide, kind if not level else 0]
        if level > DEEPEST_TREE or size < form.size or count * size > layout.counts:
            raise Lost("a page of the index")
        return level, tuple(form.unpack_from(page, at * size) for at in range(count))

    def nodes(self) -> Iterator[Node | Lost]:
        """Every node in the order of its id, and each page that is lost."""
        waiting, seen = [(self.node_root, DEEPEST_TREE + 1)], set[int]()
        while waiting:
            offset, above = waiting.pop()
            if offset in seen:
                continue
            seen.add(offset)
            try:
                level, entries = self._page(NODES, offset)
                if level >= above:
                    raise Lost("a page of the index")
            except Lost as error:
                yield error
                continue
            if level:
                waiting.extend((entry[2], level) for entry in reversed(entries))
            else:
                for entry in entries:
                    yield Node(entry[0] & 0xFFFFFFFF, *entry[1:4])

    def place(self, block: int) -> Place:
        """Where a block lies. Raises :class:`Lost`."""
        wanted, offset, above = block & ~1, self.block_root, DEEPEST_TREE + 1
        try:
            while True:
                level, entries = self.page(BLOCKS, offset)
                if level >= above:
                    raise Lost("a page of the index")
                above, found = level, None
                for entry in entries:
                    if entry[0] & ~1 > wanted:
                        break
                    found = entry
                if found is None:
                    raise Lost(f"block {wanted:#x}")
                if not level:
                    if found[0] & ~1 != wanted:
                        raise Lost(f"block {wanted:#x}")
                    return self.placed(found)
                offset = found[2]
        except Lost:
            if wanted in self.rescued:
                return self.rescued[wanted]
            raise

    def placed(self, entry: tuple[int, ...]) -> Place:
        """An entry of the index of blocks."""
        whole = entry[3] if self.layout is LARGE and entry[3] != entry[2] else 0
        return Place(entry[0] & ~1, entry[1], entry[2], whole)

    def block(self, identifier: int) -> bytes:
        """One block's plain bytes. Raises :class:`Lost`; a wrong checksum is remembered in :attr:`damaged`."""
        place, trailer = self.place(identifier), self.layout.trailer
        end = -(-(place.size + trailer) // 64) * 64 if self.layout is not LARGE else -(-(place.size + trailer) // 512) * 512
        data = self._read(place.offset, end) if place.size + trailer <= self.layout.largest else b""
        if len(data) < place.size or not place.size:
            raise Lost(f"block {place.identifier:#x}")
        if len(data) < end or self._trailer(data[-trailer:]) != (place.identifier, checksum(data[: place.size])):
            self.damaged.add(place.identifier)
        plain = data[: place.size]
        if place.whole:
            try:
                plain = zlib.decompressobj().decompress(plain, place.whole)
            except zlib.error as error:
                raise Lost(f"block {place.identifier:#x}") from error
        return plain if identifier & INTERNAL else decoded(plain, self.encoding, place.identifier)

    def is_whole(self, place: Place) -> bool:
        """Whether the block's own trailer names it and its checksum fits: then it was not overwritten."""
        self.damaged.discard(place.identifier)
        try:
            self.block(place.identifier)
        except Lost:
            return False
        return place.identifier not in self.damaged

    def _trailer(self, raw: bytes) -> tuple[int, int]:
        if self.layout.wide:
            crc, identifier = struct.unpack_from("<IQ", raw, 4)
        else:
            identifier, crc = struct.unpack_from("<II", raw, 4)
        return identifier & ~1, crc

    def data(self, identifier: int) -> Iterator[bytes]:
        """A node's data, block by block (section 2.2.2.8.3). Raises :class:`Lost` where a block is missing."""
        waiting, count, sent = [(identifier, 3)], 0, 0
        while waiting:
            one, levels = waiting.pop()
            if not one:
                continue
            raw, count = self.block(one), count + 1
            if count > MOST_LISTED or sent > MOST_DATA:
                raise Lost("data beyond what is followed")
            if not one & INTERNAL:
                sent += len(raw)
                yield raw
                continue
            kind, _, entries, _ = struct.unpack_from("<BBHI", raw) if len(raw) >= 8 else (0, 0, 0, 0)
            form = "Q" if self.layout.wide else "I"
            if kind != DATA_LIST or not levels or 8 + entries * struct.calcsize(form) > len(raw):
                raise Lost(f"block {one:#x}")
            waiting.extend((found, levels - 1) for found in reversed(struct.unpack_from(f"<{entries}{form}", raw, 8)))

    def subnodes(self, identifier: int) -> dict[int, Node]:
        """The subnodes of a node (section 2.2.2.8.3.3), by their ids. Raises :class:`Lost`."""
        found: dict[int, Node] = {}
        waiting = [(identifier, 3)] if identifier else []
        while waiting and len(found) < MOST_LISTED:
            one, levels = waiting.pop()
            raw = self.block(one)
            kind, level, count = struct.unpack_from("<BBH", raw) if len(raw) >= 4 else (0, 0, 0)
            start, form = (8, "<QQQ" if not level else "<QQ") if self.layout.wide else (4, "<III" if not level else "<II")
            size = struct.calcsize(form)
            if kind != NODE_LIST or not levels or start + count * size > len(raw):
                raise Lost(f"block {one:#x}")
            for at in range(count):
                entry = struct.unpack_from(form, raw, start + at * size)
                if level:
                    waiting.append((entry[1], levels - 1))
                else:
                    found[entry[0] & 0xFFFFFFFF] = Node(entry[0] & 0xFFFFFFFF, entry[1], entry[2])
        return found


_FORMS = {
    (True, 0): struct.Struct("<QQQ"), (True, NODES): struct.Struct("<QQQI"), (True, BLOCKS): struct.Struct("<QQHH"),
    (False, 0): struct.Struct("<III"), (False, NODES): struct.Struct("<IIII"), (False, BLOCKS): struct.Struct("<IIHH"),
}  # fmt: skip


def checksum(data: bytes) -> int:
    """The specification's CRC (section 5.3): the usual polynomial without the two inversions."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
