"""Lines of events that nobody vouched for, moved out of the history into ``out/``, with a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from unburnt.base.clock import now
from unburnt.vault.durable import disk_errors, flush_directory, make_directory, replace_file
from unburnt.vault.fields import BadLine, parse_line, values_of
from unburnt.vault.layout import Layout

UNVOUCHED = "unvouched-"
_REPORT = """\
These lines stood in events/ while no checkpoint counted them, and nothing on this machine shows that its keeper wrote
them: it notes each event beside its key first. Somebody else who could write to the archive's folder added them, or
another machine without the key did, or the notes were lost. Nothing in them is to be believed for that reason alone.

lines.jsonl holds them byte for byte. In the place of each the archive has an event `line-set-aside` with the SHA-256
of the line. Readings are made again by themselves; a file that such a line says was received can be added again.

"""


def set_aside(layout: Layout, lines: Sequence[tuple[int, bytes]]) -> Path:
    """Keep *lines*, each with its number, in a new folder of ``out/``, durably; gives the folder."""
    with disk_errors("setting lines of events aside"):
        folder = _new_folder(layout)
        report = _REPORT + "".join(f"event {number}  {_kind_of(raw)}  sha256 {sha256(raw).hexdigest()}\n" for number, raw in lines)
        replace_file(folder / "lines.jsonl", b"".join(raw for _, raw in lines))
        replace_file(folder / "report.txt", report.encode())
        flush_directory(layout.out)
    return folder


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
        return values_of(parse_line(raw)).get("kind", b"").decode().strip('"')
    except (BadLine, UnicodeDecodeError):
        return "?"
