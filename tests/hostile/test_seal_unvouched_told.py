"""What is said of events that this machine has no note of writing: all of them, no more than is known, and how to go on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.spoiled_archives import append_events
from unburnt.api import Archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.errors import UnburntError
from unburnt.cli.main import unburnt
from unburnt.model.events import BeaconLogged, Erased, ItemReceived, KeyAnnounced, KeyRotated, ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.vault.fields import parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.note import Signer

_NOTHING = Options(reads=False)
_PLANTED = ItemReceived(accession="d1", path=b"planted.txt", digest="ab" * 32, size="7")
_READING = ReadingMade(blob="ab" * 32, step="read.text", version=1, key="0" * 64, output="ef" * 32, outcome=Outcome.READ)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "keys"))
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "notice.txt").write_text("关于拘留工作的通知\n")
    with Archive.create(tmp_path / "a") as made:
        made.add([tmp_path / "m"], options=_NOTHING)
    return tmp_path / "a"


def _run(archive: Path, *words: str) -> Result:
    return CliRunner().invoke(unburnt, ["-a", str(archive), *words])


def _held_back(archive: Path) -> str:
    with Archive.open(archive) as opened, pytest.raises(UnburntError, match="Not sealed") as said:
        Seals(opened).act(SealRequest(act="seal"))
    return str(said.value)


def test_honest_events_of_an_older_version_are_not_called_somebody_else_s(archive: Path) -> None:
    """That version noted nothing; the same is seen where the state folder was lost."""
    append_events(archive, _PLANTED)
    said = _held_back(archive)
    assert "this machine has no note of writing" in said
    assert re.search("An older version.*another machine.*somebody else", said)


def test_every_unvouched_event_is_named(archive: Path) -> None:
    lines = append_events(archive, _PLANTED, Erased(events=(3,), fields=("path",), digests=(), why=""), _PLANTED,
                          KeyAnnounced(vkey="x"), BeaconLogged(value="a headline"))
    first = parse_line(lines[0]).seq
    said = _held_back(archive)
    assert "5 events (2 item-received, 1 erased, 1 key-announced, 1 beacon-logged)" in said
    assert f"numbers {first} to {first + 4}" in said
    assert f"{first + 1} (erased), {first + 3} (key-announced)" in said


def test_seal_ends_with_an_error_while_events_are_held_back(archive: Path) -> None:
    assert _run(archive, "seal").exit_code == 0
    append_events(archive, _PLANTED)
    for words in (("seal",), ("seal", "--json")):
        done = _run(archive, *words)
        assert done.exit_code == 1
        assert "Not sealed" in done.stderr and done.stdout, "how far it is sealed is told all the same"
    assert _run(archive, "seal", "--accept").exit_code == 0


def test_setting_aside_prints_where_the_lines_went(archive: Path) -> None:
    append_events(archive, _PLANTED)
    done = _run(archive, "rebuild", "--set-aside")
    folder, = (archive / "out").glob("unvouched-*")
    assert done.exit_code == 0
    assert done.stdout.split() == [str(folder)]
    assert "1 unsealed event, number" in done.stderr and "no note of writing" in done.stderr
    assert _run(archive, "rebuild", "--set-aside").stdout == ""


def test_readings_that_a_command_set_aside_are_told_by_that_command(archive: Path) -> None:
    append_events(archive, _READING)
    assert "out/unvouched-" in _run(archive, "seal").stderr


def test_what_was_accepted_is_no_longer_said_to_be_held_back(archive: Path) -> None:
    append_events(archive, _PLANTED)
    with Archive.open(archive) as opened, opened.keeper(_NOTHING) as keeper:
        assert "Not sealed" in " ".join(keeper.messages)
        Seals(opened).act(SealRequest(act="seal", accept=True))
        keeper.wait_until_idle()
        assert "Not sealed" not in keeper.progress().message + " ".join(keeper.messages)


def test_a_forged_change_of_keys_stops_neither_proofs_nor_the_way_out(archive: Path) -> None:
    with Archive.open(archive) as opened:
        Seals(opened).act(SealRequest(act="rotate"))
        document, keys = opened.document("notice.txt").document, (archive / "log" / "key.pub").read_text()
        proof = Seals(opened).prove(document).opened
    append_events(archive, KeyRotated(statement="nonsense"), KeyAnnounced(vkey="x"))
    with Archive.open(archive) as opened:
        assert Seals(opened).prove_many()(document) is not None
        assert len(Seals(opened).statements()) > 0
    (archive / "log" / "key.pub").unlink()
    Archive.rebuild(archive, set_aside=True).close()
    assert (archive / "log" / "key.pub").read_text() == keys
    with Archive.open(archive) as opened:
        assert Seals(opened).prove(document).opened == proof


def test_a_key_that_only_a_forged_event_names_is_not_listed(archive: Path) -> None:
    stranger = Signer(origin_of(Layout(archive).archive_id), Ed25519PrivateKey.generate()).verifier.vkey
    keys = (archive / "log" / "key.pub").read_text()
    append_events(archive, KeyAnnounced(vkey=stranger))
    (archive / "log" / "key.pub").unlink()
    assert _run(archive, "seal").exit_code == 1
    assert (archive / "log" / "key.pub").read_text() == keys
