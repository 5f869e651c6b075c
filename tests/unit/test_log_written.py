"""Notes of what this machine's keeper wrote."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from unburnt.vault.log.written import Written


def test_reading_the_notes_takes_no_more_memory_than_they_do(tmp_path: Path) -> None:
    """It asked for a GiB at once, which ended a keeper where memory is limited."""
    notes = Written(tmp_path)
    notes.note([(7, bytes(32))])
    tracemalloc.start()
    try:
        assert notes.all() == {(7, bytes(32))}
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
