"""Countersigning by file: an archive asks, a witness on another machine checks and signs, the answer joins the log."""

from __future__ import annotations

import base64
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.seal_logs import ARCHIVE, ORIGIN, folders, sealed
from unburnt.api.witnesses import countersign
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError, UsageError, WrongPassphrase
from unburnt.vault.log.countersign import Countersigning, NotThisWitness
from unburnt.vault.log.kept import Kept
from unburnt.vault.log.keyfile import read_key_file
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.log import Log
from unburnt.vault.log.note import BadNote, Signer, Verifier
from unburnt.vault.log.rotation import KeyNotHandedOver
from unburnt.vault.log.witness import (
    OldSizeDiffers,
    UnknownLog,
    Watched,
    WentBackwards,
    Witness,
    WrongLogKey,
)
from unburnt.vault.log.witness_files import BadRequest, parse_answer, parse_request


class Archive:
    """The archive's side, on its own machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.keys = Keys(root / "keys")
        self.vkey = self.keys.create(ARCHIVE).verifier.vkey
        self.side = Countersigning(*folders(root))

    def request(self, size: int, witness: Verifier, old: int | None = None) -> bytes:
        sealed(self.root, size, self.keys)
        return self.side.request(Log(*folders(self.root), ORIGIN), witness, old=old)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


@pytest.fixture
def witness(tmp_path: Path, archive: Archive) -> Witness:
    witness = Witness(tmp_path / "witness")
    witness.create("colleague")
    witness.trust(archive.vkey)
    return witness


def test_a_log_is_countersigned_as_it_grows_and_each_answer_joins_its_checkpoint(archive: Archive, witness: Witness) -> None:
    before = int(time.time())
    for old, size in ((0, 3), (3, 300), (300, 300), (300, 70000)):
        request = archive.request(size, witness.verifier)
        assert parse_request(request)[0].old == old
        said = archive.side.add(witness.sign(request), witness.verifier)
        assert (said.size, said.witness) == (size, "colleague")
        assert before <= said.time.timestamp() <= time.time() + 1
    assert witness.watched() == [Watched(archive.vkey, 70000)]
    assert [each.size for each in archive.side.found()] == [3, 300, 70000]
    assert archive.side.witnesses() == [witness.verifier]


def test_the_request_is_the_body_that_c2sp_describes_and_the_signature_covers_what_it_says(
    archive: Archive, witness: Witness,
) -> None:
    witness.sign(archive.request(5, witness.verifier))
    request = archive.request(7, witness.verifier, old=5).decode()
    head, _, rest = request.partition("\n\n")
    text = rest.partition("\n\n")[0] + "\n"
    assert head.startswith("old 5\n") and all(len(base64.b64decode(line)) == 32 for line in head.split("\n")[1:])
    assert text.split("\n")[:2] == [ORIGIN, "7"]
    answer = witness.sign(request.encode()).decode()
    dash, name, data = answer.removesuffix("\n").split(" ")
    raw = base64.b64decode(data)
    assert (dash, name, len(raw)) == ("—", "colleague", 4 + 8 + 64)
    message = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(witness.verifier.public).verify(raw[12:], message)


def test_several_witnesses_sign_one_checkpoint(tmp_path: Path, archive: Archive, witness: Witness) -> None:
    other = Witness(tmp_path / "other")
    other.create()
    other.trust(archive.vkey)
    for each in (witness, other):
        archive.side.add(each.sign(archive.request(4, each.verifier)), each.verifier)
    assert {each.witness for each in archive.side.found()} == {"colleague", other.verifier.name}
    note = Kept(*folders(archive.root)).note(4)
    assert note is not None and len(note.signatures) == 3
    assert other.verifier.name.startswith("unburnt-witness/")


def test_a_witness_knows_only_logs_whose_key_was_given_to_it(tmp_path: Path, archive: Archive) -> None:
    stranger = Witness(tmp_path / "stranger")
    stranger.create()
    with pytest.raises(UnknownLog, match="--trust"):
        stranger.sign(archive.request(3, stranger.verifier))
    with pytest.raises(WrongLogKey):
        stranger.trust(stranger.verifier.vkey)
    for nonsense in ("nonsense", "\ud800" + archive.vkey, "", "a+b+c"):
        with pytest.raises(BadNote):
            stranger.trust(nonsense)
    assert stranger.watched() == []


def test_a_lost_answer_is_had_again_and_an_old_one_stays(archive: Archive, witness: Witness) -> None:
    first = archive.request(3, witness.verifier)
    answer = witness.sign(first)
    assert parse_answer(witness.sign(first), parse_request(first)[1].text()).signatures[0].name == "colleague"
    said = archive.side.add(answer, witness.verifier)
    assert archive.side.add(witness.sign(first), witness.verifier).size == said.size
    assert len(archive.side.found()) == 1


def test_a_witness_that_is_further_than_the_archive_knows_says_where_it_stands(archive: Archive, witness: Witness) -> None:
    witness.sign(archive.request(3, witness.verifier))
    later = archive.request(9, witness.verifier)
    with pytest.raises(OldSizeDiffers, match="from size 3") as caught:
        witness.sign(later)
    archive.side.add(witness.sign(archive.request(9, witness.verifier, old=caught.value.size)), witness.verifier)
    with pytest.raises(WentBackwards):
        witness.sign(first_of(archive))


def first_of(archive: Archive) -> bytes:
    note = Kept(*folders(archive.root)).note(3)
    assert note is not None
    return b"old 0\n\n" + note.encode()


def test_requests_that_make_no_sense_are_not_made(archive: Archive, witness: Witness) -> None:
    with pytest.raises(NotFound, match="sealed"):
        archive.side.request(Log(*folders(archive.root), ORIGIN), witness.verifier)
    for old in (4, -1):
        with pytest.raises(UsageError):
            archive.request(3, witness.verifier, old=old)
    with pytest.raises(UsageError, match="witness"):
        archive.request(3, Verifier.parse(archive.vkey))


def test_an_answer_of_somebody_else_or_about_something_else_is_not_added(
    tmp_path: Path, archive: Archive, witness: Witness,
) -> None:
    other = Archive(tmp_path / "other")
    impostor = Witness(tmp_path / "impostor")
    impostor.create("colleague")
    for each in (witness, impostor):
        each.trust(archive.vkey, replace=True)
    good = witness.sign(archive.request(3, witness.verifier))
    wrong = impostor.sign(archive.request(3, impostor.verifier))
    for answer in (wrong, good[:-10] + b"AAAAAAAA=\n"):
        with pytest.raises(BadRequest):
            archive.side.add(answer, witness.verifier)
    other.request(5, witness.verifier)
    with pytest.raises(NotThisWitness):
        other.side.add(good, witness.verifier)
    assert archive.side.found() == [] and archive.side.witnesses() == []
    assert archive.side.add(wrong + good, witness.verifier).size == 3
    assert [each.witness for each in archive.side.found()] == ["colleague"]


@pytest.mark.parametrize("answer", [
    b"", b"\n", b"text\n", "— colleague AAAA\n".encode(), b"\xff\xfe", "— colleague\n".encode(), b"x" * 70000,
    "text\n\n— colleague AAAAAAAAAAAA\n".encode(),
])
def test_answers_that_are_none_get_a_named_error(archive: Archive, witness: Witness, answer: bytes) -> None:
    archive.request(3, witness.verifier)
    with pytest.raises(BadRequest):
        archive.side.add(answer, witness.verifier)


def test_a_damaged_list_of_witnesses_is_said(archive: Archive, witness: Witness) -> None:
    archive.side.add(witness.sign(archive.request(3, witness.verifier)), witness.verifier)
    (archive.root / "log" / "witnesses").write_bytes(b"\xff")
    with pytest.raises(DamagedArchive, match="log/witnesses"):
        archive.side.witnesses()


def test_a_changed_key_of_the_log_needs_the_statement_of_both_keys(archive: Archive, witness: Witness) -> None:
    witness.sign(archive.request(3, witness.verifier))
    statement = archive.keys.rotate(ARCHIVE)
    archive.keys.finish_rotation(ARCHIVE, statement)
    later = archive.request(5, witness.verifier, old=3)
    with pytest.raises(WrongLogKey):
        witness.sign(later)
    with pytest.raises(WrongLogKey, match="handed over"):
        witness.trust(statement.new.vkey)
    witness.trust(statement.new.vkey, statements=(statement,))
    archive.side.add(witness.sign(later), witness.verifier)
    assert witness.watched() == [Watched(statement.new.vkey, 5)]


def test_a_lost_key_of_the_log_needs_a_persons_word_and_what_was_signed_stays_binding(
    tmp_path: Path, archive: Archive, witness: Witness,
) -> None:
    witness.sign(archive.request(3, witness.verifier))
    note = archive.keys.last_signed(ARCHIVE)
    renewed = Keys(tmp_path / "new-laptop")
    statement = renewed.rotate_lost(ARCHIVE, Verifier.parse(archive.vkey), note)
    renewed.finish_rotation(ARCHIVE, statement)
    with pytest.raises(KeyNotHandedOver):
        witness.trust(statement.new.vkey, statements=(statement,))
    witness.trust(statement.new.vkey, replace=True)
    archive.keys = renewed
    witness.sign(archive.request(4, witness.verifier, old=3))
    with pytest.raises(WentBackwards):
        witness.sign(put_back(tmp_path, statement.new))


def put_back(root: Path, verifier: Verifier) -> bytes:
    """A request over two events, signed with the archive's own key behind the back of its guard."""
    private = read_key_file(root / "new-laptop" / ARCHIVE / "key").private()
    note = sealed(root / "back", 2, Signer(ORIGIN, private))
    assert verifier.verified(note)
    return b"old 0\n\n" + note.encode()


def test_the_witnesses_key_is_private_and_may_have_a_passphrase(tmp_path: Path, archive: Archive) -> None:
    witness = Witness(tmp_path / "locked")
    assert not witness.exists()
    with pytest.raises(NotFound):
        witness.trust(archive.vkey)
    made = witness.create("name", "secret")
    assert witness.exists() and witness.verifier == made and made.kind == 4
    assert stat.S_IMODE((tmp_path / "locked" / "key").stat().st_mode) == 0o600
    with pytest.raises(UnburntError, match="already"):
        witness.create()
    with pytest.raises(WrongPassphrase):
        witness.trust(archive.vkey)
    for name in ("two words", "\udcff", "a+b", "x" * 257):
        with pytest.raises(UsageError):
            Witness(tmp_path / "x").create(name)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"\xff"), lambda path: path.write_bytes(b"")])
def test_a_pin_is_repaired_without_forgetting_what_was_signed(
    tmp_path: Path, archive: Archive, witness: Witness, spoil: Callable[[Path], object],
) -> None:
    witness.sign(archive.request(3, witness.verifier))
    [pin] = (tmp_path / "witness").glob("logs/*/vkey")
    memory = pin.with_name("signed").read_bytes()
    spoil(pin)
    stranger = Signer(ORIGIN, Ed25519PrivateKey.generate()).verifier.vkey
    with pytest.raises(WrongLogKey, match="signed last"):
        witness.trust(stranger)
    witness.trust(archive.vkey)
    assert pin.with_name("signed").read_bytes() == memory and witness.watched() == [Watched(archive.vkey, 3)]
    spoil(pin)
    witness.trust(stranger, replace=True)
    assert pin.with_name("signed").read_bytes() == memory and witness.watched() == [Watched(stranger, 3)]


def test_a_request_that_is_refused_pins_nothing_and_makes_no_key(
    tmp_path: Path, archive: Archive, witness: Witness, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UNBURNT_KEYS", str(tmp_path / "fresh"))
    request = archive.request(3, witness.verifier)
    other = Signer(ORIGIN, Ed25519PrivateKey.generate()).verifier.vkey
    for untrusted, trust in ((b"junk", archive.vkey), (request, other), (request, None)):
        with pytest.raises(UnburntError):
            countersign(untrusted, trust=trust)
        assert not (tmp_path / "fresh").exists()
    assert archive.side.add(countersign(request, trust=archive.vkey), Witness().verifier).size == 3
