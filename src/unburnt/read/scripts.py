"""Which script letters are in, by ISO 15924 code; for Chinese, which of its two."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

_LETTERS = {
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "Kana": "\u3040-\u30ff",
    "Hang": "\uac00-\ud7a3",
    "Arab": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    "Cyrl": "\u0400-\u052f",
    "Tibt": "\u0f00-\u0fff",
    "Mong": "\u1800-\u18af",
    "Latn": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
}
_RUNS = {script: re.compile(f"[{letters}]+") for script, letters in _LETTERS.items()}
_WEIGHT = {"Han": 3, "Kana": 3, "Hang": 3}
_FOREIGN = re.compile(f"[{''.join(letters for name, letters in _LETTERS.items() if name != 'Latn')}]")
_ASCII = re.compile("[\x00-\x7f]+")
_ASCII_LETTERS = re.compile("[A-Za-z]+")
_ENOUGH = 60
_ENOUGH_CHINESE = 300
_LETTERS_ALONE = re.compile("[A-Za-z][^A-Za-z]*[A-Za-z]")


class _Scripts(dict[str, str | None]):
    """The script of each sign that was asked for, None where it is no letter of any: there are no more signs than Unicode has."""

    def __missing__(self, sign: str) -> str | None:
        self[sign] = found = next((name for name, letters in _RUNS.items() if letters.match(sign)), None)
        return found


_SCRIPTS = _Scripts()


def script_of(text: str) -> str | None:
    """The script that most letters are in; a Chinese sign counts as three letters. None for fewer than two letters."""
    if text.isascii():
        return "Latn" if _LETTERS_ALONE.search(text) else None
    letters = Counter(map(_SCRIPTS.__getitem__, _ASCII.sub("", text)))
    counts = {name: letters[name] * _WEIGHT.get(name, 1) for name in _LETTERS}
    counts["Latn"] += _count(_ASCII_LETTERS, text)
    name = max(counts, key=counts.__getitem__)
    if counts["Kana"] and name == "Han" and counts["Kana"] * 5 > counts["Han"]:
        return "Kana"
    return name if counts[name] >= 2 else None


def script_of_line(line: str) -> str | None:
    """As :func:`script_of`, quicker where a line holds one script only; of a long line its beginning and middle count."""
    if len(line) > 2 * _ENOUGH:
        middle = len(line) // 2
        line = f"{line[:_ENOUGH]} {line[middle:middle + _ENOUGH]}"
    if line.isascii():
        return "Latn" if _ASCII_LETTERS.search(line) else None
    first = _FOREIGN.search(line)
    if first is None:
        return "Latn" if _RUNS["Latn"].search(line) else None
    name = _SCRIPTS[first[0]]
    if _ASCII_LETTERS.search(line) or (name in ("Han", "Kana") and _RUNS["Kana"].search(line)):
        return script_of(line)
    return name


def letters_in(script: str, text: str) -> int:
    """How many letters of *script* there are."""
    return _count(_RUNS[script], text)


def chinese_script(text: str) -> str | None:
    """``Hant`` where more signs are only traditional than only simplified, else ``Hans``; None where all are in both."""
    simplified, traditional = (len(signs.findall(text[:_ENOUGH_CHINESE])) for signs in _telling_signs())
    if not simplified and not traditional:
        return None
    return "Hant" if traditional > simplified else "Hans"


@cache
def _telling_signs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Signs of GB 2312 that Big5 lacks, and of Big5's frequent ones those that GB 2312 lacks."""
    simplified = {bytes((high, low)) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)}
    traditional = {bytes((high, low)) for high in range(0xA4, 0xC7) for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))}
    mainland = {sign for code in simplified if (sign := code.decode("gb2312", "ignore"))}
    island = {sign for code in traditional if (sign := code.decode("big5", "ignore"))}
    # The rest of Big5 is rare, yet a simplified text may hold one of its signs.
    rare = {bytes((high, low)) for high in range(0xC9, 0xFA) for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF))}
    known = island | {sign for code in rare if (sign := code.decode("big5", "ignore"))}
    return _any_of(mainland - known), _any_of(island - mainland)


def _any_of(signs: set[str]) -> re.Pattern[str]:
    return re.compile(f"[{''.join(sorted(sign for sign in signs if len(sign) == 1))}]")


def warm() -> None:
    """Load the codecs: a locked child can open no file."""
    _telling_signs()


def _count(runs: re.Pattern[str], text: str) -> int:
    """How many signs stand in the runs."""
    return sum(map(len, runs.findall(text)))
