"""The pages of a Jet or ACE database (MDB of Access 97 to 2003, ACCDB), as mdbtools' HACKING.md describes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import BinaryIO, Final

from unburnt.base.limits import MIB
from unburnt.model.encodings import known_encoding
from unburnt.read.errors import Damaged, Locked

DATA, TABLE, USAGE = 1, 2, 5
CATALOGUE: Final = 2
"""The page that defines the table of all tables."""
_HEADER_KEY: Final = b"\xc7\xda\x39\x6b"
_ELSEWHERE, _DELETED, _WHERE = 0x4000, 0x8000, 0x1FFF
_INLINE, _SINGLE, _LENGTH = 0x80000000, 0x40000000, 0x3FFFFFFF
_LONGEST: Final = 128 * MIB
_MOST_ROWS: Final = 2000
_MOST_LINKS: Final = 1 << 18


class Pages:
    """Pages by number, decoded where the whole file is encoded; rows by page and number."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        file.seek(0)
        head = file.read(4096)
        if len(head) < 2048:
            raise Damaged("The database is cut off within its first page.")
        self.version = head[0x14]
        self.is_jet3 = self.version == 0
        self.page_size = 2048 if self.is_jet3 else 4096
        self.count = size // self.page_size
        length = 126 if self.is_jet3 else 128
        clear = head[:0x18] + _rc4(_HEADER_KEY, head[0x18 : 0x18 + length])
        self._code_page = struct.unpack_from("<H", clear, 0x3C)[0]
        self._key = clear[0x3E:0x42]
        self.page = lru_cache(maxsize=256)(self._page)
        if self.count <= CATALOGUE:
            raise Damaged("The database is cut off before its list of tables.")
        if self.page(CATALOGUE)[0] != TABLE:
            if self.version >= 2:
                raise Locked("The database's pages are encrypted with a password; no given password is tried on Access databases.")
            raise Damaged("The database's list of tables is damaged.")

    @property
    def encoding(self) -> str:
        """What Jet 3 stores texts in."""
        return known_encoding(f"cp{self._code_page}") or "cp1252"

    @property
    def is_encoded(self) -> bool:
        """Whether all pages were encoded with a key that stands in the file itself."""
        return any(self._key)

    def _page(self, number: int) -> bytes:
        if not 0 <= number < self.count:
            raise Damaged(f"It refers to the page {number}, which is not here.")
        self._file.seek(number * self.page_size)
        data = self._file.read(self.page_size)
        if number and self.is_encoded:
            key = int.from_bytes(self._key, "little") ^ number
            data = _rc4(key.to_bytes(4, "little"), data)
        return data

    def rows(self, number: int) -> Iterator[tuple[bytes, bool]]:
        """The records on a data page, and whether each is only marked as deleted."""
        page = self.page(number)
        at = 8 if self.is_jet3 else 12
        count, = struct.unpack_from("<H", page, at)
        for row in range(min(count, _MOST_ROWS)):
            where, start, end = self._bounds(page, row)
            if where & _ELSEWHERE:
                if where & _DELETED or end - start < 4:
                    continue
                try:
                    yield self.row(int.from_bytes(page[start : start + 4], "little")), False
                except Damaged:
                    continue
            elif end > start:
                yield page[start:end], bool(where & _DELETED)

    def row(self, pointer: int) -> bytes:
        """A record by page (the upper three bytes) and number on it."""
        page = self.page(pointer >> 8)
        _, start, end = self._bounds(page, pointer & 0xFF)
        return page[start:end]

    def _bounds(self, page: bytes, row: int) -> tuple[int, int, int]:
        base = 10 if self.is_jet3 else 14
        try:
            where, = struct.unpack_from("<H", page, base + 2 * row)
            end = struct.unpack_from("<H", page, base + 2 * row - 2)[0] & _WHERE if row else self.page_size
        except struct.error:
            raise Damaged("A record's place is not on its page.") from None
        start = where & _WHERE
        if not base <= start <= end <= self.page_size:
            return where, 0, 0
        return where, start, end

    def long_value(self, field: bytes) -> bytes:
        """A memo or object by its twelve bytes in the row. Raises :class:`Damaged`."""
        if len(field) < 12:
            return b""
        told, pointer = struct.unpack_from("<2I", field)
        length = told & _LENGTH
        if length > _LONGEST:
            raise Damaged(f"A value of {length} bytes is stated.")
        if told & _INLINE:
            return field[12 : 12 + length]
        if told & _SINGLE:
            return self.row(pointer)[:length]
        pieces: list[bytes] = []
        seen: set[int] = set()
        left = length
        while pointer and left > 0 and pointer not in seen and len(seen) < _MOST_LINKS:
            seen.add(pointer)
            record = self.row(pointer)
            pointer = int.from_bytes(record[:4], "little")
            pieces.append(record[4 : 4 + left])
            left -= len(pieces[-1])
        if left:
            raise Damaged("A long value breaks off.")
        return b"".join(pieces)

    def used(self, pointer: int) -> list[int]:
        """The pages in a usage map. Raises :class:`Damaged`."""
        record = self.row(pointer)
        if record[:1] == b"\0":
            first = int.from_bytes(record[1:5], "little")
            return [page for page in _bits(record[5:], first) if page < self.count]
        found: list[int] = []
        for number, at in enumerate(range(1, len(record) - 3, 4)):
            page = int.from_bytes(record[at : at + 4], "little")
            if page:
                data = self.page(page)
                if data[0] != USAGE:
                    raise Damaged("A usage map leads to no such page.")
                found += _bits(data[4:], number * (self.page_size - 4) * 8)
        return [page for page in found if page < self.count]


def _bits(data: bytes, first: int) -> Iterator[int]:
    for at, byte in enumerate(data):
        if byte:
            yield from (first + 8 * at + bit for bit in range(8) if byte >> bit & 1)


def _rc4(key: bytes, data: bytes) -> bytes:
    """RC4, which hides nothing where the key stands in the file."""
    state = list(range(256))
    other = 0
    for at in range(256):
        other = (other + state[at] + key[at % len(key)]) & 255
        state[at], state[other] = state[other], state[at]
    out = bytearray(data)
    one = other = 0
    for at in range(len(out)):
        one = (one + 1) & 255
        other = (other + state[one]) & 255
        state[one], state[other] = state[other], state[one]
        out[at] ^= state[(state[one] + state[other]) & 255]
    return bytes(out)
