"""Untrusted text made harmless to look at: terminals, browsers and logs.

Control characters, ANSI escapes, bidi controls (UAX #9) and undecodable bytes become visible
signs; nothing is dropped, so two different names never look the same.
"""

from __future__ import annotations

import re

_BIDI = {
    "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE",
    "\u202c": "PDF", "\u202d": "LRO", "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI",
    "\u2068": "FSI", "\u2069": "PDI",
}
_INVISIBLE = {"\u200b": "ZWSP", "\u2060": "WJ", "\ufeff": "BOM", "\u2028": "LS", "\u2029": "PS"}
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff" + "".join(_BIDI) + "".join(_INVISIBLE) + "]"
)


def _sign(match: re.Match[str]) -> str:
    character = match.group()
    name = _BIDI.get(character) or _INVISIBLE.get(character)
    if name:
        return f"⟦{name}⟧"
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0xDC80 <= code <= 0xDCFF:
        return f"⟦{code - 0xDC00:02X}⟧"
    return f"⟦U+{code:04X}⟧"


def visible(text: str, *, keep: str = "") -> str:
    """*text* on one line with every control, bidi control and stray byte shown as a sign.

    Characters in *keep* (say ``"\\n\\t"``) stay as they are.
    """
    if keep:
        return _UNSAFE.sub(lambda m: m.group() if m.group() in keep else _sign(m), text)
    return _UNSAFE.sub(_sign, text)


def decode_path(path: bytes) -> str:
    """A received path as text: UTF-8, undecodable bytes as lone surrogates (PEP 383)."""
    return path.decode("utf-8", "surrogateescape")


def visible_path(path: bytes) -> str:
    """A received path, safe to show."""
    return visible(decode_path(path))
