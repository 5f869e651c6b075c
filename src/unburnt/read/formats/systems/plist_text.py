"""Apple's property lists as lines of text: each value behind the path of keys that leads to it."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from unburnt.read.formats.systems.plist_lenient import read_leniently

_MOST_DEPTH = 64
_MOST_LINES = 200_000
_SHOWN_BYTES = 32


def loaded(data: bytes) -> Any:
    """The values in a property list, binary or XML; None where it makes no sense."""
    try:
        return plistlib.loads(data, fmt=plistlib.FMT_BINARY if data.startswith(b"bplist00") else plistlib.FMT_XML)
    except Exception:  # noqa: BLE001 - hostile offsets end in whatever error struct, int or datetime has for them
        return read_leniently(data) if data.startswith(b"bplist00") else None


def lines_of(values: Any, files: list[tuple[str, bytes]] | None = None) -> Iterator[str]:
    """One line a value; bytes longer than a few are shown by their beginning and put into *files* with their path.

    A list may hold itself, or the same list a thousand times: depth and lines are bounded.
    """
    waiting: list[tuple[str, Any, int]] = [("", values, 0)]
    given = 0
    while waiting and given < _MOST_LINES:
        path, value, depth = waiting.pop()
        inner: list[tuple[str, Any, int]] = []
        if isinstance(value, dict) and depth < _MOST_DEPTH:
            inner = [(f"{path}/{key}" if path else str(key), one, depth + 1) for key, one in value.items()]
        elif isinstance(value, list) and depth < _MOST_DEPTH:
            inner = [(f"{path}[{number}]", one, depth + 1) for number, one in enumerate(value)]
        if inner:
            waiting += reversed(inner[: _MOST_LINES - given])
            continue
        if isinstance(value, bytes) and files is not None and len(value) > _SHOWN_BYTES:
            files.append((path or "data", value))
        given += 1
        yield f"{path}: {_shown(value)}\n" if path else f"{_shown(value)}\n"


def _shown(value: Any) -> str:
    match value:
        case bytes():
            return f"x'{value[:_SHOWN_BYTES].hex()}{'…' if len(value) > _SHOWN_BYTES else ''}' ({len(value)} bytes)"
        case datetime():
            return value.isoformat() + "+00:00"
        case plistlib.UID():
            return f"→ {value.data}"
        case dict() | list():
            return "{}" if isinstance(value, dict) else "[]"
    return str(value)
