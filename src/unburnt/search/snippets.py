"""The places of a hit as a person reads them: a little context, or in sheets the row under its headings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from unburnt.model.addresses import address_of, column_name
from unburnt.model.reading import Cell, Part
from unburnt.model.views import Snippet
from unburnt.search.highlight import spans
from unburnt.search.query import Node

CONTEXT = 80
_HEADER_ROWS = 10


def snippets(node: Node | None, parts: Iterable[Part], count: int) -> tuple[Snippet, ...]:
    """The first *count* places in the order of the text; parts are read no further than needed."""
    found: list[Snippet] = []
    for part in parts:
        covered = -1
        for start, end in (places := spans(node, part.text, limit=200)):
            if start >= covered:
                snippet = _sheet(part, start, end) if part.cells else None
                snippet = snippet or _text(part, start, end, places)
                found.append(snippet)
                covered = snippet.start + len(snippet.text)
            if len(found) >= count:
                return tuple(found)
    return tuple(found)


def _text(part: Part, start: int, end: int, places: list[tuple[int, int]]) -> Snippet:
    first, last = max(0, start - CONTEXT), min(len(part.text), end + CONTEXT)
    marks = tuple((begin - first, finish - first) for begin, finish in places if begin >= first and finish <= last)
    return Snippet(part=part.ordinal, kind=part.kind, label=part.label, text=part.text[first:last], marks=marks,
                   start=first, hidden=part.hidden)


def _sheet(part: Part, start: int, end: int) -> Snippet | None:
    cell = next((cell for cell in part.cells if cell.start <= start < cell.end), None)
    if cell is None:
        return None
    rows: dict[int, list[Cell]] = defaultdict(list)
    for each in part.cells:
        rows[each.row].append(each)
    headings = header(part, rows, cell.row)
    row = tuple((headings.get(each.column, column_name(each.column)), part.text[each.start:each.end])
                for each in rows[cell.row])
    hidden = part.hidden or cell.row in part.hidden_rows or cell.column in part.hidden_columns
    return Snippet(part=part.ordinal, kind=part.kind, label=part.label, text=part.text[cell.start:cell.end],
                   marks=((start - cell.start, min(end, cell.end) - cell.start),), start=cell.start,
                   cell=address_of(cell.row, cell.column), row=row, hidden=hidden)


def header(part: Part, rows: dict[int, list[Cell]], below: int) -> dict[int, str]:
    """A guess: of the first ten rows above *below*, the fullest whose values are distinct texts.

    Titles, units and dates above a table fill fewer columns than its headings do, and rows of data hold numbers
    or repeat themselves.
    """
    best: list[Cell] = []
    for number in sorted(rows)[:_HEADER_ROWS]:
        if number >= below:
            break
        cells = rows[number]
        values = [part.text[cell.start:cell.end].strip() for cell in cells]
        is_heading = len(set(values)) == len(values) >= 2 and all(cell.type == "text" for cell in cells)
        if is_heading and len(cells) > len(best):
            best = cells
    found = {cell.column: part.text[cell.start:cell.end].strip() for cell in best}
    return {**_merged_headings(part, rows, best[0].row, below), **found} if best else {}


def _merged_headings(part: Part, rows: dict[int, list[Cell]], at: int, below: int) -> dict[int, str]:
    """Headings that reach into row *at* from above or from the side, for the columns of row *below*."""
    found = {}
    for top, left, bottom, right in part.merged:
        if not top <= at <= bottom < below:
            continue
        first = next((cell for cell in rows.get(top, ()) if cell.column == left), None)
        if first is not None:
            heading = part.text[first.start:first.end].strip()
            found.update({cell.column: heading for cell in rows[below] if left <= cell.column <= right})
    return found
