"""What nobody sealed counts for nothing: verifying names what was slipped in beside, or beyond, a signed history."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_authority import Authority
from tests.sealed_archive import NOTICE, material, sealed_archive, wrong
from tests.spoiled_archives import copied, event_lines, use_keys_of_its_own, write_event_lines
from unburnt.api import Archive
from unburnt.api.copies import copy_archive, repair_archive
from unburnt.api.seals import SealRequest, Seals
from unburnt.base.canonical import step_key
from unburnt.model.audit import Verification
from unburnt.model.events import (
    AnyEvent,
    CountersignatureAdded,
    Erased,
    ItemReceived,
    KeyAnnounced,
    KeyRotated,
    TimestampAdded,
)
from unburnt.vault.audit.trusted import Trusted
from unburnt.vault.derived_schema import connect_writer
from unburnt.vault.fields import LineWriter, event_of, parse_line, without
from unburnt.vault.layout import Layout
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keys import origin_of
from unburnt.vault.log.note import Note, Signer, Verifier
from unburnt.vault.log.roots import read_roots
from unburnt.vault.log.rotation import RotationStatement


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    folder = material(tmp_path_factory.mktemp("material"))
    return sealed_archive(tmp_path_factory.mktemp("archives") / "archive", folder, authority)


@pytest.fixture
def archive(sealed: Path, tmp_path: Path) -> Path:
    return copied(sealed, tmp_path / "a")


def _verify(root: Path, **trusted: object) -> Verification:
    with Archive.open(root) as archive:
        return Seals(archive).verify(whom=Trusted(**trusted))  # type: ignore[arg-type]


def _notes(report: Verification) -> str:
    return "\n".join(note for check in report.checks for note in check.notes)


def _append(root: Path, event: AnyEvent) -> int:
    lines = event_lines(root)
    write_event_lines(root, [*lines, LineWriter().line(len(lines), event)])
    return len(lines)


def _received(root: Path) -> tuple[int, str]:
    """Number and digest of the first item whose bytes are there."""
    for line in map(parse_line, event_lines(root)):
        event = event_of(line)
        if isinstance(event, ItemReceived) and event.digest and (root / "objects" / event.digest[:2] / event.digest).exists():
            return line.seq, event.digest
    raise AssertionError


def _key(root: Path) -> Verifier:
    return Verifier.parse((root / "log" / "key.pub").read_text().split()[-1])


def _database(root: Path, *statements: str) -> None:
    connection = sqlite3.connect(root / "derived" / "001.sqlite")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_unsealed_erasing_explains_neither_a_lost_original_nor_a_lost_field(archive: Path) -> None:
    number, digest = _received(archive)
    (archive / "objects" / digest[:2] / digest).unlink()
    lines = event_lines(archive)
    shorter = without(parse_line(lines[number]), {"path"})
    assert shorter is not None
    lines[number] = shorter
    write_event_lines(archive, lines)
    erased = _append(archive, Erased(events=(number,), fields=("path",), digests=(digest,)))
    report = _verify(archive)
    said = {one.item: one.what for check in report.checks for one in check.findings}
    assert f"event {erased}, which is not sealed, says" in said[f"event {number}"]
    assert f"Event {erased}, which is not sealed, says" in said[f"objects/{digest[:2]}/{digest}"]
    assert f"Event {erased}, which is not sealed" in _notes(report)


def test_an_unsealed_erasing_of_what_is_still_there_is_told_and_nothing_is_wrong(archive: Path) -> None:
    number, digest = _received(archive)
    erased = _append(archive, Erased(events=(number,), fields=("path",), digests=(digest,)))
    report = _verify(archive)
    assert wrong(report) == {}
    assert f"Event {erased}, which is not sealed, says that something was erased" in _notes(report)


def test_an_unsealed_change_of_keys_changes_nothing_and_is_told(archive: Path) -> None:
    forged = Signer(origin_of(Layout(archive).archive_id), Ed25519PrivateKey.generate())
    statement = RotationStatement.lost_key(_key(archive), forged)
    numbers = _append(archive, KeyRotated(statement=statement.encode())), _append(
        archive, KeyAnnounced(vkey=forged.verifier.vkey))
    report = _verify(archive)
    assert wrong(report) == {}
    assert all(f"Event {one}, which is not sealed, says which key" in _notes(report) for one in numbers)
    assert wrong(_verify(archive, keys=(forged.verifier,)))["checkpoint"] == ["log/checkpoint"]


def _strangers(root: Path) -> tuple[Signer, Signer]:
    origin = origin_of(Layout(root).archive_id)
    return Signer(origin, Ed25519PrivateKey.generate()), Signer(origin, Ed25519PrivateKey.generate())


def _nonsense(root: Path) -> str:
    return "nonsense"


def _signed_by_the_new_key_alone(root: Path) -> str:
    one, other = _strangers(root)
    text = f"unburnt key rotation v1\n{_key(root).vkey}\n{one.verifier.vkey}\n"
    return Note(text, (one.sign(text), other.sign(text))).encode().decode()


@pytest.mark.parametrize("statement", [_nonsense, _signed_by_the_new_key_alone])
def test_an_unsealed_change_of_keys_without_both_signatures_is_named_and_no_true_file_called_wrong(
    archive: Path, statement: Callable[[Path], str]
) -> None:
    number = _append(archive, KeyRotated(statement=statement(archive)))
    for trusted in ({}, {"keys": (_key(archive),)}):
        report = _verify(archive, **trusted)
        assert wrong(report) == {}
        assert f"Event {number}, which is not sealed, says which key seals this archive" in _notes(report)
        assert "not signed by both keys" in _notes(report)


def test_a_forged_change_of_keys_counts_for_nothing_where_nothing_was_ever_signed(archive: Path) -> None:
    writer, kept = LineWriter(), [event_of(parse_line(line)) for line in event_lines(archive)]
    stripped = [one for one in kept if not isinstance(one, KeyAnnounced | Erased | CountersignatureAdded | TimestampAdded)]
    write_event_lines(archive, [writer.line(number, one) for number, one in enumerate(stripped)])
    shutil.rmtree(archive / "log")
    (archive / "log").mkdir()
    before = wrong(_verify(archive))
    number = _append(archive, KeyRotated(statement="nonsense"))
    report = _verify(archive)
    assert wrong(report) == before
    assert f"Event {number}, which is not sealed, says which key" in _notes(report)


@pytest.mark.parametrize("changed", [
    lambda root, one, other: KeyRotated(statement=RotationStatement.handed_over(one, other).encode()),
    lambda root, one, other: KeyRotated(statement=RotationStatement.lost_key(_key(root), other).encode()),
    lambda root, one, other: KeyAnnounced(vkey=other.verifier.vkey),
], ids=["between strangers", "lost", "announced"])
def test_no_unsealed_event_makes_a_stranger_s_key_one_of_the_archive_s(
    archive: Path, changed: Callable[[Path, Signer, Signer], AnyEvent]
) -> None:
    one, other = _strangers(archive)
    _append(archive, changed(archive, one, other))
    with (archive / "log" / "key.pub").open("a") as file:
        file.write(f"{other.verifier.vkey}\n")
    assert wrong(_verify(archive)) == {"checkpoint": ["log/key.pub"]}


def test_received_items_that_are_not_sealed_are_told_by_number(archive: Path) -> None:
    number = _append(archive, ItemReceived(accession="d1", path=b"forged.txt", reason="no bytes"))
    report = _verify(archive)
    assert wrong(report) == {}
    assert f"The newest 1 events, from number {number} on, are not sealed yet" in _notes(report)


def test_a_key_that_no_event_names_is_not_published(archive: Path) -> None:
    forged = Signer(origin_of(Layout(archive).archive_id), Ed25519PrivateKey.generate()).verifier
    path = archive / "log" / "key.pub"
    own = path.read_text()
    for content in (f"{own}{forged.vkey}\n", f"{forged.vkey}\n", "junk\n", own * 2):
        path.write_text(content)
        assert wrong(_verify(archive)) == {"checkpoint": ["log/key.pub"]}
    path.unlink()
    assert wrong(_verify(archive)) == {"checkpoint": ["log/key.pub"]}


def test_any_of_the_given_keys_may_be_the_one_that_signed(archive: Path) -> None:
    other = Signer(origin_of(Layout(archive).archive_id), Ed25519PrivateKey.generate()).verifier
    assert wrong(_verify(archive, keys=(other, _key(archive)))) == {}
    assert wrong(_verify(archive, keys=(other,))) == {"checkpoint": ["log/checkpoint"]}


def test_a_stripped_seal_is_wrong_for_who_gave_a_key_or_a_root(archive: Path, authority: Authority) -> None:
    key, roots = _key(archive), read_roots(authority.root.pem)
    writer, kept = LineWriter(), [event_of(parse_line(line)) for line in event_lines(archive)]
    stripped = [one for one in kept if not isinstance(one, KeyAnnounced | Erased)]
    write_event_lines(archive, [writer.line(number, one) for number, one in enumerate(stripped)])
    shutil.rmtree(archive / "log")
    assert wrong(_verify(archive, keys=(key,)))["checkpoint"] == ["log/checkpoint"]
    assert "log/timestamps/" in wrong(_verify(archive, roots=roots))["timestamps"]


def test_removed_timestamps_are_wrong_for_who_gave_a_root(archive: Path, authority: Authority) -> None:
    roots = read_roots(authority.root.pem)
    assert wrong(_verify(archive, roots=roots)) == {}
    [token] = (archive / "log" / "timestamps").rglob("*.tsr")
    shutil.rmtree(archive / "log" / "timestamps")
    assert wrong(_verify(archive, roots=roots)) == {"timestamps": [str(token.relative_to(archive)), "log/timestamps/"]}


def test_roots_that_are_the_archives_own_are_told(archive: Path, authority: Authority) -> None:
    assert "the archive itself names (log/roots/)" in _notes(_verify(archive))
    assert "log/roots/" not in _notes(_verify(archive, roots=read_roots(authority.root.pem)))


def _text_cut_off(root: Path) -> None:
    _database(root, "DELETE FROM chunks WHERE number >= 1", "UPDATE derivations SET chunks = 1")


def _text_longer(root: Path) -> None:
    _database(root, "UPDATE derivations SET chunks = chunks + 1", "INSERT INTO chunks (key, number, size, digest, encoding, "
              "output) SELECT key, 2, size, digest, encoding, output FROM chunks WHERE number = 1")


def _chunk_beyond(root: Path) -> None:
    _database(root, "INSERT INTO chunks (key, number, size, digest, encoding, output) SELECT key, 7, size, digest, "
              "encoding, output FROM chunks WHERE number = 1")


@pytest.mark.parametrize("attack", [_text_cut_off, _text_longer, _chunk_beyond])
def test_a_text_that_is_not_as_long_as_its_reading_says_is_named(archive: Path, attack: Callable[[Path], None]) -> None:
    attack(archive)
    items = wrong(_verify(archive))["derived"]
    assert items and all(item.startswith("record ") for item in items)


def test_a_derived_record_that_no_event_names_is_named(archive: Path) -> None:
    _, digest = _received(archive)
    key = step_key("read.text", 1, {"attempt": 9}, [digest])
    _database(
        archive, f"INSERT INTO derivations SELECT '{key}', 'read.text', 1, '{{\"attempt\":9}}', '[\"{digest}\"]', output, "
        "chunks FROM derivations ORDER BY key LIMIT 1", f"INSERT INTO inputs VALUES ('{digest}', '{key}')",
        f"INSERT INTO chunks (key, number, size, digest, encoding, output) SELECT '{key}', number, size, digest, encoding, "
        f"output FROM chunks WHERE key = (SELECT key FROM derivations WHERE key != '{key}' ORDER BY key LIMIT 1)")
    assert wrong(_verify(archive))["derived"] == [f"record {key}"]


def test_records_that_are_no_longer_kept_are_counted_and_views_are_said_not_to_be_looked_at(archive: Path) -> None:
    before = _notes(_verify(archive))
    assert "unburnt rebuild makes them again" in before
    _database(archive, "DELETE FROM chunks", "DELETE FROM derivations")
    report = _verify(archive)
    assert "readings that events name are no longer kept in derived/" in _notes(report)


def test_a_disclosure_shown_twice_is_named(archive: Path) -> None:
    number, _ = _received(archive)
    lines = event_lines(archive)
    line = json.loads(lines[number])
    line["disclosures"].append(line["disclosures"][1])
    lines[number] = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    write_event_lines(archive, lines)
    assert wrong(_verify(archive))["events"] == [f"events/000001.jsonl line {number + 1}"]


def test_digests_that_are_joined_to_one_are_named(archive: Path) -> None:
    lines = event_lines(archive)
    line = json.loads(lines[3])
    line["digests"][:2] = ["\n".join(line["digests"][:2])]
    shown = {hashlib.sha256(one.encode()).digest() for one in line["disclosures"]}
    assert shown
    lines[3] = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    write_event_lines(archive, lines)
    assert "events/000001.jsonl line 4" in wrong(_verify(archive))["events"]


def test_signature_lines_by_unknown_names_are_told(archive: Path) -> None:
    layout = Layout(archive)
    kept = Kept(layout.log, layout.tmp)
    note = kept.note(kept.sizes()[0])
    assert note is not None
    stranger = Signer("nobody.example", Ed25519PrivateKey.generate())
    (layout.log / "checkpoints" / str(kept.sizes()[0])).write_bytes(
        Note(note.text, (*note.signatures, stranger.sign(note.text))).encode())
    report = _verify(archive)
    assert wrong(report) == {}
    assert "1 signatures of names that are not known here" in _notes(report)


def test_timestamps_of_other_authorities_are_told_where_one_holds_by_the_given_root(tmp_path: Path) -> None:
    for name in ("material", "one", "other"):
        (tmp_path / name).mkdir()
    one, other = Authority(tmp_path / "one"), Authority(tmp_path / "other")
    root = sealed_archive(tmp_path / "a", material(tmp_path / "material"), one)
    with Archive.open(root) as opened:
        seals = Seals(opened)
        query = seals.requests_for_timestamps(1)[0]
        seals.act(SealRequest(act="timestamp", answer=other.reply(query), root=other.root.pem))
    report = _verify(root, roots=read_roots(one.root.pem))
    assert wrong(report) == {}
    assert "is by another authority than those you trust" in _notes(report)
    for path in (root / "log" / "roots").iterdir():
        path.unlink()
    assert len(wrong(_verify(root, roots=read_roots(one.root.pem)))["timestamps"]) == 1


def _slip_in_a_chunk(root: Path) -> str:
    """A second database, which comes first, with one chunk and no record: it would be read in place of the true one."""
    with Archive.open(root) as archive:
        key = archive.key_of(archive.document("notice.txt").document)
        assert key is not None
        true = archive._derived.chunk(key, 1)
    assert true is not None
    forged = true.replace("拘留".encode(), "释放".encode())
    assert forged != true
    database = connect_writer(root / "derived" / "000.sqlite")
    database.execute(
        "INSERT INTO chunks (key, number, size, digest, encoding, output) VALUES (?, 1, ?, ?, 'zstd', ?)",
        (key, len(forged), hashlib.sha256(forged).hexdigest(), zstandard.compress(forged)))
    database.close()
    return key


def _text(root: Path) -> list[str]:
    with Archive.open(root) as archive:
        return [part.text for part in archive.parts(archive.document("notice.txt").document)]


def test_a_text_that_stands_apart_from_its_record_is_named_and_not_shown(archive: Path) -> None:
    key = _slip_in_a_chunk(archive)
    assert wrong(_verify(archive)) == {"derived": [f"record {key}"]}
    assert _text(archive) == [NOTICE]


def test_a_text_that_stands_apart_from_its_record_goes_with_a_repair(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_keys_of_its_own(tmp_path, monkeypatch)  # the key will remember that it signed the repair
    copy_archive(archive, tmp_path / "copy")
    _slip_in_a_chunk(archive)
    repair_archive(archive, tmp_path / "copy")
    assert wrong(_verify(archive)) == {}
    assert _text(archive) == [NOTICE]


@pytest.mark.parametrize("statement", [
    "INSERT INTO inputs SELECT 'another', max(key) FROM derivations",
    "DELETE FROM inputs WHERE input = (SELECT min(input) FROM inputs)",
    "CREATE INDEX another ON chunks (key, number, size, digest, output)",
    "CREATE TABLE another (x)",
])
def test_tables_by_which_erasing_goes_are_as_the_records_say(archive: Path, statement: str) -> None:
    _database(archive, statement)
    assert list(wrong(_verify(archive))) == ["derived"]
