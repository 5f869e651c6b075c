"""Signed notes, keys, countersignatures and checkpoints have one way of being written."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.cosignature import Cosigner, cosigned_at
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.merkle import EMPTY_ROOT
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, Note, Signature, Signer, Verifier, parse_note
from unburnt.vault.log.rotation import hand_over, handed_over, succession
from unburnt.vault.log.strict import base64_bytes, base64_text, decimal

VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NAME = "unburnt/test"


def new_signer(name: str = NAME) -> Signer:
    return Signer(name, Ed25519PrivateKey.generate())


def test_the_example_of_the_specification_verifies() -> None:
    verifier = Verifier.parse(VKEY)
    assert verifier.vkey == VKEY and verifier.kind == 1
    note = parse_note(NOTE.encode())
    assert verifier.verified(note) == note.signatures[0]
    assert note.encode() == NOTE.encode()


def test_a_changed_text_or_signature_of_a_known_key_refuses_the_note() -> None:
    verifier = Verifier.parse(VKEY)
    with pytest.raises(BadNote, match="wrong"):
        verifier.verified(parse_note(NOTE.replace("example message", "exbmple message").encode()))
    good = parse_note(NOTE.encode())
    bad = Signature(good.signatures[0].name, good.signatures[0].key_id, bytes(64))
    with pytest.raises(BadNote):
        verifier.verified(Note(good.text, (*good.signatures, bad)))


def test_signatures_of_unknown_keys_are_passed_over_even_with_the_same_name() -> None:
    signer, stranger = new_signer(), new_signer()
    note = Note("text\n", (stranger.sign("text\n"), Signature("pq.example", 7, bytes(2420)), signer.sign("text\n")))
    note = parse_note(note.encode())
    assert signer.verifier.verified(note) == note.signatures[2]
    assert new_signer().verifier.verified(note) is None


@pytest.mark.parametrize("note", [
    b"", b"\n", b"text\n", b"text\n\n", b"\n\n" + NOTE.encode().split(b"\n\n")[1],
    NOTE.encode()[:-1], NOTE.encode() + b"\n", NOTE.replace("—", "-").encode(), NOTE.replace("\n", "\r\n").encode(),
    NOTE.replace("message", "mess\tage").encode(), NOTE.replace("message", "mess\0age").encode(),
    NOTE.replace("— ", "—  ").encode(), NOTE.replace("example.com/foo", "example.com+foo").encode(),
    NOTE.replace("example.com/foo", "example.com\u2003foo").encode(), NOTE.replace("aQM=", "aQN=").encode(),
    NOTE.replace("aQM=", "aQM").encode(), NOTE.replace("Uw2QOkn8", "").encode()[:60] + b"\n",
    b"\xff" + NOTE.encode(), b"x" * MAX_NOTE_BYTES + NOTE.encode(), NOTE.encode() + NOTE.split("\n\n")[1].encode() * 64,
])
def test_a_note_that_is_not_as_agreed_is_refused(note: bytes) -> None:
    with pytest.raises(BadNote):
        parse_note(note)


def test_a_text_may_hold_empty_lines() -> None:
    signer = new_signer()
    text = "one\n\ntwo\n\n\nthree\n"
    note = parse_note(Note(text, (signer.sign(text),)).encode())
    assert note.text == text and signer.verifier.verified(note)


@given(st.binary(max_size=300))
def test_whatever_is_read_as_a_note_is_written_the_same(data: bytes) -> None:
    for untrusted in (data, NOTE.encode()[:30] + data + NOTE.encode()[30:], NOTE.encode() + data):
        try:
            note = parse_note(untrusted)
        except BadNote:
            continue
        assert note.encode() == untrusted


@pytest.mark.parametrize("vkey", [
    "", "a+b", VKEY + " ", " " + VKEY, VKEY.replace("530d903a", "530D903A"), VKEY.replace("530d903a", "530d903b"),
    VKEY.replace("530d903a", "0530d903a"), VKEY[:-2], VKEY.replace("example.com/foo", ""), VKEY + "+AA==",
    "example.com/foo+530d903a+Aekye", VKEY.replace("+Ae", "+Be"),
])
def test_a_key_that_is_not_as_agreed_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        Verifier.parse(vkey)


def test_a_countersignature_carries_the_time_that_the_witness_states() -> None:
    witness = Cosigner("w.example", Ed25519PrivateKey.generate())
    text = Checkpoint(NAME, 0, EMPTY_ROOT).text()
    note = parse_note(Note(text, (new_signer().sign(text), witness.cosign(text, 77))).encode())
    found = Verifier.parse(witness.verifier.vkey).verified(note)
    assert found is not None and cosigned_at(found) == 77
    later = Signature(found.name, found.key_id, (78).to_bytes(8, "big") + found.bytes[8:])
    with pytest.raises(BadNote, match="wrong"):
        witness.verifier.verified(Note(text, (later,)))
    beyond = Signature(found.name, found.key_id, b"\xff" * 8 + found.bytes[8:])
    with pytest.raises(BadNote, match="2\\^63"):
        witness.verifier.verified(Note(text, (beyond,)))
    with pytest.raises(BadNote, match="length"):
        cosigned_at(note.signatures[0])
    with pytest.raises(BadNote, match="between"):
        witness.cosign(text, 1 << 63)


def test_one_key_gives_different_ids_as_a_log_s_and_as_a_witness_s() -> None:
    private = Ed25519PrivateKey.generate()
    assert Signer("n", private).verifier.key_id != Cosigner("n", private).verifier.key_id


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "x" * 257, "a\x9bb", "a\u202eb", "a\u200bb"])
def test_a_name_that_the_form_forbids_is_refused(name: str) -> None:
    with pytest.raises(BadNote):
        new_signer(name)
    with pytest.raises(BadNote):
        Cosigner(name, Ed25519PrivateKey.generate())


def test_a_text_without_final_newline_is_never_signed() -> None:
    with pytest.raises(BadNote):
        new_signer().sign("text")


@pytest.mark.parametrize("text", [
    "", "a\n1\n", f"a\n1\n{base64_text(bytes(32))}", f"a\n01\n{base64_text(bytes(32))}\n",
    f"a\n+1\n{base64_text(bytes(32))}\n", f"a\n-1\n{base64_text(bytes(32))}\n", f"a\n1 \n{base64_text(bytes(32))}\n",
    f"a\n{1 << 63}\n{base64_text(bytes(32))}\n", f"a\n0\n{base64_text(bytes(32))}\n",
    f"\n1\n{base64_text(bytes(32))}\n", f"a\n1\n{base64_text(bytes(31))}\n", f"a\n1\n{base64_text(bytes(32))}\nmore\n",
    f"a\n1\n{base64_text(bytes(32))}\n\n", f"a\n１\n{base64_text(bytes(32))}\n",
])
def test_a_checkpoint_that_is_not_as_agreed_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.parse(text)


@given(st.integers(0, (1 << 63) - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(NAME, size, root if size else EMPTY_ROOT)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


@given(st.text(max_size=30))
def test_a_number_and_base64_have_one_form_each(text: str) -> None:
    number, data = decimal(text), base64_bytes(text)
    assert number is None or str(number) == text
    assert data is None or base64_text(data) == text


def test_a_key_that_was_handed_over_is_vouched_for_by_the_first() -> None:
    first, second, third, stranger = (new_signer() for _ in range(4))
    statements = [hand_over(first, second), hand_over(second, third), hand_over(stranger, new_signer())]
    assert handed_over(parse_note(statements[0].encode())) == (first.verifier, second.verifier)
    vouched = succession([first.verifier], statements)
    assert vouched == {one.verifier: first.verifier for one in (first, second, third)}


def test_a_key_cannot_take_over_by_itself() -> None:
    first, second = new_signer(), new_signer()
    statement = hand_over(first, second)
    for kept in ((statement.signatures[0],), (statement.signatures[1],)):
        with pytest.raises(BadNote, match="lacks"):
            succession([first.verifier], [Note(statement.text, kept)])
    forged = hand_over(first, second).text.replace(first.verifier.vkey, new_signer().verifier.vkey)
    with pytest.raises(BadNote):
        handed_over(Note(forged, statement.signatures))
    with pytest.raises(BadNote, match="do not go together"):
        handed_over(hand_over(first, new_signer("unburnt/other")))
    with pytest.raises(BadNote, match="form"):
        handed_over(Note("text\n", (first.sign("text\n"),)))


def test_an_entry_is_one_hash_over_the_digests() -> None:
    """sha256sum of: unburnt event v1, a, b, each with its newline."""
    assert entry_of(["a", "b"]).hex() == "b25f5b1b63ef8b37d9e93da33c15782fdb344a34d60b55fc48d1e07dcdebc530"
