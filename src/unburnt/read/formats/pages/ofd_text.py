"""The text of an OFD page (GB/T 33190-2016, clause 11): where each sign stands, and which runs of text make one line.

The order is that of the file. Runs that follow each other on one base line become one line, with a blank where a gap
between them is wider than signs stand apart.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import repeat

import msgspec

from unburnt.model.reading import Line, Rectangle
from unburnt.read.formats.office.office_xml import attribute, children
from unburnt.read.formats.pages.ofd_geometry import Box, Matrix, around, number, placed
from unburnt.read.formats.pages.ofd_objects import Placed

MOST_SIGNS = 200_000
"""In one run; the rest is kept as text without a place."""
_SMALLEST, _USUAL = 0.01, 3.175
_ABOVE, _BELOW = 0.88, 0.12
"""How far a sign reaches above and below its base line, in parts of its size: what fonts do without being asked."""
_TURNS = {"90": (0, 1), "180": (-1, 0), "270": (0, -1)}
"""Where the next sign stands, by ReadDirection in degrees."""
_GAP, _BACK, _OFF_LINE = 0.25, 0.6, 0.35


class Run(msgspec.Struct, frozen=True):
    """One TextCode: its signs and the place of each in its object's own space (base line, left), in millimetres."""

    text: str
    places: tuple[tuple[float, float], ...]
    size: float
    scale: float
    """How wide signs are drawn (HScale)."""
    place: Matrix
    shown: bool


class PageText(msgspec.Struct, frozen=True):
    """A page's text and its lines; *hidden* counts signs that are not drawn."""

    text: str
    lines: tuple[Line, ...]
    hidden: int = 0


def runs_of(objects: Iterable[Placed]) -> Iterable[Run]:
    """The runs of text among what stands on a page."""
    for one in objects:
        if one.kind != "text":
            continue
        size = number(attribute(one.element, "Size"))
        size = size if size is not None and size >= _SMALLEST else _USUAL
        scale = number(attribute(one.element, "HScale")) or 1.0
        at = (0.0, 0.0)
        for code in children(one.element, "TextCode"):
            text = _text(code.text)
            at = (_or(attribute(code, "X"), at[0]), _or(attribute(code, "Y"), at[1]))
            if text:
                across, down = attribute(code, "DeltaX"), attribute(code, "DeltaY")
                turn = _TURNS.get(attribute(one.element, "ReadDirection") or "", (1, 0))
                yield Run(text, _places(text, at, across, down, size * scale, turn), size, scale, one.place, one.shown)


def _or(value: str | None, otherwise: float) -> float:
    found = number(value)
    return otherwise if found is None else found


def _text(value: str | None) -> str:
    """The signs of a TextCode. A line end with its indentation is how the file is written, not what it says."""
    text = value or ""
    if "\n" in text or "\r" in text:
        text = "".join(line.strip(" \t") for line in text.splitlines())
    return text


def deltas(value: str | None, count: int) -> list[float]:
    """The first *count* distances of a DeltaX or DeltaY; ``g n v`` stands for *v* said *n* times (11.3)."""
    pieces = (value or "").split(maxsplit=3 * count + 3)[: 3 * count + 3]
    found: list[float] = []
    at = 0
    while at < len(pieces) and len(found) < count:
        if pieces[at] == "g" and at + 2 < len(pieces):
            times, distance = number(pieces[at + 1]), number(pieces[at + 2])
            at += 3
            if times is None or distance is None or times < 1:
                break
            found += [distance] * min(int(times), count - len(found))
            continue
        distance = number(pieces[at])
        if distance is None:
            break
        found.append(distance)
        at += 1
    return found


def _places(
    text: str, at: tuple[float, float], across: str | None, down: str | None, wide: float, turn: tuple[int, int]
) -> tuple[tuple[float, float], ...]:
    count = min(len(text), MOST_SIGNS)
    xs, ys = deltas(across, count - 1), deltas(down, count - 1)
    x, y = at
    found = [(x, y)]
    # Without distances the font's own widths hold, which are not known here.
    steps = repeat(0.0) if xs or ys else [wide * _share(sign) for sign in text[: count - 1]]
    for index, step in zip(range(count - 1), steps, strict=False):
        x += xs[index] if index < len(xs) else step * turn[0]
        y += ys[index] if index < len(ys) else step * turn[1]
        found.append((x, y))
    return tuple(found)


def width_of(sign: str, size: float) -> float:
    """About how wide a sign is: a full square for what is wide in East Asia, half of one for the rest."""
    return size * _share(sign)


@cache
def _share(sign: str) -> float:
    if unicodedata.combining(sign):
        return 0.0
    return 1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.5


def page_text(runs: Iterable[Run], page: Box) -> PageText:
    """All runs as lines of text with their rectangles, in points from the page's upper left corner."""
    pieces: list[str] = []
    lines: list[Line] = []
    length, hidden = 0, 0
    line_start = 0
    boxes: list[Rectangle] = []
    previous: Run | None = None
    for run in runs:
        joint = _joint(previous, run) if previous is not None else ""
        if joint == "\n":
            _close(lines, line_start, length, boxes)
            line_start, boxes = length + 1, []
        pieces += [joint, run.text]
        length += len(joint) + len(run.text)
        hidden += 0 if run.shown else len(run.text.strip())
        rectangle = rectangle_of(run, page)
        boxes += [rectangle] if rectangle is not None else []
        previous = run
    _close(lines, line_start, length, boxes)
    text = "".join(pieces)
    return PageText(text + "\n" if text else "", tuple(lines), hidden)


def _close(lines: list[Line], start: int, end: int, boxes: list[Rectangle]) -> None:
    if end <= start:
        return
    lefts, tops, rights, bottoms = zip(*boxes, strict=True) if boxes else ((), (), (), ())
    lines.append(Line(start, end, (min(lefts), min(tops), max(rights), max(bottoms)) if boxes else None))


def rectangle_of(run: Run, page: Box) -> Rectangle | None:
    """The rectangle around a run's signs."""
    wide = run.size * run.scale
    corners: list[tuple[float, float]] = []
    for (x, y), sign in ((run.places[0], run.text[0]), (run.places[-1], run.text[len(run.places) - 1])):
        corners += [(x, y - _ABOVE * run.size), (x + width_of(sign, wide), y + _BELOW * run.size)]
    xs, ys = [x for x, _ in run.places], [y for _, y in run.places]
    xs += [x for x, _ in corners]
    ys += [y for _, y in corners]
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    points = [placed(point, run.place) for point in ((left, top), (right, top), (left, bottom), (right, bottom))]
    return around(points, page)


def _joint(before: Run, run: Run) -> str:
    """What stands between two runs: nothing or a blank on one line, else a line end."""
    end = placed(before.places[-1], before.place)
    start = placed(run.places[0], run.place)
    tall = max(_height(before), _height(run), _SMALLEST)
    if abs(end[1] - start[1]) > _OFF_LINE * tall or not _is_level(before) or not _is_level(run):
        return "\n"
    if any(y != before.places[0][1] for _, y in before.places[1:2]):
        return "\n"
    wide = abs(before.place[0]) or 1.0
    gap = start[0] - end[0] - width_of(before.text[len(before.places) - 1], before.size * before.scale) * wide
    if gap < -_BACK * tall:
        return "\n"
    return " " if gap > _GAP * tall and not before.text[-1].isspace() and not run.text[0].isspace() else ""


def _height(run: Run) -> float:
    return run.size * math.hypot(run.place[2], run.place[3])


def _is_level(run: Run) -> bool:
    return abs(run.place[1]) <= 0.1 * abs(run.place[0])
