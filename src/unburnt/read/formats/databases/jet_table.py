"""A table of a Jet or ACE database: its columns, its pages, and its records taken apart."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from unburnt.read.errors import Damaged
from unburnt.read.formats.databases.jet_pages import DATA, TABLE, Pages

_MOST_DEFINITION: Final = 1 << 20
_MOST_COLUMNS: Final = 2048
_FIXED: Final = 1
BOOLEAN: Final = 1


class Column(msgspec.Struct, frozen=True):
    """*number* is its bit in a record's mask; *place* an offset, or the position among columns of variable length."""

    name: str
    kind: int
    number: int
    is_fixed: bool
    place: int
    length: int
    scale: int


class Table(msgspec.Struct, frozen=True):
    """As its definition states it."""

    page: int
    columns: tuple[Column, ...]
    """In order of their numbers."""
    records: int
    usage: int


def table_at(pages: Pages, page: int) -> Table:
    """Raises :class:`Damaged` where no table is defined there."""
    data = _definition(pages, page)
    try:
        return _table(pages, page, data)
    except (struct.error, IndexError):
        raise Damaged("A table's definition is cut off.") from None


def _definition(pages: Pages, page: int) -> bytes:
    pieces: list[bytes] = []
    seen: set[int] = set()
    while page and page not in seen and len(pieces) * pages.page_size < _MOST_DEFINITION:
        seen.add(page)
        data = pages.page(page)
        if data[0] != TABLE:
            raise Damaged("A table's definition is not where the list of tables says.")
        pieces.append(data[8:] if pieces else data)
        page = int.from_bytes(data[4:8], "little")
    return b"".join(pieces)


def _table(pages: Pages, page: int, data: bytes) -> Table:
    if pages.is_jet3:
        records, columns, indexes, usage = (*struct.unpack_from("<I", data, 12), *struct.unpack_from("<H", data, 25),
                                            *struct.unpack_from("<I", data, 31), *struct.unpack_from("<I", data, 35))  # fmt: skip
        at, step = 43 + 8 * indexes, 18
    else:
        records, columns, indexes, usage = (*struct.unpack_from("<I", data, 16), *struct.unpack_from("<H", data, 45),
                                            *struct.unpack_from("<I", data, 51), *struct.unpack_from("<I", data, 55))  # fmt: skip
        at, step = 63 + 12 * indexes, 25
    if columns > _MOST_COLUMNS or indexes > 1000:
        raise Damaged("A table's definition states an absurd number of columns.")
    names = at + step * columns
    found = []
    for position in range(columns):
        name, names = _name(data, names, pages)
        found.append(_column(data[at + step * position : at + step * (position + 1)], name, is_jet3=pages.is_jet3))
    return Table(page, tuple(sorted(found, key=lambda column: column.number)), records, usage)


def _name(data: bytes, at: int, pages: Pages) -> tuple[str, int]:
    if pages.is_jet3:
        end = at + 1 + data[at]
        return data[at + 1 : end].decode(pages.encoding, "replace"), end
    end = at + 2 + struct.unpack_from("<H", data, at)[0]
    return data[at + 2 : end].decode("utf-16-le", "replace"), end


def _column(block: bytes, name: str, *, is_jet3: bool) -> Column:
    first, scale, flags, last = (1, block[10], block[13], 14) if is_jet3 else (5, block[12], block[15], 21)
    number, variable = struct.unpack_from("<2H", block, first)
    fixed, length = struct.unpack_from("<2H", block, last)
    is_fixed = bool(flags & _FIXED)
    return Column(name, block[0], number, is_fixed, fixed if is_fixed else variable, length, scale)


def data_pages(pages: Pages, table: Table) -> tuple[list[int], bool]:
    """The table's data pages, and whether its own map told them; else all pages that say they belong to it."""
    try:
        listed = pages.used(table.usage)
        owned = [page for page in listed if _belongs(pages, page, table.page)]
        if owned or not table.records:
            return owned, len(owned) == len(listed)
    except Damaged:
        pass
    return [page for page in range(1, pages.count) if _belongs(pages, page, table.page)], False


def _belongs(pages: Pages, page: int, table: int) -> bool:
    data = pages.page(page)
    return data[0] == DATA and int.from_bytes(data[4:8], "little") == table


def fields(record: bytes, table: Table, *, is_jet3: bool) -> Iterator[tuple[Column, bytes | bool | None]]:
    """Each column's bytes in a record, None where there is nothing. Raises :class:`Damaged`."""
    try:
        width = 1 if is_jet3 else 2
        count = int.from_bytes(record[:width], "little")
        mask_length = (count + 7) // 8
        mask = record[len(record) - mask_length :]
        starts = (_starts_3 if is_jet3 else _starts_4)(record, mask_length) if _has_variable(table) else []
    except (struct.error, IndexError):
        raise Damaged("A record is damaged.") from None
    if not count > 0 or mask_length >= len(record):
        raise Damaged("A record is damaged.")
    for column in table.columns:
        is_set = column.number < count and bool(mask[column.number // 8] >> column.number % 8 & 1)
        if column.kind == BOOLEAN:
            yield column, is_set
        elif not is_set:
            yield column, None
        elif column.is_fixed:
            yield column, record[width + column.place : width + column.place + column.length]
        elif column.place + 1 < len(starts):
            yield column, record[starts[column.place] : starts[column.place + 1]]
        else:
            yield column, None


def _has_variable(table: Table) -> bool:
    return any(not column.is_fixed and column.kind != BOOLEAN for column in table.columns)


def _starts_4(record: bytes, mask_length: int) -> list[int]:
    """Where each value of variable length begins, and where the last one ends; stored backwards before the mask."""
    at = len(record) - mask_length - 2
    count, = struct.unpack_from("<H", record, at)
    if 2 * (count + 1) > at:
        raise IndexError
    return [struct.unpack_from("<H", record, at - 2 * (number + 1))[0] for number in range(count + 1)]


def _starts_3(record: bytes, mask_length: int) -> list[int]:
    """The same in single bytes; a table of jumps says from which value on another 256 is to be added."""
    last = len(record) - 1
    count = record[last - mask_length]
    jumps = last // 256
    at = last - mask_length - jumps - 1
    if (at - count) // 256 < jumps:  # the last jump is there without need
        jumps -= 1
    used, found = 0, []
    for number in range(count + 1):
        while used < jumps and number == record[last - mask_length - used - 1]:
            used += 1
        if at - number < 0:
            raise IndexError
        found.append(record[at - number] + 256 * used)
    return found
