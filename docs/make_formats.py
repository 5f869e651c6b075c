"""Writes docs/formats.md from the readers themselves: ``python docs/make_formats.py``.

A test compares the file with what this gives, so that the page cannot promise what no reader says.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

from unburnt.read.families import load
from unburnt.read.known import FORMATS, Known
from unburnt.read.registry import Format

PAGE = Path(__file__).with_name("formats.md")
_INTRODUCTION = """\
# Formats

Written by `docs/make_formats.py` from the readers themselves; not edited by hand.

A file's type is told by its content. Its name decides only what content leaves open, and a name that promises something else is noted in
the reading report. *Alone* readers use native code beyond Python's standard library and work in a locked child of their own for each
document; *shared* ones are memory-safe and may share a child. Text of record is what the file says: nothing is cleaned up. What has no
reader here is kept, named with its type, and listed as `unsupported`; it is looked at again by itself when a later version can read it.

Limits on size, depth, count and ratio hold for every format ([threat-model.md](threat-model.md)); the reading report names
the one that was hit.
"""
_HARDER = "its structure or its text"


def page() -> str:
    """The whole page."""
    readers = {one.name: one for nest in dict.fromkeys(row.nest for row in FORMATS) for one in load(nest)}
    return "\n".join([_INTRODUCTION, *(line for row in FORMATS for line in _section(row, readers[row.name]))])


def _section(row: Known, reader: Format) -> Iterator[str]:
    yield f"## {reader.title}"
    yield ""
    yield f"- **Gives** {reader.gives}."
    yield f"- **Limits**: {reader.lacks}."
    if row.extensions:
        yield f"- **Usual extensions**: {', '.join(f'`.{one}`' for one in row.extensions)}"
    yield f"- **Told by** {', '.join(_told_by(row)) or _HARDER}; types {', '.join(f'`{one}`' for one in row.types)}"
    place = "shared" if reader.memory_safe else "alone"
    yield f"- **Read by** `{row.name}` (step version {row.version}, {place}) with {_libraries(reader)}"
    yield ""


def _told_by(row: Known) -> Iterator[str]:
    for offset, signature in row.signatures:
        text = signature.decode("ascii") if signature.isascii() and signature.decode("ascii").isprintable() else signature.hex(" ")
        yield f"`{text}` at {offset}"
    for stream in row.streams:
        yield f"the OLE stream `{stream}`"
    for entry in row.entries:
        yield f"the ZIP entry `{entry}`"


def _libraries(reader: Format) -> str:
    return ", ".join(f"{name} ({licence_of(name)})" for name in reader.libraries) or "Python's standard library"


def licence_of(distribution: str) -> str:
    """The licence that an installed distribution states: SPDX, else its classifiers' last words, else its first line."""
    stated = importlib.metadata.metadata(distribution)
    if expression := stated.get("License-Expression"):
        return str(expression)
    classified = [one.rpartition(" :: ")[2] for one in stated.get_all("Classifier", []) if one.startswith("License ::")]
    return ", ".join(classified) or (stated.get("License") or "not stated").strip().splitlines()[0][:60]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
