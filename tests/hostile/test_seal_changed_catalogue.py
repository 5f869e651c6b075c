"""The keeper goes on with no catalogue but the one that it left: anything else there is made again from the events."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest

from unburnt.api import Archive
from unburnt.base.errors import OutOfSpace
from unburnt.catalog.catalog import Catalog
from unburnt.vault.log.catalogues import Catalogues
from unburnt.vault.log.keys import Keys

AGAIN = "made again from the events"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    material = tmp_path / "material"
    material.mkdir()
    (material / "verdict.txt").write_text("The court acquits the accused.")
    (material / "novel.txt").write_text("The court sentences him to death.\n")
    with Archive.create(tmp_path / "archive") as made:
        made.add([material])
    return tmp_path / "archive"


def began(root: Path) -> str:
    """What the next keeper says of how it found the archive."""
    with Archive.open(root) as opened, opened.keeper() as keeper:
        keeper.wait_until_idle()
        return " ".join(keeper.messages)


def change(root: Path) -> None:
    connection = sqlite3.connect(root / "catalog.sqlite")
    with connection:
        assert connection.execute("UPDATE accession SET source = '/somewhere/else'").rowcount
    connection.close()


def source(root: Path) -> str:
    with Archive.open(root) as opened:
        return opened.accessions()[0].source


def test_what_somebody_wrote_into_the_catalogue_is_gone_before_anything_is_sealed(archive: Path) -> None:
    before = source(archive)
    change(archive)
    assert source(archive) != before
    assert AGAIN in began(archive)
    assert source(archive) == before
    assert AGAIN not in began(archive)


def test_volumes_that_only_the_catalogue_tells_of_are_not_joined(archive: Path) -> None:
    with Archive.open(archive) as opened:
        verdict, novel = (opened.document(name).document for name in ("verdict.txt", "novel.txt"))
    connection = sqlite3.connect(archive / "catalog.sqlite")
    with connection:
        for place, digest in enumerate((novel, verdict)):
            connection.execute("INSERT INTO volume (lead, place, number, digest, used) SELECT number, ?, ?, ?, 1 FROM blob "
                               "WHERE digest = ?", (place, place + 1, digest, verdict))
        connection.execute("UPDATE blob SET outcome = 'waiting' WHERE digest = ?", (verdict,))
    connection.close()
    began(archive)
    with Archive.open(archive) as opened:
        assert [part.text for part in opened.parts(verdict)] == ["The court acquits the accused."]


def test_the_catalogue_that_the_keeper_left_is_gone_on_with(archive: Path) -> None:
    inode = (archive / "catalog.sqlite").stat().st_ino
    with Archive.open(archive) as reader, Archive.open(archive) as opened:
        assert reader.status().documents == 2  # somebody reads while the keeper ends
        opened.add([archive.parent / "material"])
    assert AGAIN not in began(archive)
    assert (archive / "catalog.sqlite").stat().st_ino == inode


def test_an_older_catalogue_of_the_keeper_s_own_is_brought_up_to_the_events(archive: Path, tmp_path: Path) -> None:
    shutil.copy(archive / "catalog.sqlite", tmp_path / "older")
    (tmp_path / "more.txt").write_text("Another paper.")
    with Archive.open(archive) as opened:
        opened.add([tmp_path / "more.txt"])
    shutil.copy(tmp_path / "older", archive / "catalog.sqlite")
    assert AGAIN not in began(archive)
    with Archive.open(archive) as opened:
        assert opened.status().documents == 3


def test_nothing_beside_the_catalogue_is_written_into_it(archive: Path) -> None:
    assert _catalogues(archive).is_known(archive / "catalog.sqlite")
    (archive / "catalog.sqlite-wal").write_bytes(b"x")
    assert AGAIN in began(archive)


def test_after_a_keeper_that_was_killed_the_catalogue_is_made_again_and_equal(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("Another paper.")
    child = os.fork()
    if child == 0:
        with Archive.open(archive) as opened, opened.keeper() as keeper:
            keeper.receive(tmp_path / "more.txt")
            keeper.wait_until_idle()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    with Archive.open(archive) as opened:
        before = list(opened.dump())
    assert AGAIN in began(archive)
    with Archive.open(archive) as opened:
        assert list(opened.dump()) == before
        assert opened.count("paper") == 1


def test_what_was_begun_anew_and_not_finished_is_begun_anew_again(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Catalog, epoch: str) -> None:
        raise OutOfSpace("The disk is full.")

    change(archive)
    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "take_up_index", fails)
        with pytest.raises(OutOfSpace):
            began(archive)
    assert AGAIN in began(archive)
    assert AGAIN not in began(archive)


def test_where_the_key_is_not_the_catalogue_is_taken_as_it_is(archive: Path) -> None:
    with Archive.open(archive) as opened:
        shutil.rmtree(Keys()._root / opened.id)
    change(archive)
    assert AGAIN not in began(archive)


def test_damaged_notes_count_as_none(archive: Path) -> None:
    notes = _catalogues(archive)._path
    notes.write_bytes(b"\xff" * 100)
    assert AGAIN in began(archive)
    assert AGAIN not in began(archive)


def _catalogues(archive: Path) -> Catalogues:
    with Archive.open(archive) as opened:
        known = Keys().catalogues(opened.id)
    assert known is not None
    return known
