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
_SIMPLIFY = dict(zip(TRADITIONAL, SIMPLIFIED, strict=True))
# The rarer characters beyond U+FFFF as one range: a class that lists them is forty times slower.
_TRADITIONAL = re.compile(f"[{''.join(sign for sign in TRADITIONAL if sign <= chr(0xFFFF))}\U00020000-\U000323af]")
_SIMPLIFY_TABLE = str.maketrans(TRADITIONAL, SIMPLIFIED)
_FEW = 12
# Every Chinese text holds these, and they alone would send it through the slow part of NFKC.
_FULL_WIDTH = tuple((chr(code), chr(code - 0xFEE0)) for code in (0xFF0C, 0xFF1A, 0xFF1B, 0xFF01, 0xFF1F, 0xFF08, 0xFF09))

# What Uyghur keyboards and fonts confuse. U+FEE9 and U+FEEA are drawn for ە but NFKC makes them ه; U+FBFC becomes ی.
_UYGHUR = (("\u0649", "\u064a"), ("\u06d0", "\u064a"), ("\u06cc", "\u064a"),  # ى ې ی as ي
           ("\u06d5", "\u0647"), ("\u06c1", "\u0647"),  # ە ہ as ه; ھ stays, it is another letter
           ("\u06a9", "\u0643"))  # ک as ك
_U_WITH_HAMZA = "\u06c7\u0674"  # what NFKC makes of U+FBDD, drawn for ۈ

_DOTS = "\u00b7\u2022\u30fb\u2027\u2219\u22c5\u0387\u16eb\uff65"
# What is no word before a CJK character; whether one stands before it too is looked at then: a lookbehind in the
# pattern would be tried at every character.
_GAP = re.compile(f"[^\\w]\\W*(?=[{CJK}])")
_SPACES = re.compile(f"[\\s{_DOTS}]+")
_CJK = re.compile(f"[{CJK}]")


def fold(text: str) -> str:
    """Characters made alike, before spaces within CJK are looked at. Length may change."""
    if not text.isascii() and _IGNORED.search(text):
        text = _IGNORED.sub("", text)
    for _ in range(4):  # folding may bring characters together that compose; two rounds were enough for all we tried
        if not text.isascii():
            for wide, narrow in _FULL_WIDTH:
                text = text.replace(wide, narrow)
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = text.casefold()
        if text.isascii():
            return text
        if _HAN.search(text):
            text = _simplified(text)
        if _ARABIC.search(text):
            text = text.replace(_U_WITH_HAMZA, "\u06c8")
            for confused, letter in _UYGHUR:
                text = text.replace(confused, letter)
        if _IGNORED.search(text):
            text = _IGNORED.sub("", text)
        elif unicodedata.is_normalized("NFKC", text):
            break
    return text


def gaps(folded: str) -> list[tuple[int, int, str]]:
    """What stands between two CJK characters of folded text: start, end and what replaces it (nothing without Han)."""
    if not _HAN.search(folded):
        return []
    return [
        (match.start(), match.end(), _replacement(match)) for match in _GAP.finditer(folded) if _is_inside(match)
    ]


def normalise(text: str) -> str:
    """The text as index and query see it; idempotent."""
    text = fold(text)
    if text.isascii() or not _HAN.search(text):
        return text
    return _GAP.sub(lambda match: _replacement(match) if _is_inside(match) else match.group(), text)


def _simplified(text: str) -> str:
    at = 0
    for _ in range(_FEW):  # a few replacements in C are several times faster than one table over all
        match = _TRADITIONAL.search(text, at)
        if match is None:
            return text
        text = text.replace(match[0], _SIMPLIFY.get(match[0], match[0]))
        at = match.end()
    return text.translate(_SIMPLIFY_TABLE)


def _is_inside(match: re.Match[str]) -> bool:
    start = match.start()
    return start > 0 and _CJK.match(match.string, start - 1) is not None


def _replacement(match: re.Match[str]) -> str:
    """Spaces and middle dots within a name vanish; any other sign keeps its sides apart."""
    return "" if _SPACES.fullmatch(match.group()) else BREAK
