"""Streaming one worksheet's XML: rows of cells with absolute addresses, formulas, hidden rows and columns.

Read from the XML itself and not through a library's values: the digits of a number are then those that the file
stores, and formulas, hidden rows and merged ranges come in the same pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from lxml import etree

from unburnt.read.formats.office_xml import Element, attribute, is_true, number

ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
MOST_RANGES = 20_000


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as stored: *kind* is the ``t`` attribute (``n s str inlineStr b e d``), *style* its format's index."""

    row: int
    column: int
    kind: str
    style: int
    value: str
    formula: str | None


@dataclass
class SheetFacts:
    """What the sheet says beside its cells; complete once the rows are consumed."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    header_footer: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    broken: bool = False


def address(text: str) -> tuple[int, int] | None:
    """``B3`` as (row 2, column 1); None where it is no address of a sheet."""
    match = ADDRESS.fullmatch(text)
    if match is None:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    row = int(match[2]) - 1
    return (row, column - 1) if 0 <= row <= LAST_ROW and column - 1 <= LAST_COLUMN else None


def cell_range(text: str) -> tuple[int, int, int, int] | None:
    """``A1:B3`` as (first row, first column, last row, last column)."""
    first, _, last = text.partition(":")
    start, end = address(first), address(last or first)
    if start is None or end is None:
        return None
    return min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])


class SheetStream:
    """Iterate over rows of :class:`RawCell`; *facts* fill up meanwhile."""

    def __init__(self, stream: BinaryIO) -> None:
        self.facts = SheetFacts()
        self._stream = stream
        self._row = -1
        self._column = -1

    def rows(self) -> Iterator[list[RawCell]]:
        """Every row that holds anything, as the file orders them. Broken XML ends the rows, and *facts* says so."""
        events = etree.iterparse(
            self._stream, events=("start", "end"),
            tag=("{*}row", "{*}c", "{*}col", "{*}mergeCell", "{*}headerFooter", "{*}hyperlink"),
            resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        cells: list[RawCell] = []
        try:
            for event, element in events:
                name = element.tag[element.tag.rfind("}") + 1 :]
                if event == "start":
                    if name == "row":
                        self._begin_row(element)
                    continue
                if name == "c":
                    cell = self._cell(element)
                    if cell is not None:
                        cells.append(cell)
                elif name == "row":
                    if cells:
                        yield cells
                        cells = []
                else:
                    self._fact(name, element)
                if name in ("row", "c"):
                    _forget(element)
        except (etree.XMLSyntaxError, OSError):
            self.facts.broken = True
        if cells:
            yield cells

    def _begin_row(self, element: Element) -> None:
        self._row = min(number(element.get("r"), self._row + 2) - 1, LAST_ROW)
        self._column = -1
        if is_true(element.get("hidden")) and len(self.facts.hidden_rows) < LAST_ROW:
            self.facts.hidden_rows.append(self._row)

    def _cell(self, element: Element) -> RawCell | None:
        where = address(element.get("r") or "")
        row, column = where if where is not None else (self._row, self._column + 1)
        self._column = column
        value, formula = "", None
        for inner in element:
            tag = str(inner.tag)
            name = tag[tag.rfind("}") + 1 :]
            if name == "v":
                value = inner.text or ""
            elif name == "is":
                value = rich_text(inner)
            elif name == "f":
                formula = _formula(inner)
        if not value and not formula:
            return None
        return RawCell(row, column, element.get("t") or "n", number(element.get("s")), value, formula)

    def _fact(self, name: str, element: Element) -> None:
        facts = self.facts
        if name == "col" and is_true(element.get("hidden")):
            first, last = number(element.get("min"), 1) - 1, number(element.get("max"), 1) - 1
            facts.hidden_columns.extend(range(max(0, first), min(last, LAST_COLUMN) + 1))
        elif name == "mergeCell" and len(facts.merged) < MOST_RANGES:
            found = cell_range(element.get("ref") or "")
            if found is not None:
                facts.merged.append(found)
        elif name == "headerFooter":
            facts.header_footer.extend(inner.text for inner in element if inner.text)
        elif name == "hyperlink" and len(facts.links) < MOST_RANGES:
            facts.links[element.get("ref") or ""] = attribute(element, "id") or ""


def _formula(element: Element) -> str:
    """A formula with ``=``; a follower of a shared formula names the group, for the file stores no text for it."""
    text = element.text
    if text:
        return "=" + text
    return f"=shared {element.get('si')}" if element.get("t") == "shared" else ""


def rich_text(element: Element) -> str:
    """The text of a string item: its runs joined, phonetic guides (``rPh``) left out."""
    pieces = []
    for inner in element:
        tag = str(inner.tag)
        name = tag[tag.rfind("}") + 1 :]
        if name == "t":
            pieces.append(inner.text or "")
        elif name == "r":
            pieces.extend(text.text or "" for text in inner if str(text.tag).endswith("}t"))
    return unescape("".join(pieces))


ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """Undo ``_x000D_``, the way in which control characters are written in spreadsheet XML (ST_Xstring)."""
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda match: _character(int(match[1], 16), match[0]), text)


def _character(code: int, written: str) -> str:
    return written if 0xD800 <= code < 0xE000 else chr(code)


def _forget(element: Element) -> None:
    """Free an element that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
