"""Words from one script into another, letter by letter, for training: Uyghur, Kazakh, Uzbek."""

from __future__ import annotations

import re

_UYGHUR = {
    "ch": ("چ", "ч"), "sh": ("ش", "ш"), "gh": ("غ", "ғ"), "zh": ("ژ", "ж"), "ng": ("ڭ", "ң"), "a": ("ا", "а"),
    "e": ("ە", "ә"), "o": ("و", "о"), "u": ("ۇ", "у"), "ö": ("ۆ", "ө"), "ü": ("ۈ", "ү"), "é": ("ې", "е"),
    "i": ("ى", "и"), "b": ("ب", "б"), "p": ("پ", "п"), "t": ("ت", "т"), "j": ("ج", "җ"), "x": ("خ", "х"),
    "d": ("د", "д"), "r": ("ر", "р"), "z": ("ز", "з"), "s": ("س", "с"), "f": ("ف", "ф"), "q": ("ق", "қ"),
    "k": ("ك", "к"), "g": ("گ", "г"), "l": ("ل", "л"), "m": ("م", "м"), "n": ("ن", "н"), "h": ("ھ", "һ"),
    "w": ("ۋ", "в"), "y": ("ي", "й"), "'": ("", ""),
}  # fmt: skip
_UYGHUR_UNIT = re.compile("|".join(_UYGHUR))
_UYGHUR_VOWELS = frozenset("aeiouöüé")
_JOINED = (("йу", "ю"), ("йа", "я"))

_KAZAKH_ARABIC = dict(zip("абвгғдежзийкқлмнңопрстуұфхһчшыэ", "ابۆگعدەجزييكقلمنڭوپرستۋۇفحھچشىە", strict=True)) | {
    "ә": "ا", "ө": "و", "ү": "ۇ", "і": "ى", "ё": "يو", "ц": "تس", "щ": "شش", "ю": "يۋ", "я": "يا", "ъ": "", "ь": "",
}  # fmt: skip
_FRONT_VOWELS = frozenset("әөүі")
_FRONT_ANYWAY = frozenset("екг")
"""A Kazakh word with one of these is known to be a front one, and gets no sign for it."""
HIGH_HAMZA = "ٴ"

_KAZAKH_LATIN_2021 = dict(zip("абвгғдежзийкқлмнңопрстуұфхһшыэәөүі", "abvgğdejziikqlmnñoprstuūfhhşyeäöüi", strict=True)) | {
    "ё": "io", "ц": "ts", "щ": "ş", "ч": "ç", "ю": "iu", "я": "ia", "ъ": "", "ь": "",
}  # fmt: skip
_KAZAKH_LATIN_2018 = _KAZAKH_LATIN_2021 | {
    "ғ": "ǵ", "и": "ı", "й": "ı", "ң": "ń", "у": "ý", "ұ": "u", "ш": "sh", "ч": "ch", "ә": "á", "ө": "ó", "ү": "ú",
}  # fmt: skip

_UZBEK = {
    "o'": "ў", "g'": "ғ", "sh": "ш", "ch": "ч", "ya": "я", "yo": "ё", "yu": "ю", "a": "а", "b": "б", "d": "д", "e": "е",
    "f": "ф", "g": "г", "h": "ҳ", "i": "и", "j": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п",
    "q": "қ", "r": "р", "s": "с", "t": "т", "u": "у", "v": "в", "x": "х", "y": "й", "z": "з", "'": "ъ",
}  # fmt: skip
_UZBEK_UNIT = re.compile("|".join(_UZBEK))


def uyghur_arabic(word: str) -> str:
    """From Latin letters (ULY); a vowel that begins a syllable stands on hamza."""
    out, after_vowel = [], True
    for unit in _UYGHUR_UNIT.findall(word):
        is_vowel = unit in _UYGHUR_VOWELS
        out.append(("ئ" if is_vowel and after_vowel else "") + _UYGHUR[unit][0])
        after_vowel = is_vowel
    return "".join(out)


def uyghur_cyrillic(word: str) -> str:
    """From Latin letters (ULY) into the Cyrillic ones of Kazakhstan (USY)."""
    found = "".join(_UYGHUR[unit][1] for unit in _UYGHUR_UNIT.findall(word))
    for pair, letter in _JOINED:
        found = found.replace(pair, letter)
    return found


def kazakh_arabic(word: str) -> str:
    """From Cyrillic letters into the Arabic ones used in China, with the high hamza before words of front vowels."""
    letters = set(word)
    sign = HIGH_HAMZA if letters & _FRONT_VOWELS and not letters & _FRONT_ANYWAY else ""
    return sign + "".join(_KAZAKH_ARABIC.get(letter, "") for letter in word)


def kazakh_latin(word: str) -> str:
    """From Cyrillic letters into the Latin alphabet of 2021."""
    return "".join(_KAZAKH_LATIN_2021.get(letter, letter) for letter in word)


def kazakh_latin_2018(word: str) -> str:
    """From Cyrillic letters into the Latin alphabet of 2018, with acutes."""
    return "".join(_KAZAKH_LATIN_2018.get(letter, letter) for letter in word)


def uzbek_cyrillic(word: str) -> str:
    """From the Latin letters of 1995."""
    found = "".join(_UZBEK[unit] for unit in _UZBEK_UNIT.findall(word))
    return "э" + found[1:] if found.startswith("е") else found
