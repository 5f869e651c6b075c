"""Two programs that share no line come to the same verdict on whatever is thrown at them.

Where they differed, a forger would have a proof that one court accepts and another refuses.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.seal_proofs import ORIGINAL, Sealed, by_unburnt, with_extra, with_raw_extra
from unburnt.base.errors import UnburntError
from unburnt.vault.fields import base64url, digest_of_disclosure
from unburnt.vault.log import check_proof
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.merkle import leaf_hash
from unburnt.vault.log.note import Note, Signer
from unburnt.vault.log.proof_form import Extra, Proof
from unburnt.vault.log.rotation import hand_over

many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
DIGEST = hashlib.sha256(ORIGINAL).hexdigest()


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return Sealed(tmp_path_factory.mktemp("sealed") / "archive", others=9).proof(["digest", "size", "time"]).encode()


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """A proof signed by a third key, and the first key, which leads to it by way of a second."""
    sealed = Sealed(tmp_path_factory.mktemp("handed") / "archive", others=9)
    first = sealed.signer
    second, third = (Signer("unburnt/test", Ed25519PrivateKey.generate()) for _ in range(2))
    note = Note(sealed.note.text, (third.sign(sealed.note.text), *sealed.note.signatures[1:]))
    proof = sealed.proof(note=note, rotations=[hand_over(first, second), hand_over(second, third)])
    return proof.encode(), first.verifier.vkey


def accepted_by_the_other(encoded: bytes, keys: Iterable[str]) -> bool:
    with tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile() as original:
        file.write(encoded)
        file.flush()
        original.write(ORIGINAL)
        original.flush()
        try:
            held = check_proof.hold(Path(file.name), list(map(check_proof.Key, keys)), [], [])
            check_proof.require_original(held[2], Path(original.name))
        except check_proof.Refused:
            return False
        return True


def agree(encoded: bytes, *keys: str) -> bool:
    """Whether both accept; fails where they differ."""
    ours = by_unburnt(encoded, keys=keys)
    assert isinstance(ours, UnburntError) != accepted_by_the_other(encoded, keys), (ours, encoded)
    return not isinstance(ours, UnburntError)


def test_both_accept_the_genuine_proof(genuine: bytes) -> None:
    assert agree(genuine)


PIECES = st.one_of(
    st.binary(max_size=3), st.text(max_size=3).map(str.encode),
    st.sampled_from([b"\n", b"\n\n", b" ", b"=", b"+", b"-", b"_", b"/", b"0", b"\xe2\x80\x94 ", b"\x00", b"\r", b"\xc2\x85", b"\xe2\x80\xa8"]),
)


@many
@given(data=st.data())
def test_on_edits_anywhere(genuine: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(genuine)))
    gone = data.draw(st.integers(0, 4))
    agree(genuine[:at] + data.draw(PIECES) + genuine[at + gone:])


@many
@given(data=st.data())
def test_on_edits_in_what_opens_the_entry(genuine: bytes, data: st.DataObject) -> None:
    def edit(raw: bytes) -> bytes:
        at = data.draw(st.integers(0, len(raw)))
        piece = data.draw(st.one_of(PIECES, st.sampled_from([
            b'"', b",", b":", b"[]", b"{}", b"null", b"true", b"-0", b"1e0", b'"v":1,', b'"a":[],', b"\\u0000", b"\\n", b'""',
        ])))
        return raw[:at] + piece + raw[at + data.draw(st.integers(0, 4)):]

    agree(with_raw_extra(genuine, edit))


@many
@given(data=st.data())
def test_on_edits_in_a_proof_whose_key_was_handed_over(handed_over: tuple[bytes, str], data: st.DataObject) -> None:
    genuine, key = handed_over
    assert agree(genuine, key)

    def edit(raw: bytes) -> bytes:
        start = raw.index(b'"keys"')
        at = data.draw(st.integers(start, len(raw)))
        return raw[:at] + data.draw(PIECES) + raw[at + data.draw(st.integers(0, 3)):]

    agree(with_raw_extra(genuine, edit), key)

    def rearrange(extra: dict[str, Any]) -> None:
        extra["rotations"] = data.draw(st.lists(st.sampled_from(extra["rotations"]), max_size=4))

    agree(with_extra(genuine, rearrange), key)


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just(DIGEST),
        st.sampled_from([2**53 - 1, 2**53, -(2**53), 1.0, -0.0, "\ud800"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)
NAMES = st.one_of(st.sampled_from(["digest", "size", "blob", "time", "Digest", "digest\n", "", "é", "a-b", "a" * 64, "a" * 65]))


@many
@given(fields=st.lists(st.tuples(st.just("salt") | VALUES, NAMES | VALUES, VALUES), max_size=3), data=st.data())
def test_on_fields_of_any_form_in_an_event_that_truly_has_them(
    fields: list[tuple[Any, Any, Any]], data: st.DataObject
) -> None:
    """An archive that lies from the start: its event commits to strange fields, and all the rest is in order."""
    separators = data.draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    texts = [["salt", "digest", DIGEST], *map(list, fields)]
    disclosures = []
    for text in texts:
        written = json.dumps(text, separators=separators, ensure_ascii=data.draw(st.booleans()))
        disclosures.append(base64.urlsafe_b64encode(written.encode("utf-8", "surrogatepass")).decode().rstrip("="))
    agree(logged(disclosures))


def logged(disclosures: list[str]) -> bytes:
    """A proof, right in every other way, of an event with these disclosures, alone in its log."""
    digests = {digest_of_disclosure(one.encode()).decode() for one in disclosures}
    fillers = (base64url(hashlib.sha256(b"%d" % number).digest()).decode() for number in range(12))
    ordered = tuple(sorted([*digests, *fillers][:12]))
    signer = Signer("unburnt/test", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    text = Checkpoint("unburnt/test", 1, leaf_hash(entry_of(ordered))).text()
    extra = Extra(digests=ordered, disclosures=tuple(disclosures), keys=(signer.verifier.vkey,))
    return Proof(0, (), Note(text, (signer.sign(text),)), extra).encode()


@pytest.mark.parametrize("value", [
    [True], [None], [[]], [1.5], [{}], {}, {"a": 1}, 2**53, -(2**53), 1.5, [2**53],
])
def test_a_value_that_no_event_can_have_is_refused_though_committed_to(value: Any) -> None:
    assert not agree(logged([written(["salt", "digest", DIGEST]), written(["salt", "other", value])]))


@pytest.mark.parametrize("value", [True, None, [], [1, "a"], 2**53 - 1, -(2**53) + 1, "", "\x7f\x00é\u2028𝄞\"\\/"])
def test_a_value_that_an_event_can_have_is_accepted(value: Any) -> None:
    assert agree(logged([written(["salt", "digest", DIGEST]), written(["salt", "other", value])]))


def written(field: list[Any]) -> str:
    data = json.dumps(field, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_an_honest_event_made_that_way_is_accepted() -> None:
    assert agree(logged([written(["salt", "digest", DIGEST])]))
