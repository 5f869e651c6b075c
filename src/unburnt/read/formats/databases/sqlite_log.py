"""Write-ahead logs and rollback journals of SQLite databases (sqlite.org/fileformat2.html, 3 and 4): named, not merged."""

from __future__ import annotations

from unburnt.read.emitter import Emitter
from unburnt.read.errors import Unsupported
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source


def read(source: Source, emitter: Emitter) -> Ending:
    """Raises :class:`Unsupported`, which says what it is."""
    if source.head(4).startswith(b"\x37\x7f"):
        raise Unsupported("It is the write-ahead log of the SQLite database beside it and may hold its newest rows; it is not merged.")
    raise Unsupported("It is the journal of the SQLite database beside it and holds pages as they were before a change; it is not read.")


FORMATS = (
    Format(
        "sqlite-log", read, memory_safe=True,
        title="Logs and journals of SQLite databases",
        gives="a sentence on what it belongs to",
        lacks="what it holds is not merged into the database",
    ),
)
