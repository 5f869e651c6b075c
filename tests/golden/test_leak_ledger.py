"""Nothing of the leak is missing: every file is received, has an outcome, and the totals add up."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from leak_source import LEAK, TRUTH, name_of, occurrences_of, source_documents, source_files, walked

from unburnt.api import Archive
from unburnt.model.views import ItemRow

DOCUMENTS = source_documents()


def all_rows(archive: Archive) -> list[ItemRow]:
    rows: list[ItemRow] = []
    while True:
        page = archive.ledger(offset=len(rows), limit=100)
        rows.extend(page.rows)
        if len(rows) >= page.total or not page.rows:
            return rows


def without_root(path: bytes) -> bytes:
    """A received path without the name of the folder that was given."""
    return path.removeprefix(LEAK.name.encode() + b"/")


def test_committed_files_are_those_the_generator_described() -> None:
    found = {path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in walked()}
    assert found == {file.path: file.digest for file in source_files()}


def test_the_leak_is_as_large_and_deep_as_promised() -> None:
    files = source_files()
    assert len(files) >= 60
    assert sum(file.size for file in files) < 12 << 20
    assert max(file.path.count(b"/") for file in files) >= 6
    assert max(len(name) for file in files for name in file.path.split(b"/")) == 250


def test_every_file_is_received_with_its_path_bytes(leak_archive: Archive) -> None:
    rows = [row for row in all_rows(leak_archive) if row.container is None]
    assert sorted((without_root(row.path), row.digest, row.size) for row in rows) == sorted(
        (file.path, file.digest, file.size) for file in source_files()
    )


def test_every_member_is_in_the_ledger(leak_archive: Archive) -> None:
    rows = [row for row in all_rows(leak_archive) if row.container is not None]
    found = sorted((str(row.container), str(row.digest)) for row in rows)
    told = [(key, truth["members"]) for key, truth in DOCUMENTS.items() if truth.get("members")]
    expected = [(container, str(member["sha256"])) for container, members in told for member in members]
    known = {container for container, _ in told}
    assert [pair for pair in found if pair[0] in known] == sorted(expected)


def test_totals_add_up(leak_archive: Archive) -> None:
    status = leak_archive.status()
    assert status.items == sum(status.outcomes.values()) == leak_archive.ledger(limit=1).total
    assert status.outcomes.get("waiting", 0) == 0
    assert status.outcomes.get("crashed", 0) == 0
    assert status.expected_members == status.emitted_members + status.failed_members


@pytest.mark.parametrize("digest", DOCUMENTS, ids=name_of)
def test_outcome_is_the_expected_one(leak_archive: Archive, digest: str) -> None:
    view = leak_archive.document(digest)
    assert str(view.outcome) in DOCUMENTS[digest]["outcomes"], view.reason
    assert view.reason or view.outcome == "read"


@pytest.mark.parametrize("digest", DOCUMENTS, ids=name_of)
def test_type_comes_from_the_content(leak_archive: Archive, digest: str) -> None:
    reading = leak_archive.document(digest).reading
    assert reading is not None
    assert reading.type in DOCUMENTS[digest]["types"]


@pytest.mark.parametrize("digest", DOCUMENTS, ids=name_of)
def test_every_place_of_a_content_is_kept(leak_archive: Archive, digest: str) -> None:
    view = leak_archive.document(digest)
    expected = occurrences_of(digest)
    assert (view.total_occurrences, len(view.occurrences)) == (expected, expected)
    received = {without_root(one.path) for one in view.occurrences if not one.chain}
    assert received == {file.path for file in source_files() if file.digest == digest}


@pytest.mark.parametrize("wrong", ["照片.jpg", "旧文档.doc", "空文件.docx", "名册.xlsx.bak"])
def test_a_wrong_or_missing_extension_does_not_decide(leak_archive: Archive, wrong: str) -> None:
    (file,) = [file for file in source_files() if file.path.endswith(wrong.encode())]
    truth: dict[str, Any] = TRUTH["documents"][file.digest]
    assert str(leak_archive.document(file.digest).outcome) in truth["outcomes"]
