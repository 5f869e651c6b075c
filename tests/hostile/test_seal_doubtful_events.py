"""A line that somebody appended to the events is not believed when it takes something away or changes the key."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import append_events
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.errors import UnburntError
from unburnt.catalog.catalog import Catalog
from unburnt.model.events import Erased, KeyRotated, Repaired
from unburnt.vault.events import Events
from unburnt.vault.fields import LineWriter, fields_missing
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Signer, Verifier
from unburnt.vault.log.rotation import RotationStatement
from unburnt.vault.objects import Objects

_NOTHING = Options(reads=False)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    with Archive.create(tmp_path / "a") as made:
        made.add([tmp_path / "m"], options=_NOTHING)
    return tmp_path / "a"


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
    append_events(archive, _forged_erasing(archive))
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
    append_events(archive, _forged_erasing(archive))
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
from unburnt.vault import events
from unburnt.vault.events import Events
from unburnt.vault.log.written import Written
moments = {
    "before-note": (Written, "note"), "before-event": (events, "write_all"), "before-seal": (Sealing, "seal"),
    "before-forgetting": (Written, "forget"), "before-fields": (Events, "erase_fields"), "before-bytes": (erasing, "_remove"),
}
with Archive.open(Path(sys.argv[1])) as archive:
    setattr(*moments[sys.argv[2]], lambda *_: os._exit(9))
    archive.erase("notice.txt", why="asked for")
"""
UNDONE = ("before-note", "before-event")
"""Moments at which nothing was acknowledged or written yet."""


def _killed_while_erasing(archive: Path, moment: str) -> None:
    done = subprocess.run([sys.executable, "-c", ERASE, archive, moment], capture_output=True, check=False)
    assert done.returncode == 9, done.stderr


def _add_nothing(archive: Path, folder: Path) -> None:
    (folder / "n").mkdir(exist_ok=True)
    with Archive.open(archive) as opened:
        opened.add([folder / "n"], options=_NOTHING)


@pytest.mark.parametrize("moment", [
    *UNDONE, "before-seal", "before-forgetting", "before-fields", "before-bytes",
])
def test_an_erasing_that_was_killed_is_finished_by_the_next_keeper(archive: Path, tmp_path: Path, moment: str) -> None:
    _killed_while_erasing(archive, moment)
    _add_nothing(archive, tmp_path)
    undone = moment in UNDONE
    assert len(_objects(archive)) == int(undone)
    assert ("path" in fields_missing(Events(Layout(archive), write=False).line(3))) != undone
    with Archive.open(archive) as opened:
        state = Seals(opened).state()
    assert state.sealed == state.events
    assert wrong(verification(archive)) == {}


def test_on_a_machine_without_the_note_a_killed_erasing_is_asked_about(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _killed_while_erasing(archive, "before-seal")
    _note(archive).unlink()
    _add_nothing(archive, tmp_path)
    assert len(_objects(archive)) == 1
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal", accept=True))
    assert _objects(archive) == []
    assert wrong(verification(archive)) == {}


def _note(archive: Path) -> Path:
    return Path(os.environ["UNBURNT_KEYS"]) / Layout(archive).archive_id / "written"


def test_a_note_speaks_for_one_event_only(archive: Path, tmp_path: Path) -> None:
    """The keeper's own line is there to copy from; any other in its place, or at another number, is a forger's."""
    _killed_while_erasing(archive, "before-seal")
    path = archive / "events" / "000001.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    number = len(lines) - 1
    assert _note(archive).exists()
    for forged in (
        [LineWriter().line(number, _forged_erasing(archive))],
        [LineWriter().line(number, Repaired(copy_id="x")), lines[-1].replace(b'"seq":%d' % number, b'"seq":%d' % (number + 1))],
        [lines[-1], LineWriter().line(number + 1, _forged_erasing(archive))],
        [_without_a_disclosure(lines[-1])],
    ):
        path.write_bytes(b"".join([*lines[:-1], *forged]))
        _kill(archive)
        for view in archive.glob("catalog.sqlite*"):
            view.unlink()
        _add_nothing(archive, tmp_path)
        assert len(_objects(archive)) == 1, forged
        with Archive.open(archive) as opened, pytest.raises(UnburntError, match="somebody else"):
            Seals(opened).act(SealRequest(act="seal"))


def _without_a_disclosure(raw: bytes) -> bytes:
    line = json.loads(raw)
    line["disclosures"] = [one for one in line["disclosures"] if b'"why"' not in base64.urlsafe_b64decode(one + "==")]
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def test_a_note_that_was_settled_is_forgotten_so_that_an_archive_put_back_cannot_call_on_it(
    archive: Path, tmp_path: Path
) -> None:
    _killed_while_erasing(archive, "before-seal")
    shutil.copytree(archive, tmp_path / "put back", ignore=shutil.ignore_patterns("*.sock"))
    _add_nothing(archive, tmp_path)
    assert _objects(archive) == []
    assert _note(archive).read_bytes() == b""
    _add_nothing(tmp_path / "put back", tmp_path)
    assert len(_objects(tmp_path / "put back")) == 1


def _spoilt(archive: Path) -> None:
    (archive / "log" / "checkpoint").write_bytes(b"junk")


def _taken_away(archive: Path) -> None:
    shutil.rmtree(archive / "log")


def _sealed_by_a_stranger(archive: Path) -> None:
    layout = Layout(archive)
    origin = origin_of(layout.archive_id)
    log = Log(layout.log, layout.tmp, origin, write=True)
    log.append(Events(layout, write=False).commitments(log.appended - 1))
    log.commit(Signer(origin, Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("spoil", [_spoilt, _taken_away, _sealed_by_a_stranger])
def test_whatever_is_done_to_the_log_a_forged_erasing_is_neither_believed_nor_sealed(
    archive: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    append_events(archive, _forged_erasing(archive))
    spoil(archive)
    _kill(archive)
    _add_nothing(archive, tmp_path)
    assert len(_objects(archive)) == 1
    assert fields_missing(Events(Layout(archive), write=False).line(3)) == frozenset()
    signed = Checkpoint.parse(Keys().last_signed(Layout(archive).archive_id).text).size
    assert signed < Events(Layout(archive), write=False).last


def test_under_a_passphrase_one_s_own_erasing_is_known_and_a_forged_one_is_not(archive: Path) -> None:
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="rotate", new_passphrase="a long one"))
        opened.erase("notice.txt", why="the key is closed, so this is not sealed yet")
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal", passphrase="a long one"))
    assert wrong(verification(archive)) == {}
    append_events(archive, Erased(events=(1,), fields=("path",), digests=(), why="", time="2019-01-01T00:00:00Z"))
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match="somebody else"):
        Seals(opened).act(SealRequest(act="seal", passphrase="a long one"))


def test_a_forged_loss_of_the_key_is_not_sealed_with_the_real_one(archive: Path, tmp_path: Path) -> None:
    layout = Layout(archive)
    old = Verifier.parse((layout.log / "key.pub").read_text().split()[-1])
    forged = RotationStatement.lost_key(old, Signer(origin_of(layout.archive_id), Ed25519PrivateKey.generate()))
    append_events(archive, KeyRotated(statement=forged.encode(), time="2019-01-01T00:00:00Z"))
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
        with pytest.raises(UnburntError, match="another machine"):
            Seals(opened).prove(member)
        Seals(opened).act(SealRequest(act="seal", accept=True))
        assert Seals(opened).prove(member, text=True).event > 0
        assert _objects(archive) == objects, "a proof about a text needs no copy of the bytes"
        assert Seals(opened).prove(member).opened == ("digest", "size")
        assert len(_objects(archive)) == len(objects) + 1


@pytest.mark.parametrize("what", ["Events.erase_fields", "Objects.erase", "Catalog.scrub"])
def test_an_erasing_that_a_disk_refused_half_way_is_finished_by_the_next_keeper(
    archive: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    kind, _, name = what.partition(".")
    holder = {"Events": Events, "Objects": Objects, "Catalog": Catalog}[kind]

    def refuse(*_: object) -> None:
        raise UnburntError("The disk of this archive refused it: Input/output error.")
    with Archive.open(archive) as opened:
        document = opened.document("notice.txt").document
        with monkeypatch.context() as broken:
            broken.setattr(holder, name, refuse)
            with pytest.raises(UnburntError, match="refused"):
                opened.erase(document)
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="seal"))
    assert not (archive / "objects" / document[:2] / document).exists()
    assert wrong(verification(archive)) == {}
