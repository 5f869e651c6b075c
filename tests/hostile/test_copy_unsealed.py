"""Whoever can write to a disk can write that something was erased: unsealed, that takes nothing from a good copy."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.material import make_delivery
from tests.sealed_archive import verification, wrong
from tests.spoiled_archives import FIRST, append_events, copied, event_lines, use_keys_of_its_own, write_event_lines
from unburnt.api import Archive
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.options import Options
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.digests import Digest
from unburnt.flow.repair_events import Unhealable
from unburnt.model.copies import CopyReport
from unburnt.model.events import BeaconLogged, Erased, KeyRotated
from unburnt.vault.audit.trusted import Trusted
from unburnt.vault.events import Events
from unburnt.vault.fields import fields_missing, parse_line, without
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import Signer, Verifier, parse_note
from unburnt.vault.log.rotation import RotationStatement

NOTICE = "village-1/notice-1.txt"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("pair")
    with Archive.create(base / "archive") as archive:
        archive.add([make_delivery(base / "delivery", texts=3)], options=Options(ocr=False))
    copy_archive(base / "archive", base / "copy")
    return base


@pytest.fixture(autouse=True)
def own_keys(pair: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_keys_of_its_own(tmp_path, monkeypatch)


@pytest.fixture
def archive(pair: Path, tmp_path: Path) -> Path:
    return copied(pair / "archive", tmp_path / "archive")


@pytest.fixture
def copy(pair: Path, tmp_path: Path) -> Path:
    return copied(pair / "copy", tmp_path / "copy")


def notice(root: Path) -> tuple[Digest, int]:
    """The document that the attacker wants gone, and the event by which it was received."""
    with Archive.open(root) as opened:
        document = opened.document(NOTICE).document
        return document, opened._catalog.item_sequences(document)[0]


def pretend_erased(root: Path, document: Digest, number: int) -> None:
    """Take out original, text, and the fields of the event, and write that it was erased."""
    (root / "objects" / document[:2] / document).unlink()
    connection = sqlite3.connect(root / "derived" / "001.sqlite")
    with connection:
        keys = connection.execute("SELECT key FROM derivations WHERE inputs LIKE ?", (f"%{document}%",)).fetchall()
        connection.executemany("DELETE FROM chunks WHERE key = ?", keys)
        connection.executemany("DELETE FROM inputs WHERE key = ?", keys)
        connection.executemany("DELETE FROM derivations WHERE key = ?", keys)
    connection.close()
    strip(root, number, {"path", "size"})
    append_events(root, Erased(events=(number,), fields=("path", "size"), digests=(document,)))


def strip(root: Path, number: int, fields: set[str]) -> None:
    lines = event_lines(root)
    lines[number] = without(parse_line(lines[number]), fields) or lines[number]
    write_event_lines(root, lines)


def missing(root: Path, number: int) -> frozenset[str]:
    return fields_missing(Events(Layout.open(root), write=False).line(number))


def keys_of(root: Path) -> set[str]:
    connection = sqlite3.connect(root / "derived" / "001.sqlite")
    try:
        return {key for (key,) in connection.execute("SELECT key FROM derivations")}
    finally:
        connection.close()


def assert_kept(copy: Path, report: CopyReport, document: Digest, number: int, before: set[str]) -> None:
    assert (copy / "objects" / document[:2] / document).is_file()
    assert missing(copy, number) == frozenset()
    assert keys_of(copy) >= before
    said = {finding.item: finding.what for finding in report.findings}
    assert "no signed checkpoint counts" in said[f"objects/{document[:2]}/{document}"]
    assert "no sealed event erased that" in said[f"event {number}"]


def test_an_unsealed_erasing_takes_nothing_from_a_copy(archive: Path, copy: Path) -> None:
    document, number = notice(archive)
    before = keys_of(copy)
    pretend_erased(archive, document, number)
    assert_kept(copy, copy_archive(archive, copy), document, number, before)
    assert_kept(copy, copy_archive(archive, copy), document, number, before)  # nor does the same again


def sealed_with_a_key_of_ones_own(archive: Path) -> tuple[Verifier, Verifier]:
    """Pretend that the archive's key was lost, and sign everything with another; gives both."""
    layout = Layout.open(archive)
    old = Verifier.parse((archive / "log" / "key.pub").read_text().strip())
    signer = Signer(old.name, Ed25519PrivateKey.generate())
    append_events(archive, KeyRotated(statement=RotationStatement.lost_key(old, signer).encode()))
    (archive / "log" / "key.pub").write_text(f"{old.vkey}\n{signer.verifier.vkey}\n")
    log = Log(layout.log, layout.tmp, old.name, write=True)
    lines = [parse_line(raw) for raw in (archive / FIRST).read_bytes().splitlines(keepends=True)]
    log.append([entry_of(line.digests) for line in lines[log.size:]])
    log.commit(signer)
    return old, signer.verifier


def without_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this is another machine."""
    monkeypatch.setenv("UNBURNT_KEYS", str(folder / "no keys"))


def test_an_erasing_sealed_with_a_key_of_ones_own_takes_nothing_from_a_copy(archive: Path, copy: Path) -> None:
    document, number = notice(archive)
    before = keys_of(copy)
    pretend_erased(archive, document, number)
    old, _ = sealed_with_a_key_of_ones_own(archive)
    for _ in range(2):
        report = copy_archive(archive, copy)
        assert_kept(copy, report, document, number, before)
        assert "log/checkpoint" in {finding.item for finding in report.findings}
        assert (copy / "log" / "key.pub").read_text().split() == [old.vkey]


def test_a_key_that_this_machine_has_was_not_lost_whatever_the_archive_says(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_erased(archive, *notice(archive))
    old, new = sealed_with_a_key_of_ones_own(archive)
    assert "log/checkpoint" in wrong(verification(archive))["checkpoint"]
    with Archive.open(archive) as opened:  # whoever did change it says so
        assert Seals(opened).verify(whom=Trusted(keys=(new,))).is_sound
    without_the_key(tmp_path, monkeypatch)
    with Archive.open(archive) as opened:
        assert not Seals(opened).verify(whom=Trusted(keys=(old,))).is_sound


@pytest.mark.parametrize("here", [True, False])
def test_an_erasing_sealed_with_a_key_of_ones_own_is_not_taken_for_one_by_a_repair(
    archive: Path, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    document, number = notice(archive)
    pretend_erased(archive, document, number)
    _, new = sealed_with_a_key_of_ones_own(archive)
    if not here:
        without_the_key(tmp_path, monkeypatch)
    report = repair_archive(archive, copy)
    said = {finding.item: finding.what for finding in report.findings}
    assert "not sealed" in said[f"objects/{document[:2]}/{document}"]
    assert "not sealed" in said[f"event {number}"]
    checkpoint = parse_note((archive / "log" / "checkpoint").read_bytes())
    if here:  # where the true key is, that other checkpoint is moved aside
        assert new.verified(checkpoint) is None and any((archive / "out").glob("damaged-*/log/checkpoint"))
    else:
        assert new.verified(checkpoint) is not None and "log/checkpoint" in said
    assert (copy / "objects" / document[:2] / document).is_file()


def test_a_key_that_was_handed_over_here_is_believed_also_before_that_is_sealed(archive: Path) -> None:
    with Archive.open(archive) as opened:
        before = (archive / "log" / "checkpoint").read_bytes()
        Seals(opened).act(SealRequest(act="rotate"))
    assert wrong(verification(archive)) == {}
    (archive / "log" / "checkpoint").write_bytes(before)  # as a kill between the change and its seal leaves it
    found = wrong(verification(archive))
    assert "checkpoint" not in found and list(found) == ["countersignatures"]  # the key remembers more, as is right


def test_what_a_sealed_event_erased_goes_though_an_unsealed_one_names_it_too(archive: Path, copy: Path) -> None:
    document, number = notice(archive)
    with Archive.open(archive) as opened:
        opened.erase(document)
    append_events(archive, Erased(events=(number,), fields=("path",), digests=(document,)))
    report = copy_archive(archive, copy)
    assert (report.removed, report.findings) == (1, ())
    assert missing(copy, number) == {"path", "modified", "size"}


# --- repair ---------------------------------------------------------------------------------------------------


def test_an_unsealed_erasing_in_the_copy_takes_nothing_from_the_archive(archive: Path, copy: Path) -> None:
    document, number = notice(archive)
    pretend_erased(copy, document, number)
    before = (archive / FIRST).read_bytes()
    repair_archive(archive, copy)
    assert (archive / FIRST).read_bytes() == before
    assert (archive / "objects" / document[:2] / document).is_file()


def test_no_unsealed_erasing_comes_with_the_lost_end_of_the_events(archive: Path, copy: Path) -> None:
    document, number = notice(archive)
    append_events(archive, BeaconLogged(value="headline", source="paper"))
    with Archive.open(archive) as opened:
        list(opened.dump())  # the catalogue knows of the last event now
    cut = (archive / FIRST).read_bytes().splitlines(keepends=True)[:-1]
    (archive / FIRST).write_bytes(b"".join(cut))
    shutil.rmtree(archive / "log" / "tile")
    append_events(copy, Erased(events=(number,), fields=("path",), digests=(document,)))
    try:
        repair_archive(archive, copy)
    except Unhealable as error:
        assert "nothing sealed it" in error.message
    assert (archive / "objects" / document[:2] / document).is_file()
    assert missing(archive, number) == frozenset()


def test_what_an_unsealed_event_of_the_archive_erased_is_named_and_neither_side_loses_more(
    archive: Path, copy: Path
) -> None:
    document, number = notice(archive)
    pretend_erased(archive, document, number)
    report = repair_archive(archive, copy)
    said = {finding.item: finding.what for finding in report.findings}
    for item in (f"objects/{document[:2]}/{document}", f"event {number}"):
        assert "not sealed" in said[item] and "The copy holds it" in said[item]
    assert (copy / "objects" / document[:2] / document).is_file()
    assert missing(archive, number) == {"path", "size"}


def test_a_sealed_erasing_of_the_copy_is_carried_over(archive: Path, copy: Path) -> None:
    document, number = notice(archive)
    older = archive.with_name("older")
    shutil.copytree(archive, older)
    with Archive.open(archive) as opened:
        opened.erase(document)
    copy_archive(archive, copy)
    lines = (older / FIRST).read_bytes().splitlines(keepends=True)
    shutil.copy(archive / "log" / "checkpoint", older / "log" / "checkpoint")  # it lost its newest events
    assert len(lines) < len((archive / FIRST).read_bytes().splitlines())
    repair_archive(older, copy)
    assert missing(older, number) == {"path", "modified", "size"}
    assert not (older / "objects" / document[:2] / document).exists()
