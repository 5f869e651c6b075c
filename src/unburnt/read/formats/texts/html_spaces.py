"""The white space of a page's running text, folded as a browser folds it: all at once, not for each of its pieces.

The signs that stand for elements are lone surrogates: no text that a parser decoded from UTF-8 can hold one.
"""

from __future__ import annotations

import re
from typing import Final

BREAK: Final = "\ud800"
"""A block begins or ends."""
LINE_END: Final = "\ud801"
CELL_END: Final = "\ud802"
_WHITE: Final = "\t\n\f\r "
_KEPT: Final = "\ud803\ud804\ud805\ud806\ud807"
KEPT: Final = str.maketrans(_WHITE, _KEPT)
"""For ``str.translate``: white space that is kept as it is, as in ``pre``."""
_UNKEPT: Final = str.maketrans(_KEPT, _WHITE)
_NO_WHITE: Final = str.maketrans("", "", _WHITE)
_MARKS: Final = BREAK + LINE_END + CELL_END
_SPACE: Final = f"[{_WHITE}{_MARKS}]"
_GAP: Final = re.compile(f"({_SPACE}(?:{_SPACE}+|(?<! )))")
"""Whatever stands between two texts, but for a single space, which stays as it is."""


def folded(text: str) -> str:
    """The text with a line end at its end; nothing where only white space and signs stand. In linear time."""
    pieces = _GAP.split(text.strip(_WHITE + _MARKS))
    pieces[1::2] = map(_Gaps().__getitem__, pieces[1::2])
    text = "".join(pieces)
    if any(sign in text for sign in _KEPT):
        text = text.translate(_UNKEPT)
    return f"{text}\n" if text else ""


class _Gaps(dict[str, str]):
    """What each gap becomes; a page has few that differ."""

    def __missing__(self, gap: str) -> str:
        found = self[gap] = _between(gap.translate(_NO_WHITE)) or " "
        return found


def _between(gap: str) -> str:
    """What stands between two texts for the signs there; nothing where there are none."""
    pending = ""
    for sign in gap:
        if sign == CELL_END:
            pending = "\t"
        elif sign == LINE_END:
            pending += "\n"
        elif "\n" not in pending:
            pending = "\n"
    return pending
