"""Which language and script a text is in: scripts and telling letters first, then pycld2.

pycld2 is native: in a child that several documents share only the pure part is used, which names what letters
and a few small words make certain and leaves the rest open.
"""

from __future__ import annotations

import re
from collections import Counter

import pycld2

_SAMPLE = 20_000

_SCRIPTS = (
    ("Han", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")),
    ("Kana", re.compile("[\u3040-\u30ff]+")),
    ("Hang", re.compile("[\uac00-\ud7a3]+")),
    ("Arab", re.compile("[\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]+")),
    ("Cyrl", re.compile("[\u0400-\u052f]+")),
    ("Tibt", re.compile("[\u0f00-\u0fff]+")),
    ("Mong", re.compile("[\u1800-\u18af]+")),
    ("Latn", re.compile("[A-Za-z\u00c0-\u024f]+")),
)
_ASCII = re.compile("[\x00-\x7f]+")
_ASCII_LETTERS = re.compile("[A-Za-z]+")
_LETTERS_ALONE = re.compile("[A-Za-z][^A-Za-z]*[A-Za-z]")
_WEIGHT = {"Han": 3, "Kana": 3, "Hang": 3}
_TRADITIONAL = re.compile("[們個這來時對說國與學為會從發後經過還進長開間問題點頭實現區當體應機關於無書東車門見馬語員變業導農鄉縣處報導審]")
_SIMPLIFIED = re.compile("[们个这来时对说国与学为会从发后经过还进长开间问题点头实现区当体应机关于无书东车门见马语员变业导农乡县处报审]")
_UYGHUR = re.compile("[ېۇۆۈۋڭەگچپژ]")
_UYGHUR_SURE = re.compile("[ېۆۈۋ]")
_PERSIAN = re.compile("[یک]")
_KAZAKH_ARABIC = re.compile("[ٴۇۋ]|ٴ")
_KAZAKH = re.compile("[әғқңөұһі]", re.I)
_UYGHUR_CYRILLIC = re.compile("[җәғқңөүһ]", re.I)
_UYGHUR_CYRILLIC_SURE = re.compile("[җқғ]", re.I)
_KAZAKH_SURE = re.compile("[ұі]", re.I)
# Kazakh, Bashkir and Ukrainian letters.
_NOT_UYGHUR = re.compile("[ұіҙҫҡєї]", re.I)
_KYRGYZ = re.compile("[ңөү]", re.I)
def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_STOP_WORDS = {
    "en": _words("the and of to in is for that with are was be by on this from not have it as"),
    "es": _words("el la de que y en los se del las por un para con una su al lo está mi"),
    "fr": _words("le la de et les des en un une du que est pour qui dans sur pas au par il"),
    "de": _words("der die und das den von zu mit sich des auf für ist im dem nicht ein eine als"),
    "tr": _words("ve bir bu için ile de da olarak olan daha gibi kadar çok değil"),
    # Uyghur in Latin letters (ULY): no library knows it.
    "ug": _words("we bilen üchün bu hemme hoquqluq bolush kishi barliq herqandaq teripidin boyiche yaki hem bolghan "
                    "qilish asasida bolup hoquqi adem uning öz her ikenlikini"),
}  # fmt: skip
_FEWEST_LETTERS = 12
# A q without u, beside é, ö or ü, and none of the letters of Turkish or Azerbaijani: only Uyghur is written so.
_UYGHUR_LATIN = re.compile("q(?!u)", re.I)
_UYGHUR_LATIN_VOWELS = re.compile("[éöü]", re.I)
_NOT_UYGHUR_LATIN = re.compile("[ışəğñçØøåæ]")
_WORD = re.compile(r"[^\W\d_]+")
_ASCII_WORD = re.compile("[a-z]+")


def language_of(text: str, *, native: bool = True) -> tuple[str | None, str | None]:
    """ISO 639 code and ISO 15924 script of most of *text*; None where it cannot be said."""
    sample = text[:_SAMPLE]
    script = script_of(sample)
    if script is None:
        return None, None
    if script == "Han":
        traditional, simplified = len(_TRADITIONAL.findall(sample)), len(_SIMPLIFIED.findall(sample))
        return "zh", "Hant" if traditional > simplified else "Hans"
    if script == "Kana":
        return "ja", "Jpan"
    if script == "Hang":
        return "ko", "Kore"
    if script == "Tibt":
        return "bo", script
    if script == "Mong":
        return "mn", script
    if script == "Arab":
        return _arabic(sample, native), script
    if script == "Cyrl":
        return _cyrillic(sample, native), script
    return _latin(sample, native), script


def script_of(text: str) -> str | None:
    """The script that most letters are in."""
    if text.isascii():
        return "Latn" if _LETTERS_ALONE.search(text) else None
    foreign = _ASCII.sub("", text)
    counts = {name: _count(pattern, foreign) * _WEIGHT.get(name, 1) for name, pattern in _SCRIPTS}
    counts["Latn"] += _count(_ASCII_LETTERS, text)
    name = max(counts, key=lambda one: counts[one])
    if counts["Kana"] and name == "Han" and counts["Kana"] * 5 > counts["Han"]:
        return "Kana"
    return name if counts[name] >= 2 else None


def _count(runs: re.Pattern[str], text: str) -> int:
    """How many signs stand in the runs."""
    return sum(map(len, runs.findall(text)))


def _arabic(text: str, native: bool) -> str | None:
    letters = max(1, _count(_SCRIPTS[3][1], text))
    if len(_UYGHUR.findall(text)) / letters > 0.08 and _UYGHUR_SURE.search(text):
        return "ug"
    if text.count("ٴ") / letters > 0.01:
        return "kk"
    found = _asked(text) if native else None
    if found in ("ug", "kk", "ar", "fa", "ur", "ps", "ku"):
        return found
    return "fa" if len(_PERSIAN.findall(text)) / letters > 0.05 else "ar"


def _cyrillic(text: str, native: bool) -> str | None:
    letters = max(1, _count(_SCRIPTS[4][1], text))
    foreign = _ASCII.sub("", text)
    special = len(_UYGHUR_CYRILLIC.findall(foreign))
    if special / letters > 0.04 and _UYGHUR_CYRILLIC_SURE.search(foreign) and not _NOT_UYGHUR.search(foreign):
        return "ug"
    if len(_KAZAKH.findall(foreign)) / letters > 0.04 and _KAZAKH_SURE.search(foreign):
        return "kk"
    if len(_KYRGYZ.findall(foreign)) / letters > 0.02:
        return _asked(text) or "ky" if native else "ky"
    found = _asked(text) if native else None
    return found or "ru"


def _latin(text: str, native: bool) -> str | None:
    words = _ASCII_WORD.findall(text.lower()) if text.isascii() else list(map(str.lower, _WORD.findall(text)))
    if sum(map(len, words)) < _FEWEST_LETTERS:
        return None
    if _is_latin_uyghur(text, len(words)):
        return "ug"
    said = Counter(words)
    counts = {lang: sum(said[word] for word in stops if word in said) for lang, stops in _STOP_WORDS.items()}
    best, second = sorted(counts, key=lambda lang: counts[lang], reverse=True)[:2]
    share = counts[best] / len(words)
    if share > 0.12 or (counts[best] >= 8 and share > 0.03 and counts[best] > 3 * counts[second]):
        return best
    return _asked(text) if native else None


def _is_latin_uyghur(text: str, words: int) -> bool:
    telling = len(_UYGHUR_LATIN.findall(text))
    return (
        telling >= 2 and telling * 12 > words and _UYGHUR_LATIN_VOWELS.search(text) is not None
        and not _NOT_UYGHUR_LATIN.search(text)
    )


def _asked(text: str) -> str | None:
    """pycld2's opinion, None where it has none; text that it cannot take is no error."""
    clean = re.sub(r"[^\w\s.,]", " ", text).replace("\x00", " ")
    try:
        reliable, _, details = pycld2.detect(clean.encode("utf-8", "ignore"), bestEffort=True)
    except (pycld2.error, ValueError):
        return None
    code = details[0][1] if details else "un"
    return None if code in ("un", "xxx") or (not reliable and details[0][2] < 60) else code.split("-")[0]
