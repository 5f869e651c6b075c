"""From places in normalised text back to the text of record; computed only when something is highlighted."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from functools import lru_cache

from unburnt.search.normalise import IGNORED, fold, gaps, normalise
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


class Mapped:
    """Normalised *text* with, for each of its characters, where it stands in the original.

    ``starts[i]`` and ``ends[i]`` are code points of the original, both monotone.
    """

    def __init__(self, original: str) -> None:
        self.text = normalise(original)
        self._same = self.text == original
        self.starts: array[int] = array("I")
        self.ends: array[int] = array("I")
        if not self._same:
            self._align(original)

    def _align(self, original: str) -> None:
        pieces: list[str] = []
        for match in _CLUSTER.finditer(original):
            if match["run"]:
                pieces.append(fold(match[0]))
                self.starts.extend(range(match.start(), match.end()))
                self.ends.extend(range(match.start() + 1, match.end() + 1))
                continue
            piece = _fold(match[0]) if len(match[0]) < _LONG else fold(match[0])
            pieces.append(piece)
            for _ in piece:
                self.starts.append(match.start())
                self.ends.append(match.end())
        folded = "".join(pieces)
        kept, last = [], 0
        starts, ends = array("I"), array("I")
        for start, end, replacement in gaps(folded):
            kept.append(folded[last:start] + replacement)
            starts.extend(self.starts[last:start])
            ends.extend(self.ends[last:start])
            if replacement:
                starts.append(self.starts[start])
                ends.append(self.ends[end - 1])
            last = end
        kept.append(folded[last:])
        starts.extend(self.starts[last:])
        ends.extend(self.ends[last:])
        # The pieces are the text that the map speaks of, also where a rare composition reaches over two clusters.
        self.text, self.starts, self.ends = "".join(kept), starts, ends

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The place ``[start, end)`` of the normalised text in the original; *end* > *start*."""
        return (start, end) if self._same else (self.starts[start], self.ends[end - 1])

    def position(self, original: int) -> int:
        """The first normalised character at or after *original*."""
        return original if self._same else bisect_left(self.starts, original)
