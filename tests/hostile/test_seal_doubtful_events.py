"""A line that somebody appended to the events is not believed when it takes something away or changes the key."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.sealed_archive import verification, wrong
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.errors import UnburntError
from unburnt.model.events import AnyEvent, Erased, KeyRotated
from unburnt.vault.events import Events
from unburnt.vault.fields import LineWriter, fields_missing
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.note import Signer, Verifier
from unburnt.vault.log.rotation import RotationStatement

_NOTHING = Options(reads=False)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    with Archive.create(tmp_path / "a") as made:
        made.add([tmp_path / "m"], options=_NOTHING)
    return tmp_path / "a"


def _append(root: Path, event: AnyEvent) -> None:
    path = root / "events" / "000001.jsonl"
    number = len(path.read_bytes().splitlines())
    with path.open("ab") as file:
        file.write(LineWriter().line(number, event))


def _kill(root: Path) -> None:
    """Make it look as if the last keeper had been killed, so that the next one looks for what is left to do."""
    record = root / "keeper.lock"
    assert record.exists()
    record.write_bytes(record.read_bytes().replace(b'"clean":true', b'"clean":false'))


def _objects(root: Path) -> list[Path]:
    return [path for path in (root / "objects").rglob("*") if path.is_file()]


def _forged_erasing(root: Path) -> Erased:
    return Erased(events=(3,), fields=("path",), digests=(_objects(root)[0].name,), why="", time="2019-01-01T00:00:00Z")


def test_a_forged_erasing_removes_nothing_and_is_not_sealed(archive: Path, tmp_path: Path) -> None:
    _append(archive, _forged_erasing(archive))
    _kill(archive)
    (tmp_path / "n").mkdir()
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "n"], options=_NOTHING)
        assert len(_objects(archive)) == 1
        assert fields_missing(Events(Layout(archive), write=False).line(3)) == frozenset()
        state = Seals(opened).state()
        assert state.sealed < state.events
        with pytest.raises(UnburntError, match="somebody else"):
            Seals(opened).act(SealRequest(act="seal"))


def test_whoever_did_it_accepts_it_and_then_it_is_done(archive: Path) -> None:
    _append(archive, _forged_erasing(archive))
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal", accept=True))
        state = Seals(opened).state()
        assert state.sealed == state.events
    assert _objects(archive) == []


ERASE = """
import os, sys
from pathlib import Path
from unburnt.api import Archive
from unburnt.flow import erasing
from unburnt.flow.sealing import Sealing
from unburnt.vault.events import Events
moments = {"before-seal": (Sealing, "seal"), "before-fields": (Events, "erase_fields"), "before-bytes": (erasing, "_remove")}
with Archive.open(Path(sys.argv[1])) as archive:
    owner, name = moments[sys.argv[2]]
    original = getattr(owner, name)
    setattr(owner, name, lambda self, *rest: os._exit(9) if self_is_erasing else original(self, *rest))
    self_is_erasing = True
    archive.erase("notice.txt", why="asked for")
"""


@pytest.mark.parametrize("moment", ["before-seal", "before-fields", "before-bytes"])
def test_an_erasing_that_was_killed_is_finished_once_sealed_and_asked_about_before(
    archive: Path, tmp_path: Path, moment: str
) -> None:
    done = subprocess.run([sys.executable, "-c", ERASE, archive, moment], capture_output=True, check=False)
    assert done.returncode == 9, done.stderr
    (tmp_path / "n").mkdir()
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "n"], options=_NOTHING)
        if moment == "before-seal":
            assert len(_objects(archive)) == 1
            Seals(opened).act(SealRequest(act="seal", accept=True))
        assert _objects(archive) == []
        assert "path" in fields_missing(Events(Layout(archive), write=False).line(3))
    assert wrong(verification(archive)) == {}


def test_a_forged_loss_of_the_key_is_not_sealed_with_the_real_one(archive: Path, tmp_path: Path) -> None:
    layout = Layout(archive)
    old = Verifier.parse((layout.log / "key.pub").read_text().split()[-1])
    forged = RotationStatement.lost_key(old, Signer(origin_of(layout.archive_id), Ed25519PrivateKey.generate()))
    _append(archive, KeyRotated(statement=forged.encode(), time="2019-01-01T00:00:00Z"))
    (tmp_path / "n").mkdir()
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "n"], options=_NOTHING)
        state = Seals(opened).state()
    assert state.sealed < state.events
    assert state.vkey == old.vkey


def test_a_seal_that_was_taken_away_is_not_replaced_by_a_new_key(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in sorted((archive / "log").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "elsewhere"))
    (tmp_path / "n").mkdir()
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "n"], options=_NOTHING)
        with pytest.raises(UnburntError, match="taken away"):
            Seals(opened).act(SealRequest(act="seal"))
    assert not Keys().has(Layout(archive).archive_id)


def test_a_key_that_somebody_else_listed_is_not_shown_as_the_archives(archive: Path) -> None:
    stranger = Signer(origin_of(Layout(archive).archive_id), Ed25519PrivateKey.generate()).verifier.vkey
    ours = (archive / "log" / "key.pub").read_text().split()[-1]
    with (archive / "log" / "key.pub").open("a") as file:
        file.write(f"{stranger}\n")
    with Archive.open(archive) as opened:
        state = Seals(opened).state()
    assert state.vkey == ours
    assert any("somebody changed that file" in problem for problem in state.problems)


def test_the_list_of_keys_is_made_again_from_the_events(archive: Path, tmp_path: Path) -> None:
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="rotate"))
    keys = (archive / "log" / "key.pub").read_text()
    (archive / "log" / "key.pub").unlink()
    (tmp_path / "n").mkdir()
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "n"], options=_NOTHING)
    assert (archive / "log" / "key.pub").read_text() == keys
    assert len(keys.split()) == 2


def test_where_nothing_can_be_sealed_a_proof_changes_nothing(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "m" / "case.zip", "w") as package:
        package.writestr("inside.txt", "a member\n")
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "m"], options=Options(ocr=False))
        member = opened.document("case.zip").members[0].digest
        assert member is not None
        (tmp_path / "n").mkdir()
        (tmp_path / "n" / "late.txt").write_text("late\n")
        monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "elsewhere"))
        opened.add([tmp_path / "n"], options=_NOTHING)
        events, objects = (archive / "events" / "000001.jsonl").read_bytes(), _objects(archive)
        with pytest.raises(UnburntError, match="not on this machine"):
            Seals(opened).prove(member)
        assert ((archive / "events" / "000001.jsonl").read_bytes(), _objects(archive)) == (events, objects)
        monkeypatch.undo()
        assert Seals(opened).prove(member, text=True).event > 0
        assert _objects(archive) == objects, "a proof about a text needs no copy of the bytes"
        assert Seals(opened).prove(member).opened == ("digest", "size")
        assert len(_objects(archive)) == len(objects) + 1
