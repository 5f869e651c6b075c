"""How far a page's text layer says what its picture shows."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import msgspec

_WORD = re.compile(r"[^\W\d_]{2,}")
_LEAST_WORDS = 5
_WRONG, _RIGHT = 0.4, 0.8
# What recognisers confuse and readers do not: dotted and dotless yeh, the letters of heh.
_ALIKE = str.maketrans({"ى": "ي", "ی": "ي", "ې": "ي", "ە": "ه", "ھ": "ه", "ک": "ك", "ـ": None})


class Agreement(msgspec.Struct, frozen=True):
    """*share* of the layer's words, of two letters and more, that stand in the picture; None where there are too few."""

    share: float | None
    is_reversed: bool = False
    """Whether its words stand in the picture letter by letter from behind."""

    @property
    def is_wrong(self) -> bool:
        """Whether the layer is something else than the picture."""
        return self.share is not None and self.share < _WRONG

    @property
    def is_right(self) -> bool:
        """Whether the layer says what the picture shows."""
        return self.share is not None and self.share >= _RIGHT


def agreement(layer: str, seen: str) -> Agreement:
    """Compare a *layer* with what was *seen*, word by word in any order."""
    ours, theirs = _words(layer), _words(seen)
    if ours.total() < _LEAST_WORDS or theirs.total() < _LEAST_WORDS:
        return Agreement(None)
    share = (ours & theirs).total() / ours.total()
    backwards = (Counter({word[::-1]: count for word, count in ours.items()}) & theirs).total() / ours.total()
    return Agreement(share, backwards > max(share, _WRONG))


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)))
