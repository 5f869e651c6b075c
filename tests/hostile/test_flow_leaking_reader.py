"""A reader that leaks memory costs no document: its child is given up, and another begins without what it leaked."""

from __future__ import annotations

from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.limits import MIB, Limits
from unburnt.flow import readers

DOCUMENTS = 30
LIMITS = Limits(memory=640 * MIB)
"""Two thirds of what all documents together leak in a child that they share."""


def test_documents_that_share_a_leaking_child_are_all_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "delivery"
    source.mkdir()
    for number in range(DOCUMENTS):
        (source / f"{number}.txt").write_text(f"Notice {number} about the road.")
    monkeypatch.setattr(readers, "READER_ENTRY", "tests.hostile.leaking:main")
    with Archive.create(tmp_path / "archive") as archive:
        archive.add([source], options=Options(ocr=False, workers=1, limits=LIMITS))
        outcomes = {name: count for name, count in archive.status().outcomes.items() if count}
        assert outcomes == {"read": DOCUMENTS}
        assert archive.count("road") == DOCUMENTS
