"""What an event says of objects and of erasing comes from the objects and the history, not from names and views."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forged_views import FORGED, digest_of, packed, put, sql
from tests.sealed_archive import NOTICE, verification, wrong
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.errors import DamagedArchive
from unburnt.model.events import Erased, ObjectAdopted
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout

OTHER = b"another order\n"
CASE = packed("inside.txt", b"a member\n")
NOTICE_DIGEST, OTHER_DIGEST, CASE_DIGEST = digest_of(NOTICE.encode()), digest_of(OTHER), digest_of(CASE)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "keys"))
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notice.txt").write_text(NOTICE)
    (tmp_path / "m" / "other.txt").write_bytes(OTHER)
    (tmp_path / "m" / "case.zip").write_bytes(CASE)
    with Archive.create(tmp_path / "archive") as opened:
        opened.add([tmp_path / "m"], options=Options(ocr=False))
    return tmp_path / "archive"


def _told(root: Path, kind: type) -> list[object]:
    return [event for _, event in Events(Layout.open(root), write=False).replay() if isinstance(event, kind)]


def test_a_file_that_is_not_what_its_name_says_is_not_adopted_as_that(archive: Path) -> None:
    lie, true = digest_of(b"what the stranger wants to have been here\n"), digest_of(FORGED)
    put(archive, "objects", lie, FORGED)
    put(archive, "objects", true, FORGED)
    Archive.rebuild(archive).close()
    assert [(one.digest, one.size) for one in _told(archive, ObjectAdopted)] == [(true, str(len(FORGED)))]  # type: ignore[attr-defined]
    assert any(lie in item for items in wrong(verification(archive)).values() for item in items)
    assert (archive / "objects" / lie[:2] / lie).read_bytes() == FORGED, "it is left where it was"


def _refused(root: Path, name: str, *, with_containers: bool = False) -> None:
    events = (root / "events" / "000001.jsonl").read_bytes()
    with Archive.open(root) as opened, pytest.raises(DamagedArchive) as refused:
        opened.erase(name, with_containers=with_containers)
    assert "rebuild" in str(refused.value.remedy)
    assert (root / "events" / "000001.jsonl").read_bytes() == events
    assert (root / "objects" / OTHER_DIGEST[:2] / OTHER_DIGEST).read_bytes() == OTHER


def test_erasing_takes_the_names_of_no_other_content(archive: Path) -> None:
    sql(archive, "UPDATE item SET sequence = 9 - sequence WHERE blob IN (SELECT number FROM blob WHERE digest IN (?, ?))",
        NOTICE_DIGEST, OTHER_DIGEST)
    with Archive.open(archive) as opened:
        opened.erase("notice.txt")
    numbers = [number for number, event in Events(Layout.open(archive), write=False).replay()
               if getattr(event, "digest", None) == NOTICE_DIGEST]
    assert [one.events for one in _told(archive, Erased)] == [tuple(numbers)]  # type: ignore[attr-defined]
    assert wrong(verification(archive)) == {}


def test_only_fields_of_the_contents_own_events_are_erased(archive: Path) -> None:
    sql(archive, "UPDATE item SET sequence = (SELECT sequence FROM item JOIN blob ON blob.number = item.blob WHERE digest = ?) "
        "WHERE blob = (SELECT number FROM blob WHERE digest = ?)", OTHER_DIGEST, NOTICE_DIGEST)
    with Archive.open(archive) as opened:
        opened.erase("notice.txt", fields=["modified"])
    for _, event in Events(Layout.open(archive), write=False).replay():
        if getattr(event, "digest", None) == OTHER_DIGEST:
            assert event.modified  # type: ignore[union-attr]


def test_what_only_the_catalogue_calls_a_container_is_not_erased_with_its_content(archive: Path) -> None:
    sql(archive, "INSERT INTO item (container, path, ordinal, kind, blob, size) SELECT outer.number, 'n', 0, 'entry', inner.number, 1 "
        "FROM blob AS outer, blob AS inner WHERE outer.digest = ? AND inner.digest = ?", OTHER_DIGEST, NOTICE_DIGEST)
    _refused(archive, "notice.txt", with_containers=True)


def test_what_was_received_by_itself_is_not_erased_as_a_member(archive: Path) -> None:
    sql(archive, "UPDATE item SET container = (SELECT number FROM blob WHERE digest = ?), ordinal = 7, sequence = NULL, "
        "accession = NULL, folder = NULL WHERE blob = (SELECT number FROM blob WHERE digest = ?)", CASE_DIGEST, OTHER_DIGEST)
    _refused(archive, "case.zip")


def test_a_file_that_only_the_catalogue_calls_received_is_taken_in(archive: Path) -> None:
    late = archive.parent / "m" / "late.txt"
    late.write_bytes(FORGED)
    sql(archive, "INSERT INTO item (accession, path, blob, size, modified, sequence) SELECT 'd1', ?, number, ?, ?, 4 FROM blob "
        "WHERE digest = ?", b"late.txt", len(FORGED), str(late.stat().st_mtime_ns), OTHER_DIGEST)
    erased = archive.parent / "m" / "not-erased.txt"
    erased.write_bytes(b"never erased\n")
    sql(archive, "INSERT INTO erased (digest, sequence) VALUES (?, 3)", digest_of(b"never erased\n"))
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "m"], options=Options(ocr=False))
    received = {getattr(event, "digest", None) for _, event in Events(Layout.open(archive), write=False).replay()}
    assert {digest_of(FORGED), digest_of(b"never erased\n")} <= received
    before = (archive / "events" / "000001.jsonl").read_bytes()
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "m"], options=Options(ocr=False))
    assert (archive / "events" / "000001.jsonl").read_bytes() == before, "what was received is not taken in again"


def test_a_container_is_erased_with_what_it_holds(archive: Path) -> None:
    with Archive.open(archive) as opened:
        gone = opened.erase(digest_of(b"a member\n"), with_containers=True)
    assert sorted(gone) == sorted([CASE_DIGEST, digest_of(b"a member\n")])
    assert wrong(verification(archive)) == {}
