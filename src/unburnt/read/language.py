"""Which language and script a text is in: its script, then the model of our own, then pycld2 for what that leaves open.

pycld2 is native: in a child that several documents share only the pure part is used. What the model does not know
(:data:`unburnt.read.language_model.make_model.LANGUAGES`) is then left open.
"""

from __future__ import annotations

import re

import pycld2

from unburnt.read import language_model, scripts
from unburnt.read.scripts import chinese_script, letters_in, script_of

_SAMPLE = 4_000
_FEWEST_LETTERS = 12
"""Of a text in Latin letters, about which nothing is said below that."""
_BY_SCRIPT = {"Kana": ("ja", "Jpan"), "Hang": ("ko", "Kore"), "Tibt": ("bo", "Tibt"), "Mong": ("mn", "Mong")}

# Weights are 24 for a factor of e, so a sum of 100 stands for odds of 60 to 1.
_WELL_FITTING, _CLEAR_LEAD = 40.0, 4.0
_FITTING, _SURE = 34.0, 100.0
_POORLY_FITTING = 20.0
_MOST_STRANGE = 0.05
"""Share of words with letters that no language of the model has."""
_BEYOND_RUSSIAN = re.compile("[\u0450\u0452-\u045f\u0490-\u04ff]", re.I)
_NO_WORDS = re.compile(r"[^\w\s.,]|\0")
_ASCII_WORDS = _NO_WORDS.sub(" ", bytes(range(128)).decode())
"""ASCII as pycld2 is to see it, for ``str.translate``: quicker than a pattern, which short texts feel."""
_PERSIAN = re.compile("[\u06cc\u06a9]")


def language_of(text: str, *, native: bool = True) -> tuple[str | None, str | None]:
    """ISO 639 code and ISO 15924 script of most of *text*; None where it cannot be said."""
    sample = text[:_SAMPLE]
    script = script_of(sample)
    return (None, None) if script is None else named(script, sample, native)


def named(script: str, text: str, native: bool) -> tuple[str | None, str]:
    """The language of *text*, most of which is in *script* (as ``scripts`` calls it), and the script's ISO code."""
    if script == "Han":
        return "zh", chinese_script(text) or "Hans"
    if script in _BY_SCRIPT:
        return _BY_SCRIPT[script]
    if script == "Arab":
        return _arabic(text, native), script
    if script == "Cyrl":
        return _cyrillic(text, native), script
    return _latin(text, native), script


def warm() -> None:
    """Load what is loaded with the first text: a locked child can open no file."""
    language_model.warm()
    scripts.warm()
    pycld2.detect("warm")


def _latin(text: str, native: bool) -> str | None:
    found = language_model.best("Latn", text)
    if found is None or found.letters < _FEWEST_LETTERS:
        return None
    is_known = found.strange <= _MOST_STRANGE and _is_sure(found)
    if is_known and found.fit >= _WELL_FITTING and found.lead >= _CLEAR_LEAD:
        return found.lang
    asked = _asked(text) if native else None
    if asked is not None:
        return asked
    return found.lang if is_known and found.fit >= _FITTING else None


def _cyrillic(text: str, native: bool) -> str | None:
    found = language_model.best("Cyrl", text)
    if found and found.strange > _MOST_STRANGE:
        return _asked(text) if native else None
    if found and found.fit >= _FITTING and _is_sure(found):
        return found.lang
    # A few words without a letter that Russian lacks are most often Russian: names, stamps, headings.
    if found is None or found.fit < _POORLY_FITTING or not _BEYOND_RUSSIAN.search(text):
        return (_asked(text) if native else None) or "ru"
    return found.lang


def _arabic(text: str, native: bool) -> str | None:
    found = language_model.best("Arab", text)
    if found and found.fit >= _FITTING and _is_sure(found):
        return found.lang
    asked = _asked(text) if native else None
    if asked is not None:
        return asked
    if found and found.fit >= _POORLY_FITTING:
        return found.lang
    return "fa" if len(_PERSIAN.findall(text)) > 0.05 * max(1, letters_in("Arab", text)) else "ar"


def _is_sure(found: language_model.Scored) -> bool:
    return found.lead * found.letters >= _SURE


def _asked(text: str) -> str | None:
    """pycld2's opinion, None where it has none; text that it cannot take is no error."""
    clean = text.translate(_ASCII_WORDS) if text.isascii() else _NO_WORDS.sub(" ", text)
    try:
        reliable, _, details = pycld2.detect(clean.encode("utf-8", "ignore"), bestEffort=True)
    except (pycld2.error, ValueError):
        return None
    code = details[0][1] if details else "un"
    return None if code in ("un", "xxx") or (not reliable and details[0][2] < 60) else code.split("-")[0]
