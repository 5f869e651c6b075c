"""Forged, damaged and ambiguous proofs: unburnt and the independent check_proof.py refuse each of them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.seal_proofs import ORIGINAL, Sealed, by_the_other, by_unburnt, with_extra, with_raw_extra
from unburnt.base.errors import UnburntError
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.merkle import MAX_HASHES, BadProof
from unburnt.vault.log.note import BadNote, Note
from unburnt.vault.log.proof import NotCountersigned, Proof, WrongKey, WrongOriginal, make

Edit = Callable[[bytes], bytes]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("sealed") / "archive")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("other") / "archive", origin="unburnt/other")


@pytest.fixture(scope="module")
def genuine(sealed: Sealed) -> bytes:
    return sealed.proof().encode()


def refused(folder: Path, encoded: bytes, kind: type[UnburntError], original: bytes = ORIGINAL, **trust: Any) -> None:
    found = by_unburnt(encoded, original, **trust)
    assert isinstance(found, kind), found
    assert found.exit_code == 3
    code, output = by_the_other(folder, encoded, original, **trust)
    assert code == 3 and output.startswith("REFUSED: "), output


def test_the_genuine_proof_holds_for_both(tmp_path: Path, sealed: Sealed, genuine: bytes) -> None:
    trust = {"keys": [sealed.key], "witnesses": [sealed.watching]}
    assert not isinstance(by_unburnt(genuine, **trust), UnburntError)
    code, output = by_the_other(tmp_path, genuine, **trust)
    assert code == 0, output
    assert sealed.key in output and sealed.watching in output
    assert "who states the time 2019-11-24 18:00:00 UTC" in output


def lines_changed(edit: Callable[[list[bytes]], None]) -> Edit:
    def change(encoded: bytes) -> bytes:
        parts = encoded.split(b"\n")
        edit(parts)
        return b"\n".join(parts)
    return change


def set_index(text: bytes) -> Edit:
    def change(parts: list[bytes]) -> None:
        parts[2] = b"index " + text
    return lines_changed(change)


def set_size(text: bytes) -> Edit:
    return lambda encoded: encoded.replace(b"\nunburnt/test\n303\n", b"\nunburnt/test\n" + text + b"\n")


def flip_bit(line: int) -> Edit:
    def change(parts: list[bytes]) -> None:
        data = bytearray(base64.b64decode(parts[line]))
        data[7] ^= 1
        parts[line] = base64.b64encode(bytes(data))
    return lines_changed(change)


def raw(old: bytes, new: bytes) -> Edit:
    def edit(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)
    return lambda encoded: with_raw_extra(encoded, edit)


def extra(change: Callable[[dict[str, Any]], Any]) -> Edit:
    return lambda encoded: with_extra(encoded, change)


def disclosed_again(value: list[Any]) -> Edit:
    """One opened field replaced by another text, its digest put among the event's."""
    def change(fields: dict[str, Any]) -> None:
        data = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        fields["disclosures"] = [base64.urlsafe_b64encode(data).decode().rstrip("=")]
    return extra(change)


FORMS: dict[str, Edit] = {
    "empty": lambda _: b"",
    "another version": lambda p: p.replace(b"@v1", b"@v2"),
    "carriage returns": lambda p: p.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda p: b"\xef\xbb\xbf" + p,
    "cut off in the middle": lambda p: p[: len(p) // 2],
    "cut off before the last newline": lambda p: p[:-1],
    "an empty line more at the end": lambda p: p + b"\n",
    "larger than a proof may be": lambda p: p + b"x" * (256 << 10),
    "no extra": lines_changed(lambda parts: parts.pop(1)),
    "two extras": lines_changed(lambda parts: parts.insert(1, parts[1])),
    "base64 with a space": lines_changed(lambda parts: parts.__setitem__(3, parts[3][:4] + b" " + parts[3][4:])),
    "base64 without padding": lines_changed(lambda parts: parts.__setitem__(3, parts[3].rstrip(b"="))),
    "base64 with stray bits": lines_changed(lambda parts: parts.__setitem__(3, parts[3][:-2] + b"/=")),
    "a hash of 31 bytes": lines_changed(lambda parts: parts.__setitem__(3, base64.b64encode(bytes(31)))),
    "a hash left out": lines_changed(lambda parts: parts.pop(4)),
    "a hash added": lines_changed(lambda parts: parts.insert(3, parts[3])),
    "hashes swapped": lines_changed(lambda parts: parts.insert(3, parts.pop(4))),
    "one bit of a hash": flip_bit(5),
    "one bit of the root": flip_bit(15),
    "more hashes than any log needs": lines_changed(lambda parts: parts.__setitem__(3, b"\n".join([parts[3]] * 64))),
    "index of the neighbour": set_index(b"3"),
    "index negative": set_index(b"-1"),
    "index with a plus": set_index(b"+2"),
    "index with a leading zero": set_index(b"02"),
    "index odd": set_index(b"2_0"),
    "index in other digits": set_index("２".encode()),
    "index at the end": set_index(b"303"),
    "index beyond 2^63": set_index(b"9223372036854775808"),
    "index of a thousand digits": set_index(b"9" * 1000),
    "size smaller": set_size(b"302"),
    "size larger": set_size(b"304"),
    "size zero": set_size(b"0"),
    "size negative": set_size(b"-303"),
    "size with a leading zero": set_size(b"0303"),
    "size beyond 2^63": set_size(b"9223372036854775808"),
    "size of a thousand digits": set_size(b"9" * 1000),
    "an extension line": lambda p: p.replace(b"\n303\n", b"\n303\nextension\n"),
    "another origin": lambda p: p.replace(b"\nunburnt/test\n", b"\nunburnt/tost\n"),
    "no signature": lambda p: p[: p.index(b"\n\n\xe2\x80\x94") + 2],
    "signatures without number": lambda p: p + p[p.rindex(b"\xe2\x80\x94"):] * 64,
    "a signature of another key's length": lambda p: p.replace(b"\xe2\x80\x94 unburnt/test ", b"\xe2\x80\x94 unburnt/test AAAA"),
    "JSON with spaces": raw(b'"v":1', b'"v": 1'),
    "JSON with a member twice": raw(b'"v":1', b'"v":1,"v":1'),
    "JSON with a member unknown": raw(b'"v":1', b'"v":1,"x":1'),
    "JSON with an escape": raw(b'"v":1', b'"\\u0076":1'),
    "JSON out of order": raw(b'{"digests"', b'{"v":1,"digests"'),
    "JSON cut off": raw(b"}", b""),
    "JSON twice": raw(b"}", b"}{}"),
    "JSON nested deeply": lambda p: with_raw_extra(p, lambda _: b"[" * 40_000),
    "version as truth": raw(b'"v":1', b'"v":true'),
    "version as fraction": raw(b'"v":1', b'"v":1.0'),
    "version 2": raw(b'"v":1', b'"v":2'),
    "a list as null": raw(b'"timestamps":[]', b'"timestamps":null'),
    "a lone surrogate": raw(b'"timestamps":[]', b'"timestamps":["\\ud800"]'),
    "not UTF-8": raw(b'"timestamps":[]', b'"timestamps":["\xff"]'),
    "a timestamp that is no base64": raw(b'"timestamps":[]', b'"timestamps":["%"]'),
    "a number where a text belongs": raw(b'"timestamps":[]', b'"timestamps":[1]'),
    "65 timestamps": extra(lambda e: e.__setitem__("timestamps", ["AAAA"] * 65)),
    "an extra beyond its limit": extra(lambda e: e.__setitem__("timestamps", ["AAAA" * 20_000])),
    "eleven digests": extra(lambda e: e["digests"].pop()),
    "digests out of order": extra(lambda e: e["digests"].reverse()),
    "a digest twice": extra(lambda e: e["digests"].__setitem__(0, e["digests"][1])),
    "a digest with stray bits": extra(lambda e: e["digests"].__setitem__(11, e["digests"][11][:-1] + "_")),
    "a digest of another event": extra(lambda e: e["digests"].__setitem__(0, "A" * 43)),
    "a field stripped of its digest": extra(lambda e: e["disclosures"].append(e["disclosures"][0][:-4])),
    "a field twice": extra(lambda e: e["disclosures"].append(e["disclosures"][0])),
    "no field": extra(lambda e: e["disclosures"].clear()),
    "only the size": extra(lambda e: e["disclosures"].pop(0)),
    "a made-up field": disclosed_again(["salt", "digest", hashlib.sha256(b"forged").hexdigest()]),
    "no key": extra(lambda e: e["keys"].clear()),
    "a key that is none": extra(lambda e: e["keys"].__setitem__(0, "unburnt/test+00000000+AAAA")),
    "a key with a false id": extra(lambda e: e["keys"].__setitem__(0, e["keys"][0].replace("test+", "test+0")[:-1])),
    "a witness that did not sign": extra(lambda e: e["witnesses"].append(
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")),
    "a change of keys that is none": extra(lambda e: e["rotations"].append("x")),
}


@pytest.mark.parametrize("edit", FORMS.values(), ids=FORMS.keys())
def test_a_changed_or_ambiguous_proof_is_refused_by_both(tmp_path: Path, genuine: bytes, edit: Edit) -> None:
    changed = edit(genuine)
    assert changed != genuine
    refused(tmp_path, changed, UnburntError)


def test_every_flipped_bit_in_the_log_s_part_is_refused(sealed: Sealed, genuine: bytes) -> None:
    start = genuine.index(b"\nindex ")
    for place in range(start, len(genuine)):
        changed = bytearray(genuine)
        changed[place] ^= 1
        found = by_unburnt(bytes(changed), keys=[sealed.key], witnesses=[sealed.watching])
        assert isinstance(found, (BadProof, BadNote)), place


def test_every_flipped_bit_in_what_opens_the_entry_is_refused(sealed: Sealed, genuine: bytes) -> None:
    length = len(base64.b64decode(genuine.split(b"\n")[1][6:]))
    for place in range(length):
        def flip(data: bytes, place: int = place) -> bytes:
            return data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
        found = by_unburnt(with_raw_extra(genuine, flip), keys=[sealed.key], witnesses=[sealed.watching])
        assert isinstance(found, UnburntError), place


def test_a_file_of_the_same_length_is_not_the_original(tmp_path: Path, genuine: bytes) -> None:
    refused(tmp_path, genuine, WrongOriginal, b"the 0riginal")
    refused(tmp_path, genuine, WrongOriginal, b"")


def test_a_proof_for_another_leaf_proves_nothing_about_this_file(tmp_path: Path, sealed: Sealed, genuine: bytes) -> None:
    another = sealed.proof(index=7)
    refused(tmp_path, another.encode(), WrongOriginal)
    mixed = Proof(another.index, another.hashes, another.note, Proof.parse(genuine).extra)
    refused(tmp_path, mixed.encode(), BadProof)
    swapped = with_extra(genuine, lambda e: e.__setitem__("disclosures", list(another.extra.disclosures)))
    refused(tmp_path, swapped, BadProof)


def test_the_checkpoint_of_another_archive_is_refused(
    tmp_path: Path, sealed: Sealed, other: Sealed, genuine: bytes
) -> None:
    ours = Proof.parse(genuine)
    foreign = Proof(ours.index, ours.hashes, other.note, ours.extra)
    refused(tmp_path, foreign.encode(), WrongKey)
    refused(tmp_path, foreign.encode(), WrongKey, keys=[sealed.key])
    theirs = other.proof().encode()
    refused(tmp_path, theirs, WrongKey, keys=[sealed.key])


def test_another_archive_cannot_sign_in_this_one_s_name(tmp_path: Path, sealed: Sealed, other: Sealed) -> None:
    text = sealed.note.text
    proof = make(
        sealed.log, sealed.lines()[2], note=Note(text, (other.signer.sign(text),)), keys=[other.signer.verifier],
    )
    refused(tmp_path, proof.encode(), WrongKey)


def test_a_fork_signed_with_the_real_key_is_shown_only_by_a_witness(tmp_path: Path, sealed: Sealed) -> None:
    fork = Sealed(tmp_path / "fork")
    text = fork.note.text
    forked = Note(text, (sealed.signer.sign(text), sealed.note.signatures[1]))
    alone = make(fork.log, fork.lines()[2], note=Note(text, forked.signatures[:1]), keys=[sealed.signer.verifier])
    report = by_unburnt(alone.encode(), keys=[sealed.key])
    assert not isinstance(report, UnburntError)
    assert any("no second version" in warning for warning in report.warnings)
    refused(tmp_path, alone.encode(), NotCountersigned, keys=[sealed.key], witnesses=[sealed.watching])
    borrowed = Proof(alone.index, alone.hashes, forked, alone.extra)
    refused(tmp_path, borrowed.encode(), BadNote, keys=[sealed.key], witnesses=[sealed.watching])


def test_a_countersignature_whose_time_was_changed_is_refused(tmp_path: Path, sealed: Sealed) -> None:
    note = sealed.note
    signature = note.signatures[1]
    later = type(signature)(signature.name, signature.key_id, (99).to_bytes(8, "big") + signature.bytes[8:])
    refused(tmp_path, sealed.proof(note=Note(note.text, (note.signatures[0], later))).encode(), BadNote)


def test_a_log_key_does_not_pass_for_a_witness(tmp_path: Path, sealed: Sealed, genuine: bytes) -> None:
    posing = with_extra(genuine, lambda e: e.__setitem__("witnesses", [sealed.key]))
    refused(tmp_path, posing, BadProof)


def test_the_second_preimage_of_an_inner_node_is_no_entry(tmp_path: Path, sealed: Sealed, genuine: bytes) -> None:
    ours = Proof.parse(genuine)
    shortened = Proof(ours.index >> 1, ours.hashes[1:], ours.note, ours.extra)
    refused(tmp_path, shortened.encode(), BadProof)


def test_no_proof_needs_more_hashes_than_the_limit() -> None:
    largest = Checkpoint("x", (1 << 63) - 1, bytes(32))
    assert (largest.size - 1).bit_length() == MAX_HASHES
