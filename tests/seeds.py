"""Whole files by the reader of their type: what fuzzing begins with."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.every_format import samples
from unburnt.read.known import BY_TYPE, NO_READER
from unburnt.read.sniff import sniff
from unburnt.read.source import Source

ROOT = Path(__file__).parents[1]
SEEDS = 6
LARGEST = 500_000


@cache
def seeds() -> dict[str, list[tuple[str, bytes]]]:
    """Received name and bytes, at most ``SEEDS`` a reader: the suite's own, the example leak's, LibreOffice's, and $UNBURNT_SEEDS'.

    The reader is the one that the sniffed type asks for, whoever the file was made for.
    """
    found: dict[str, list[tuple[str, bytes]]] = {}
    own = [one for made in samples().values() for one in made]
    for name, data in (*own, *sorted(_collected(), key=lambda one: (len(one[1]), one[0]))):
        name = name.encode("utf-8", "replace").decode()
        row = BY_TYPE.get(sniff(Source(io.BytesIO(data), len(data), name)))
        known = found.setdefault(row.name if row else NO_READER, [])
        if len(known) < SEEDS:
            known.append((name, data))
    return found


def _collected() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(ROOT / "tests" / "golden" / "written.tar.xz") as packed:
        files = [(Path(entry.name).name, packed.extractfile(entry).read()) for entry in packed]  # type: ignore[union-attr]
    for folder in (ROOT / "examples" / "leak", os.environ.get("UNBURNT_SEEDS")):
        if folder:
            files += [(path.name, path.read_bytes()) for path in sorted(Path(folder).rglob("*")) if path.is_file()]
    return (one for one in files if 0 < len(one[1]) <= LARGEST)
