"""A sheet as a table: absolute addresses, merged ranges, hidden rows; far-apart cells without the void between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from unburnt.desk.passages import Segment, Span, marked
from unburnt.model.addresses import address_of, column_name
from unburnt.model.reading import Cell, Part

ROWS = 150
"""Rows with content on one page of a sheet."""
COLUMNS = 40
GAP = 3
"""More empty rows or columns than this in a run are shown as one mark."""
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})\Z")


@dataclass(frozen=True)
class Box:
    """One table cell on screen."""

    address: str
    segments: Sequence[Segment] = ()
    cell: Cell | None = None
    down: int = 1
    across: int = 1
    note: bool = False
    """Whether a comment, formula or flag is listed for it below the table."""


@dataclass(frozen=True)
class Line:
    """One table row on screen; *skipped* empty rows stand before it."""

    number: int
    hidden: bool
    boxes: list[Box | None]
    """One per shown column; None where a merged cell covers the place or nothing stands."""
    skipped: int = 0


@dataclass(frozen=True)
class Grid:
    """One page of a sheet."""

    columns: list[tuple[str, bool, int]]
    """Letter, hidden, and how many empty columns were left out before it."""
    lines: list[Line]
    page: int
    pages: int
    across: int
    across_pages: int
    notes: list[Box] = field(default_factory=list)


def place_of(untrusted_address: str) -> tuple[int, int] | None:
    """Row and column, from 0, of an A1 address; None if it is none."""
    match = _ADDRESS.match(untrusted_address)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _filled(numbers: set[int]) -> list[int]:
    """The numbers in order, with short gaps between them filled."""
    made: list[int] = []
    for number in sorted(numbers):
        if made and 1 < number - made[-1] <= GAP + 1:
            made.extend(range(made[-1] + 1, number))
        made.append(number)
    return made


def _page_of(numbers: list[int], wanted: int | None, page: int, size: int) -> tuple[list[int], int, int]:
    pages = max(1, -(-len(numbers) // size))
    if wanted is not None and wanted in numbers:
        page = numbers.index(wanted) // size
    page = min(max(page, 0), pages - 1)
    return numbers[page * size : (page + 1) * size], page, pages


def grid(
    part: Part, hits: Sequence[Span], *, page: int = 0, across: int = 0, cell: tuple[int, int] | None = None
) -> Grid:
    """The page of *part* that holds *cell*, else the *page*-th (from 0) and *across*-th one."""
    rows, page, pages = _page_of(_filled({c.row for c in part.cells}), cell[0] if cell else None, page, ROWS)
    columns, across, across_pages = _page_of(
        _filled({c.column for c in part.cells}), cell[1] if cell else None, across, COLUMNS
    )
    boxes, notes = _boxes(part, hits, rows, columns)
    hidden_rows, hidden_columns = set(part.hidden_rows), set(part.hidden_columns)
    lines = []
    for index, row in enumerate(rows):
        skipped = row - rows[index - 1] - 1 if index else 0
        lines.append(Line(row + 1, row in hidden_rows, [boxes[row, column] for column in columns], skipped))
    heads = [
        (column_name(column), column in hidden_columns, column - columns[index - 1] - 1 if index else 0)
        for index, column in enumerate(columns)
    ]
    return Grid(heads, lines, page, pages, across, across_pages, notes)


def _boxes(
    part: Part, hits: Sequence[Span], rows: list[int], columns: list[int]
) -> tuple[dict[tuple[int, int], Box | None], list[Box]]:
    row_set, column_set = set(rows), set(columns)
    boxes: dict[tuple[int, int], Box | None] = {(r, c): Box(address_of(r, c)) for r in rows for c in columns}
    spans, covered = _spans(part, row_set, column_set)
    notes = []
    for cell in part.cells:
        place = (cell.row, cell.column)
        if place not in boxes:
            continue
        down, across = spans.get(place, (1, 1))
        worth_noting = bool(cell.comment or cell.formula or [flag for flag in cell.flags if flag != "merged"])
        inside = [(max(s, cell.start) - cell.start, min(e, cell.end) - cell.start)
                  for s, e in hits if s < cell.end and e > cell.start]
        box = Box(address_of(*place), marked(part.text[cell.start : cell.end], inside), cell, down, across, worth_noting)
        boxes[place] = box
        if worth_noting:
            notes.append(box)
    for place in covered:
        boxes[place] = None
    return boxes, notes


def _spans(
    part: Part, rows: set[int], columns: set[int]
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """How far each merged cell reaches among the shown rows and columns, and what it covers."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    filled = {(cell.row, cell.column) for cell in part.cells}
    for top, left, bottom, right in part.merged:
        if top not in rows or left not in columns:
            continue
        down = [row for row in rows if top <= row <= bottom]
        over = [column for column in columns if left <= column <= right]
        places = {(row, column) for row in down for column in over} - {(top, left)}
        if places & (filled | covered) or (top, left) in covered:
            continue  # overlapping or lying ranges must hide no value
        spans[top, left] = (len(down), len(over))
        covered |= places
    return spans, covered
