"""HTML that is nested too deep to be parsed: found out, and read without its structure, in linear time."""

from __future__ import annotations

import html
import re
from itertools import accumulate
from typing import Final

DEEPEST: Final = 2_000
"""Open elements at once; browsers stop at 512."""
_TAG: Final = re.compile(r"<(/?[A-Za-z][A-Za-z0-9-]*)")
_UNCOUNTED: Final = frozenset((
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p",
    "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody", "tfoot", "colgroup", "optgroup", "rp", "rt", "html",
    "head", "body",
))
_REMOVED: Final = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->|<![^>]*>|</?[A-Za-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_STYLES: Final = re.compile(r"<w:(?:LatentStyles|LsdException)\b[^>]*>|</w:LatentStyles>", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\f]+|\n\s+")


def is_too_deep(text: str) -> bool:
    """Whether more than :data:`DEEPEST` elements are open at once; those that HTML closes by itself do not count."""
    if text.count("<") <= DEEPEST:
        return False
    steps = list(map(_Steps().__getitem__, _TAG.findall(text)))
    sums = list(accumulate(steps, initial=0))
    # What is closed without being open counts for nothing, which makes the sums too low by their lowest at most.
    return max(sums) - min(sums) > DEEPEST and _depth(steps) > DEEPEST


class _Steps(dict[str, int]):
    """By how much each tag goes down or up."""

    def __missing__(self, tag: str) -> int:
        step = self[tag] = 0 if tag.lstrip("/").lower() in _UNCOUNTED else -1 if tag[0] == "/" else 1
        return step


def _depth(steps: list[int]) -> int:
    depth = deepest = 0
    for step in steps:
        depth = max(0, depth + step)
        deepest = max(deepest, depth)
    return deepest


def without_styles(comment: str) -> str:
    """A comment without the names of all its program's styles, thousands of words that are the same in every page of Word."""
    return _STYLES.sub("", comment) if "<w:L" in comment else comment


def without_tags(text: str) -> str:
    """The text with every tag a line end, and references replaced."""
    bare = html.unescape(_REMOVED.sub("\n", text))
    return _SPACES.sub(lambda found: "\n" if "\n" in found[0] else " ", bare).strip() + "\n"
