"""Where hits stand on the picture of a page: rectangles of lines, drawn as SVG over the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unburnt.desk.passages import Span, lines_of, remarks_of
from unburnt.model.reading import Part, Rectangle


@dataclass(frozen=True)
class Spot:
    """One rectangle over a page image, in the page's own units."""

    left: float
    top: float
    width: float
    height: float
    hit: int
    """Number of the hit, from 1; of the remark; of the line."""
    confidence: int | None = None
    """Per cent; only of recognised lines."""


def spots(part: Part, hits: Sequence[Span]) -> list[Spot]:
    """The line rectangles that each hit touches; nothing where the reader gave none."""
    found = []
    for number, (start, end) in enumerate(hits, 1):
        for line in part.lines:
            if line.rectangle is not None and line.start < end and line.end > start:
                found.append(_spot(line.rectangle, number))
    return found


def remark_spots(part: Part) -> list[Spot]:
    """Where annotations and comments sit on the page; *hit* is their number among the remarks."""
    return [_spot(mark.rectangle, number) for number, mark in enumerate(remarks_of(part), 1) if mark.rectangle]


def line_spots(part: Part) -> list[Spot]:
    """Where the recognised lines stand on the picture, and how sure they are; *hit* is the line's number."""
    made = []
    for number, line in enumerate(lines_of(part), 1):
        if line.rectangle is not None:
            sure = None if line.confidence is None else round(100 * line.confidence)
            made.append(replace(_spot(line.rectangle, number), confidence=sure))
    return made


def _spot(rectangle: Rectangle, number: int) -> Spot:
    left, top, right, bottom = rectangle
    return Spot(round(left, 1), round(top, 1), round(max(right - left, 1), 1), round(max(bottom - top, 1), 1), number)
