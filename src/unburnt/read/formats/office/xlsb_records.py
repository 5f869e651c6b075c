"""What a binary workbook's records say beside the values (MS-XLSB 2.1.4, 2.4): hidden rows and columns, comments, printed headers."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from unburnt.base.limits import MIB
from unburnt.read.formats.office.ooxml_package import Package
from unburnt.read.formats.office.ooxml_relations import main_part, relations_of, targets
from unburnt.read.formats.office.xls_records import MOST_COMMENTS, SheetFacts

_ROW, _COLUMN, _SHEET, _PRINTED, _COMMENT, _COMMENT_TEXT, _AUTHOR = 0, 60, 156, 479, 635, 637, 632
_PART_BYTES = 256 * MIB
_LAST_COLUMN = 16_383
_MOST_HIDDEN = 1_048_576
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


def sheet_parts(package: Package) -> dict[str, str]:
    """The parts of the sheets by their names."""
    book = main_part(package, "xl/workbook.bin")
    relations, found = relations_of(package, book), dict[str, str]()
    for kind, data in records(package.read(book, _PART_BYTES)) if package.has(book) else ():
        if kind == _SHEET:
            identity, after = _wide(data, 8)
            name, _ = _wide(data, after)
            relation = relations.get(identity or "")
            if name and relation is not None and not relation.external:
                found.setdefault(name, relation.target)
    return found


def facts_of(package: Package, part: str) -> SheetFacts:
    """The facts of one sheet; texts of its drawings stand in parts of their own."""
    facts = SheetFacts()
    for kind, data in records(package.read(part, _PART_BYTES)) if package.has(part) else ():
        if kind == _ROW and len(data) >= 12:
            if data[11] & 0x10 and len(facts.hidden_rows) < _MOST_HIDDEN:
                facts.hidden_rows.add(struct.unpack_from("<I", data)[0])
        elif kind == _COLUMN and len(data) >= 18:
            first, last = struct.unpack_from("<2I", data)
            if data[16] & 1:
                facts.hidden_columns.update(range(min(first, _LAST_COLUMN), min(last, _LAST_COLUMN) + 1))
        elif kind == _PRINTED:
            facts.around.printed += _printed(data)
    relations = relations_of(package, part)
    facts.around.links = {one.target: None for one in relations.values() if one.kind == "hyperlink" and one.external}
    for name in targets(relations, "comments"):
        if package.has(name):
            facts.comments.update(_comments(package.read(name, _PART_BYTES)))
    return facts


def _printed(data: bytes) -> list[str]:
    """Header and footer of odd pages, even pages and the first one."""
    found, at = [], 2
    for _ in range(6):
        text, at = _wide(data, at)
        found.append(text or "")
    return [text for text in found if text]


def _comments(part: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    authors: list[str] = []
    author, place, count = "", (0, 0), 0
    for kind, data in records(part):
        if kind == _AUTHOR:
            authors.append(_wide(data, 0)[0] or "")
        elif kind == _COMMENT and len(data) >= 20:
            number, row, _, column, _ = struct.unpack_from("<5I", data)
            author, place = authors[number] if number < len(authors) else "", (row, column)
        elif kind == _COMMENT_TEXT and count < MOST_COMMENTS:
            count += 1
            text = _wide(data, 1)[0] or ""
            if text and place[0] < _MOST_HIDDEN and place[1] <= _LAST_COLUMN:
                yield place, text if not author or text.startswith(author) or author.startswith("tc=") else f"{author}: {text}"


def _wide(data: bytes, at: int) -> tuple[str | None, int]:
    """A string behind its length, None where it is left out, and where it ends."""
    if at + 4 > len(data):
        return None, len(data)
    (count,) = struct.unpack_from("<I", data, at)
    if count == 0xFFFFFFFF:
        return None, at + 4
    end = at + 4 + 2 * count
    return data[at + 4 : min(end, len(data))].decode("utf-16-le", "replace")[:_LONGEST], min(end, len(data))
