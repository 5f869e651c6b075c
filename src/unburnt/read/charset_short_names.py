"""Which names of a few signs are UTF-8 by accident: two bytes are one Chinese character, and one letter of UTF-8."""

from __future__ import annotations

import re
from typing import Final

from unburnt.read.charset_frequent import HAN
from unburnt.read.plausible import COMMON_HAN

FEW: Final = 8
"""Signs outside ASCII of all names together: of more, hardly any are UTF-8 by accident."""
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_TWO_BYTES: Final = re.compile("[\u0080-\u07ff]")
_ORDINARY: Final = re.compile(
    # Letters of Western Europe within a word of others, or one alone; Cyrillic, Greek, Hebrew and Arabic as they are written most.
    "[A-Za-z\u00df-\u00f6\u00f8-\u00ff\u00c0-\u00d6\u00d8-\u00de\u0100-\u0131\u0139-\u013e\u0141-\u0148\u0150-\u017e]*"
    "|[\u0400-\u045f]+|[\u0400-\u045f\u048a-\u0527]*[\u0410-\u044f][\u0400-\u045f\u048a-\u0527]*|[\u0386-\u03a1\u03a3-\u03a9\u03ac-\u03ce]+|[\u05d0-\u05ea]+"
    "|[\u0621-\u063a\u0640-\u065f\u066e-\u06d5]+|[\u0531-\u0587]{2,}"
)
_LETTERS: Final = re.compile("[A-Za-z\u00c0-\u07ff]*[\u00c0-\u07ff][A-Za-z\u00c0-\u07ff]*")
_SIGNS: Final = re.compile("[\u0080-\u00bf\u00d7\u00f7]")
_LONE: Final = re.compile("(?<![A-Za-z\u00c0-\u07ff])[\u00c0-\u07ff](?![A-Za-z\u00c0-\u07ff])")

_SELDOM: Final = re.compile("[\u1680-\u17ff\u18b0-\u1dff\u2b00-\u2dff\ua490-\uabff]")
"""Blocks of scripts and signs that no name of more than a few is written in; Russian letters of DOS fall into them."""


def is_seldom(joined: bytes) -> bool:
    """Whether names that are UTF-8 hold only signs that hardly anybody writes, and few of them."""
    signs = [sign for sign in joined.decode("utf-8") if sign > "\x7f"]
    return len(signs) <= FEW and all(map(_SELDOM.match, signs))


def is_rather_chinese(joined: bytes, *, beside_chinese: bool) -> bool:
    """Whether names that are UTF-8, of two bytes each sign, are so by accident: rare letters to read, common characters in GB 18030.

    *beside_chinese*: other names of the archive, which state their encoding, are Chinese; then a lone letter is not believed either.
    """
    text = joined.decode("utf-8")
    signs = [sign for sign in text if sign > "\x7f"]
    if len(signs) > FEW or not all(map(_TWO_BYTES.match, signs)):
        return False
    try:
        other = joined.decode("gb18030")
    except UnicodeDecodeError:
        return False
    han = _HAN.findall(other)
    common = sum(sign in HAN or bool(COMMON_HAN.match(sign)) for sign in han)
    if len(han) != len(signs) or common * 2 <= len(han):
        return False
    if beside_chinese and _LONE.search(text):
        return True
    return bool(_SIGNS.search(text)) or not all(_ORDINARY.fullmatch(word) for word in _LETTERS.findall(text))
