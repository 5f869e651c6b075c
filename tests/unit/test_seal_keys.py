"""Keys: made once, kept from others, carried safely, handed over by statements that chain."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_logs import ARCHIVE, ORIGIN, sealed
from unburnt.base.errors import UnburntError, UsageError, WrongPassphrase
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.guard import MemoryLost, RolledBack
from unburnt.vault.log.keyfile import BadKeyFile, KeyExposed
from unburnt.vault.log.keys import KeyExists, KeyMissing, Keys
from unburnt.vault.log.note import BadNote, Note, Signature, Signer, Verifier
from unburnt.vault.log.rotation import (
    KeyNotHandedOver,
    RotationStatement,
    encode_statements,
    handed_over,
    newest_key,
    parse_statements,
    succession,
)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


def test_a_key_is_made_in_a_private_place_outside_the_archive_and_opens_again(tmp_path: Path, keys: Keys) -> None:
    assert not keys.has(ARCHIVE)
    made = keys.create(ARCHIVE)
    assert keys.has(ARCHIVE) and keys.open(ARCHIVE).verifier == made.verifier
    folder = tmp_path / "keys" / ARCHIVE
    assert made.verifier.name == ORIGIN and stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert keys.show(ARCHIVE).vkey == made.verifier.vkey and keys.show(ARCHIVE).signed == 0
    assert (folder / "key").read_text().splitlines()[0] == made.verifier.vkey


def test_the_place_of_keys_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "elsewhere"))
    Keys().create(ARCHIVE)
    assert (tmp_path / "elsewhere" / ARCHIVE / "key").is_file()


def test_openssl_reads_the_key(tmp_path: Path, keys: Keys) -> None:
    made = keys.create(ARCHIVE)
    shown = subprocess.run(
        ["openssl", "pkey", "-in", tmp_path / "keys" / ARCHIVE / "key", "-pubout", "-outform", "DER"],
        capture_output=True, check=True)
    assert shown.stdout.endswith(made.verifier.public)


def test_a_key_is_never_overwritten(keys: Keys) -> None:
    made = keys.create(ARCHIVE)
    with pytest.raises(KeyExists):
        keys.create(ARCHIVE)
    assert keys.open(ARCHIVE).verifier == made.verifier


def test_a_creation_that_was_interrupted_may_be_repeated_but_not_one_that_signed(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    (tmp_path / "keys" / ARCHIVE / "key").unlink()
    keys.create(ARCHIVE)
    sealed(tmp_path, 3, keys)
    (tmp_path / "keys" / ARCHIVE / "key").unlink()
    with pytest.raises(KeyExists, match="lost"):
        keys.create(ARCHIVE)


def test_a_missing_key_says_what_to_do(keys: Keys) -> None:
    with pytest.raises(KeyMissing, match="Import it"):
        keys.open(ARCHIVE)
    with pytest.raises(KeyMissing):
        keys.show(ARCHIVE)


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "x" * 65, "é", "a\n"])
def test_names_that_could_lead_elsewhere_are_refused(keys: Keys, name: str) -> None:
    with pytest.raises(UsageError):
        keys.create(name)


def test_a_passphrase_protects_the_key_and_is_needed_for_signing_only(tmp_path: Path, keys: Keys) -> None:
    made = keys.create(ARCHIVE, "correct horse")
    stored = (tmp_path / "keys" / ARCHIVE / "key").read_bytes()
    assert b"PRIVATE KEY" not in stored and b"AGE ENCRYPTED" in stored
    assert keys.show(ARCHIVE).vkey == made.verifier.vkey and keys.show(ARCHIVE).encrypted
    for wrong in (None, ""):
        with pytest.raises(WrongPassphrase):
            keys.open(ARCHIVE, wrong)
    with pytest.raises(WrongPassphrase):
        keys.open(ARCHIVE, "wrong horse")
    assert keys.open(ARCHIVE, "correct horse").verifier == made.verifier
    with pytest.raises(UsageError, match="new key"):
        keys.rotate(ARCHIVE, "correct horse")
    assert not (tmp_path / "keys" / ARCHIVE / "next").exists()


def test_an_unprotected_key_that_others_can_read_is_refused(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    path = tmp_path / "keys" / ARCHIVE / "key"
    path.chmod(0o640)
    with pytest.raises(KeyExposed, match="chmod 600"):
        keys.open(ARCHIVE)
    path.chmod(0o600)
    keys.open(ARCHIVE)


def test_a_damaged_or_swapped_key_is_refused(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    keys.create("other")
    path = tmp_path / "keys" / ARCHIVE / "key"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    other = (tmp_path / "keys" / "other" / "key").read_bytes()
    for bad in (b"", whole[:-40], b"".join(lines[1:]), other, lines[0] + b"".join(other.splitlines(keepends=True)[1:]),
                b"\xff" + whole, lines[0], b"\0" * 99, lines[0] + b"x" * 70000):
        path.write_bytes(bad)
        with pytest.raises(BadKeyFile):
            keys.open(ARCHIVE)


def test_an_export_carries_key_and_memory_encrypted_to_another_machine(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    note = sealed(tmp_path, 5, keys)
    exported = keys.export_private(ARCHIVE, None, "travel")
    assert b"AGE ENCRYPTED" in exported and b"PRIVATE" not in exported
    elsewhere = Keys(tmp_path / "elsewhere")
    assert elsewhere.import_private(ARCHIVE, exported, "travel") == keys.open(ARCHIVE).verifier
    assert elsewhere.last_signed(ARCHIVE) == note
    with pytest.raises(KeyExists):
        elsewhere.import_private(ARCHIVE, exported, "travel")
    with pytest.raises(BadKeyFile, match="another"):
        elsewhere.import_private("another", exported, "travel")
    with pytest.raises(WrongPassphrase):
        elsewhere.import_private("another", exported[:-70], "travel")
    with pytest.raises(UsageError):
        keys.export_private(ARCHIVE, None, "")


def test_an_old_export_does_not_make_a_machine_forget_what_was_signed_since(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    exported = keys.export_private(ARCHIVE, None, "backup")
    note = sealed(tmp_path, 5, keys)
    (tmp_path / "keys" / ARCHIVE / "key").unlink()
    keys.import_private(ARCHIVE, exported, "backup")
    assert keys.last_signed(ARCHIVE) == note
    with pytest.raises(RolledBack):
        sealed(tmp_path / "put-back", 4, keys)


def test_without_its_memory_a_key_signs_nothing(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    note = sealed(tmp_path, 5, keys)
    path = tmp_path / "keys" / ARCHIVE / "signed"
    for spoil in (path.unlink, lambda: path.write_bytes(b"x"), lambda: path.write_bytes(note.encode()[:-9])):
        spoil()
        with pytest.raises(MemoryLost, match="log/checkpoint"):
            sealed(tmp_path, 6, keys)
    path.write_bytes(note.encode())
    assert Checkpoint.parse(sealed(tmp_path, 7, keys).text).size == 7


def test_a_change_of_keys_is_stated_by_both_and_survives_interruption_at_any_step(tmp_path: Path, keys: Keys) -> None:
    old = keys.create(ARCHIVE).verifier
    sealed(tmp_path, 3, keys)
    statement = keys.rotate(ARCHIVE)
    assert keys.rotate(ARCHIVE) == statement and (statement.old, statement.lost) == (old, False)
    assert old.verified(sealed(tmp_path, 4, keys)), "the old key signs until the change is finished"
    keys.finish_rotation(ARCHIVE, statement)
    keys.finish_rotation(ARCHIVE, statement)
    new = keys.open(ARCHIVE).verifier
    note = sealed(tmp_path, 5, keys)
    assert new == statement.new and new != old and new.verified(note) and old.verified(note) is None
    assert sorted(path.name for path in (tmp_path / "keys" / ARCHIVE).iterdir()) == ["key", "lock", "signed"]
    assert newest_key(old, [RotationStatement.parse(statement.encode())]) == new
    assert succession([old], [statement.note]) == {old: old, new: old}


def test_the_new_key_signs_the_same_history_at_the_same_size(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    before = sealed(tmp_path, 3, keys)
    statement = keys.rotate(ARCHIVE)
    keys.finish_rotation(ARCHIVE, statement)
    after = sealed(tmp_path, 3, keys)
    assert after.text == before.text and statement.new.verified(after)
    assert keys.last_signed(ARCHIVE) == after


def test_another_change_of_keys_than_the_one_under_way_is_not_finished(tmp_path: Path, keys: Keys) -> None:
    keys.create(ARCHIVE)
    keys.rotate(ARCHIVE)
    stranger = Signer(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(UsageError):
        keys.finish_rotation(ARCHIVE, RotationStatement.handed_over(stranger, Signer(ORIGIN, Ed25519PrivateKey.generate())))
    with pytest.raises(UnburntError):
        Keys(tmp_path / "none").finish_rotation(ARCHIVE, keys.rotate(ARCHIVE))


def test_a_lost_key_is_replaced_openly_and_the_new_one_continues_the_same_history(tmp_path: Path, keys: Keys) -> None:
    old = keys.create(ARCHIVE).verifier
    note = sealed(tmp_path, 3, keys)
    with pytest.raises(KeyExists, match="not lost"):
        keys.rotate_lost(ARCHIVE, old, note)
    elsewhere = Keys(tmp_path / "new-laptop")
    statement = elsewhere.rotate_lost(ARCHIVE, old, note)
    elsewhere.finish_rotation(ARCHIVE, statement)
    again = RotationStatement.parse(statement.encode())
    assert again == statement and again.lost
    with pytest.raises(KeyNotHandedOver, match="Ask the archive's owner"):
        newest_key(old, [again])
    with pytest.raises(BadNote):
        handed_over(again.note)
    assert statement.new.verified(sealed(tmp_path, 4, elsewhere))
    with pytest.raises(UnburntError):
        sealed(tmp_path / "other-history", 9, elsewhere, history="other")
    with pytest.raises(UsageError):
        elsewhere.rotate_lost("another", old, note)


def test_a_key_of_a_forgotten_passphrase_is_replaced_only_once_it_was_moved_away(tmp_path: Path, keys: Keys) -> None:
    old = keys.create(ARCHIVE, "forgotten").verifier
    path = tmp_path / "keys" / ARCHIVE / "key"
    before = path.read_bytes()
    with pytest.raises(KeyExists, match="safe place"):
        keys.rotate_lost(ARCHIVE, old, None)
    assert path.read_bytes() == before and not path.with_name("next").exists()
    path.rename(tmp_path / "aside")
    statement = keys.rotate_lost(ARCHIVE, old, None)
    assert keys.rotate_lost(ARCHIVE, old, None) == statement
    keys.finish_rotation(ARCHIVE, statement)
    assert Checkpoint.parse(keys.last_signed(ARCHIVE).text).size == 0
    assert statement.new.verified(sealed(tmp_path, 4, keys))


def test_a_lost_key_of_an_archive_that_was_never_sealed_is_replaced_too(tmp_path: Path, keys: Keys) -> None:
    gone = Signer(ORIGIN, Ed25519PrivateKey.generate()).verifier
    statement = keys.rotate_lost(ARCHIVE, gone, None)
    keys.finish_rotation(ARCHIVE, statement)
    assert statement.new.verified(sealed(tmp_path, 4, keys))


def statements(count: int) -> tuple[list[Signer], list[RotationStatement]]:
    signers = [Signer(ORIGIN, Ed25519PrivateKey.generate()) for _ in range(count + 1)]
    return signers, [RotationStatement.handed_over(*pair) for pair in itertools.pairwise(signers)]


def test_a_chain_of_changes_leads_from_any_key_to_the_newest(tmp_path: Path) -> None:
    signers, chain = statements(4)
    for number, signer in enumerate(signers):
        assert newest_key(signer.verifier, chain) == signers[-1].verifier, number
    stranger = Signer(ORIGIN, Ed25519PrivateKey.generate()).verifier
    assert newest_key(stranger, chain) == stranger
    assert newest_key(signers[0].verifier, chain[1:]) == signers[0].verifier


def test_statements_travel_together_in_one_file(tmp_path: Path) -> None:
    signers, chain = statements(3)
    chain.append(RotationStatement.lost_key(signers[-1].verifier, signers[0]))
    assert parse_statements(encode_statements(chain)) == chain and parse_statements(b"") == []
    whole = encode_statements(chain)
    for bad in (whole[:-2], b"x" + whole, whole + b"\n", whole + whole[:40], b"\xff", b"x" * 300_000, whole.replace(b"\n", b"\r\n")):
        with pytest.raises(BadNote):
            parse_statements(bad)


def forgeries() -> list[str]:
    signers, [true] = statements(1)
    old, new = signers
    text, other = true.note.text, Signer("unburnt/other", Ed25519PrivateKey.generate())
    zeros = Signature(ORIGIN, new.verifier.key_id, bytes(64))
    lost = text.replace("rotation", "lost")
    return [
        "", text, true.encode()[:-1], true.encode() + "\n", "\ud800" + true.encode(), true.encode().replace("v1", "v2"),
        Note(text, (new.sign(text),)).encode().decode(), Note(text, (old.sign(text),)).encode().decode(),
        Note(text, (old.sign(text), old.sign(text))).encode().decode(),
        Note(text, (old.sign(text), new.sign(text), other.sign(text))).encode().decode(),
        Note(text, (old.sign(text), zeros)).encode().decode(),
        Note(lost, (old.sign(lost),)).encode().decode(),
        Note(lost, (old.sign(text), new.sign(text))).encode().decode(),
        RotationStatement.handed_over(old, other).encode(),
        Note(text.replace(new.verifier.vkey, old.verifier.vkey), (old.sign(text),)).encode().decode(),
    ]


@pytest.mark.parametrize("number", range(15))
def test_statements_that_are_forged_cut_or_padded_are_refused(number: int) -> None:
    with pytest.raises(BadNote):
        RotationStatement.parse(forgeries()[number])


def test_a_statement_can_never_be_taken_for_a_checkpoint_nor_a_checkpoint_for_a_statement(keys: Keys) -> None:
    signer = keys.create(ARCHIVE)
    _, [statement] = statements(1)
    with pytest.raises(BadNote):
        Checkpoint.parse(statement.note.text)
    with pytest.raises(BadNote):
        signer.sign(statement.note.text)
    assert isinstance(signer.verifier, Verifier) and os.path.isabs(keys.show(ARCHIVE).path)
