"""Timestamps inside a proof: unburnt's verifier and openssl, started by check_proof.py, say the same."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, tsp

from tests.seal_authority import DAY, NOW, Authority, certified, forged, time_stamper
from tests.seal_proofs import ORIGINAL, Sealed, by_the_other
from unburnt.base.errors import UnburntError
from unburnt.vault.log import proof
from unburnt.vault.log.timestamp import request, verify


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    return Sealed(tmp_path_factory.mktemp("sealed") / "archive", others=3)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def both(folder: Path, sealed: Sealed, authority: Authority, *tokens: bytes) -> tuple[Any, int, str]:
    """What unburnt says of a proof that holds *tokens*, and exit code and output of the other checker."""
    encoded = sealed.proof(timestamps=tokens).encode()
    (folder / "root.pem").write_bytes(authority.root.pem)
    code, output = by_the_other(folder, encoded, ORIGINAL, [], [], "--tsa-root", str(folder / "root.pem"))
    judge = functools.partial(verify, roots=[authority.root.certificate])
    try:
        ours: Any = proof.check(encoded, hashlib.sha256(ORIGINAL).hexdigest(), len(ORIGINAL), timestamp=judge)
    except UnburntError as error:
        ours = error
    return ours, code, output


def token(response: bytes) -> bytes:
    """The token in an answer, taken out without any check."""
    return bytes(tsp.TimeStampResp.load(response)["time_stamp_token"].dump())


def test_an_authority_s_timestamp_is_reported_with_its_time(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    good = token(authority.reply(request(sealed.note.text)[0]))
    ours, code, output = both(tmp_path, sealed, authority, good)
    assert isinstance(ours, proof.Report)
    assert [stamp.authority for stamp in ours.timestamped] == ["CN=Tests' Time"]
    assert not any("second version" in warning for warning in ours.warnings)
    assert code == 0 and f"no later than {ours.timestamped[0].time:%Y-%m-%d %H:%M:%S} UTC" in output


def test_a_certificate_that_expired_since_still_counts(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    signer = time_stamper(authority.between, valid=(NOW - 9 * DAY, NOW - DAY))
    ours, code, output = both(tmp_path, sealed, authority, token(forged(sealed.note.text, signer, time=NOW - 2 * DAY)))
    assert isinstance(ours, proof.Report) and code == 0, output


def test_what_is_wrong_with_a_timestamp_is_found_by_both(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    text, between = sealed.note.text, authority.between
    own_root = certified("Forger")
    wrong = {
        "over another checkpoint": forged("other\n1\nroot\n", authority.signer),
        "by a root that it brings": forged(text, time_stamper(own_root), certificates=[time_stamper(own_root), own_root]),
        "by an authority nobody pinned": forged(text, time_stamper(own_root)),
        "from the future": forged(text, authority.signer, time=NOW + DAY),
        "by an expired certificate": forged(text, time_stamper(between, valid=(NOW - 9 * DAY, NOW - 5 * DAY))),
        "by a certificate for other things": forged(text, certified("Web", between, usage=[])),
        "signed by another key": forged(text, authority.signer, signed_by=own_root.key),
        "over a weak hash": forged(text, authority.signer, imprint_algorithm="sha1"),
        "over a longer hash than agreed": forged(text, authority.signer, imprint_algorithm="sha512"),
        "signed by way of SHA-1": forged(text, authority.signer, digest="sha1"),
        "by a certificate signed with SHA-1": forged(text, time_stamper(between, sha1=True)),
        "through a certificate signed with SHA-1": forged(text, time_stamper(certified("M", authority.root, sha1=True))),
        "through a short key": forged(text, time_stamper(certified("M", authority.root, rsa_bits=1024))),
        "with a condition nobody knows": forged(text, authority.signer, extensions=[
            {"extn_id": "1.2.3.4", "critical": True, "extn_value": b"\x05\x00"}]),
        "signed twice": forged(text, authority.signer, copies=2),
        "without signed statements": forged(text, authority.signer, attributes=False),
        "without naming its certificate": forged(text, authority.signer, essential=None),
        "with too many certificates": forged(text, authority.signer, certificates=[
            authority.signer, between, *(certified(f"{number}", authority.root) for number in range(18))]),
    }
    for what, response in wrong.items():
        ours, code, output = both(tmp_path, sealed, authority, token(response))
        assert isinstance(ours, UnburntError) and ours.exit_code == 3, what
        assert code == 3 and "REFUSED: " in output, (what, output)


def test_nothing_may_stand_around_or_behind_a_token_in_a_proof(
    tmp_path: Path, sealed: Sealed, authority: Authority
) -> None:
    response = forged(sealed.note.text, authority.signer)
    good = token(response)
    assert both(tmp_path, sealed, authority, good)[1] == 0
    for bad in (response, good + b"\0\0", good[:-1], b"\x30\x80" + good[4:] + b"\0\0", b"\x30", b""):
        ours, code, _ = both(tmp_path, sealed, authority, bad)
        assert isinstance(ours, UnburntError) and ours.exit_code == 3 and code == 3, bad[:8]


SECOND = NOW.strftime("%Y%m%d%H%M%S").encode()
DAY_BEFORE = (NOW - DAY).strftime("%Y%m%d%H%M%S").encode()


@pytest.mark.parametrize("moment", [
    SECOND + b"Z\n", SECOND + b"z", SECOND + b".500Z", SECOND + b".Z", SECOND + b",5Z", SECOND, SECOND + b"+0000",
    DAY_BEFORE[:12] + b"Z", DAY_BEFORE[:10] + b"Z", b" " + SECOND + b"Z", b"20261301000000Z"[:15], SECOND[:-2] + b"60Z",
], ids=[
    "line end", "small z", "zero at the end", "point alone", "comma", "no zone", "offset", "no seconds", "no minutes", "space before",
    "thirteenth month", "second 60",
])
def test_a_time_that_is_not_written_in_the_one_agreed_way_is_refused_by_both(
    tmp_path: Path, sealed: Sealed, authority: Authority, moment: bytes
) -> None:
    ours, code, output = both(tmp_path, sealed, authority, token(forged(sealed.note.text, authority.signer, moment=moment)))
    assert isinstance(ours, UnburntError) and ours.exit_code == 3 and code == 3, output


def test_parts_of_a_second_are_understood_by_both(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    stamp = token(forged(sealed.note.text, authority.signer, moment=SECOND + b".25Z"))
    ours, code, output = both(tmp_path, sealed, authority, stamp)
    assert isinstance(ours, proof.Report) and code == 0 and f"{NOW:%Y-%m-%d %H:%M:%S} UTC" in output


def test_what_a_token_says_of_itself_must_hold_for_both(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    text, signer = sealed.note.text, authority.signer
    other = cms.CertificateChoices("other", cms.OtherCertificateFormat({"other_cert_format": "1.2.3.4", "other_cert": core.Null()}))
    first_certificate = {"type": "signing_certificate", "values": [{"certs": [{"cert_hash": hashlib.sha1(b"x").digest()}]}]}
    wrong = {
        "it names another authority": forged(text, signer, authority="Somebody Else"),
        "something else beside the certificates": forged(text, signer, beside=[other]),
        "a statement twice": forged(text, signer, stated=lambda all: cms.CMSAttributes([*all, all[0]])),
        "two values of one statement": forged(text, signer, stated=lambda all: cms.CMSAttributes(
            [{"type": "content_type", "values": ["tst_info", "tst_info"]}, all[1], all[2]])),
        "no kind of content": forged(text, signer, stated=lambda all: cms.CMSAttributes([all[1], all[2]])),
        "no digest of the content": forged(text, signer, stated=lambda all: cms.CMSAttributes([all[0], all[2]])),
        "a false certificate beside the true one": forged(text, signer, stated=lambda all: cms.CMSAttributes(
            [*all, first_certificate])),
        "through a short DSA key": forged(text, time_stamper(certified("M", authority.root, dsa_bits=1024))),
    }
    for what, response in wrong.items():
        ours, code, output = both(tmp_path, sealed, authority, token(response))
        assert isinstance(ours, UnburntError) and ours.exit_code == 3, what
        assert code == 3 and "REFUSED: " in output, (what, output)
    ours, code, output = both(tmp_path, sealed, authority, token(forged(text, signer, authority="Tests' Time")))
    assert isinstance(ours, proof.Report) and code == 0, output


@pytest.mark.parametrize("weakness", [{"rsa_bits": 1024}, {"sha1": True}])
def test_a_weak_root_is_believed_by_neither(
    tmp_path: Path, sealed: Sealed, authority: Authority, weakness: dict[str, Any],
) -> None:
    weak = certified("Weak Root", **weakness)
    stamp = token(forged(sealed.note.text, time_stamper(weak), time=NOW - DAY))
    ours, code, _ = both(tmp_path, sealed, replace(authority, root=weak, folder=tmp_path / "weak"), stamp)
    assert isinstance(ours, UnburntError) and ours.exit_code == 3 and code == 3


def test_a_clock_a_little_behind_is_forgiven_by_both(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    for ahead, good in ((timedelta(minutes=5), True), (timedelta(minutes=30), False)):
        now = datetime.now(UTC).replace(microsecond=0)
        ours, code, output = both(
            tmp_path, sealed, authority, token(forged(sealed.note.text, authority.signer, time=now + ahead)))
        assert (isinstance(ours, proof.Report), code) == ((True, 0) if good else (False, 3)), output


def test_one_good_timestamp_is_enough_and_a_bad_one_beside_it_is_told(
    tmp_path: Path, sealed: Sealed, authority: Authority
) -> None:
    good = token(authority.reply(request(sealed.note.text)[0]))
    ours, code, output = both(tmp_path, sealed, authority, b"garbage", good)
    assert isinstance(ours, proof.Report) and len(ours.timestamped) == 1
    assert any("was refused" in warning for warning in ours.warnings)
    assert code == 0 and output.count("no later than") == 1


def test_a_stripped_timestamp_is_missed_when_one_is_asked_for(tmp_path: Path, sealed: Sealed, authority: Authority) -> None:
    ours, code, output = both(tmp_path, sealed, authority)
    assert isinstance(ours, proof.NotTimestamped)
    assert code == 3 and "no timestamp" in output


def test_unchecked_timestamps_are_never_called_checked(
    tmp_path: Path, sealed: Sealed, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = sealed.proof(timestamps=[b"anything"]).encode()
    report = proof.check(encoded, hashlib.sha256(ORIGINAL).hexdigest(), len(ORIGINAL))
    assert report.timestamped == () and any("not checked" in warning for warning in report.warnings)
    code, output = by_the_other(tmp_path, encoded)
    assert code == 0 and "NOT CHECKED (1 found)" in output
    # A timestamp that was asked for and cannot be checked is no success.
    monkeypatch.setenv("PATH", "")  # as where openssl is not installed
    (tmp_path / "root.pem").write_bytes(authority.root.pem)
    code, output = by_the_other(tmp_path, encoded, ORIGINAL, [], [], "--tsa-root", str(tmp_path / "root.pem"))
    assert code == 3 and "REFUSED: A timestamp is asked for" in output
