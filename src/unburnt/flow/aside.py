"""Lines of events that nobody vouched for, moved out of the history into ``out/``, with a report."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from unburnt.base.clock import now
from unburnt.base.digests import Digest, digest_of
from unburnt.model.events import LineSetAside
from unburnt.vault.durable import disk_errors, flush_directory, make_directory
from unburnt.vault.fields import BadLine, Line, event_of, parse_line, values_of
from unburnt.vault.layout import Layout

UNVOUCHED = "unvouched-"
_REPORT = """\
These lines stood in events/ while no checkpoint counted them, and this machine has no note of writing them: its keeper
notes each event beside the key first. An older version of unburnt, which kept no such notes, wrote them here, or another
machine without the key did, or the notes were lost, or somebody else who could write to the archive's folder added them.
Nothing in them is to be believed for that reason alone.

lines.jsonl holds them byte for byte. """
_IN_PLACE = """\
In the place of each the archive has an event `line-set-aside` with the SHA-256 of the line.
Readings are made again by themselves; a file that such a line says was received can be added again.

"""
_TAKEN_OUT = """\
They bore numbers that the archive's own lines have, or none, so nothing stands in
their places; at the end of the events one `line-set-aside` for each has its SHA-256.

"""


def set_aside(layout: Layout, lines: Iterable[tuple[int, bytes]], *, in_their_places: bool = True) -> tuple[Path, list[Digest]]:
    """Keep *lines*, each with its number (-1: none), in a new folder of ``out/``, durably; gives that and their SHA-256."""
    kept: list[Digest] = []
    with disk_errors("setting lines of events aside"):
        folder = _new_folder(layout)
        with (folder / "lines.jsonl").open("xb") as raws, (folder / "report.txt").open("x", encoding="utf-8") as report:
            report.write(_REPORT + (_IN_PLACE if in_their_places else _TAKEN_OUT))
            for number, raw in lines:
                kept.append(digest_of(raw))
                raws.write(raw)
                report.write(f"event {number if number >= 0 else '?'}  {_kind_of(raw)}  sha256 {kept[-1]}\n")
            for file in (raws, report):
                file.flush()
                os.fsync(file.fileno())
        flush_directory(folder)
        flush_directory(layout.out)
    return folder, kept


def is_set_aside(line: Line, other: bytes) -> bool:
    """Whether the event of *line* says that *other* stood in its place."""
    try:
        event = event_of(line)
    except BadLine:
        return False
    return isinstance(event, LineSetAside) and event.line == digest_of(other)


def _new_folder(layout: Layout) -> Path:
    make_directory(layout.out)
    name, number = UNVOUCHED + re.sub("[^0-9TZ]", "", now()), 1
    folder = layout.out / name
    while not make_directory(folder):
        number += 1
        folder = layout.out / f"{name}-{number}"
    return folder


def _kind_of(raw: bytes) -> str:
    try:
        return bytes(values_of(parse_line(raw)).get("kind", b"")).decode().strip('"')
    except (BadLine, UnicodeDecodeError):
        return "?"
