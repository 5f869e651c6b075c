"""The desk's languages: gettext catalogues, chosen by the reader or by the browser's wish."""

from __future__ import annotations

import gettext
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "desk"
LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "ru": "Русский", "ug": "ئۇيغۇرچە"}
"""BCP 47 tag and own name of each."""
RIGHT_TO_LEFT = {"ug"}
_SAMPLE, _ENOUGH = 4_000, 0.7
_RIGHT_TO_LEFT_SCRIPTS = {"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"}
_TOLD_APART = {
    "zh": ("Hans", "Hant"), "ug": ("Latn", "Cyrl"), "kk": ("Arab", "Latn"), "uz": ("Cyrl",), "mn": ("Mong",),
}
"""Scripts that a tag names, of languages written in several."""


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one of :data:`LANGUAGES`; English stands in the templates themselves."""
    return gettext.translation(DOMAIN, LOCALE, [language.replace("-", "_")], fallback=language == "en")


def choose(chosen: str | None, untrusted_accept: str) -> str:
    """The reader's choice, else the first wish of ``Accept-Language`` that can be met, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    for wish in untrusted_accept[:400].split(","):
        tag = wish.partition(";")[0].strip().lower()
        for language in LANGUAGES:
            if tag.split("-")[0] == language.split("-")[0].lower():
                return language
    return "en"


def direction(language: str) -> str:
    """``rtl`` or ``ltr`` for the desk's own words."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def script_direction(script: str | None) -> str:
    """The base direction of a passage, from its script; ``auto`` where the script is unknown."""
    if script is None:
        return "auto"
    return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"


def base_direction(script: str | None, text: str) -> str:
    """The base direction of a whole part: right to left only where its letters are so too, not for a word in a program's source."""
    direction = script_direction(script)
    if direction == "rtl":
        kinds = Counter(map(unicodedata.bidirectional, text[:_SAMPLE]))
        return "rtl" if kinds["R"] + kinds["AL"] >= _ENOUGH * kinds["L"] else "ltr"
    return direction


def language_tag(lang: str | None, script: str | None) -> str:
    """A BCP 47 tag for a passage: the browser picks fonts by it (``zh-Hans`` and ``zh-Hant`` differ)."""
    if not lang or lang == "un":
        return "und"
    return f"{lang}-{script}" if script in _TOLD_APART.get(lang, ()) else lang
