"""What reaches a keeper that has ended is dropped with the files that hold it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from unburnt.flow.chunks import Chunks
from unburnt.flow.inbox import Inbox, Walked, WasRead


def was_read(chunks: Chunks) -> WasRead:
    done: Any = SimpleNamespace(chunks=chunks)
    return WasRead(frozenset(), [done])


def is_closed(chunks: Chunks) -> bool:
    return chunks._spool.closed


def test_readings_that_nobody_took_are_closed_with_the_inbox(tmp_path: Path) -> None:
    """They were left to the collector of garbage, which warns of an open file whenever it comes by."""
    inbox, waiting, late = Inbox(), Chunks(tmp_path), Chunks(tmp_path)
    inbox.put(was_read(waiting))
    inbox.put(Walked("d1", None))
    inbox.close()
    inbox.put(was_read(late))
    assert is_closed(waiting)
    assert is_closed(late)
    assert inbox.take(0) == []
