"""The key seals that a container holds a file only where the file came out of that container just now.

Whoever may write to an archive's folder can add rows to the catalogue, put files among the copies of members and among
the objects, and change derived records. None of these is believed when a member is put into a proof.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.forged_views import FORGED, digest_of, list_member, packed, promoted, proved, put, sql
from tests.sealed_archive import NOTICE, verification, wrong
from tests.spoiled_archives import archive_of, for_one_test
from unburnt.api import Archive
from unburnt.api.seals import Seals
from unburnt.base.errors import UnburntError

CASE = packed("inside.txt", b"a member\n")
INNER = packed("deep.txt", b"deep down\n")
HELD = "<p>Απόρρητο έγγραφο</p>".encode()
PAGE = f'<p>Ελλάδα</p><iframe src="data:text/html,{HELD.decode()}"></iframe>'.encode("cp1253")
MAIL = b"""From: a@b.example
MIME-Version: 1.0
Content-Type: text/html; charset=windows-1253
Content-Disposition: attachment; filename="a.html"

""" + PAGE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"notice.txt": NOTICE.encode(), "case.zip": CASE, "outer.zip": packed("inner.zip", INNER), "a.eml": MAIL}
    return archive_of(tmp_path_factory.mktemp("made"), files)


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return for_one_test(made, tmp_path, monkeypatch)


def _refused(root: Path, digest: str) -> str:
    """What a proof of these bytes is refused with; nothing may have been written for it."""
    before = (root / "events" / "000001.jsonl").read_bytes()
    with Archive.open(root) as opened, pytest.raises(UnburntError) as refused:
        Seals(opened).prove(digest)
    assert (root / "events" / "000001.jsonl").read_bytes() == before
    assert not (root / "objects" / digest[:2] / digest).exists()
    return str(refused.value.remedy)


def test_a_file_that_was_only_listed_and_cached_is_not_sealed_as_a_member(archive: Path) -> None:
    digest = list_member(archive, digest_of(CASE), FORGED)
    put(archive, "derived/members", digest, FORGED)
    assert "rebuild" in _refused(archive, digest)
    assert promoted(archive) == []
    assert wrong(verification(archive)) == {}


def test_a_container_in_between_is_taken_out_again_too(archive: Path) -> None:
    """The copy of the inner archive is another archive, which does hold the file."""
    inner = digest_of(INNER)
    digest = list_member(archive, inner, FORGED)
    put(archive, "derived/members", inner, packed("order.txt", FORGED))
    _refused(archive, digest)
    assert promoted(archive) == []
    proved(archive, b"deep down\n")
    assert promoted(archive) == [(inner, digest_of(b"deep down\n"))]


def test_a_container_whose_object_was_changed_proves_nothing(archive: Path) -> None:
    digest = list_member(archive, digest_of(CASE), FORGED)
    put(archive, "objects", digest_of(CASE), packed("order.txt", FORGED))
    _refused(archive, digest)
    put(archive, "objects", digest_of(CASE), CASE)
    proved(archive, b"a member\n")


def test_a_container_that_nobody_delivered_proves_nothing(archive: Path) -> None:
    planted = packed("order.txt", FORGED)
    put(archive, "objects", digest_of(planted), planted)
    sql(archive, "INSERT INTO blob (digest, size, depth, rank, outcome) VALUES (?, ?, 0, 0, 'read')",
        digest_of(planted), len(planted))
    sql(archive, "INSERT INTO item (accession, path, blob, size, sequence) SELECT 'd1', 'planted.zip', number, size, 3 "
        "FROM blob WHERE digest = ?", digest_of(planted))
    digest = list_member(archive, digest_of(planted), FORGED)
    put(archive, "derived/members", digest, FORGED)
    _refused(archive, digest)
    assert promoted(archive) == []


@pytest.mark.parametrize("content", [b"a member\n", b"deep down\n", HELD])
def test_a_member_of_which_no_copy_is_left_can_be_proven(archive: Path, content: bytes) -> None:
    shutil.rmtree(archive / "derived" / "members")
    proved(archive, content)
    assert [digest for _, digest in promoted(archive)] == [digest_of(content)]
    assert wrong(verification(archive)) == {}


def test_a_changed_copy_of_a_member_does_not_keep_it_from_being_proven(archive: Path) -> None:
    digest = digest_of(b"a member\n")
    put(archive, "derived/members", digest, b"A MEMBER\n")
    proved(archive, b"a member\n")
    assert (archive / "objects" / digest[:2] / digest).read_bytes() == b"a member\n"
