"""Encodings of seven bits that switch sets by signs: HZ (RFC 1843), ISO-2022-CN (RFC 1922), ISO-2022-JP and -KR.

Their bytes are ASCII too, and only the switching signs tell. Python knows no ISO-2022-CN; what of it is GB 2312 is read here.
"""

from __future__ import annotations

import re
from typing import Final

_HZ: Final = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
_HZ_OPEN: Final = re.compile(rb"~\{")
_ESCAPES: Final = re.compile(rb"\x1b\$[)*+]?[@-Z]")
_PYTHONS: Final = {b"\x1b$B": "iso2022_jp_2", b"\x1b$@": "iso2022_jp_2", b"\x1b$)C": "iso2022_kr"}
_CHINESE: Final = "iso-2022-cn"
_PART: Final = re.compile(rb"(\x1b\$\)[A-Z])|(\x0e)|(\x0f)|([^\x0e\x0f\x1b]+)|(.)", re.DOTALL)
_HEAD: Final = 64 * 1024


def escaped_encoding(data: bytes) -> str | None:
    """Which of these encodings the switching signs at the beginning speak of; None where there are none."""
    head = data[:_HEAD]
    if b"\x1b$" in head:
        found = _ESCAPES.search(head)
        if found is not None and found[0] == b"\x1b$)A":
            return _CHINESE
        return _PYTHONS.get(found[0]) if found is not None else None
    if b"~{" in head:
        opened, whole = len(_HZ_OPEN.findall(head)), len(_HZ.findall(head))
        # Programs write ~{ too; a run that the head cuts off may stay open.
        return "hz" if whole and whole >= opened - 1 else None
    return None


def decode_escaped(data: bytes, encoding: str) -> str | None:
    """The text; None where the bytes break the encoding's rules."""
    if encoding == _CHINESE:
        return _iso_2022_cn(data)
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _iso_2022_cn(data: bytes) -> str | None:
    """Text with SO and SI around GB 2312; a line end returns to ASCII (RFC 1922, 3.1)."""
    pieces: list[str] = []
    is_chinese, is_shifted = False, False
    for escape, out, back, run, stray in _PART.findall(data):
        if escape:
            is_chinese = escape == b"\x1b$)A"
            if not is_chinese:
                return None
        elif out:
            is_shifted = True
        elif back:
            is_shifted = False
        elif stray:
            return None
        elif not is_shifted:
            if not run.isascii():
                return None
            pieces.append(run.decode("ascii"))
        else:
            text, _, rest = run.partition(b"\n")
            shown = _gb2312(text.rstrip(b"\r")) if is_chinese else None
            if shown is None:
                return None
            pieces.append(shown)
            if rest or len(text) < len(run):
                is_shifted = False
                if not rest.isascii():
                    return None
                pieces.append(("\r\n" if text.endswith(b"\r") else "\n") + rest.decode("ascii"))
    return "".join(pieces)


def _gb2312(data: bytes) -> str | None:
    try:
        return bytes(byte | 0x80 for byte in data).decode("gb2312")
    except UnicodeError:
        return None
