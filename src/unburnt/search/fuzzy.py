"""Every word one edit away, made here: the engine's own fuzzy search slows with the size of its dictionary."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LATIN = "abcdefghijklmnopqrstuvwxyz0123456789äëéöüñç"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёәғқңөұүһіҗ0123456789"
_ARABIC = "ئابپتجچخدرزژسشغفقكگڭلمنهھوۇۆۈۋيأإآةثحصضطظع0123456789"
MAX_LETTERS = 64


@lru_cache(maxsize=64)
def candidates(word: str) -> frozenset[str]:
    """*word* and all within one insertion, deletion, replacement or swap over its script's letters."""
    if len(word) > MAX_LETTERS or len(word) < 2:
        return frozenset((word,))
    name = unicodedata.name(word[0], "")
    letters = _CYRILLIC if name.startswith("CYRILLIC") else _ARABIC if name.startswith("ARABIC") else _LATIN
    found = {word}
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        found.update(before + letter + after for letter in letters)
        if after:
            found.add(before + after[1:])
            found.update(before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            found.add(before + after[1] + after[0] + after[2:])
    found.discard("")
    return frozenset(found)
