"""From places in normalised text back to the text of record, worked out only for the stretches that hold a place."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from unburnt.search.normalise import IGNORED, fold, gaps
from unburnt.search.tables import MARKS

# A cluster is normalised alone: a character with all that may compose with it (marks, Hangul vowels and finals).
_JOINING = f"{MARKS}{IGNORED}\u1160-\u11ff\uff9e-\uffdc"
# Characters that fold to exactly one each, in the blocks that texts are made of; without U+0674 and U+06C7, which fold
# together. In runs of them the last before a joining sign is left to its cluster.
SINGLE = (
    "\x00-\xa7\xbf-\xde\xe0-\u012f\u014a-\u01c3\u0391-\u03af\u03b1-\u0482\u048a-\u0586\u061d-\u063f\u0641-\u064a"
    "\u0679-\u06c6\u06c8-\u06d5\u1e00-\u1e95\u2010-\u2016\u2018-\u2023\u3000-\u3029\u3041-\u3096\u30a1-\u30fa\u30fc"
    "\u3400-\u9fff\uac00-\ud7a3\uff00-\uff9d"
)
_RUN = f"[{SINGLE}]+(?![{_JOINING}])"
_CLUSTER = re.compile(f"(?s)(?P<run>{_RUN})|.[{_JOINING}]*")
_fold = lru_cache(maxsize=65_536)(fold)

_LONG = 16
"""Longer clusters are a hostile text's and not kept."""
# Nothing folds together across the end of a line, unless a joining sign begins the next.
_JOINED = re.compile(f"[{_JOINING}]")
_STRETCH = 2_000
_Ends = tuple["array[int]", "array[int]"]


class Mapped:
    """Normalised *text*, and where each place in it stands in the original."""

    def __init__(self, original: str) -> None:
        self._original = list(_stretches(original))
        self._begins = list(accumulate(map(len, self._original), initial=0))
        folded = [fold(stretch) for stretch in self._original]
        self._folded_begins = list(accumulate(map(len, folded), initial=0))
        whole = "".join(folded)
        self._gaps = gaps(whole)
        kept: list[str] = []
        last = length = 0
        self._gap_places: list[int] = []
        """Where each gap, or the sign that replaces it, stands in the normalised text."""
        for start, end, replacement in self._gaps:
            kept += whole[last:start], replacement
            length += start - last
            self._gap_places.append(length)
            length += len(replacement)
            last = end
        self.text = "".join((*kept, whole[last:]))
        self._same = original.isascii() or self.text == original
        self._aligned: dict[int, _Ends] = {}

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place ``[start, end)`` of the normalised text in the original, in code points; *end* > *start*."""
        if self._same:
            return start, end
        return self._at(self._folded(start)[0], 0), self._at(self._folded(end - 1)[1], 1)

    def _folded(self, place: int) -> tuple[int, int]:
        """The first and last folded character that a normalised one stands for."""
        number = bisect_right(self._gap_places, place) - 1
        if number < 0:
            return place, place
        start, end, replacement = self._gaps[number]
        beyond = place - self._gap_places[number] - len(replacement)
        return (start, end - 1) if beyond < 0 else (end + beyond, end + beyond)

    def _at(self, folded: int, which: int) -> int:
        number = bisect_right(self._folded_begins, folded) - 1
        if number not in self._aligned:
            self._aligned[number] = _aligned(self._original[number])
        ends = self._aligned[number][which]
        # Where a rare composition reaches over two clusters a place may be a sign off, never outside the stretch.
        return self._begins[number] + ends[min(folded - self._folded_begins[number], len(ends) - 1)]


def _stretches(original: str) -> Iterator[str]:
    """Lines together, at least 2,000 characters each; all in one where every character stays one anyway."""
    begin, size = 0, len(original)
    while begin < size:
        end = size if original.isascii() else original.find("\n", begin + _STRETCH) + 1 or size
        while end < size and _JOINED.match(original, end):
            end = original.find("\n", end) + 1 or size
        yield original[begin:end]
        begin = end


def _aligned(original: str) -> _Ends:
    """For each folded character where in *original* it begins and ends, both monotone."""
    starts, ends = array("I"), array("I")
    for match in _CLUSTER.finditer(original):
        if match["run"]:
            starts.extend(range(match.start(), match.end()))
            ends.extend(range(match.start() + 1, match.end() + 1))
            continue
        for _ in _fold(match[0]) if len(match[0]) < _LONG else fold(match[0]):
            starts.append(match.start())
            ends.append(match.end())
    return starts, ends
