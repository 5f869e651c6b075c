"""Putting together what two engines made of one picture, line by line.

Documents in two scripts are common: Chinese lines come from the Chinese engine, Cyrillic and Arabic ones,
which it cannot read and does not report, from tesseract. Tesseract's order of lines knows columns and
turned pages, so it orders both.
"""

from __future__ import annotations

from collections.abc import Sequence

from unburnt.model.reading import Rectangle
from unburnt.read.ocr.recognised import TRUSTED, RecognisedLine, arabic, cyrillic, han, letters

_SURELY_FOREIGN = 4
_FOREIGN_CONFIDENCE = 0.6
_SAME_PLACE = 0.5


def merged(
    general: Sequence[RecognisedLine], chinese: Sequence[RecognisedLine]
) -> tuple[RecognisedLine, ...]:
    """The lines of both in reading order: *general* from tesseract, *chinese* from the Chinese engine."""
    kept = [line for line in general if _stands(line, [other for other in chinese if is_same_place(line, other)])]
    taken = [line for line in chinese if not any(is_same_place(line, other) for other in kept)]
    order = {id(line): float(number) for number, line in enumerate(general)}
    placed = [(order[id(line)], line.rectangle[0], line) for line in kept]
    placed += [(_place(line, general), line.rectangle[0], line) for line in taken]
    if not general:
        return tuple(taken)
    return tuple(line for _, _, line in sorted(placed, key=lambda one: one[:2]))


def _stands(line: RecognisedLine, rivals: Sequence[RecognisedLine]) -> bool:
    """Whether tesseract's line is kept against what the Chinese engine saw at the same place."""
    if line.confidence < TRUSTED or not letters(line.text):
        return False
    if arabic(line.text) + cyrillic(line.text) >= _SURELY_FOREIGN and line.confidence >= _FOREIGN_CONFIDENCE:
        return True
    return not any(han(rival.text) for rival in rivals)


def _place(line: RecognisedLine, general: Sequence[RecognisedLine]) -> float:
    """Where a line stands in tesseract's order: with the one it covers most, else beside the nearest one."""
    shares = [_common(line.rectangle, other.rectangle) for other in general]
    best = max(range(len(general)), key=lambda number: shares[number], default=0)
    if general and shares[best] > 0:
        return float(best)
    nearest = min(range(len(general)), key=lambda number: _distance(line, general[number]), default=0)
    below = bool(general) and line.rectangle[1] > general[nearest].rectangle[1]
    return nearest + 0.5 if below else nearest - 0.5


def is_same_place(one: RecognisedLine, other: RecognisedLine) -> bool:
    """Whether half of the smaller one's area, or more, belongs to both."""
    smaller = min(_area(one.rectangle), _area(other.rectangle))
    return smaller > 0 and _common(one.rectangle, other.rectangle) >= _SAME_PLACE * smaller


def _area(rectangle: Rectangle) -> float:
    return (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1])


def _common(one: Rectangle, other: Rectangle) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0


def _distance(one: RecognisedLine, other: RecognisedLine) -> float:
    a, b = one.rectangle, other.rectangle
    return abs(a[0] + a[2] - b[0] - b[2]) + abs(a[1] + a[3] - b[1] - b[3])
