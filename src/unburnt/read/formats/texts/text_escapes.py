r"""Letters that programs write as numbers (``\u62d8``), spelled out beside the text: nobody would find them so."""

from __future__ import annotations

import re
from typing import Final

from unburnt.read.emitter import Emitter

_FAR: Final = r"\\u(?:0[4-9a-fA-F]|[1-9a-fA-F])[0-9a-fA-F]{2}"
"""Letters beyond Latin-1 and its neighbours."""
_BYTES: Final = r"\\u00[c-fC-F][0-9a-fA-F](?:\\u00[89abAB][0-9a-fA-F])+"
"""Facebook's exports write each byte of UTF-8 as a letter."""
_LINES: Final = re.compile(rf"[^\r\n]*?(?:{_FAR}|{_BYTES})[^\r\n]*")
_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def emit_spelled_out(text: str, emitter: Emitter) -> None:
    """The lines of *text* that hold such letters, as a part of their own."""
    if "\\u" in text and (lines := _LINES.findall(text)):
        emitter.part("section", "escapes spelled out", "\n".join(map(spelled_out, lines)), origin="mapped")


def spelled_out(text: str) -> str:
    """*text* with its numbered letters as letters, pairs of surrogates as one."""
    return _ESCAPES.sub(_letters, text)


def _letters(run: re.Match[str]) -> str:
    codes = bytes.fromhex(run[0].replace("\\u", ""))
    if not any(codes[::2]):
        try:
            return codes[1::2].decode("utf-8")
        except UnicodeDecodeError:
            return codes[1::2].decode("latin-1")
    return codes.decode("utf-16-be", "replace")
