"""What the names of charsets mean that files and containers state. Anybody may have written them, and anything."""

from __future__ import annotations

import codecs
from typing import Final

# What people write, and what they mean: the larger set that holds the declared one.
_MEANT: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso-8859-9": "cp1254", "windows-31j": "cp932", "shift_jis": "cp932", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "big5": "big5hkscs",
    # What Python has other names for.
    "windows-936": "gb18030", "x-mac-cyrillic": "mac-cyrillic", "x-mac-roman": "mac-roman", "x-sjis": "cp932", "x-euc-jp": "euc_jp",
    "x-windows-949": "cp949", "windows-949": "cp949", "x-big5": "big5hkscs", "windows-950": "big5hkscs", "x-cp1251": "cp1251",
    "win-1251": "cp1251", "koi8r": "koi8-r", "dos-866": "cp866", "iso-8859-8-i": "iso8859-8", "windows-874": "cp874",
}
_CHARSETS: Final = (
    "ascii", "big5", "cp", "euc_", "gb", "hp-", "hz", "iso", "johab", "koi8", "kz1048", "mac-", "palmos", "ptcp", "shift_jis",
    "tis-", "utf-",
)  # fmt: skip
"""Beginnings of Python's names for charsets. Its other text encodings are none: ``undefined`` and ``idna`` fail on any text,
``unicode_escape`` and ``punycode`` make another text of it."""


def known_encoding(name: str | None) -> str | None:
    """Python's name for a declared encoding, widened to what people mean by it; None for nonsense, and for what is no charset."""
    if not name:
        return None
    cleaned = name.strip().strip("\"'").lower()
    cleaned = _MEANT.get(cleaned, cleaned)
    try:
        info = codecs.lookup(cleaned)
    except (LookupError, ValueError):
        return None
    return info.name if info._is_text_encoding and info.name.startswith(_CHARSETS) else None
