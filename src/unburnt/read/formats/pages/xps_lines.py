"""The lines of an XPS page, put together from its runs of letters (ECMA-388, section 12).

A run has a place, not a line; a page in two columns is written column by column. So runs that follow one another at one height make a
line, in the order in which a person reads them; letters of Arabic script begin at the right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from unburnt.read.formats.office.office_xml import Element, attribute, child, local

_DEEPEST = 200
_MOST_RUNS = 500_000
_ESCAPED = re.compile(r"^\{\}")
Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1, 0, 0, 1, 0, 0)


class Run(NamedTuple):
    """Letters at one place, in the page's own units; *left* and *right* as they are seen."""

    text: str
    left: float
    right: float
    base: float
    size: float
    is_backward: bool


def page_lines(page: Element) -> Iterator[str]:
    """The text of a page, line by line."""
    line: list[Run] = []
    for run in _runs(page):
        if line and abs(run.base - line[-1].base) > 0.3 * max(run.size, line[-1].size, 0.1):
            yield _joined(line)
            line = []
        line.append(run)
    if line:
        yield _joined(line)


def page_links(page: Element) -> Iterator[str]:
    """Where the page leads."""
    for element in page.iter():
        if isinstance(element.tag, str) and (target := attribute(element, "FixedPage.NavigateUri")):
            yield target


def _runs(page: Element) -> Iterator[Run]:
    waiting: list[tuple[Element, Matrix, int]] = [(page, _SAME, 0)]
    count = 0
    while waiting and count < _MOST_RUNS:
        element, matrix, depth = waiting.pop()
        matrix = _times(_own(element), matrix)
        if local(element) == "Glyphs":
            run = _run(element, matrix)
            if run is not None:
                count += 1
                yield run
        elif depth < _DEEPEST:
            waiting.extend((inner, matrix, depth + 1) for inner in reversed(element) if isinstance(inner.tag, str))


def _run(glyphs: Element, matrix: Matrix) -> Run | None:
    text = _ESCAPED.sub("", attribute(glyphs, "UnicodeString") or "")
    if not text:
        return None
    x, y, size = (_float(attribute(glyphs, name)) for name in ("OriginX", "OriginY", "FontRenderingEmSize"))
    is_backward = _float(attribute(glyphs, "BidiLevel")) % 2 == 1
    width = _advance(attribute(glyphs, "Indices") or "", len(text)) * size / 100
    start, base = _at(matrix, x, y)
    end, _ = _at(matrix, x - width if is_backward else x + width, y)
    return Run(text, min(start, end), max(start, end), base, abs(size * matrix[3]) or abs(size * matrix[1]), is_backward)


def _advance(indices: str, letters: int) -> float:
    """How far the run reaches, in hundredths of its size; half of it for each letter that does not say."""
    told = [piece.split(",") for piece in indices.split(";")[:100_000]] if indices else []
    return sum(_float(one[1]) if len(one) > 1 and one[1] else 50.0 for one in told) + 50.0 * max(0, letters - len(told))


def _joined(line: list[Run]) -> str:
    """One line's runs as they are read, parted by a blank where there is room for one."""
    ordered = sorted(line, key=lambda run: run.left)
    letters = sum(len(run.text) * (-1 if run.is_backward else 1) for run in line)
    out = list(_in_reading_order(ordered, backward=letters < 0))
    text = ""
    for before, run in zip([None, *out], out, strict=False):
        if before is not None and text and not text[-1].isspace() and not run.text[:1].isspace():
            gap = max(run.left, before.left) - min(run.right, before.right)
            text += " " if gap > 0.15 * max(run.size, 0.1) else ""
        text += run.text
    return text


def _in_reading_order(ordered: list[Run], *, backward: bool) -> Iterator[Run]:
    """From left to right, or from right to left where most is; neighbours of the other direction among themselves the other way."""
    line = ordered[::-1] if backward else ordered
    group: list[Run] = []
    for run in line:
        if run.is_backward == backward:
            yield from reversed(group)
            group = []
            yield run
        else:
            group.append(run)
    yield from reversed(group)


def _own(element: Element) -> Matrix:
    """An element's own transform, as an attribute or an element."""
    value = attribute(element, "RenderTransform") or ""
    if not value:
        inner = child(element, f"{local(element)}.RenderTransform", "MatrixTransform")
        value = attribute(inner, "Matrix") or "" if inner is not None else ""
    numbers = [_float(piece) for piece in re.split(r"[\s,]+", value.strip()[:200])] if value else []
    return (*numbers,) if len(numbers) == 6 else _SAME  # type: ignore[return-value]


def _times(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, n = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + n


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return x * a + y * c + e, x * b + y * d + f


def _float(value: str | None) -> float:
    try:
        found = float(value or 0)
    except ValueError:
        return 0.0
    return found if abs(found) < 1e9 else 0.0


def joined(lines: Iterable[str]) -> str:
    """The page's text."""
    return "\n".join(line.rstrip() for line in lines)
