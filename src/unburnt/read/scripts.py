"""Which script letters are in, by ISO 15924 code; for Chinese, which of its two."""

from __future__ import annotations

import re
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
_FIRST_EASTERN = "\u2000"
_EASTERN = {script: _RUNS[script] for script in ("Han", "Kana", "Hang", "Arab")}
"""Those with letters from that sign on: in a line of Chinese the others need not be looked for."""
_WEIGHT = {"Han": 3, "Kana": 3, "Hang": 3}
_FIRST_FOREIGN = re.compile("|".join(f"(?P<{name}>[{letters}])" for name, letters in _LETTERS.items() if name != "Latn"))
_ASCII = re.compile("[\x00-\x7f]+")
_ASCII_LETTERS = re.compile("[A-Za-z]+")
_ENOUGH = 60
_ENOUGH_CHINESE = 300
_LETTERS_ALONE = re.compile("[A-Za-z][^A-Za-z]*[A-Za-z]")


def script_of(text: str) -> str | None:
    """The script that most letters are in; a Chinese sign counts as three letters. None for fewer than two letters."""
    if text.isascii():
        return "Latn" if _LETTERS_ALONE.search(text) else None
    foreign = _ASCII.sub("", text)
    asked = _EASTERN if min(foreign) >= _FIRST_EASTERN else _RUNS
    counts = dict.fromkeys(_RUNS, 0)
    counts |= {name: _count(pattern, foreign) * _WEIGHT.get(name, 1) for name, pattern in asked.items()}
    counts["Latn"] += _count(_ASCII_LETTERS, text)
    name = max(counts, key=lambda one: counts[one])
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
    first = _FIRST_FOREIGN.search(line)
    if first is None:
        return "Latn" if _RUNS["Latn"].search(line) else None
    if _ASCII_LETTERS.search(line) or (first.lastgroup in ("Han", "Kana") and _RUNS["Kana"].search(line)):
        return script_of(line)
    return first.lastgroup


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
