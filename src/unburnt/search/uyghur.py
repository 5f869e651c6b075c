"""A Uyghur word in its other scripts: Arabic (UEY), Latin (ULY) and Cyrillic (USY); used on queries only."""

from __future__ import annotations

import re
import unicodedata

_VOWELS = {"ا": ("a", "а"), "ە": ("e", "ә"), "و": ("o", "о"), "ۇ": ("u", "у"), "ۆ": ("ö", "ө"), "ۈ": ("ü", "ү"),
           "ې": ("ë", "е"), "ى": ("i", "и")}
_CONSONANTS = {"ب": ("b", "б"), "پ": ("p", "п"), "ت": ("t", "т"), "ج": ("j", "җ"), "چ": ("ch", "ч"), "خ": ("x", "х"),
               "د": ("d", "д"), "ر": ("r", "р"), "ز": ("z", "з"), "ژ": ("zh", "ж"), "س": ("s", "с"), "ش": ("sh", "ш"),
               "غ": ("gh", "ғ"), "ف": ("f", "ф"), "ق": ("q", "қ"), "ك": ("k", "к"), "گ": ("g", "г"), "ڭ": ("ng", "ң"),
               "ل": ("l", "л"), "م": ("m", "м"), "ن": ("n", "н"), "ھ": ("h", "һ"), "ۋ": ("w", "в"), "ي": ("y", "й")}
_LETTERS = {**_VOWELS, **_CONSONANTS}
_LATIN = {latin: arabic for arabic, (latin, _) in _LETTERS.items()} | {"é": "ې"}
_CYRILLIC = {cyrillic: arabic for arabic, (_, cyrillic) in _LETTERS.items()} | {"ю": "يۇ", "я": "يا", "ё": "يو", "э": "ې"}
_UNITS = {name: re.compile("|".join(sorted(table, key=len, reverse=True)))
          for name, table in (("latin", _LATIN), ("cyrillic", _CYRILLIC))}
_CYRILLIC_JOINED = (("йу", "ю"), ("йа", "я"))


def other_scripts(untrusted_word: str) -> set[str]:
    """The same word in the two other scripts, unnormalised; nothing when it cannot be Uyghur spelling."""
    word = unicodedata.normalize("NFKC", untrusted_word).casefold().replace("'", "").replace("’", "")
    latin, cyrillic = _to_arabic(word, "latin"), _to_arabic(word, "cyrillic")
    arabic = latin or cyrillic or word
    if not all(letter in _LETTERS or letter == "ئ" for letter in arabic):
        return set()
    found = {arabic, _from_arabic(arabic, 0), _from_arabic(arabic, 1)}
    found |= {form.replace("ë", "é") for form in found}
    for pair, letter in _CYRILLIC_JOINED:
        found |= {form.replace(pair, letter) for form in found}
    return found - {word, ""}


def _from_arabic(word: str, script: int) -> str:
    return "".join(_LETTERS[letter][script] for letter in word if letter != "ئ")


def _to_arabic(word: str, script: str) -> str:
    table, unit = (_LATIN if script == "latin" else _CYRILLIC), _UNITS[script]
    letters, at, after_vowel = [], 0, True
    while at < len(word):
        match = unit.match(word, at)
        if match is None:
            return ""
        arabic = table[match[0]]
        if arabic[0] in _VOWELS and after_vowel:  # a syllable that begins with a vowel is written with hamza
            letters.append("ئ")
        letters.append(arabic)
        after_vowel = arabic[-1] in _VOWELS
        at = match.end()
    return "".join(letters)
