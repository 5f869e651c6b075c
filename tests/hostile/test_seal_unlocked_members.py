"""What a password opened is kept as it came out of its container, and the seal says so of no other bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.forged_views import FORGED, digest_of, packed, promoted, proved, put
from tests.sealed_archive import verification, wrong
from tests.zip_made import traditional_zip
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.base.errors import UnburntError
from unburnt.base.limits import Limits
from unburnt.vault.members import MemberCache

SLICES = Options(ocr=False, isolate_each=True, limits=Limits(slice_members=2))
PASSWORD = "long march"
SECRETS = {f"plan-{i}.txt": f"the hidden plan, sheet {i}\n".encode() for i in range(3)}
INNER = packed("deep.txt", b"deep behind the lock\n")
LOCKED = traditional_zip(SECRETS | {"inner.zip": INNER}, PASSWORD.encode())
SECRET = SECRETS["plan-1.txt"]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "keys"))
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "locked.zip").write_bytes(LOCKED)
    with Archive.create(tmp_path / "archive") as opened:
        opened.add([tmp_path / "m"], options=Options(ocr=False))
        assert opened.status().outcomes["locked"] >= 1
    return tmp_path / "archive"


def _unlock(root: Path, options: Options | None = None) -> None:
    with Archive.open(root) as opened:
        opened.try_passwords([PASSWORD], wait=True, options=options or Options(ocr=False))


def _whole(root: Path) -> None:
    """Each member is an object and promoted once, nothing else is, and all is well."""
    every = {digest_of(one): one for one in (*SECRETS.values(), INNER)}
    assert sorted(promoted(root)) == sorted((digest_of(LOCKED), digest) for digest in every)
    for digest, content in every.items():
        assert (root / "objects" / digest[:2] / digest).read_bytes() == content
    assert wrong(verification(root)) == {}


@pytest.mark.parametrize("options", [Options(ocr=False), SLICES], ids=["whole", "slices"])
def test_a_copy_that_was_there_before_is_not_promoted_in_the_members_place(archive: Path, options: Options) -> None:
    put(archive, "derived/members", digest_of(SECRET), FORGED)
    _unlock(archive, options)
    _whole(archive)
    proved(archive, SECRET)
    proved(archive, b"deep behind the lock\n")


def test_an_object_that_somebody_put_there_does_not_take_the_members_place(archive: Path) -> None:
    put(archive, "objects", digest_of(SECRET), SECRET.upper())
    _unlock(archive)
    _whole(archive)


def _changing(monkeypatch: pytest.MonkeyPatch, times: int) -> list[str]:
    """Somebody writes to the copy of a member as soon as it is there, so many times."""
    done: list[str] = []
    take = MemberCache.take

    def changed(self: MemberCache, digest: str, temporary: Path) -> None:
        if digest == digest_of(SECRET) and len(done) < times:
            done.append(digest)
            temporary.write_bytes(FORGED)
        take(self, digest, temporary)

    monkeypatch.setattr(MemberCache, "take", changed)
    return done


def test_a_copy_that_is_changed_before_it_is_kept_is_taken_out_again(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = _changing(monkeypatch, 1)
    _unlock(archive)
    assert done
    _whole(archive)


def test_where_copies_go_on_being_changed_nothing_is_recorded(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _changing(monkeypatch, 1_000)
    before = promoted(archive)
    with pytest.raises(UnburntError, match="changed"):
        _unlock(archive)
    assert promoted(archive) == before == []
    monkeypatch.undo()
    monkeypatch.setenv("UNBURNT_KEYS", str(archive.parent / "keys"))
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "m"], options=Options(ocr=False))  # what waits is read, and locked again
    _unlock(archive)
    _whole(archive)
