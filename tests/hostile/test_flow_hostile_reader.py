"""A native parser that a file has taken over changes no other document's result, nor harms the keeper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.taken_over import DEEDS, INNOCENT
from tests.material import make_delivery
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.digests import digest_of
from unburnt.flow import readers
from unburnt.model.outcome import Outcome

ENTRY = "tests.hostile.taken_over:main"


def hostile(deed: str) -> bytes:
    return f"%PDF-1.4\n%deed:{deed}\n".encode()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_delivery(tmp_path_factory.mktemp("source") / "delivery", texts=20)
    (folder / "village-0" / "same.txt").write_bytes(b"Notice 0: " + INNOCENT.encode())
    for deed in DEEDS:
        (folder / f"{deed}.pdf").write_bytes(hostile(deed))
    return folder


@pytest.fixture(scope="module")
def clean(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The same delivery, read by readers that nobody has taken over."""
    with Archive.create(tmp_path_factory.mktemp("clean") / "archive") as archive:
        archive.add([source], options=Options(ocr=False))
        yield archive


@pytest.fixture(scope="module")
def attacked(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "READER_ENTRY", ENTRY)
        with Archive.create(tmp_path_factory.mktemp("attacked") / "archive") as archive:
            archive.add([source], options=Options(ocr=False))
            yield archive


def others(archive: Archive) -> list[str]:
    """The canonical dump without the lines that are about the hostile files or their members."""
    own = {digest_of(hostile(deed)) for deed in DEEDS} | {digest_of(b"a member of no consequence")}
    return [line for line in archive.dump() if own.isdisjoint(part for part in json.loads(line) if isinstance(part, str))]


def test_every_other_documents_result_is_that_of_a_clean_import(clean: Archive, attacked: Archive) -> None:
    assert len(others(clean)) > 50
    assert others(attacked) == others(clean)
    for query in ("拘留", "里面", "reminder"):
        found = {hit.document for hit in attacked.search(query, limit=200).hits}
        assert {hit.document for hit in clean.search(query, limit=200).hits} <= found
    assert attacked.count("mouth") == 0


def test_every_hostile_document_has_an_outcome_and_the_totals_add_up(attacked: Archive) -> None:
    status = attacked.status()
    assert status.items == sum(status.outcomes.values())
    assert status.outcomes["waiting"] == 0
    assert status.expected_members >= 0
    for deed in DEEDS:
        assert attacked.document(f"{deed}.pdf").outcome in set(Outcome) - {Outcome.WAITING}, deed


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_what_a_taken_over_child_said_can_be_looked_at(deed: str, attacked: Archive) -> None:
    view = attacked.document(f"{deed}.pdf")
    assert all(row.path in (b"../../etc/passwd", b"a") for row in view.members)
    assert len([part.text for part in attacked.parts(view.document)]) <= 1
    attacked.export_text(view.document).unlink()


def test_nothing_that_a_child_said_keeps_the_archive_from_being_rebuilt(attacked: Archive) -> None:
    before = list(attacked.dump())
    with Archive.rebuild(attacked.root) as archive:
        assert list(archive.dump()) == before
