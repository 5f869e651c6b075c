"""A proof is about the document that was asked for, whatever the catalogue and the derived store say by now."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.forged_views import change_record, digest_of, packed, proved, sql
from tests.seal_proofs import CHECKER
from tests.sealed_archive import NOTICE
from tests.spoiled_archives import archive_of, for_one_test
from unburnt.api import Archive
from unburnt.api.seals import Seals
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError
from unburnt.vault.log.note import Note, Signer, parse_note
from unburnt.vault.log.proof import Proof

OTHER = b"an order of another day\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {"notice.txt": NOTICE.encode(), "other.txt": OTHER, "case.zip": packed("inside.txt", b"a member\n")}
    return archive_of(tmp_path_factory.mktemp("made"), files)


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return for_one_test(made, tmp_path, monkeypatch)


NOTICE_DIGEST = digest_of(NOTICE.encode())


def _lead_to_the_other(root: Path) -> None:
    """The catalogue says that the notice was received by the other's event."""
    connection = sqlite3.connect(root / "catalog.sqlite")
    (number,) = connection.execute(
        "SELECT sequence FROM item JOIN blob ON blob.number = item.blob WHERE digest = ?", (digest_of(OTHER),)).fetchone()
    connection.close()
    sql(root, "UPDATE item SET sequence = ? WHERE blob = (SELECT number FROM blob WHERE digest = ?)", number, NOTICE_DIGEST)


def test_a_document_is_proven_by_its_own_event_though_the_catalogue_leads_to_another(archive: Path) -> None:
    with Archive.open(archive) as opened:
        before = Seals(opened).of_document(NOTICE_DIGEST)
    _lead_to_the_other(archive)
    proved(archive, NOTICE.encode())
    with Archive.open(archive) as opened:
        assert Seals(opened).of_document(NOTICE_DIGEST).event == before.event


def test_what_no_event_names_is_not_said_to_be_sealed(archive: Path) -> None:
    digest = digest_of(b"never received\n")
    sql(archive, "UPDATE blob SET digest = ? WHERE digest = ?", digest, NOTICE_DIGEST)
    with Archive.open(archive) as opened:
        assert opened.document("notice.txt").document == digest
        assert not Seals(opened).of_document(digest).is_sealed
        with pytest.raises(UnburntError) as refused:
            Seals(opened).prove(digest)
    assert "rebuild" in str(refused.value.remedy)


def test_a_proof_says_which_bytes_it_is_about(archive: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "unburnt", "-a", str(archive), "prove", "notice.txt", "-o", "n.proof"],
                          cwd=archive.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and NOTICE_DIGEST in done.stderr


def test_a_text_is_not_proven_by_the_reading_of_another_document(archive: Path) -> None:
    sql(archive, "UPDATE document SET key = (SELECT other.key FROM document AS other JOIN blob ON blob.number = other.blob "
        "WHERE digest = ?) WHERE blob = (SELECT number FROM blob WHERE digest = ?)", digest_of(OTHER), NOTICE_DIGEST)
    with Archive.open(archive) as opened, pytest.raises(UnburntError) as refused:
        Seals(opened).prove(NOTICE_DIGEST, text=True)
    assert "rebuild" in str(refused.value.remedy)


@pytest.mark.parametrize("chunk", [0, 1])
def test_a_text_is_not_proven_where_another_record_stands_in_its_place(archive: Path, chunk: int) -> None:
    with Archive.open(archive) as opened:
        key = opened.key_of(NOTICE_DIGEST)
        assert key is not None and Seals(opened).prove(NOTICE_DIGEST, text=True)
    change_record(archive, key, lambda one: one.update({"title": "x"} if chunk == 0 else {"text": "释放"}), chunk)
    with Archive.open(archive) as opened, pytest.raises(DamagedArchive, match="sealed"):
        Seals(opened).prove(NOTICE_DIGEST, text=True)


def _sign_with_another_key(root: Path) -> str:
    """The checkpoint as it is, signed by a stranger alone, whose key is listed."""
    note = parse_note((root / "log" / "checkpoint").read_bytes())
    origin = note.text.split("\n", 1)[0]
    stranger = Signer(origin, Ed25519PrivateKey.generate())
    (root / "log" / "checkpoint").write_bytes(Note(note.text, (stranger.sign(note.text),)).encode())
    listed = (root / "log" / "key.pub").read_text()
    (root / "log" / "key.pub").write_text(f"{stranger.verifier.vkey}\n{listed}")
    shutil.rmtree(root / "log" / "checkpoints", ignore_errors=True)
    return stranger.verifier.vkey


def test_a_checkpoint_that_a_stranger_signed_in_the_keys_place_is_signed_again(archive: Path) -> None:
    with Archive.open(archive) as opened:
        key = Seals(opened).state().vkey
    assert key is not None
    _sign_with_another_key(archive)
    proved(archive, NOTICE.encode())
    done = subprocess.run([sys.executable, "-I", str(CHECKER), "it.proof", "it", "--key", key], cwd=archive.parent,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_proof_is_given_that_the_archives_own_key_did_not_sign(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Archive.open(archive) as opened:
        Seals(opened).prove(NOTICE_DIGEST)
        act = Seals.act

        def then_changed(self: Seals, request: object) -> object:
            done = act(self, request)  # type: ignore[arg-type]
            _sign_with_another_key(archive)
            return done

        monkeypatch.setattr(Seals, "act", then_changed)
        with pytest.raises(UnburntError, match="key"):
            Seals(opened).prove(NOTICE_DIGEST)


def test_an_erased_content_is_not_proven(archive: Path) -> None:
    with Archive.open(archive) as opened:
        opened.erase("other.txt")
        with pytest.raises(NotFound):
            Seals(opened).prove(digest_of(OTHER))


def test_the_proofs_in_a_bag_are_about_the_documents_they_stand_beside(archive: Path) -> None:
    from unburnt.api.bags import export_bag

    _lead_to_the_other(archive)
    with Archive.open(archive) as opened:
        written = export_bag(opened, ["notice.txt"])
    proof, = written.folder.rglob("*.proof")
    assert Proof.parse(proof.read_bytes()).opened()["digest"] == NOTICE_DIGEST
