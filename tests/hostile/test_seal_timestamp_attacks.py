"""Timestamps that must not be believed, each judged by ``openssl ts -verify`` too."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.seal_authority import DAY, NOW, Authority, Certified, certified, forged, openssl_accepts, time_stamper
from unburnt.vault.log import check_proof
from unburnt.vault.log import timestamp as ts
from unburnt.vault.log.timestamp_token import MAX_TOKEN, as_response, parse_token

TEXT = "unburnt/test\n3\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def refused(authority: Authority, response: bytes, error: type[ts.BadTimestamp], *, openssl: bool = False,
            text: str = TEXT, roots: list[Certified] | None = None) -> None:
    """Ours names *error*; openssl refuses as well, unless we are the stricter one (*openssl* = True)."""
    trusted = [authority.root] if roots is None else roots
    with pytest.raises(ts.BadTimestamp) as caught:
        ts.verify(response, text, [each.certificate for each in trusted])
    assert type(caught.value) is error and caught.value.exit_code == 3
    assert openssl_accepts(authority.folder, response, roots=trusted, text=text) is openssl


def test_the_forger_can_also_make_a_good_one(authority: Authority) -> None:
    for essential in ("signing_certificate_v2", "signing_certificate"):
        response = forged(TEXT, authority.signer, essential=essential)
        assert ts.verify(response, TEXT, [authority.root.certificate]).time == NOW
        assert openssl_accepts(authority.folder, response, roots=[authority.root], text=TEXT)


def test_a_timestamp_over_another_text_is_refused(authority: Authority) -> None:
    refused(authority, forged(TEXT + "more\n", authority.signer), ts.WrongText)


def test_a_timestamp_over_another_kind_of_digest_is_refused(authority: Authority) -> None:
    refused(authority, forged(TEXT, authority.signer, imprint_algorithm="sha512"), ts.BadTimestamp)


def test_an_answer_to_another_request_is_refused(authority: Authority) -> None:
    query, nonce = ts.request(TEXT)
    other = authority.reply(ts.request(TEXT)[0])
    with pytest.raises(ts.WrongNonce):
        ts.verify(other, TEXT, [authority.root.certificate], nonce=nonce)
    assert not openssl_accepts(authority.folder, other, roots=[authority.root], query=query)
    without = forged(TEXT, authority.signer)
    with pytest.raises(ts.WrongNonce):
        ts.verify(without, TEXT, [authority.root.certificate], nonce=nonce)
    assert not openssl_accepts(authority.folder, without, roots=[authority.root], query=query)


def test_a_timestamp_that_brings_its_own_root_is_refused(authority: Authority) -> None:
    evil = certified("Tests' Root")
    signer = time_stamper(evil)
    refused(authority, forged(TEXT, signer, certificates=[signer, evil]), ts.UntrustedAuthority)


def test_an_attackers_signature_in_the_name_of_the_real_signer_is_refused(authority: Authority) -> None:
    """What rfc3161-client up to 1.0.8 and 1.0.5 let through: own root inside, or the real certificate beside."""
    evil = certified("Tests' Root")
    signer = time_stamper(evil)
    both = [signer, evil, *authority.signer.chain]
    refused(authority, forged(TEXT, signer, certificates=both), ts.UntrustedAuthority)
    refused(authority, forged(TEXT, signer, certificates=both, named=authority.signer), ts.BadTimestamp)
    with_key = forged(TEXT, authority.signer, certificates=[*both, authority.root], signed_by=signer.key)
    refused(authority, with_key, ts.BadTimestamp)


def test_a_root_with_the_name_and_no_key_of_the_pinned_one_is_refused(authority: Authority) -> None:
    twin = certified("Tests' Root")
    between = certified("Tests' Middle", twin)
    refused(authority, forged(TEXT, time_stamper(between)), ts.UntrustedAuthority)


def test_without_a_pinned_root_nothing_is_accepted(authority: Authority) -> None:
    with pytest.raises(ts.UntrustedAuthority, match="No root"):
        ts.verify(forged(TEXT, authority.signer), TEXT, [])


def test_an_intermediate_that_helps_is_no_anchor(authority: Authority) -> None:
    bare = forged(TEXT, authority.signer, certificates=[authority.signer])
    refused(authority, bare, ts.UntrustedAuthority)
    between = authority.between.certificate
    assert ts.verify(bare, TEXT, [authority.root.certificate], intermediates=[between]).time == NOW
    other = certified("Another Root")
    with pytest.raises(ts.UntrustedAuthority):
        ts.verify(bare, TEXT, [other.certificate], intermediates=[between])
    with pytest.raises(ts.UntrustedAuthority):
        ts.verify(bare, TEXT, [between])


def test_a_signer_whose_certificate_had_expired_is_refused_and_one_that_expired_since_is_not(authority: Authority) -> None:
    old = time_stamper(authority.between, valid=(NOW - 9 * DAY, NOW - 2 * DAY))
    refused(authority, forged(TEXT, old), ts.OutsideValidity)
    refused(authority, forged(TEXT, time_stamper(authority.between, valid=(NOW + DAY, NOW + 9 * DAY))), ts.OutsideValidity)
    good = forged(TEXT, old, time=NOW - 5 * DAY)
    assert ts.verify(good, TEXT, [authority.root.certificate]).time == NOW - 5 * DAY
    assert openssl_accepts(authority.folder, good, roots=[authority.root], text=TEXT, at=NOW - 5 * DAY)


def test_an_expired_root_or_intermediate_is_refused(authority: Authority) -> None:
    past = (NOW - 9 * DAY, NOW - 2 * DAY)
    root = certified("Old Root", valid=past)
    refused(authority, forged(TEXT, time_stamper(root)), ts.UntrustedAuthority, roots=[root])
    between = certified("Old Middle", authority.root, valid=past)
    refused(authority, forged(TEXT, time_stamper(between)), ts.UntrustedAuthority)


def test_a_time_that_has_not_come_is_refused(authority: Authority) -> None:
    refused(authority, forged(TEXT, authority.signer, time=NOW + DAY), ts.FutureTime, openssl=True)
    near = forged(TEXT, authority.signer, time=NOW + timedelta(minutes=2))
    assert ts.verify(near, TEXT, [authority.root.certificate]).time == NOW + timedelta(minutes=2)


@pytest.mark.parametrize(("usage", "critical"), [
    ([ExtendedKeyUsageOID.CODE_SIGNING], True),
    ([ExtendedKeyUsageOID.TIME_STAMPING], False),
    ([ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.SERVER_AUTH], True),
])
def test_a_certificate_for_other_purposes_is_refused(authority: Authority, usage: list[object], critical: bool) -> None:
    signer = certified("Other", authority.between, usage=usage, critical=critical)  # type: ignore[arg-type]
    refused(authority, forged(TEXT, signer), ts.NotTimeStamping)
    refused(authority, forged(TEXT, certified("A CA", authority.between)), ts.NotTimeStamping)


def test_a_signer_that_is_no_authority_cannot_make_another_signer(authority: Authority) -> None:
    refused(authority, forged(TEXT, time_stamper(authority.signer)), ts.UntrustedAuthority)


@pytest.mark.parametrize("change", [
    lambda a: forged(TEXT, a.signer, essential=None),
    lambda a: forged(TEXT, a.signer, attributes=False),
    lambda a: forged(TEXT, a.signer, certificates=[]),
    lambda a: forged(TEXT, a.signer, certificates=[a.between]),
    lambda a: forged(TEXT, a.signer, copies=2),
    lambda a: forged(TEXT, a.signer, named=time_stamper(a.between)),
    lambda a: forged(TEXT, a.signer, signed_by=certified("x").key),
])
def test_a_token_whose_parts_do_not_belong_together_is_refused(
    authority: Authority, change: Callable[[Authority], bytes],
) -> None:
    refused(authority, change(authority), ts.BadTimestamp)


def test_weak_digests_and_unknown_conditions_are_refused_where_openssl_is_laxer(authority: Authority) -> None:
    refused(authority, forged(TEXT, authority.signer, digest="sha1"), ts.BadTimestamp, openssl=True)
    unknown = [{"extn_id": "1.2.3.4.5", "critical": True, "extn_value": b"\x05\x00"}]
    refused(authority, forged(TEXT, authority.signer, extensions=unknown), ts.BadTimestamp, openssl=True)


def test_a_chain_over_a_key_or_digest_that_can_be_broken_is_refused_where_openssl_is_laxer(authority: Authority) -> None:
    weaknesses: list[tuple[dict[str, Any], type[ts.BadTimestamp]]] = [
        ({"rsa_bits": 1024}, ts.BadTimestamp), ({"sha1": True}, ts.UntrustedAuthority),
    ]
    for weak, error in weaknesses:
        between = certified("Old Middle", authority.root, **weak)
        refused(authority, forged(TEXT, time_stamper(between)), error, openssl=True)
        bare = forged(TEXT, signer := time_stamper(between), certificates=[signer])
        with pytest.raises(ts.UntrustedAuthority):
            ts.verify(bare, TEXT, [authority.root.certificate], intermediates=[between.certificate])
    weakly_signed = time_stamper(authority.between, sha1=True)
    refused(authority, forged(TEXT, weakly_signed), ts.UntrustedAuthority, openssl=True)
    strong = time_stamper(certified("Middle", authority.root, rsa_bits=2048))
    assert ts.verify(forged(TEXT, strong), TEXT, [authority.root.certificate]).time == NOW


def by_hand(response: bytes, root: Certified) -> str:
    """What the other checker, ``check_proof.py``, says."""
    strong = check_proof.strong_roots(root.pem)
    token = tsp.TimeStampResp.load(response)["time_stamp_token"].dump()
    return check_proof.timestamp(token, TEXT, strong, strong)


@pytest.mark.parametrize("bits", [2043, 2044, 2047])
def test_rsa_keys_of_almost_2048_bits_are_refused_by_both_checkers_though_openssl_takes_them(
    authority: Authority, bits: int
) -> None:
    almost = certified("Almost", authority.root, rsa_bits=bits)
    signer = time_stamper(authority.between)
    beside = forged(TEXT, signer, certificates=[signer, authority.between, almost])
    for response in (forged(TEXT, time_stamper(almost)), beside):
        refused(authority, response, ts.BadTimestamp, openssl=True)
        with pytest.raises(check_proof.Refused, match="short RSA key"):
            by_hand(response, authority.root)
    root = certified("Almost a Root", rsa_bits=bits)
    response = forged(TEXT, signer := time_stamper(root), certificates=[signer])
    refused(authority, response, ts.UntrustedAuthority, openssl=True, roots=[root])
    with pytest.raises(check_proof.Refused):
        by_hand(response, root)


def test_rsa_keys_of_2048_bits_are_taken_by_both_checkers(authority: Authority) -> None:
    response = forged(TEXT, time_stamper(certified("Just", authority.root, rsa_bits=2048)))
    assert ts.verify(response, TEXT, [authority.root.certificate]).time == NOW
    assert f"{NOW:%Y-%m-%d %H:%M:%S}" in by_hand(response, authority.root)


def test_an_authority_that_declines_is_named_as_such(authority: Authority) -> None:
    response = forged(TEXT, authority.signer, status="rejection")
    refused(authority, response, ts.NotGranted)
    declined = authority.reply(ts.request(TEXT)[0].replace(b"\x60\x86\x48\x01\x65\x03\x04\x02\x01", b"\x60\x86\x48\x01\x65\x03\x04\x02\x02"))
    refused(authority, declined, ts.NotGranted)


def test_a_single_flipped_byte_anywhere_is_never_believed_as_another_statement(authority: Authority) -> None:
    response = forged(TEXT, authority.signer)
    good = ts.verify(response, TEXT, [authority.root.certificate])
    for place in range(len(response)):
        bad = bytearray(response)
        bad[place] ^= 1 << (place % 8)
        try:
            found = ts.verify(bytes(bad), TEXT, [authority.root.certificate])
        except ts.BadTimestamp:
            continue
        assert (found.time, found.serial, found.root) == (good.time, good.serial, good.root)


def test_cut_stretched_and_random_files_get_a_named_error(authority: Authority) -> None:
    response = authority.reply(ts.request(TEXT)[0])
    token = parse_token(response).der
    chance = random.Random(3161)
    bad = [response[:cut] for cut in range(0, len(response), 13)] + [token[:cut] for cut in range(0, len(token), 17)]
    bad += [response + b"\0", token + b"\0", b"", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", response * 40]
    bad += [chance.randbytes(chance.randrange(200)) for _ in range(200)]
    bad += [b"0" + chance.randbytes(chance.randrange(200)) for _ in range(200)]
    for data in bad:
        with pytest.raises(ts.BadTimestamp):
            ts.verify(data, TEXT, [authority.root.certificate])
    with pytest.raises(ts.BadTimestamp, match="larger"):
        parse_token(b"0" * (MAX_TOKEN + 1))


def test_random_changes_never_make_another_statement_nor_an_unnamed_error(authority: Authority) -> None:
    """Some bytes, such as the wording of the status, are under no signature; changing them changes nothing."""
    response = authority.reply(ts.request(TEXT)[0])
    good = ts.verify(response, TEXT, [authority.root.certificate])
    chance = random.Random(3161)
    for _ in range(600):
        changed = bytearray(response)
        for _ in range(chance.randrange(1, 9)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            found = ts.verify(bytes(changed), TEXT, [authority.root.certificate])
        except ts.BadTimestamp:
            continue
        assert (found.time, found.serial, found.root) == (good.time, good.serial, good.root)


def test_nesting_deeper_than_any_token_gets_a_named_error() -> None:
    deep = b""
    for _ in range(5000):
        deep = as_response(deep)[:MAX_TOKEN]
    with pytest.raises(ts.BadTimestamp):
        parse_token(deep)
