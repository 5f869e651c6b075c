"""A not-before mark is proved to a stranger, alone and beside a document, and both checkers say the same of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from tests.hostile.test_log_checkers_agree import logged, written
from tests.hostile.test_log_proof_timestamps import token
from tests.seal_authority import Authority
from tests.seal_proofs import ORIGINAL, Sealed, by_the_other, with_extra
from unburnt.base.errors import UnburntError
from unburnt.model.events import BeaconLogged, ItemReceived
from unburnt.vault.fields import base64url, digest_of_disclosure
from unburnt.vault.log import proof
from unburnt.vault.log.beacon_proof import (
    BEACON_FIELDS,
    NotABeacon,
    NotAfter,
    NotComparable,
    check_beacon,
    require_after,
)
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.merkle import leaf_hash
from unburnt.vault.log.note import Note, Signer
from unburnt.vault.log.proof_form import Extra, Proof
from unburnt.vault.log.timestamp import request

VALUE = "新闻头条 \x1b[31m of the day"
LATER = b"received after the mark"
MARK, AFTER = 6, 7
"""The events of :func:`sealed`: 2 to 5 received documents, 6 is the mark, 7 the later document."""


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    later = ItemReceived(accession="d2", path=b"x", digest=hashlib.sha256(LATER).hexdigest(), size=str(len(LATER)))
    return Sealed(tmp_path_factory.mktemp("sealed") / "archive", others=3, after=[
        BeaconLogged(value=VALUE, source="a newspaper"), later,
    ])


def document(encoded: bytes, content: bytes) -> proof.Report:
    return proof.check(encoded, hashlib.sha256(content).hexdigest(), len(content))


def verdicts(folder: Path, about: bytes, content: bytes, mark: bytes) -> tuple[str, int, str]:
    """What unburnt says of document and mark (the error's name), and exit code and output of the other checker."""
    (folder / "mark.proof").write_bytes(mark)
    code, output = by_the_other(folder, about, content, [], [], "--beacon", str(folder / "mark.proof"))
    try:
        require_after(document(about, content), check_beacon(mark))
    except UnburntError as error:
        return type(error).__name__, code, output
    return "", code, output


def test_a_mark_is_proved_without_the_time_that_our_own_clock_gave(tmp_path: Path, sealed: Sealed) -> None:
    encoded = sealed.proof(BEACON_FIELDS, MARK).encode()
    report = check_beacon(encoded, keys=[sealed.key])
    assert report.opened == {"kind": "beacon-logged", "value": VALUE, "source": "a newspaper"}
    assert report.index == MARK
    code, output = by_the_other(tmp_path, encoded, None, [sealed.key])
    assert code == 0, output
    assert f"not before     what stands behind entry {MARK} of this log was logged after this became known" in output
    assert "\x1b" not in output


def test_a_document_behind_the_mark_is_shown_to_be_logged_after_it(tmp_path: Path, sealed: Sealed) -> None:
    mark = sealed.proof(BEACON_FIELDS, MARK).encode()
    name, code, output = verdicts(tmp_path, sealed.proof(index=AFTER).encode(), LATER, mark)
    assert (name, code) == ("", 0), output
    assert f"the document's entry, {AFTER}, stands behind the mark, {MARK}" in output


def test_of_a_document_before_the_mark_nothing_is_shown(tmp_path: Path, sealed: Sealed) -> None:
    mark = sealed.proof(BEACON_FIELDS, MARK).encode()
    assert verdicts(tmp_path, sealed.proof().encode(), ORIGINAL, mark)[:2] == (NotAfter.__name__, 3)


def test_two_histories_of_one_key_are_not_compared(tmp_path: Path, sealed: Sealed) -> None:
    """The key's owner signed another log of the same size, with the mark in it: no order follows from that."""
    forked = Sealed(tmp_path / "fork", others=3, after=[
        BeaconLogged(value=VALUE), ItemReceived(accession=None, path=None, digest="0" * 64, size="1"),
    ])
    assert forked.log.size == sealed.log.size
    honest = forked.proof(("kind", "value"), MARK)
    mark = replace(
        honest, note=Note(forked.note.text, (sealed.signer.sign(forked.note.text),)),
        extra=replace(honest.extra, keys=(sealed.key,), witnesses=()),
    ).encode()
    assert check_beacon(mark, keys=[sealed.key]).index == MARK
    name, code, output = verdicts(tmp_path, sealed.proof(index=AFTER).encode(), LATER, mark)
    assert (name, code) == (NotComparable.__name__, 3), output


@pytest.mark.parametrize("fields", [("digest", "size"), ("kind",), ("kind", "digest")])
def test_a_proof_that_opens_no_mark_is_none(tmp_path: Path, sealed: Sealed, fields: tuple[str, ...]) -> None:
    encoded = sealed.proof(fields).encode()
    with pytest.raises(NotABeacon):
        check_beacon(encoded)
    assert by_the_other(tmp_path, encoded, None)[0] == 3


@pytest.mark.parametrize("value", [7, "", None, ["headline"], True])
def test_a_value_that_is_no_text_is_no_mark(tmp_path: Path, value: object) -> None:
    """An archive that lies from the start commits to it, and all the rest is in order."""
    encoded = logged([written(["salt", "kind", "beacon-logged"]), written(["salt", "value", value])])
    with pytest.raises(NotABeacon):
        check_beacon(encoded)
    assert by_the_other(tmp_path, encoded, None)[0] == 3


def test_a_mark_does_not_pass_for_a_document(tmp_path: Path, sealed: Sealed) -> None:
    encoded = sealed.proof(BEACON_FIELDS, MARK).encode()
    with pytest.raises(proof.BadProof, match="does not open the digest"):
        document(encoded, VALUE.encode())
    assert by_the_other(tmp_path, encoded, VALUE.encode())[0] == 3


def test_a_mark_whose_value_was_swapped_is_refused(tmp_path: Path, sealed: Sealed) -> None:
    encoded = with_extra(sealed.proof(("kind", "value"), MARK).encode(), lambda extra: extra.update(
        disclosures=[extra["disclosures"][0], written(["salt", "value", "an older headline"])]))
    with pytest.raises(proof.BadProof):
        check_beacon(encoded)
    assert by_the_other(tmp_path, encoded, None)[0] == 3


def test_a_text_s_proof_is_compared_with_the_record(tmp_path: Path, sealed: Sealed) -> None:
    record = b'{"a record":1}'
    digests = tuple(sorted(entry_digests(record)))
    signer = Signer("unburnt/test", Ed25519PrivateKey.generate())
    text = Checkpoint("unburnt/test", 1, leaf_hash(entry_of(digests))).text()
    encoded = Proof(0, (), Note(text, (signer.sign(text),)), Extra(
        digests=digests, disclosures=tuple(disclosures(record)), keys=(signer.verifier.vkey,))).encode()
    for content, expected in (
        (record, 0), (record + b"\n", 0), (record + b"\nfurther lines\n", 3), (b"x" + record, 3), (b"", 3),
        (record + b"\r\n", 3), (b"\n" + record, 3),
    ):
        (tmp_path / "record").write_bytes(content)
        assert by_the_other(tmp_path, encoded, ORIGINAL, [], [], "--text", str(tmp_path / "record"))[0] == expected, content
    (tmp_path / "record").write_bytes(record)
    plain = sealed.proof().encode()
    assert by_the_other(tmp_path, plain, ORIGINAL, [], [], "--text", str(tmp_path / "record"))[0] == 3


def disclosures(record: bytes) -> list[str]:
    return [written(["salt", "blob", hashlib.sha256(ORIGINAL).hexdigest()]),
            written(["salt", "output", hashlib.sha256(record).hexdigest()])]


def entry_digests(record: bytes) -> list[str]:
    own = [digest_of_disclosure(one.encode()).decode() for one in disclosures(record)]
    return [*own, *(base64url(hashlib.sha256(b"%d" % number).digest()).decode() for number in range(10))]


def test_a_stranger_may_trust_several_authorities(tmp_path: Path, sealed: Sealed) -> None:
    first, second = Authority(tmp_path / "first"), Authority(tmp_path / "second")
    (tmp_path / "first.pem").write_bytes(first.root.pem)
    (tmp_path / "second.pem").write_bytes(second.root.pem)
    tokens = [token(each.reply(request(sealed.note.text)[0])) for each in (first, second)]
    encoded = sealed.proof(timestamps=tokens).encode()
    roots = ["--tsa-root", str(tmp_path / "first.pem"), "--tsa-root", str(tmp_path / "second.pem")]
    code, output = by_the_other(tmp_path, encoded, ORIGINAL, [], [], *roots)
    assert code == 0 and output.count("no later than") == 2, output
    assert by_the_other(tmp_path, encoded, ORIGINAL, [], [], *roots[:2])[1].count("no later than") == 1
    (tmp_path / "second.pem").write_bytes(b"no certificate")
    assert by_the_other(tmp_path, encoded, ORIGINAL, [], [], *roots)[0] == 3


@pytest.mark.parametrize("options", [("--text",), ("--beacon",)])
def test_what_belongs_to_a_document_is_not_asked_without_one(tmp_path: Path, sealed: Sealed, options: tuple[str]) -> None:
    encoded = sealed.proof(BEACON_FIELDS, MARK).encode()
    assert by_the_other(tmp_path, encoded, None, [], [], *options, str(tmp_path / "one.proof"))[0] == 2
