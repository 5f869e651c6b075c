"""Apple's property lists as lines of text: each value behind the path of keys that leads to it."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from unburnt.read.formats.systems.plist_lenient import read_leniently

_MOST_DEPTH = 64
_SHOWN_BYTES = 32


def loaded(data: bytes) -> Any:
    """The values in a property list, binary or XML; None where it makes no sense."""
    try:
        return plistlib.loads(data, fmt=plistlib.FMT_BINARY if data.startswith(b"bplist00") else plistlib.FMT_XML)
    except Exception:  # noqa: BLE001 - hostile offsets end in whatever error struct, int or datetime has for them
        return read_leniently(data) if data.startswith(b"bplist00") else None


def lines_of(values: Any, files: list[tuple[str, bytes]] | None = None) -> Iterator[str]:
    """One line a value; bytes longer than a few are shown by their beginning and put into *files* with their path.

    A list may hold itself, or the same list a thousand times, and that one another as often: what was shown is named by its place.
    """
    standing: dict[int, str] = {}
    waiting = [iter([("", values)])]
    while waiting:
        path, value = next(waiting[-1], (None, None))
        if path is None:
            waiting.pop()
            continue
        shown = _shown(value)
        if isinstance(value, dict | list) and value:
            if id(value) in standing:
                shown = f"as {standing[id(value)] or 'the whole'}"
            elif len(waiting) <= _MOST_DEPTH:
                standing[id(value)] = path
                waiting.append(_inside(path, value))
                continue
        elif isinstance(value, bytes) and files is not None and len(value) > _SHOWN_BYTES:
            files.append((path or "data", value))
        yield f"{path}: {shown}\n" if path else f"{shown}\n"


def _inside(path: str, values: dict[Any, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(values, dict):
        return ((f"{path}/{key}" if path else str(key), one) for key, one in values.items())
    return ((f"{path}[{number}]", one) for number, one in enumerate(values))


def _shown(value: Any) -> str:
    match value:
        case bytes():
            return f"x'{value[:_SHOWN_BYTES].hex()}{'…' if len(value) > _SHOWN_BYTES else ''}' ({len(value)} bytes)"
        case datetime():
            return value.isoformat() + "+00:00"
        case plistlib.UID():
            return f"→ {value.data}"
        case dict() | list():
            inside = "more, nested too deeply" if value else ""
            return f"{{{inside}}}" if isinstance(value, dict) else f"[{inside}]"
    return str(value)
