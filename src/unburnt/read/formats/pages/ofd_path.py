"""Paths of OFD (GB/T 33190-2016, 9.1): ``S M L Q B A C`` as lines of points; curves become short lines."""

from __future__ import annotations

import itertools
import math

from unburnt.read.formats.pages.ofd_geometry import number

Point = tuple[float, float]
MOST_POINTS = 200_000
_STEPS = 12
_NEEDED = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def lines_of(data: str) -> list[list[Point]]:
    """The path's lines, each a list of points; what makes no sense ends it."""
    found: list[list[Point]] = []
    pieces = data.split(maxsplit=MOST_POINTS)[:MOST_POINTS]
    at, points = 0, 0
    while at < len(pieces) and points < MOST_POINTS:
        name = pieces[at]
        if name not in _NEEDED:
            break
        values = [number(piece) for piece in pieces[at + 1 : at + 1 + _NEEDED[name]]]
        at += 1 + _NEEDED[name]
        good = [value for value in values if value is not None]
        if len(good) < _NEEDED[name]:
            break
        if name in "SM":
            found.append([(good[0], good[1])])
            continue
        if not found:
            break
        before = len(found[-1])
        _go_on(found, name, good)
        points += max(1, len(found[-1]) - before)
    return found


def _go_on(found: list[list[Point]], name: str, values: list[float]) -> None:
    line = found[-1]
    if name == "C":
        line.append(line[0])
    elif name == "L":
        line.append((values[0], values[1]))
    elif name == "A":
        line.extend(_arc(line[-1], values))
    else:
        line.extend(_bezier([line[-1], *((values[i], values[i + 1]) for i in range(0, len(values), 2))]))


def _bezier(given: list[Point]) -> list[Point]:
    """Points on a curve of any degree, by de Casteljau's way."""
    found: list[Point] = []
    for step in range(1, _STEPS + 1):
        t, points = step / _STEPS, given
        while len(points) > 1:
            points = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in itertools.pairwise(points)]
        found.append(points[0])
    return found


def _arc(start: Point, values: list[float]) -> list[Point]:
    """Points on an elliptical arc: radii, rotation, large, sweep, end; the centre as SVG finds it (SVG 2, B.2.4)."""
    wide, tall, turned, large, sweep, *end = values
    wide, tall, angle = abs(wide), abs(tall), math.radians(turned % 360)
    if wide < 1e-9 or tall < 1e-9 or (start[0] == end[0] and start[1] == end[1]):
        return [(end[0], end[1])]
    cosine, sine = math.cos(angle), math.sin(angle)
    dx, dy = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cosine * dx + sine * dy, cosine * dy - sine * dx
    grown = math.sqrt(max(1.0, (x / wide) ** 2 + (y / tall) ** 2))
    wide, tall = wide * grown, tall * grown
    under = (wide * tall) ** 2 / ((wide * y) ** 2 + (tall * x) ** 2) - 1
    root = math.sqrt(max(0.0, under)) * (-1 if bool(large) == bool(sweep) else 1)
    cx, cy = root * wide * y / tall, -root * tall * x / wide
    first = math.atan2((y - cy) / tall, (x - cx) / wide)
    last = math.atan2((-y - cy) / tall, (-x - cx) / wide)
    if sweep and last < first:
        last += 2 * math.pi
    elif not sweep and last > first:
        last -= 2 * math.pi
    middle = (cosine * cx - sine * cy + (start[0] + end[0]) / 2, sine * cx + cosine * cy + (start[1] + end[1]) / 2)
    found: list[Point] = []
    for step in range(1, 2 * _STEPS + 1):
        t = first + (last - first) * step / (2 * _STEPS)
        px, py = wide * math.cos(t), tall * math.sin(t)
        found.append((middle[0] + cosine * px - sine * py, middle[1] + sine * px + cosine * py))
    return found
