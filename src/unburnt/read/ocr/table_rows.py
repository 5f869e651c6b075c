"""The rows of ruled tables: each becomes one line of text, its cells in reading order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from unburnt.base.errors import BadAnswer
from unburnt.model.reading import Rectangle
from unburnt.read.ocr.picture import Picture
from unburnt.read.ocr.recognised import RecognisedLine, arabic, letters, worth

BETWEEN_CELLS = "\t"
_MOST_ROWS, _MOST_EDGES = 400, 60
_SAME_TABLE = 0.5
"""Of a row's height: a wider gap above a row begins another table."""


class TableRow(msgspec.Struct, frozen=True):
    """Where a row stands on a picture, in pixels; *edges* of its cells from left to right; *table* counts from 0."""

    top: float
    bottom: float
    edges: tuple[float, ...]
    table: int = 0

    def cell(self, rectangle: Rectangle) -> int | None:
        """Which cell holds the middle of *rectangle*; None where it is another row's or beside the table."""
        across, down = (rectangle[0] + rectangle[2]) / 2, (rectangle[1] + rectangle[3]) / 2
        if not self.top <= down < self.bottom:
            return None
        return next((at for at, (left, right) in enumerate(pairwise(self.edges)) if left <= across < right), None)


Rows = tuple[TableRow, ...]


def rows_of(untrusted_rows: Sequence[tuple[float, float, Sequence[float]]], picture: Picture) -> Rows:
    """The rows that a child says it saw, checked; raises :class:`BadAnswer`."""
    rows: list[TableRow] = []
    for top, bottom, edges in untrusted_rows:
        before = rows[-1].bottom if rows else 0.0
        is_sound = (
            len(rows) < _MOST_ROWS and 2 < len(edges) <= _MOST_EDGES
            and all(map(math.isfinite, (top, bottom, *edges)))
            and before <= top < bottom <= picture.height
            and all(left < right for left, right in pairwise(edges)) and edges[0] >= 0 and edges[-1] <= picture.width
        )
        if not is_sound:
            raise BadAnswer("The prepared page is not of the agreed form.")
        is_another = bool(rows) and top - before > _SAME_TABLE * (bottom - top)
        table = rows[-1].table + is_another if rows else 0
        rows.append(TableRow(top, bottom, tuple(edges), table))
    return tuple(rows)


def place_in(rows: Rows, rectangle: Rectangle) -> tuple[int, int] | None:
    """Row and cell, from 0, in which *rectangle* lies; None outside tables."""
    for number, row in enumerate(rows):
        cell = row.cell(rectangle)
        if cell is not None:
            return number, cell
    return None


def best_cells(lines: Sequence[RecognisedLine], again: Sequence[RecognisedLine], rows: Rows) -> tuple[RecognisedLine, ...]:
    """*lines*, with what *again* read better in a cell in place of theirs; what stands beside tables stays."""
    first, second = _by_cell(lines, rows), _by_cell(again, rows)
    made: list[RecognisedLine] = [line for line in lines if place_in(rows, line.rectangle) is None]
    for place in sorted(first.keys() | second.keys(), reverse=True):
        found = max(first.get(place, []), second.get(place, []), key=worth)
        bottom = rows[place[0]].bottom
        below = (at for at, line in enumerate(made) if line.rectangle[1] >= bottom)
        at = next(below, len(made))
        made[at:at] = found
    return tuple(made)


def _by_cell(lines: Iterable[RecognisedLine], rows: Rows) -> dict[tuple[int, int], list[RecognisedLine]]:
    cells: dict[tuple[int, int], list[RecognisedLine]] = {}
    for line in lines:
        place = place_in(rows, line.rectangle)
        if place is not None:
            cells.setdefault(place, []).append(line)
    return cells


def in_rows(lines: Iterable[RecognisedLine], rows: Rows) -> tuple[RecognisedLine, ...]:
    """*lines* with those of each row put together, cell by cell, in the place of the table's first line."""
    if not rows:
        return tuple(lines)
    ordered: list[RecognisedLine | int] = []
    cells: dict[int, dict[int, list[RecognisedLine]]] = {}
    for line in lines:
        place = place_in(rows, line.rectangle)
        if place is None:
            ordered.append(line)
            continue
        row, cell = place
        if rows[row].table not in ordered:
            ordered.append(rows[row].table)
        cells.setdefault(row, {}).setdefault(cell, []).append(line)
    made: list[RecognisedLine] = []
    for one in ordered:
        if isinstance(one, RecognisedLine):
            made.append(one)
        else:
            made += _table({row: found for row, found in cells.items() if rows[row].table == one}, rows)
    return tuple(made)


def _table(found: dict[int, dict[int, list[RecognisedLine]]], rows: Rows) -> list[RecognisedLine]:
    text = "".join(line.text for row in found.values() for cell in row.values() for line in cell)
    is_from_right = arabic(text) * 2 > letters(text)
    made = []
    for number in sorted(found):
        order = range(len(rows[number].edges) - 1)
        texts = [_cell_text(found[number].get(cell, [])) for cell in (reversed(order) if is_from_right else order)]
        made.append(_united(BETWEEN_CELLS.join(texts), [line for cell in found[number].values() for line in cell]))
    return made


def _cell_text(lines: Sequence[RecognisedLine]) -> str:
    """Lines from the top; what stands at one height keeps its order."""
    if not lines:
        return ""
    height = max(1.0, sum(line.rectangle[3] - line.rectangle[1] for line in lines) / len(lines))
    top = min(line.rectangle[1] for line in lines)
    return " ".join(line.text for line in sorted(lines, key=lambda line: round((line.rectangle[1] - top) / height)))


def _united(text: str, lines: Sequence[RecognisedLine]) -> RecognisedLine:
    sides = [line.rectangle for line in lines]
    rectangle = (
        min(side[0] for side in sides), min(side[1] for side in sides),
        max(side[2] for side in sides), max(side[3] for side in sides),
    )
    weight = sum(len(line.text) for line in lines)
    return RecognisedLine(text, rectangle, sum(line.confidence * len(line.text) for line in lines) / weight)
