"""The encoding of an archive's names that do not state theirs.

A name is short, so all names of an archive are decided together, and for one encoding. Beyond what makes any text
plausible, signs are asked whether they are at home in names: the first levels of GB 2312, Big5 and JIS X 0208 hold
nearly all that people write, and bytes of another encoding fall outside them half of the time.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from unburnt.read.charset_at_home import at_home_in_names
from unburnt.read.charset_short_names import FEW, is_rather_chinese, is_seldom
from unburnt.read.plausible import plausibility

_MOST: Final = 1 << 16
"""Bytes of names that are judged."""
_MOST_BESIDE: Final = 1_000
_HANDICAPS: Final = {
    "gb18030": 0.0, "cp866": 0.001, "cp1251": 0.002, "koi8-r": 0.003, "big5hkscs": 0.01, "cp932": 0.02, "cp949": 0.05,
    "cp1252": 0.05, "cp437": 0.05, "cp1256": 0.1,
}  # fmt: skip
"""What is tried, and how much better than the others it must fit, the more so the fewer signs there are: a single one fits many."""
_IN_TEXTS: Final = {**_HANDICAPS, "iso8859-6": 0.15}
_OTHER: Final = 0.02
"""Of encodings that only texts are tried in."""
_FIRST_LEVELS: Final = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6), "cp932": (0x88, 0x97), "cp949": (0xB0, 0xC8)}
"""Lead bytes of the commonest signs (GB 2312 level 1, Big5 level 1, JIS X 0208 level 1, the syllables of KS X 1001)."""
_LEVELLED: Final = re.compile("[\u4e00-\u9fff\uac00-\ud7a3]")
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fc]")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_ARABIC: Final = re.compile("[\u0621-\u06d5]")
_COMMON_ARABIC: Final = re.compile("[المنوهيرتبدسك]")
_WIDE_LATIN: Final = re.compile("[\uff21-\uff3a\uff41-\uff5a]")
_FEW: Final = 4
_KANA_GOOD: Final = 0.9
_HANGUL_GOOD: Final = 0.45
_LEVEL_GOOD: Final = 0.3
_COMMON_GOOD: Final = 0.15
_RARE_BAD: Final = 0.3
_WIDE_LATIN_BAD: Final = 0.15
"""Letters as wide as Chinese characters stand in Chinese names, but oftener where Russian ones were taken for Chinese."""
_NEAR: Final = 0.15
"""Of single short names, a fourteenth lie so near to another reading, and two thirds of those that are read wrong."""


class NamesEncoding(msgspec.Struct, frozen=True):
    """What names are read in. *rival* is the encoding that fits a few signs nearly as well and would give other names, else ""."""

    name: str
    rival: str = ""


def encoding_of_names(untrusted_names: Iterable[bytes], *, beside: Iterable[str] = ()) -> NamesEncoding:
    """The one encoding that fits all names best; ``utf-8`` wherever they are that, which bytes of others are by accident only if few.

    *beside* are names of the same archive that state their own encoding.
    """
    joined = b"\n".join(untrusted_names)[:_MOST]
    if joined.isascii():
        return NamesEncoding("utf-8")
    try:
        is_utf8 = bool(joined.decode("utf-8")) and not is_seldom(joined)
    except UnicodeDecodeError:
        is_utf8 = False
    if not is_utf8:
        return _best(joined)
    is_chinese = any(map(_LEVELLED.search, itertools.islice(beside, _MOST_BESIDE)))
    return NamesEncoding("gb18030" if is_rather_chinese(joined, beside_chinese=is_chinese) else "utf-8")


def _best(joined: bytes) -> NamesEncoding:
    scored = [(_score(joined, name, handicap), name) for name, handicap in _HANDICAPS.items()]
    (most, best), *others = sorted(scored, key=lambda one: -one[0])  # of two alike the one that is tried first
    shown = joined.decode(best, "replace")
    if sum(sign > "\x7f" for sign in shown) > FEW:
        return NamesEncoding(best)
    near = (name for score, name in others if most - score < _NEAR and joined.decode(name, "replace") != shown)
    return NamesEncoding(best, next(near, ""))


def _score(joined: bytes, encoding: str, handicap: float) -> float:
    text = joined.decode(encoding, "replace")
    return plausibility(text) + _worth(text, encoding, handicap) if not text.isascii() else 0.0


def worth_in_few_words(text: str, encoding: str) -> float:
    """How much better than by its letters alone (:func:`plausibility`) a few words look in *encoding*, in texts as in names."""
    return _worth(text, encoding, _IN_TEXTS.get(encoding, _OTHER)) if not text.isascii() else 0.0


def _worth(text: str, encoding: str, handicap: float) -> float:
    foreign = sum(sign > "\x7f" for sign in text)
    found = (
        _LEVEL_GOOD * _first_level(text, encoding)
        + _KANA_GOOD * (len(_KANA.findall(text)) - len(_HALF_KANA.findall(text))) + _HANGUL_GOOD * len(_HANGUL.findall(text))
        + (_common_arabic(text) if encoding == "cp1256" else 0.0) - _WIDE_LATIN_BAD * len(_WIDE_LATIN.findall(text))
    )
    return (found + at_home_in_names(text)) / foreign - handicap * (1 + _FEW / foreign)


def _common_arabic(text: str) -> float:
    """Letters of Arabic that every text is full of count for it, the others against it."""
    common = len(_COMMON_ARABIC.findall(text))
    return _COMMON_GOOD * common - _RARE_BAD * (len(_ARABIC.findall(text)) - common)


def _first_level(text: str, encoding: str) -> int:
    """How many signs stand in the encoding's first level."""
    if encoding not in _FIRST_LEVELS:
        return 0
    first, last = _FIRST_LEVELS[encoding]
    return sum(first <= sign.encode(encoding, "replace")[0] <= last for sign in _LEVELLED.findall(text))
