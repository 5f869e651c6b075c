"""Comments that each entry of a ZIP archive may carry (APPNOTE.TXT 4.4.18): in the directory, where no program that unpacks shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.formats.archives.zip_records import Entry

_MOST: Final = 4 << 20
"""Characters: a directory of nothing but comments must not use up the room that all text has."""


def emit_comments(commented: Sequence[Entry], encoding: str, emitter: Emitter) -> None:
    """One part, a line for each of *commented*: its name and its comment. *encoding* is that of names that state none."""
    unstated = b"\n".join(entry.comment for entry in commented if entry.utf8_comment is None)
    together = decode(unstated, native=False).encoding if unstated else None
    lines, length = [], 0
    for entry in commented:
        told = entry.utf8_comment
        comment = told.decode("utf-8", "replace") if told is not None else decode(entry.comment, together, native=False).text
        lines.append(f"{shown_name(entry, encoding)}\t{comment.strip()}\n")
        length += len(lines[-1])
        if length > _MOST:
            emitter.note("comments-cut", f"Comments of members beyond the first {_MOST >> 20} MiB of them were left out.")
            break
    if lines:
        emitter.part("comments", "comments of the members", "".join(lines))


def shown_name(entry: Entry, encoding: str) -> str:
    """The name as it is shown: in UTF-8 where the entry says so, else in *encoding*."""
    told = entry.utf8_name
    return told.decode("utf-8", "replace") if told is not None else entry.raw.decode(encoding, "replace")
