"""Reading a page again with only the languages of one script, and choosing line by line.

With all languages at hand tesseract sees Latin words in Arabic letters, which also spoils the order of the
line: measured on noisy Uyghur, 16 wrong characters in a hundred become 6.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from unburnt.read.ocr.merge import is_same_place
from unburnt.read.ocr.recognised import RecognisedLine, arabic, confidence, cyrillic, han, latin, worth

_WRITTEN_IN = {"Arab": ("uig",), "Cyrl": ("rus", "kaz"), "Latn": ("eng",), "Hani": ("chi_sim",)}
_HAN_WEIGHT = 3
_MAIN_SHARE = 0.05
_SURE = 0.9
_MARGIN = {"Arab": 0.05}
"""How much less sure a script's own languages may be and still be believed: with all together one word in twenty of clean
Uyghur becomes a few Latin letters, of which tesseract is sure. A word that really is Latin costs them more than that."""
_LOOKS_LATIN = re.compile(r"\b[авекмнорстухпиАВЕКМНОРСТХУЗ]+\b")
"""A word of Cyrillic letters that could be Latin ones, upright or slanted: *Мау* for May, *оп* for on."""
_MIXED_MARGIN = 0.05
"""As much, for such a line: a real Cyrillic word costs the Latin languages more."""
_MISREAD, _SURER = 0.75, 0.1
"""Below that a line may have been read in the wrong script, if another is surer by so much."""


def narrowings(
    lines: Sequence[RecognisedLine], languages: Sequence[str], *, is_chinese_read_elsewhere: bool
) -> list[tuple[str, tuple[str, ...]]]:
    """Scripts (ISO 15924) with those of *languages* written in them that further looks should use, the commonest first.

    None where a look would not pay: lines that are sure, except Arabic ones, and Latin ones with words that look Latin and are not.
    """
    of_script: dict[str, list[RecognisedLine]] = {}
    for line in lines:
        of_script.setdefault(script_of(line.text), []).append(line)
    weights = {script: _weight(script, "".join(line.text for line in found)) for script, found in of_script.items() if script}
    total = sum(weights.values())
    looks = []
    for script in sorted(weights, key=lambda one: -weights[one]):
        codes = tuple(code for code in _WRITTEN_IN[script] if code in languages)
        if weights[script] < _MAIN_SHARE * total or not codes or len(codes) == len(languages):
            continue
        if script == "Hani" and is_chinese_read_elsewhere:
            continue
        is_mixed = script == "Latn" and any(_LOOKS_LATIN.search(line.text) for line in of_script[script])
        if script == "Arab" or is_mixed or confidence(of_script[script]) < _SURE:
            looks.append((script, codes))
    return looks


def script_of(text: str) -> str:
    """The script of most letters, of :data:`_WRITTEN_IN`; empty where there is none of them."""
    weights = {script: _weight(script, text) for script in _WRITTEN_IN}
    most = max(weights, key=lambda script: weights[script])
    return most if weights[most] else ""


def _weight(script: str, text: str) -> int:
    if script == "Hani":
        return han(text) * _HAN_WEIGHT
    return {"Arab": arabic, "Cyrl": cyrillic, "Latn": latin}[script](text)


def line_by_line(
    first: Sequence[RecognisedLine], second: Sequence[RecognisedLine], script: str
) -> tuple[RecognisedLine, ...]:
    """*first* with those lines in *script* that *second*, in its languages alone, read better at the same place."""
    rivals = [line for line in second if script_of(line.text) == script]
    taken: set[int] = set()
    made: list[RecognisedLine] = []
    for line in first:
        there = [rival for rival in rivals if is_same_place(line, rival)]
        best = max(there, key=lambda rival: worth([rival]), default=None)
        if best is None or not _is_better(best, line, script):
            made.append(line)
        elif id(best) not in taken:
            # One line that the first look had in pieces stands once.
            taken.add(id(best))
            made.append(best)
    return tuple(made)


def _is_better(rival: RecognisedLine, line: RecognisedLine, script: str) -> bool:
    if script_of(line.text) == script:
        return rival.confidence >= line.confidence - _margin(script, line)
    return line.confidence < _MISREAD and rival.confidence > line.confidence + _SURER


def better(
    first: tuple[RecognisedLine, ...], second: tuple[RecognisedLine, ...], script: str
) -> tuple[RecognisedLine, ...]:
    """Of two readings of a page in one *script* the surer one: line by line where they found the same lines, else as a whole.

    *second* is the one in the languages of that script alone.
    """
    if len(first) == len(second) and all(map(is_same_place, first, second)):
        return tuple(
            again if again.confidence >= line.confidence - _margin(script, line) else line
            for line, again in zip(first, second, strict=True)
        )
    return second if worth(second) >= worth(first) * (1 - _MARGIN.get(script, 0.0)) else first


def _margin(script: str, line: RecognisedLine) -> float:
    return _MIXED_MARGIN if script == "Latn" and _LOOKS_LATIN.search(line.text) else _MARGIN.get(script, 0.0)
