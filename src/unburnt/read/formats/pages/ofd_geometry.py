"""Places on a page of OFD: numbers, boxes and transformations (GB/T 33190-2016, 7.4 and 8.5), in millimetres."""

from __future__ import annotations

import math
import re

import msgspec

from unburnt.model.reading import Rectangle

Matrix = tuple[float, float, float, float, float, float]
"""a b c d e f of ST_Array: x' = ax + cy + e, y' = bx + dy + f."""

PLAIN: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
POINTS = 72 / 25.4
"""Points a millimetre."""
LARGEST = 1e6
"""In millimetres, a kilometre: nothing on a page is farther away, and no number here is larger."""
A4 = (0.0, 0.0, 210.0, 297.0)
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,3})?", re.ASCII)


class Box(msgspec.Struct, frozen=True):
    """ST_Box: the upper left corner and the size."""

    left: float
    top: float
    width: float
    height: float


def numbers(value: str | None, most: int = 100_000) -> list[float]:
    """The numbers of an ST_Array, at most *most*; what is none or out of all measure ends it."""
    found: list[float] = []
    for piece in (value or "").split(maxsplit=most)[:most]:
        one = number(piece)
        if one is None:
            break
        found.append(one)
    return found


def number(value: str | None) -> float | None:
    """A number no larger than :data:`LARGEST` either way; None where it is none."""
    if value is None or not _NUMBER.fullmatch(value.strip()):
        return None
    found = float(value)
    return found if abs(found) <= LARGEST else None


def box(value: str | None) -> Box | None:
    """An ST_Box; None where it is none or has no extent."""
    found = numbers(value, 4)
    return Box(*found) if len(found) == 4 and found[2] > 0 and found[3] > 0 else None


def matrix(value: str | None) -> Matrix:
    """A CTM; :data:`PLAIN` where there is none or it makes no sense."""
    found = numbers(value, 6)
    return (found[0], found[1], found[2], found[3], found[4], found[5]) if len(found) == 6 else PLAIN


def joined(first: Matrix, then: Matrix) -> Matrix:
    """The transformation that does *first*, and *then* the other."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def moved(x: float, y: float) -> Matrix:
    """A shift."""
    return (1.0, 0.0, 0.0, 1.0, x, y)


def placed(point: tuple[float, float], by: Matrix) -> tuple[float, float]:
    """A point after a transformation."""
    x, y = point
    return by[0] * x + by[2] * y + by[4], by[1] * x + by[3] * y + by[5]


def around(points: list[tuple[float, float]], page: Box) -> Rectangle | None:
    """The rectangle around points of a page, in points of 1/72 inch from its corner; None where it is nowhere near it."""
    xs, ys = [x - page.left for x, _ in points], [y - page.top for _, y in points]
    edges = (min(xs), min(ys), max(xs), max(ys))
    if not all(math.isfinite(edge) and abs(edge) <= LARGEST for edge in edges):
        return None
    left, top, right, bottom = (round(edge * POINTS, 2) for edge in edges)
    return left, top, right, bottom
