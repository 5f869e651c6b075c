"""An RFC 3161 timestamp token, read strictly: what it says, who says so, and whether its parts belong together.

Nothing here is trusted yet: :mod:`unburnt.vault.log.timestamp` checks the signature and the chain of certificates.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import msgspec
from asn1crypto import algos, cms, core, parser, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from unburnt.base.errors import UnburntError
from unburnt.vault.log.outside import MAX_TOKEN

_GRANTED = ("granted", "granted_with_mods")
_STRONG = frozenset({"sha256", "sha384", "sha512"})
_MOST_CERTIFICATES = 16
_DEEPEST = 64
_RSA_BITS = 2048
_CURVE_BITS = 224


class BadTimestamp(UnburntError):
    """The file is no timestamp, or one whose parts contradict each other; the subclasses say which check failed."""

    exit_code = 3


class NotGranted(BadTimestamp):
    """The authority answered, but refused to give a timestamp."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says. *time* is UTC; *accuracy* is None where the authority states none."""

    der: bytes
    """The token itself as it came: a CMS ContentInfo."""
    ordered: bytes
    """The same with its certificates, which no signature covers, in the order that DER asks for, the weak ones out."""
    imprint: bytes
    """SHA-256 of what was timestamped."""
    nonce: int | None
    time: datetime
    accuracy: timedelta | None
    policy: str
    serial: int
    signer: x509.Certificate
    authority: str
    """The signer's subject (RFC 4514)."""
    valid: tuple[datetime, datetime]
    """From when to when the signer's certificate is valid, UTC."""
    certificates: tuple[x509.Certificate, ...]
    """Every certificate in the token, the signer's among them."""


class _Response(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    """TimeStampResp; asn1crypto's own wants a token even where the authority refuses."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo), ("token", cms.ContentInfo, {"optional": True})]


def parse_token(untrusted: bytes) -> Token:
    """Read a token, or a response that holds one, both DER. Raises :class:`BadTimestamp`, :class:`NotGranted`."""
    if len(untrusted) > MAX_TOKEN:
        raise BadTimestamp(f"The file is larger than {MAX_TOKEN >> 10} KiB, which no timestamp is.")
    try:
        _require(_is_der(untrusted), "It is not written as DER.")
        return _token(_unwrapped(untrusted))
    except BadTimestamp:
        raise
    except Exception as error:  # asn1crypto reads lazily and answers bad input with errors of many kinds
        raise BadTimestamp(
            "The file is not an RFC 3161 timestamp, or a damaged one.",
            remedy="Fetch the .tsr file from the authority again, in binary form.",
        ) from error


def as_response(token: bytes) -> bytes:
    """The granted response (TimeStampResp, DER) that holds *token*; what ``openssl ts -verify -in`` reads."""
    return _sequence(_sequence(b"\x02\x01\x00") + token)


def _sequence(content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return b"\x30" + bytes([length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return b"\x30" + bytes([0x80 | len(size)]) + size + content


def _is_der(data: bytes, depth: int = 0) -> bool:
    """Whether every part states its length in the one way that DER knows, so that all programs see the same parts."""
    if depth > _DEEPEST:
        return False
    while data:
        kind, constructed, tag, header, content, trailer = parser.parse(data)
        whole = header + content + trailer
        if parser.emit(kind, constructed, tag, content) != whole or constructed and not _is_der(content, depth + 1):
            return False
        data = data[len(whole):]
    return True


def _unwrapped(untrusted: bytes) -> bytes:
    outer = core.Sequence.load(untrusted, strict=True)
    if isinstance(outer[0], core.ObjectIdentifier):
        return untrusted
    response = _Response.load(untrusted, strict=True)
    status = response["status"]["status"].native
    if status not in _GRANTED:
        raise NotGranted(
            f"The authority did not grant a timestamp: {str(status).replace('_', ' ')}.",
            remedy="Send a new request, or ask another authority.",
        )
    return bytes(response["token"].dump())


def _token(der: bytes) -> Token:
    content = cms.ContentInfo.load(der, strict=True)
    _require(content["content_type"].native == "signed_data", "It is not signed.")
    signed = content["content"]
    inner = signed["encap_content_info"]
    _require(inner["content_type"].native == "tst_info", "What is signed in it is not a timestamp.")
    info_der = bytes(inner["content"].contents)
    info = tsp.TSTInfo.load(info_der, strict=True)
    _require(info["version"].native == "v1", "It has an unknown version.")
    extensions = info["extensions"].native or []
    _require(not any(each["critical"] for each in extensions), "It has a condition that this program does not know.")
    _require(len(signed["signer_infos"]) == 1, "It is not signed by exactly one authority.")
    certificates = _certificates(signed)
    _require(not any(map(_is_out_of_place, certificates)), "A key in it is too short, or of an unknown kind.")
    signer_info = signed["signer_infos"][0]
    signer = _signer(signer_info, certificates)
    _require(_is_named(info, signer), "It names another authority than the one that signed it.")
    _check_signed_attributes(signer_info, info_der, signer)
    return Token(
        der=der, ordered=_ordered(der, certificates), imprint=_imprint(info), nonce=info["nonce"].native,
        time=_time(info), accuracy=_accuracy(info),
        policy=info["policy"].dotted, serial=info["serial_number"].native, signer=signer, certificates=certificates,
        authority=signer.subject.rfc4514_string(), valid=(signer.not_valid_before_utc, signer.not_valid_after_utc),
    )


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise BadTimestamp(f"This is not a timestamp that can be relied on. {otherwise}")


def _certificates(signed: Any) -> tuple[x509.Certificate, ...]:
    held = list(signed["certificates"] or ())
    _require(0 < len(held) <= _MOST_CERTIFICATES, "It does not hold its signer's certificate.")
    _require(all(each.name == "certificate" for each in held), "It holds something else beside certificates.")
    chosen = [each.chosen for each in held]
    return tuple(x509.load_der_x509_certificate(each.dump()) for each in chosen)


def _ordered(der: bytes, certificates: tuple[x509.Certificate, ...]) -> bytes:
    """Authorities that run OpenSSL send the certificates in any order, and a strict parser then refuses them."""
    content = cms.ContentInfo.load(der)
    content["content"]["certificates"] = cms.CertificateSet([
        cms.CertificateChoices("certificate", asn1_x509.Certificate.load(each.public_bytes(Encoding.DER)))
        for each in dict.fromkeys(certificates) if is_strong(each)
    ])
    return bytes(content.dump())


def _is_out_of_place(certificate: x509.Certificate) -> bool:
    """Whether its key is one of RSA below 2048 bits, or of an unknown kind.

    What openssl makes of some bits less depends on its version, and ``check_proof.py`` cannot leave out a certificate
    that openssl then uses: so both checkers refuse a token that holds one.
    """
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return True
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < _RSA_BITS


def is_strong(certificate: x509.Certificate) -> bool:
    """Whether neither its key nor its signature can be forged by now: RSA and DSA from 2048 bits on, curves from 224,
    Ed25519, Ed448, and the SHA-2 family.

    Certificates count by the token's time, so an old weak authority's broken key could date back otherwise.
    """
    try:
        key, digest = certificate.public_key(), certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        return False
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey):
        strong = key.key_size >= _RSA_BITS
    elif isinstance(key, ec.EllipticCurvePublicKey):
        strong = key.key_size >= _CURVE_BITS
    else:
        strong = isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)
    return strong and (digest is None or isinstance(digest, hashes.SHA224 | hashes.SHA256 | hashes.SHA384 | hashes.SHA512))


def _signer(signer_info: Any, certificates: tuple[x509.Certificate, ...]) -> x509.Certificate:
    """The one certificate that the signature names; its own digest is checked with the signed attributes."""
    named = signer_info["sid"]
    _require(named.name == "issuer_and_serial_number", "It does not name its signer's certificate.")
    issuer, serial = named.chosen["issuer"].dump(), named.chosen["serial_number"].native
    fitting = {
        each for each in certificates if each.issuer.public_bytes() == issuer and each.serial_number == serial
    }
    _require(len(fitting) == 1, "It does not hold its signer's certificate.")
    return fitting.pop()


def _is_named(info: Any, signer: x509.Certificate) -> bool:
    """RFC 3161, section 2.4.2: the name of the authority, where it stands in the token, is one of its certificate's."""
    named = info["tsa"]
    if named.native is None:
        return True
    parsed = asn1_x509.Certificate.load(signer.public_bytes(encoding=Encoding.DER))
    names = parsed.subject_alt_name_value or ()
    return named.name == "directory_name" and named.chosen == parsed.subject or any(named == one for one in names)


def _check_signed_attributes(signer_info: Any, info_der: bytes, signer: x509.Certificate) -> None:
    """RFC 3161, section 2.4.2 and RFC 5816: content type, digest, and the digest of the signer's certificate."""
    found: dict[str, Any] = {}
    for attribute in signer_info["signed_attrs"] or ():
        name = attribute["type"].native
        _require(name not in found and len(attribute["values"]) == 1, "A signed statement in it stands twice.")
        found[name] = attribute["values"][0]
    _require({"content_type", "message_digest"} <= found.keys(), "It lacks a signed statement that every one has.")
    _require(found["content_type"].native == "tst_info", "What is signed in it is not a timestamp.")
    digest = _digest(signer_info["digest_algorithm"], info_der, _STRONG)
    _require(hmac.compare_digest(found["message_digest"].native, digest), "It was altered after it was signed.")
    _require(_names_certificate(found, signer), "It does not say with which certificate it was signed.")


def _names_certificate(found: dict[str, Any], signer: x509.Certificate) -> bool:
    der = signer.public_bytes(encoding=Encoding.DER)
    right = []
    if "signing_certificate_v2" in found:
        named = found["signing_certificate_v2"]["certs"][0]
        right.append(hmac.compare_digest(named["cert_hash"].native, _digest(named["hash_algorithm"], der, _STRONG)))
    if "signing_certificate" in found:  # SHA-1 by its definition (RFC 2634); a collision would need the CA's help
        named = found["signing_certificate"]["certs"][0]
        right.append(hmac.compare_digest(named["cert_hash"].native, hashlib.sha1(der, usedforsecurity=False).digest()))
    return bool(right) and all(right)


def _digest(algorithm: algos.DigestAlgorithm, data: bytes, allowed: frozenset[str]) -> bytes:
    name = algorithm["algorithm"].native
    _require(name in allowed, f"It relies on the weak or unknown digest {name}.")
    return hashlib.new(name, data).digest()


def _imprint(info: Any) -> bytes:
    imprint = info["message_imprint"]
    _require(imprint["hash_algorithm"]["algorithm"].native == "sha256", "It is over another digest than SHA-256.")
    value = imprint["hashed_message"].native
    _require(len(value) == 32, "Its digest is of a wrong length.")
    return bytes(value)


def _time(info: Any) -> datetime:
    moment = info["gen_time"].native
    _require(isinstance(moment, datetime) and moment.tzinfo is not None, "Its time is in no known form.")
    return datetime.fromtimestamp(moment.timestamp(), UTC)


def _accuracy(info: Any) -> timedelta | None:
    stated = info["accuracy"].native
    if not stated:
        return None
    return timedelta(
        seconds=stated["seconds"] or 0, milliseconds=stated["millis"] or 0, microseconds=stated["micros"] or 0,
    )
