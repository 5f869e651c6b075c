"""What makes signs at home in names, which are too short for how often signs occur to say much.

Two bytes are one Chinese character or Korean syllable, and two letters of Russian or Arabic, all at once. What people write
on files wins over what is rare, and a word that nobody could pronounce is none.
"""

from __future__ import annotations

import re
from typing import Final

from unburnt.read.charset_frequent import HAN, PAIRS, SYLLABLES
from unburnt.read.plausible import COMMON_HAN

_HAN: Final = re.compile("[\u4e00-\u9fff]")
_HAN_IN_WORD: Final = re.compile(
    "(?<=[a-z]{2})[\u4e00-\u9fff]|[\u4e00-\u9fff](?=[a-z]{3})|(?<=[A-Za-z])[\u4e00-\u9fff](?=[a-z])"
)
"""An accented letter and its neighbour make one Chinese character: Alg閞ie."""
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_FREQUENT_GOOD: Final = 0.45
_SYLLABLE_GOOD: Final = 0.49
"""So that two syllables do not win over two characters that are frequent too, and three do."""
_SYLLABLE_BAD: Final = 0.45

_CYRILLIC: Final = re.compile("[\u0400-\u04ff]+")
_VOWELS: Final = frozenset("аеёиоуыэюяіїєәөұү")
_CASE: Final = re.compile("[а-яё][А-ЯЁ]|[А-ЯЁ]{2}[а-яёәғқңөұүһ]")
_NEIGHBOURS: Final = re.compile("[әғқңөұүһєїґ]")
_BESIDE: Final = re.compile("[әғқңөұүһєїґі]")
"""Letters of Kazakh and Ukrainian, of whose pairs there is no list."""
_UKRAINIAN: Final = re.compile("[єїґјќѕўћЄЇҐЈЌЅЎЋ]")
_NOT_UKRAINIAN: Final = re.compile("[ыэъЫЭЪ]|[єї](?=[аоеиіу])|ґ(?=[бдзжмпстфхцчшщ])|[ќѕћ]")
_ARABIC: Final = re.compile("[\u0620-\u06ff]+")
_MISPLACED: Final = re.compile(
    "[\u0629\u0621](?=[\u0621-\u06ff])|(?<![\u0621-\u06ff])[\u0629\u0621\u0624\u0649\u0651]"
    "|[\u0622\u0623\u0625][\u0622\u0623\u0625\u0627]|\u0627[\u0627\u0622\u0623\u0625\u0649]"
)
"""Teh marbuta and hamza before another letter or first in a word, alef beside alef."""
_LONG_VOWEL: Final = re.compile("[\u0627\u0648\u064a\u0649]|\u0629$")
_SPOKEN_GOOD: Final = 0.45
_CAPITALS_GOOD: Final = 0.15
"""Half of all bytes of Chinese are capitals of one Russian encoding or another."""
_ARABIC_GOOD: Final = 0.35
_UNSPOKEN_BAD: Final = 0.5
_WORD: Final = 3
_LONG: Final = 8
"""Letters of a word for each pair in it that is not on the list; hardly a word of another encoding is so lucky."""


def at_home_in_names(text: str) -> float:
    """How much more, or less, all signs of *text* together are worth for what they say."""
    return (
        _chinese(text) + _korean(text)
        + sum(map(_russian, _CYRILLIC.findall(text))) + sum(map(_arabic, _ARABIC.findall(text)))
    )


def is_rather_kazakh(text: str) -> bool:
    """Whether letters of Ukrainian (or Serbian, Belarusian) stand where that has none: beside letters that it lacks, before vowels."""
    return _UKRAINIAN.search(text) is not None and _NOT_UKRAINIAN.search(text) is not None


def _chinese(text: str) -> float:
    frequent = sum(sign in HAN and not COMMON_HAN.match(sign) for sign in _HAN.findall(text))
    return _FREQUENT_GOOD * (frequent - len(_HAN_IN_WORD.findall(text)))


def _korean(text: str) -> float:
    syllables = _HANGUL.findall(text)
    usual = sum(map(SYLLABLES.__contains__, syllables))
    return _SYLLABLE_GOOD * usual - _SYLLABLE_BAD * (len(syllables) - usual)


def _russian(word: str) -> float:
    """A word whose pairs of letters all occur, with a vowel; what is not is less, the more of it."""
    small = word.lower()
    if word.isupper() and len(word) <= _WORD:
        return 0.0  # an abbreviation
    pairs = [small[at : at + 2] for at in range(len(small) - 1)]
    odd = len(pairs) - sum(map(PAIRS.__contains__, pairs))
    if odd and word[1:] == small[1:] and _NEIGHBOURS.search(word):
        odd -= sum(_BESIDE.search(pair) is not None and pair not in PAIRS for pair in pairs)
    odd += (len(small) > 1 and _VOWELS.isdisjoint(small)) + len(_CASE.findall(word))
    if odd * _LONG > len(small):
        return -_UNSPOKEN_BAD * min(odd, len(small))
    good = _CAPITALS_GOOD if word.isupper() else _SPOKEN_GOOD
    return good * len(small) if len(small) >= _WORD else 0.0


def _arabic(word: str) -> float:
    """A word with a long vowel, as most have, and no letter where it cannot stand."""
    if misplaced := len(_MISPLACED.findall(word)):
        return -_UNSPOKEN_BAD * misplaced
    return _ARABIC_GOOD * len(word) if len(word) >= _WORD and _LONG_VOWEL.search(word) else 0.0
