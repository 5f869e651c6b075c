"""JSON: the text as it stands, since keys and order are part of what was leaked."""

from __future__ import annotations

import json
import re

from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts import plain
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_CHECKED = 8 << 20
_ESCAPED = re.compile(rb"\\u(?:0[4-9a-fA-F]|[1-9a-fA-F])[0-9a-fA-F]{2}")
"""Letters beyond Latin-1 and its neighbours, which many programs write as numbers: nobody would find them so."""
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def read(source: Source, emitter: Emitter) -> Ending:
    """The text; a note where it is not well-formed JSON (or JSON lines)."""
    ending = plain.read(source, emitter)
    data = source.all(_CHECKED)
    if _ESCAPED.search(data):
        emitter.part("section", "escapes spelled out", _spelled_out(data.decode("utf-8", "replace")), origin="mapped")
    if source.size <= _CHECKED and not _is_well_formed(data):
        emitter.note("malformed", "It looks like JSON and is not well-formed; it is kept as text.")
    return ending


def _spelled_out(text: str) -> str:
    """The text with its numbered letters as letters, pairs of surrogates as one."""
    return _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace("\\u", "")).decode("utf-16-be", "replace"), text)


def _is_well_formed(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        lines = [line for line in data.splitlines() if line.strip()]
        try:
            for line in lines:
                json.loads(line)
        except (ValueError, RecursionError):
            return False
        return bool(lines)
    return True


FORMATS = (
    Format(
        "json", read, memory_safe=True,
        title="JSON",
        gives="the text as it stands, letters that are written as numbers spelled out beside it; whether it parses",
        lacks="no tree of keys: the text is what was leaked",
    ),
)
