"""JSON: the text as it stands, since keys and order are part of what was leaked."""

from __future__ import annotations

import json

from unburnt.read.emitter import Emitter
from unburnt.read.formats.texts import plain
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_CHECKED = 8 << 20


def read(source: Source, emitter: Emitter) -> Ending:
    """The text; a note where it is not well-formed JSON (or JSON lines)."""
    ending = plain.read(source, emitter)
    data = source.all(_CHECKED)
    if source.size <= _CHECKED and not _is_well_formed(data):
        emitter.note("malformed", "It looks like JSON and is not well-formed; it is kept as text.")
    return ending


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
