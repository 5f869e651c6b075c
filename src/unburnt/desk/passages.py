"""Text with hits, tracked changes and comments: cut into segments that a template only has to escape.

Offsets are code points of the text of record, as everywhere in Python; nothing here counts UTF-16 units.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from unburnt.base.visible import visible
from unburnt.model.reading import Line, Mark, Part, Passage

WINDOW = 60_000
"""Code points of text shown at once; a longer part is paged at line ends."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Segment:
    """A run of text that is marked alike all through."""

    text: str
    hit: int | None = None
    """Number of the hit within the part, from 1."""
    first: bool = False
    """Whether the hit begins here: where its anchor goes."""
    change: str | None = None
    """``insertion`` or ``deletion``."""
    remark: int | None = None
    """Number of the comment or annotation that speaks about this, from 1."""
    quote: int | None = None
    """Number of the quotation that this belongs to, from 1."""
    tongue: Passage | None = None
    """The passage that this belongs to, where the part has several languages."""
    line: int | None = None
    """Number of the recognised line that this belongs to, from 1; its rectangle on the picture has the same."""


def shown(untrusted_text: str) -> str:
    """Text of record as the browser gets it: lines kept, controls and bidi controls as signs."""
    return visible(untrusted_text.replace("\r\n", "\n"), keep="\n\t")


def windows(text: str) -> list[Span]:
    """*text* cut at line ends into spans of about :data:`WINDOW` code points; always at least one."""
    spans: list[Span] = []
    start = 0
    while len(text) - start > WINDOW:
        end = text.rfind("\n", start + WINDOW // 2, start + WINDOW) + 1
        if end == 0:
            end = start + WINDOW
        spans.append((start, end))
        start = end
    return [*spans, (start, len(text))]


def window_at(spans: Sequence[Span], offset: int) -> int:
    """The number (from 0) of the window that holds *offset*."""
    return max(0, bisect_right([start for start, _ in spans], offset) - 1)


def remarks_of(part: Part) -> list[Mark]:
    """Everything said about a part that the text itself does not show, in order."""
    return [
        mark for mark in part.marks if mark.kind != "quote" and (mark.kind not in ("insertion", "deletion") or mark.start is None)
    ]


def segments(part: Part, hits: Sequence[Span], window: Span) -> list[Segment]:
    """The text of *window* as segments; every boundary of a hit or mark cuts."""
    low, high = window
    changes = [mark for mark in part.marks if mark.kind in ("insertion", "deletion") and _has_extent(mark)]
    remarks = [(number, mark) for number, mark in enumerate(remarks_of(part), 1) if _has_extent(mark)]
    quotes = [mark for mark in part.marks if mark.kind == "quote" and _has_extent(mark)]
    cuts = {low, high}
    spoken = [*quotes, *changes, *(mark for _, mark in remarks)]
    for start, end in [*hits, *map(_extent, spoken)]:
        cuts.update(point for point in (start, end) if low < point < high)
    cuts.update(point for one in part.passages for point in (one.start, one.end) if low < point < high)
    begins = [one.start for one in part.passages]
    lines = lines_of(part)
    cuts.update(point for one in lines for point in (one.start, one.end) if low < point < high)
    line_starts = [one.start for one in lines]
    hit_starts = [start for start, _ in hits]
    covers = _Covers(changes), _Covers([mark for _, mark in remarks]), _Covers(quotes)
    made = []
    points = sorted(cuts)
    for start, end in itertools.pairwise(points):
        number = bisect_right(hit_starts, start) - 1
        inside = number >= 0 and hits[number][1] > start
        change, remark, quote = (cover.at(start) for cover in covers)
        made.append(Segment(
            text=shown(part.text[start:end]),
            hit=number + 1 if inside else None,
            first=inside and hits[number][0] == start,
            change=changes[change].kind if change is not None else None,
            remark=remarks[remark][0] if remark is not None else None,
            quote=quote + 1 if quote is not None else None,
            tongue=part.passages[max(0, bisect_right(begins, start) - 1)] if begins else None,
            line=_line_at(lines, line_starts, start),
        ))
    return made


def lines_of(part: Part) -> Sequence[Line]:
    """The recognised lines that are shown in step with the picture; none where the text was not read from it."""
    return part.lines if part.origin == "ocr" and all(map(_is_placed, part.lines)) else ()


def _is_placed(line: Line) -> bool:
    return line.rectangle is not None and line.end > line.start


def _line_at(lines: Sequence[Line], starts: Sequence[int], place: int) -> int | None:
    number = bisect_right(starts, place)
    return number if number and place < lines[number - 1].end else None


class _Covers:
    """Which of a list of marks covers a place; asked with rising places only."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._waiting = sorted((*_extent(mark), number) for number, mark in enumerate(marks))
        self._next = 0
        self._open: list[tuple[int, int]] = []

    def at(self, place: int) -> int | None:
        while self._next < len(self._waiting) and self._waiting[self._next][0] <= place:
            _, end, number = self._waiting[self._next]
            self._open.append((end, number))
            self._next += 1
        self._open = [entry for entry in self._open if entry[0] > place]
        return self._open[-1][1] if self._open else None


def _has_extent(mark: Mark) -> bool:
    return mark.start is not None and mark.end is not None and mark.end > mark.start


def _extent(mark: Mark) -> Span:
    return mark.start or 0, mark.end or 0


def folded(cut: Sequence[Segment]) -> list[tuple[int | None, bool, list[Segment]]]:
    """Segments by the quotation that they belong to (None: to none), and whether a hit stands in it."""
    groups = [(quote, list(group)) for quote, group in itertools.groupby(cut, lambda one: one.quote)]
    return [(quote, any(one.hit for one in group), group) for quote, group in groups]


def marked(untrusted_text: str, marks: Sequence[Span]) -> list[Segment]:
    """A snippet as segments; *marks* count from its own start."""
    made = []
    place = 0
    for number, (start, end) in enumerate(sorted(marks), 1):
        start = max(start, place)
        if end <= start:
            continue
        made.append(Segment(shown(untrusted_text[place:start])))
        made.append(Segment(shown(untrusted_text[start:end]), hit=number, first=True))
        place = end
    made.append(Segment(shown(untrusted_text[place:])))
    return [segment for segment in made if segment.text]
