"""The ruled lines of a table on a picture: where its cells are, and the same picture without them. Pillow alone."""

from __future__ import annotations

from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter

from unburnt.read.ocr.straighten import ink, paper

Row = tuple[float, float, tuple[float, ...]]
"""Top, bottom, and the edges of the cells from left to right, in pixels."""
MOST_ROWS, MOST_CELLS = 400, 60
_SMALLEST = 200
"""Pixels; a side shorter than that holds no table worth the name."""
_ACROSS, _DOWN, _LEAST = 12, 40, 40
"""A line is ruled from that part of the page's width or height on, and never below that many pixels."""
_WIDE, _TALL = 0.15, 0.8
"""Shares of the page's width that a rule between rows takes at least, and of a row's height that one between cells does."""
_THICKEST = 12
_LOWEST_ROW = 8


def unruled(image: Image.Image) -> tuple[Image.Image, list[Row]]:
    """*image* (gray, level) without the lines of its tables, and their rows from the top; itself where there are none."""
    width, height = image.size
    if min(width, height) < _SMALLEST:
        return image, []
    dark = ink(image)
    level = _runs(_thickened(dark, 0, 1), max(_LEAST, width // _ACROSS), 1, 0)
    upright = _runs(_thickened(dark, 1, 0), max(_LEAST, height // _DOWN), 0, 1)
    rows = _rows(level, upright)
    if not rows:
        return image, []
    lines = ImageChops.lighter(level, upright).filter(ImageFilter.MaxFilter(3))
    cleared = image.copy()
    cleared.paste(paper(image), (0, 0, width, height), lines)
    return cleared, rows


def _rows(level: Image.Image, upright: Image.Image) -> list[Row]:
    """Between two rules that follow each other, with at least one line between cells."""
    width, height = level.size
    across = _bands(level.resize((1, height), Image.Resampling.BOX), 255 * _WIDE)
    rows: list[Row] = []
    for (_, top), (bottom, _) in pairwise(across[: MOST_ROWS + 1]):
        if bottom - top < _LOWEST_ROW:
            continue
        strip = upright.crop((0, top, width, bottom)).resize((width, 1), Image.Resampling.BOX)
        edges = [(start + end) / 2 for start, end in _bands(strip, 255 * _TALL)]
        # Two are a frame: also a box around one paragraph has them.
        if 2 < len(edges) <= MOST_CELLS:
            rows.append((float(top), float(bottom), tuple(edges)))
    return rows


def _bands(profile: Image.Image, least: float) -> list[tuple[int, int]]:
    """Where a line of shades is at least so light: thin stretches, as start and end."""
    bands: list[tuple[int, int]] = []
    start = None
    for place, shade in enumerate([*profile.tobytes(), 0]):
        if shade >= least and start is None:
            start = place
        elif shade < least and start is not None:
            if place - start <= _THICKEST:
                bands.append((start, place))
            start = None
    return bands


def _runs(mask: Image.Image, length: int, across: int, down: int) -> Image.Image:
    """What of a white-on-black *mask* belongs to straight runs of at least *length* pixels in one direction."""
    left = mask
    for step in _doubling(length):
        left = ImageChops.darker(left, _shifted(left, across * step, down * step))
    for step in _doubling(length):
        left = ImageChops.lighter(left, _shifted(left, -across * step, -down * step))
    return left


def _doubling(length: int) -> list[int]:
    """Steps that together reach over *length* pixels, each no longer than what those before it cover."""
    steps, covered = [], 1
    while covered < length:
        steps.append(min(covered, length - covered))
        covered += steps[-1]
    return steps


def _thickened(mask: Image.Image, across: int, down: int) -> Image.Image:
    """A pixel more to both sides, so that a line that is not quite straight stays in one piece."""
    return ImageChops.lighter(mask, ImageChops.lighter(_shifted(mask, across, down), _shifted(mask, -across, -down)))


def _shifted(mask: Image.Image, across: int, down: int) -> Image.Image:
    """What stands so many pixels to the right and below; black beyond the edge."""
    return mask.crop((across, down, across + mask.width, down + mask.height))
