"""One normaliser for index, query and highlighter: what looks or means the same gets the same characters.

The hot path stays in C: NFKC, casefold, and tables applied only where a regular expression finds the script.
Marks are never stripped: that would turn Uyghur ئ into ي.
"""

from __future__ import annotations

import re
import unicodedata

from unburnt.search.tables import CJK, SIMPLIFIED, TRADITIONAL

BREAK = "。"
"""Stands for any punctuation between two CJK characters, so that 被拘，留下 does not match 拘留."""

# Zero-width and directional characters, soft hyphen, variation selectors, tatweel, BOM, language tags.
IGNORED = "\u00ad\u034f\u061c\u0640\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff"
_IGNORED = re.compile(f"[{IGNORED}]")
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")
_ARABIC = re.compile("[\u0643-\u06d5]")
_SIMPLIFY = str.maketrans(TRADITIONAL, SIMPLIFIED)

# What Uyghur keyboards and fonts confuse. U+FEE9 and U+FEEA are drawn for ە but NFKC makes them ه; U+FBFC becomes ی.
_UYGHUR = str.maketrans({"\u0649": "\u064a", "\u06d0": "\u064a", "\u06cc": "\u064a",  # ى ې ی as ي
                         "\u06d5": "\u0647", "\u06c1": "\u0647",  # ە ہ as ه; ھ stays, it is another letter
                         "\u06a9": "\u0643"})  # ک as ك
_U_WITH_HAMZA = "\u06c7\u0674"  # what NFKC makes of U+FBDD, drawn for ۈ

_DOTS = "\u00b7\u2022\u30fb\u2027\u2219\u22c5\u0387\u16eb\uff65"
_JOINED = re.compile(f"(?<=[{CJK}])[\\s{_DOTS}]+(?=[{CJK}])")
_BROKEN = re.compile(f"(?<=[{CJK}])[^\\w]+(?=[{CJK}])")


def fold(text: str) -> str:
    """Characters made alike, before spaces within CJK are looked at. Length may change."""
    if not text.isascii() and _IGNORED.search(text):
        text = _IGNORED.sub("", text)
    for _ in range(4):  # folding may bring characters together that compose; two rounds were enough for all we tried
        text = unicodedata.normalize("NFKC", text).casefold()
        if text.isascii():
            return text
        if _HAN.search(text):
            text = text.translate(_SIMPLIFY)
        if _ARABIC.search(text):
            text = text.replace(_U_WITH_HAMZA, "\u06c8").translate(_UYGHUR)
        if _IGNORED.search(text):
            text = _IGNORED.sub("", text)
        elif unicodedata.is_normalized("NFKC", text):
            break
    return text


def gaps(folded: str) -> list[tuple[int, int, str]]:
    """What stands between two CJK characters of folded text: start, end and what replaces it."""
    found = []
    for match in _BROKEN.finditer(folded):
        joined = _JOINED.match(folded, match.start())
        found.append((match.start(), match.end(), "" if joined and joined.end() == match.end() else BREAK))
    return found


def normalise(text: str) -> str:
    """The text as index and query see it; idempotent."""
    text = fold(text)
    if text.isascii() or not _HAN.search(text):
        return text
    return _BROKEN.sub(BREAK, _JOINED.sub("", text))
