"""No text is sealed that was not read from the bytes it is said to come from.

While an archive rests, whoever may write to its disk can add a record and an unsealed event that names it, or change
bytes for the moment in which they are read.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.forged_views import packed
from tests.sealed_archive import NOTICE, wrong
from tests.spoiled_archives import READ, archive_of, for_one_test
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.canonical import step_key
from unburnt.base.digests import digest_of
from unburnt.base.errors import DamagedArchive
from unburnt.flow.steps import attempt_parameters
from unburnt.model.audit import Verification
from unburnt.model.events import ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"notice.txt": NOTICE.encode(), "case.zip": packed("inside.txt", b"a member\n")}
    return archive_of(tmp_path_factory.mktemp("made"), files)


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made / "material", tmp_path / "material")
    return for_one_test(made, tmp_path, monkeypatch)


def _add(root: Path) -> None:
    with Archive.open(root) as archive:
        archive.add([root.parent / "material"], options=READ)


def _text(root: Path) -> list[str]:
    with Archive.open(root) as archive:
        return [part.text for part in archive.parts(archive.document("notice.txt").document)]


def _verified(root: Path) -> Verification:
    with Archive.open(root) as archive:
        return Seals(archive).verify(rederive=None, options=READ)


def _slip_in(root: Path) -> None:
    """Another reading of the notice, right in every way but that no reader gave it."""
    layout = Layout.open(root)
    with Archive.open(root) as archive:
        blob = archive.document("notice.txt").document
        key = archive.key_of(blob)
        assert key is not None
        described = archive._derived.describe(key)
        head, part = archive._derived.chunks(key)
    forged = part.replace("拘留".encode(), "释放".encode())
    head = head.replace(digest_of(part).encode(), digest_of(forged).encode())
    assert json.loads(head)["parts"][0]["digest"] == digest_of(forged) != digest_of(part)
    derived = Derived(layout)
    key = step_key(described.step, described.version, attempt_parameters(1), [blob])
    output = derived.put(key, described.step, described.version, {"attempt": 1}, [blob], [head, forged])
    derived.flush()
    derived.close()
    events = Events(layout)
    events.append(ReadingMade(blob=blob, step=described.step, version=described.version, key=key, output=output,
                              outcome=Outcome.READ))
    events.flush()
    events.close()


def test_a_reading_that_no_run_sealed_is_made_again_and_not_shown_before(archive: Path) -> None:
    _slip_in(archive)
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal"))  # a keeper that reads nothing
    assert "释放" not in "".join(_text(archive))
    Archive.rebuild(archive).close()
    assert "释放" not in "".join(_text(archive))
    _add(archive)
    assert _text(archive) == [NOTICE]
    assert wrong(_verified(archive)) == {}


def test_bytes_that_were_changed_are_not_read_as_what_they_were(archive: Path) -> None:
    digest = hashlib.sha256(b"received and not read yet\n").hexdigest()
    (archive.parent / "material" / "late.txt").write_text("received and not read yet\n")
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "material"], options=Options(ocr=False, reads=False))
    place = archive / "objects" / digest[:2] / digest
    true = place.read_bytes()
    place.chmod(0o600)
    place.write_bytes(b"received AND not read yet\n")
    _add(archive)
    with Archive.open(archive) as opened:
        view = opened.document(digest)
        assert view.outcome == Outcome.CRASHED and "changed since they were received" in view.reason
    place.write_bytes(true)  # as if nothing had been
    with Archive.open(archive) as opened:
        opened.add([archive.parent / "material"], options=READ)
        assert [part.text for part in opened.parts(digest)] == ["received and not read yet\n"]
    assert wrong(_verified(archive)) == {}


def test_a_changed_copy_of_a_member_is_had_again_before_it_is_read(archive: Path) -> None:
    digest = hashlib.sha256(b"a member\n").hexdigest()
    place = archive / "derived" / "members" / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"A member\n")
    with Archive.open(archive) as opened, opened._contents.content.open_unchanged(digest) as file:
        assert file.read() == b"a member\n"


def test_a_changed_original_is_not_exported_as_the_original(archive: Path) -> None:
    with Archive.open(archive) as opened:
        document = opened.document("notice.txt").document
        place = archive / "objects" / document[:2] / document
        place.chmod(0o600)
        place.write_bytes(b"rot")
        with pytest.raises(DamagedArchive):
            opened.export_original(document)
    assert list((archive / "out").iterdir()) == []
