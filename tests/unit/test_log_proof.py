"""A proof tells what a person chose to tell, and nothing else; and it says who vouches for what."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.seal_authority import DAY, NOW, certified, forged, time_stamper
from tests.seal_proofs import (
    COSIGNED_AT,
    DELIVERY,
    MODIFIED,
    ORIGIN,
    ORIGINAL,
    PATH,
    Sealed,
    by_the_other,
    by_unburnt,
    with_extra,
)
from unburnt.base.errors import NotFound, UnburntError, UsageError
from unburnt.model.events import ReadingMade
from unburnt.model.outcome import Outcome
from unburnt.vault.events import Events
from unburnt.vault.fields import opened
from unburnt.vault.log import proof
from unburnt.vault.log.cosignature import Cosigner
from unburnt.vault.log.entries import entry_of
from unburnt.vault.log.log import DamagedLog
from unburnt.vault.log.note import BadNote, Note, Signature, Signer
from unburnt.vault.log.proof import Proof, Report, Signed, WrongKey, make
from unburnt.vault.log.rotation import hand_over
from unburnt.vault.log.timestamp_token import parse_token

DIGEST = hashlib.sha256(ORIGINAL).hexdigest()


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path / "archive")


def checked(encoded: bytes, **trust: list[str]) -> Report:
    report = by_unburnt(encoded, **trust)
    assert isinstance(report, Report), report
    return report


def everything_in(encoded: bytes) -> bytes:
    """The proof with all that base64 hides in it spelled out."""
    extra = json.loads(base64.b64decode(encoded.split(b"\n")[1][6:]))
    pieces = [encoded, json.dumps(extra, ensure_ascii=False).encode()]
    pieces += [base64.urlsafe_b64decode(one + "==") for one in (*extra["disclosures"], *extra["digests"])]
    return b"\n".join(pieces)


def test_a_proof_with_defaults_tells_digest_and_size_only(sealed: Sealed) -> None:
    encoded = sealed.proof().encode()
    assert checked(encoded).opened == {"digest": DIGEST, "size": str(len(ORIGINAL))}
    told = everything_in(encoded)
    event = sealed.lines()[2]
    hidden = dict(opened(one) for one in event.disclosures)
    assert {"kind", "time", "path", "accession", "modified"} <= hidden.keys()
    for name, value in hidden.items():
        if name not in ("digest", "size"):
            assert len(value) <= 4 or value.strip(b'"') not in told, name  # "null" and the like are everywhere
            assert b'"%b"' % name.encode() not in told
    for secret in (PATH, base64.b64encode(PATH), DELIVERY.encode(), MODIFIED.encode(), b"courier", b"item-received"):
        assert secret not in told


def test_more_is_opened_only_where_asked_for(sealed: Sealed) -> None:
    report = checked(sealed.proof(["digest", "size", "path", "modified"]).encode())
    assert report.opened["path"] == base64.b64encode(PATH).decode()
    assert "accession" not in report.opened
    assert any("prove nothing: modified" in warning for warning in report.warnings)


def test_the_report_says_who_vouches(sealed: Sealed) -> None:
    report = checked(sealed.proof().encode(), keys=[sealed.key], witnesses=[sealed.watching])
    assert (report.origin, report.index, report.size) == (ORIGIN, 2, 303)
    assert report.signed == Signed(sealed.key, "pinned")
    assert [(one.vkey, one.stated, one.pinned) for one in report.countersigned] == [
        (sealed.watching, COSIGNED_AT, True)
    ]
    assert report.warnings == () and report.timestamped == ()
    stranger = checked(sealed.proof().encode())
    assert stranger.signed == Signed(sealed.key, "named")
    assert not stranger.countersigned[0].pinned
    assert len(stranger.warnings) == 3


def test_a_proof_is_read_as_it_was_written_and_small(sealed: Sealed) -> None:
    encoded = sealed.proof().encode()
    assert Proof.parse(encoded).encode() == encoded
    assert len(encoded) < 4096


def test_any_entry_can_be_proved_against_any_kept_checkpoint(sealed: Sealed) -> None:
    sealed.log.append([bytes(32)] * 500)
    last = sealed.log.commit(sealed.signer)
    for note in (sealed.note, last):
        one = make(sealed.log, sealed.lines()[2], note=note, keys=[sealed.signer.verifier])
        assert checked(one.encode()).size in (303, 803)


def test_a_text_is_proved_to_be_derived(tmp_path: Path, sealed: Sealed) -> None:
    events = Events(sealed.layout)
    events.append(ReadingMade(
        blob=DIGEST, step="read.docx", version=3, key="b" * 64, output="c" * 64, outcome=Outcome.READ,
    ))
    events.flush()
    events.close()
    line = sealed.lines()[-1]
    sealed.log.append([entry_of(line.digests)])
    note = sealed.log.commit(sealed.signer)
    encoded = make(sealed.log, line, proof.TEXT_FIELDS, note=note, keys=[sealed.signer.verifier]).encode()
    assert checked(encoded, keys=[sealed.key]).opened == {
        "blob": DIGEST, "step": "read.docx", "version": 3, "key": "b" * 64, "output": "c" * 64,
    }
    assert by_the_other(tmp_path, encoded)[0] == 0


def test_a_key_that_took_over_is_accepted_through_the_one_that_is_known(tmp_path: Path, sealed: Sealed) -> None:
    old, new, stranger = sealed.signer, Signer(ORIGIN, Ed25519PrivateKey.generate()), Signer(ORIGIN, Ed25519PrivateKey.generate())
    text = sealed.note.text
    note = Note(text, (new.sign(text),))
    keys = [old.verifier, new.verifier]
    encoded = make(sealed.log, sealed.lines()[2], note=note, keys=keys, rotations=[hand_over(old, new)]).encode()
    report = checked(encoded, keys=[sealed.key])
    assert report.signed == Signed(new.verifier.vkey, "handed-over", old.verifier.vkey)
    code, output = by_the_other(tmp_path, encoded, keys=[sealed.key])
    assert code == 0 and "yours handed over to it" in output
    lost = make(sealed.log, sealed.lines()[2], note=note, keys=keys).encode()
    taken = make(sealed.log, sealed.lines()[2], note=note, keys=keys, rotations=[hand_over(stranger, new)]).encode()
    for refused in (lost, taken):
        assert isinstance(by_unburnt(refused, keys=[sealed.key]), WrongKey)
        assert by_the_other(tmp_path, refused, keys=[sealed.key])[0] == 3
    half = hand_over(old, new)
    forged = make(
        sealed.log, sealed.lines()[2], note=note, keys=keys, rotations=[Note(half.text, half.signatures[1:])],
    ).encode()
    assert isinstance(by_unburnt(forged, keys=[sealed.key]), BadNote)
    assert by_the_other(tmp_path, forged, keys=[sealed.key])[0] == 3


def test_no_proof_is_made_of_what_is_not_sealed_or_erased_or_changed(sealed: Sealed) -> None:
    lines, keys = sealed.lines(), [sealed.signer.verifier]
    with pytest.raises(NotFound, match="no field blob"):
        make(sealed.log, lines[2], ["blob"], keys=keys)
    changed = type(lines[2])(2, lines[3].digests, lines[3].disclosures)
    with pytest.raises(DamagedLog, match="event 2"):
        make(sealed.log, changed, keys=keys)
    later = type(lines[2])(303, lines[3].digests, lines[3].disclosures)
    with pytest.raises(NotFound, match="after the last seal"):
        make(sealed.log, later, keys=keys)


def test_our_own_clocks_are_said_to_prove_nothing_by_both(tmp_path: Path, sealed: Sealed) -> None:
    encoded = sealed.proof(["digest", "time", "modified"]).encode()
    assert any("prove nothing: modified, time" in warning for warning in checked(encoded).warnings)
    assert by_the_other(tmp_path, encoded)[1].count("proves nothing)") == 2


@pytest.mark.parametrize("name", ["unburnt/\x9b2Jtest", "unburnt/\u202etest"])
def test_a_key_whose_name_would_steer_the_terminal_is_refused(tmp_path: Path, sealed: Sealed, name: str) -> None:
    identity = hashlib.sha256(name.encode() + b"\n\x01" + sealed.signer.verifier.public).digest()[:4].hex()
    vkey = f"{name}+{identity}+{sealed.key.split('+', 2)[2]}"
    encoded = with_extra(sealed.proof().encode(), lambda extra: extra.__setitem__("keys", [vkey]))
    assert isinstance(by_unburnt(encoded), BadNote)
    code, output = by_the_other(tmp_path, encoded)
    assert code == 3 and output.isascii()


def test_a_key_of_the_wrong_kind_is_a_mistake_of_the_caller(tmp_path: Path, sealed: Sealed) -> None:
    encoded = sealed.proof().encode()
    assert isinstance(by_unburnt(encoded, keys=[sealed.watching]), UsageError)
    assert isinstance(by_unburnt(encoded, witnesses=[sealed.key]), UsageError)
    assert isinstance(by_unburnt(encoded, keys=["nonsense"]), UnburntError)
    assert by_the_other(tmp_path, encoded, witnesses=[sealed.key])[0] == 3


def test_the_independent_checker_knows_nothing_of_unburnt_and_says_how_it_is_used(tmp_path: Path, sealed: Sealed) -> None:
    source = Path(proof.__file__).with_name("check_proof.py").read_text("utf-8")
    assert "import unburnt" not in source and "from unburnt" not in source
    assert len(source.splitlines()) < 400
    code, output = by_the_other(tmp_path, sealed.proof().encode(), ORIGINAL, [], [], "--no-such-option")
    assert code == 2 and "usage:" in output
    (tmp_path / "one.proof").unlink()


def test_a_proof_carries_the_earliest_few_who_vouch_and_always_stays_within_its_limits(
    tmp_path: Path, sealed: Sealed
) -> None:
    root = certified("Root")
    signer = time_stamper(root)
    text = sealed.note.text
    tokens = [forged(text, signer, time=NOW - DAY * number) for number in range(20)]
    tokens = [parse_token(one).der for one in tokens]
    cosigners = [Cosigner(f"w{number}", Ed25519PrivateKey.generate()) for number in range(20)]
    note = Note(text, (
        sealed.signer.sign(text), Signature("nobody", 7, b"x" * 64),
        *(one.cosign(text, 2_000_000_000 - number) for number, one in enumerate(cosigners))))
    made = make(sealed.log, sealed.lines()[2], note=note, keys=[sealed.signer.verifier], timestamps=tokens,
                witnesses=[one.verifier for one in cosigners])
    assert made.timestamps() == tokens[:-9:-1]
    assert list(made.extra.witnesses) == [one.verifier.vkey for one in cosigners[:-9:-1]]
    assert len(made.note.signatures) == 1 + 8 and b"nobody" not in made.encode()
    assert len(checked(made.encode()).countersigned) == 8
    assert by_the_other(tmp_path, made.encode())[0] == 0
    large = [bytes([number]) * 30_000 for number in range(20)]
    one = make(sealed.log, sealed.lines()[2], keys=[sealed.signer.verifier], timestamps=large)
    assert len(one.timestamps()) == 1 and Proof.parse(one.encode()) == one
