"""Texts of Latin letters in which bytes beyond ASCII stand alone: an accent within a word, the quotes and dashes of Windows.

As two bytes of Chinese or as letters of a DOS encoding they look like language too, as often as not: *It抯 here* for *It’s
here*. What tells them apart is how bytes stand together, before anything is decoded. Chinese and Japanese fill runs, Russian and
Arabic make whole words of them.
"""

from __future__ import annotations

import re
from typing import Final

_RUN: Final = re.compile(rb"[\x80-\xff]+")
_LETTER: Final = rb"[\xc0-\xd6\xd8-\xf6\xf8-\xff\x8a\x8c\x8e\x9a\x9c\x9e\x9f]"
_AT_HOME: Final = rb"(?:(?<=[A-Za-z])" + _LETTER + rb"|" + _LETTER + rb"(?=[a-z]))"
_QUOTE: Final = rb"[\x85\x91-\x97]"
_SIGN: Final = rb"[\x80\x85\x91-\x97\x99\xa0\xa1\xa3\xa7\xa9\xab\xad\xae\xb0-\xb3\xb7\xbb-\xbf]"
_WESTERN: Final = re.compile(
    rb"(?<![\x80-\xff])(?:" + _AT_HOME + rb"|" + _SIGN + rb"|" + _QUOTE + rb"{2}"
    rb"|(?<=[A-Za-z])" + _LETTER + _QUOTE + rb"|" + _QUOTE + _LETTER + rb"(?=[a-z]))(?![\x80-\xff])"
)
_DOS: Final = re.compile(rb"(?<=[a-z])[\x81-\x84\x87-\x8b\xa0-\xa2\xa4](?=[a-z])")
"""The accents of French, Spanish, German in DOS encodings, where Windows has signs that stand in no word."""
_DOUBLES: Final = re.compile(rb"[\x80-\xff][\x40-\x7e][\x80-\xff][\x40-\x7e]")
"""Big5 and Shift JIS, of whose second bytes many are those of ASCII letters."""
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_SHARE: Final = 0.8
_SAMPLE: Final = 40_000
_ENCODINGS: Final = frozenset({
    "cp1250", "cp1252", "cp1254", "cp1257", "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9", "iso8859-10", "iso8859-13",
    "iso8859-14", "iso8859-15", "iso8859-16",
})  # fmt: skip


def is_western(untrusted_data: bytes) -> bool:
    """Whether nearly all runs of bytes beyond ASCII are what Windows writes in texts of Latin letters."""
    sample = untrusted_data[:_SAMPLE]
    runs = len(_RUN.findall(sample))
    if not runs or _UNDEFINED.search(sample):
        return False
    western = len(_WESTERN.findall(sample))
    return western >= _SHARE * runs and 2 * len(_DOS.findall(sample)) < western and 3 * len(_DOUBLES.findall(sample)) <= runs


def is_of_latin_letters(encoding: str) -> bool:
    """Whether it is one of those that such a text can be in; Python's names."""
    return encoding in _ENCODINGS
