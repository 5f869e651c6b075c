"""What stands in the desk's addresses names a document for its archive, and tells nobody else anything."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import string
import threading
from pathlib import Path

import pytest

from unburnt.desk.addresses import Addresses

DOCUMENT = hashlib.sha256(b"a leaf").hexdigest()


def test_a_name_leads_back_to_its_document_also_after_a_restart(tmp_path: Path) -> None:
    name = Addresses(tmp_path / "desk.sqlite").name_of(DOCUMENT)
    again = Addresses(tmp_path / "desk.sqlite")
    assert again.document(name) == DOCUMENT
    assert again.name_of(DOCUMENT) == name


def test_another_archive_gives_another_name_and_does_not_know_this_one(tmp_path: Path) -> None:
    here, there = Addresses(tmp_path / "one.sqlite"), Addresses(tmp_path / "two.sqlite")
    assert here.name_of(DOCUMENT) != there.name_of(DOCUMENT)
    assert there.document(here.name_of(DOCUMENT)) is None


def test_names_of_documents_that_share_half_a_digest_share_nothing(tmp_path: Path) -> None:
    addresses = Addresses(tmp_path / "desk.sqlite")
    one, two = addresses.name_of(DOCUMENT), addresses.name_of(DOCUMENT[:32] + "0" * 32)
    assert not {one[at : at + 8] for at in range(57)} & {two[at : at + 8] for at in range(57)}
    assert set(one) <= set(string.ascii_letters + string.digits + "-_")
    assert not any(DOCUMENT[at : at + 8] in one for at in range(57))


@pytest.mark.parametrize("change", [
    lambda name: "", lambda name: DOCUMENT, lambda name: name[:-1], lambda name: name + "A", lambda name: name + "\n",
    lambda name: ("B" if name[0] == "A" else "A") + name[1:], lambda name: "拘" * 64, lambda name: "=" * 64])
def test_a_name_that_was_never_given_is_no_document(tmp_path: Path, change: object) -> None:
    addresses = Addresses(tmp_path / "desk.sqlite")
    assert callable(change)
    assert addresses.document(change(addresses.name_of(DOCUMENT))) is None


def test_only_the_owner_may_read_the_key_and_no_document_is_listed_beside_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        addresses = Addresses(tmp_path / "desk.sqlite")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "desk.sqlite").stat().st_mode) == 0o600
    kept = (tmp_path / "desk.sqlite").read_bytes()
    addresses.document(addresses.name_of(DOCUMENT))
    assert (tmp_path / "desk.sqlite").read_bytes() == kept


def test_two_desks_that_begin_at_once_agree(tmp_path: Path) -> None:
    names: list[str] = []
    threads = [
        threading.Thread(target=lambda: names.append(Addresses(tmp_path / "desk.sqlite").name_of(DOCUMENT)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 8 and len(set(names)) == 1


def _damaged(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


def _of_a_wrong_size(path: Path) -> None:
    Addresses(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE secret SET value = x'00'")
    connection.close()


def _a_link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize("spoil", [_damaged, _of_a_wrong_size, _a_link, Path.mkdir])
def test_where_no_key_can_be_kept_names_hold_until_the_desk_ends(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    spoil(tmp_path / "desk.sqlite")
    addresses = Addresses(tmp_path / "desk.sqlite")
    assert addresses.document(addresses.name_of(DOCUMENT)) == DOCUMENT
    assert not (tmp_path / "elsewhere").exists()
