"""What a binary workbook's records say beside the values (MS-XLSB 2.1.4, 2.4): hidden rows and columns, comments, printed headers."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from unburnt.base.limits import MIB
from unburnt.read.formats.office.number_shown import MOST_SHOWN, NumberFormat
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import main_part, relations_of, targets
from unburnt.read.formats.office.xls_records import MOST_COMMENTS, SheetFacts

ROW, _COLUMN, _SHEET, _PRINTED, _COMMENT, _COMMENT_TEXT, _AUTHOR, _MERGED = 0, 60, 156, 479, 635, 637, 632, 176
_MOST_MERGED = 100_000
VALUES = frozenset((*range(2, 12), 62))
"""Cells that are not empty, by how their values are written."""
_NUMBERS = frozenset((2, 5, 9))
PART_BYTES = 256 * MIB
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
_LONGEST = 32_767


def records(untrusted_part: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of every record, up to one that is cut off."""
    at, end = 0, len(untrusted_part)
    while at < end:
        kind, at = _groups(untrusted_part, at, 2)
        size, at = _groups(untrusted_part, at, 4)
        if at + size > end:
            return
        yield kind, untrusted_part[at : at + size]
        at += size


def _groups(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number in groups of seven bits, and where it ends."""
    value = 0
    for number in range(most):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * number)
        if byte < 0x80:
            break
    return value, at


@dataclass(frozen=True)
class Listed:
    """A sheet as the workbook lists it; *part* is empty where that is missing."""

    name: str
    part: str
    hidden: bool


def sheets_of(package: Package) -> list[Listed]:
    """The sheets of the workbook, in order."""
    book = main_part(package, "xl/workbook.bin")
    relations, found = relations_of(package, book), list[Listed]()
    for kind, data in records(package.read(book, PART_BYTES)) if package.has(book) else ():
        if kind == _SHEET and len(data) > 8:
            # Before Excel 2007 was finished, four bytes more stood before the relation.
            names = [(identity, wide(data, after)[0] or "") for identity, after in (wide(data, 8), wide(data, 12))]
            identity, name = next((one for one in names if one[0] in relations), names[0])
            relation = relations.get(identity or "")
            part = "" if relation is None or relation.external or not package.has(relation.target) else relation.target
            found.append(Listed(name, part, data[0] & 3 != 0))
    return found


def facts_of(package: Package, part: str, formats: Mapping[int, NumberFormat]) -> SheetFacts:
    """The facts of one sheet, with the cells that have one of *formats*; texts of its drawings stand in parts of their own."""
    facts, row = SheetFacts(), 0
    for kind, data in records(package.read(part, PART_BYTES)) if package.has(part) else ():
        if kind in VALUES:
            column = int.from_bytes(data[:4], "little")
            form = formats.get(int.from_bytes(data[4:7], "little")) if formats and kind in _NUMBERS else None
            if form is not None and len(facts.formats) < MOST_SHOWN:
                facts.formats[row, column] = form
        elif kind == ROW and len(data) >= 4:
            (row,) = struct.unpack_from("<I", data)
            if len(data) >= 12 and data[11] & 0x10 and len(facts.hidden_rows) <= LAST_ROW:
                facts.hidden_rows.add(row)
        elif kind == _COLUMN and len(data) >= 18:
            first, last = struct.unpack_from("<2I", data)
            if data[16] & 1:
                facts.hidden_columns.update(range(min(first, LAST_COLUMN), min(last, LAST_COLUMN) + 1))
        elif kind == _MERGED and len(data) >= 16:
            top, bottom, left, right = struct.unpack_from("<4I", data)
            if top <= bottom <= LAST_ROW and left <= right <= LAST_COLUMN and len(facts.merged) < _MOST_MERGED:
                facts.merged.append((top, left, bottom, right))
        elif kind == _PRINTED:
            facts.around.printed += _printed(data)
    relations = relations_of(package, part)
    facts.around.links = {one.target: None for one in relations.values() if one.kind == "hyperlink" and one.external}
    for name in targets(relations, "comments"):
        if package.has(name):
            facts.comments.update(_comments(package.read(name, PART_BYTES)))
    return facts


def _printed(data: bytes) -> list[str]:
    """Header and footer of odd pages, even pages and the first one."""
    found, at = [], 2
    for _ in range(6):
        text, at = wide(data, at)
        found.append(text or "")
    return [text for text in found if text]


def _comments(part: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    authors: list[str] = []
    author, place, count = "", (0, 0), 0
    for kind, data in records(part):
        if kind == _AUTHOR:
            authors.append(wide(data, 0)[0] or "")
        elif kind == _COMMENT and len(data) >= 20:
            number, row, _, column, _ = struct.unpack_from("<5I", data)
            author, place = authors[number] if number < len(authors) else "", (row, column)
        elif kind == _COMMENT_TEXT and count < MOST_COMMENTS:
            count += 1
            text = wide(data, 1)[0] or ""
            if text and place[0] <= LAST_ROW and place[1] <= LAST_COLUMN:
                yield place, text if not author or text.startswith(author) or author.startswith("tc=") else f"{author}: {text}"


def wide(data: bytes, at: int) -> tuple[str | None, int]:
    """A string behind its length, None where it is left out, and where it ends."""
    if at + 4 > len(data):
        return None, len(data)
    (count,) = struct.unpack_from("<I", data, at)
    if count == 0xFFFFFFFF:
        return None, at + 4
    end = at + 4 + 2 * count
    return data[at + 4 : min(end, len(data))].decode("utf-16-le", "replace")[:_LONGEST], min(end, len(data))
