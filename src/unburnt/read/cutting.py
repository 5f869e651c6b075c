"""Cutting a part that is too long, at line ends, with every position moved along."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unburnt.model.reading import Part


def cut(part: Part, most: int) -> Iterator[Part]:
    """*part* in pieces of at most *most* UTF-8 bytes; lines, cells and marks stay with the piece they begin in.

    A line longer than a piece is cut where it must be, a cell likewise; then their end is the piece's end.
    """
    if len(part.text) * 4 <= most or len(part.text.encode("utf-8", "surrogatepass")) <= most:
        yield part
        return
    start, first = 0, True
    while start < len(part.text):
        end = _end(part.text, start, most)
        yield _piece(part, start, end, first=first)
        start, first = end, False


def _end(text: str, start: int, most: int) -> int:
    end = start + len(text[start:start + most].encode("utf-8", "surrogatepass")[:most].decode("utf-8", "ignore"))
    if end >= len(text):
        return len(text)
    line_end = text.rfind("\n", start, end)
    return line_end + 1 if line_end > start else max(end, start + 1)


def _piece(part: Part, start: int, end: int, *, first: bool) -> Part:
    def inside(position: int) -> bool:
        return start <= position < end

    def moved(position: int) -> int:
        return min(position, end) - start

    marks = [
        mark if mark.start is None or mark.end is None
        else msgspec.structs.replace(mark, start=moved(mark.start), end=moved(mark.end))
        for mark in part.marks if (first if mark.start is None else inside(mark.start))
    ]
    return msgspec.structs.replace(
        part, text=part.text[start:end], continues=part.continues or not first,
        lines=tuple(msgspec.structs.replace(line, start=moved(line.start), end=moved(line.end))
                    for line in part.lines if inside(line.start)),
        cells=tuple(msgspec.structs.replace(cell, start=moved(cell.start), end=moved(cell.end))
                    for cell in part.cells if inside(cell.start)),
        marks=tuple(marks),
    )
