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
_HAS_KEPT: Final = re.compile(f"[{_KEPT}]")
_SPACES: Final = re.compile("  +")
_MARKS: Final = BREAK + LINE_END + CELL_END
_GAP: Final = re.compile(f"[{_MARKS}]+")


def folded(text: str) -> str:
    """The text with a line end at its end; nothing where only white space and signs stand. In linear time."""
    for sign in "\n\t\r\f":
        text = text.replace(sign, " ")
    text = _SPACES.sub(" ", text)
    for mark in _MARKS:
        # A space beside a sign changes nothing of what the sign stands for.
        text = text.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    text = text.strip(f"{_MARKS} ")
    between = {gap: _between(gap) for gap in set(_GAP.findall(text))}
    text = _GAP.sub(lambda gap: between[gap[0]], text)
    if _HAS_KEPT.search(text):
        text = text.translate(_UNKEPT)
    return f"{text}\n" if text else ""


def _between(gap: str) -> str:
    """What stands between two texts for the signs there."""
    pending = ""
    for sign in gap:
        if sign == CELL_END:
            pending = "\t"
        elif sign == LINE_END:
            pending += "\n"
        elif "\n" not in pending:
            pending = "\n"
    return pending
