"""Timestamps (RFC 3161): an outside authority signs that it saw a digest no later than a time.

What is timestamped is the *text* of a checkpoint, so that countersignatures added later do not matter. The
authority sees 32 bytes and a random number. Roots are those the user pinned, never one that a token brings.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import TimeStampTokenInfo, VerificationError, VerifierBuilder, decode_timestamp_response

from unburnt.vault.log.timestamp_token import (
    BadTimestamp,
    NotGranted,
    Token,
    as_response,
    is_strong,
    parse_token,
)

__all__ = [
    "BadTimestamp", "FutureTime", "NotGranted", "NotTimeStamping", "OutsideValidity", "Requested",
    "Timestamped", "UntrustedAuthority", "WrongNonce", "WrongText", "imprint_of", "request", "requested", "verify",
]

CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far a laptop's clock may be behind before a token counts as from the future."""

_NONCE_BITS = 64  # what openssl sends; some authorities refuse more


class WrongText(BadTimestamp):
    """The timestamp is over other bytes than this checkpoint's text."""


class WrongNonce(BadTimestamp):
    """The timestamp does not answer the request that was sent."""


class NotTimeStamping(BadTimestamp):
    """The signer's certificate is not one for timestamps."""


class OutsideValidity(BadTimestamp):
    """The signer's certificate was not valid at the time that the timestamp gives."""


class FutureTime(BadTimestamp):
    """The timestamp gives a time that has not come yet."""


class UntrustedAuthority(BadTimestamp):
    """No chain of certificates leads from the signer to a root that was pinned."""


class Timestamped(msgspec.Struct, frozen=True, kw_only=True):
    """A verified statement: *authority* says that the text existed at *time* (UTC), give or take *accuracy*."""

    time: datetime
    accuracy: timedelta | None
    policy: str
    serial: int
    authority: str
    """Subject of the signer's certificate (RFC 4514)."""
    root: str
    """SHA-256 of the pinned root's certificate, hexadecimal."""
    token: bytes


class Requested(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asked for."""

    imprint: bytes
    nonce: int


def imprint_of(text: str) -> bytes:
    """The 32 bytes that an authority sees: SHA-256 of the text, UTF-8."""
    return hashlib.sha256(text.encode()).digest()


def request(text: str) -> tuple[bytes, int]:
    """A TimeStampReq (DER, RFC 3161, section 2.4.1) over *text* with certificate wanted, and its nonce."""
    nonce = secrets.randbits(_NONCE_BITS)
    query = tsp.TimeStampReq({
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": imprint_of(text)},
        "nonce": nonce,
        "cert_req": True,
    })
    return bytes(query.dump()), nonce


def requested(untrusted: bytes) -> Requested:
    """What a kept request file asked for; raises :class:`BadTimestamp`."""
    try:
        query = tsp.TimeStampReq.load(untrusted, strict=True)
        asked = Requested(imprint=query["message_imprint"]["hashed_message"].native, nonce=query["nonce"].native)
    except Exception as error:  # asn1crypto answers bad input with errors of many kinds
        raise BadTimestamp("A kept timestamp request is damaged.", remedy="Make a new request.") from error
    if not isinstance(asked.nonce, int):
        raise BadTimestamp("A kept timestamp request is damaged: it has no nonce.", remedy="Make a new request.")
    return asked


def verify(
    untrusted: bytes,
    text: str,
    roots: Sequence[x509.Certificate],
    *,
    nonce: int | None = None,
    intermediates: Sequence[x509.Certificate] = (),
    now: datetime | None = None,
) -> Timestamped:
    """Check a token, or the response that holds it, against *text* and pinned *roots*.

    *nonce* is the request's, for a token that has just come. *intermediates* help to build the chain and are not
    trusted. Certificates have to be valid at the token's time, not today. *now* (default: this machine's clock)
    only refuses tokens from the future. Raises a subclass of :class:`BadTimestamp` that names the failed check.
    """
    token = parse_token(untrusted)
    if not hmac.compare_digest(token.imprint, imprint_of(text)):
        raise WrongText(
            "The timestamp is over something else than this checkpoint.",
            remedy="Look whether it answers a request for another checkpoint or another archive.",
        )
    if nonce is not None and token.nonce != nonce:
        raise WrongNonce(
            "The timestamp does not answer the request that was sent: its random number is another one.",
            remedy="Send a new request and add the answer to that one.",
        )
    _check_time(token, now or datetime.now(UTC))
    _check_purpose(token.signer)
    root = _anchored(token, roots, intermediates)
    return Timestamped(
        time=token.time, accuracy=token.accuracy, policy=token.policy, serial=token.serial,
        authority=token.authority, root=root.fingerprint(hashes.SHA256()).hex(), token=token.der,
    )


def _check_time(token: Token, now: datetime) -> None:
    if token.time > now + CLOCK_TOLERANCE:
        raise FutureTime(
            f"The timestamp is of {token.time:%Y-%m-%d %H:%M} UTC, and that has not come yet by this machine's clock.",
            remedy="Check the clock; if it is right, do not rely on this authority.",
        )
    if not token.valid[0] <= token.time <= token.valid[1]:
        raise OutsideValidity(
            "The authority's certificate was not valid when it gave this timestamp.",
            remedy="Do not rely on it; ask another authority.",
        )


def _check_purpose(signer: x509.Certificate) -> None:
    """RFC 3161, section 2.3: the extended key usage is critical and says timeStamping, nothing else."""
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        fits = usage.critical and set(usage.value) == {ExtendedKeyUsageOID.TIME_STAMPING}
    except x509.ExtensionNotFound:
        fits = False
    except Exception as error:  # extensions are read lazily, and bad ones give errors of many kinds
        raise BadTimestamp("The authority's certificate is damaged.") from error
    if not fits:
        raise NotTimeStamping("The timestamp was signed with a certificate that is not made for timestamps.")
    if not is_strong(signer):
        raise UntrustedAuthority("The authority's certificate is too weak: MD5, SHA-1, or a key that is too short.")


def _anchored(
    token: Token, roots: Sequence[x509.Certificate], intermediates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """The pinned root that the token's signature and chain lead to; roots are tried one at a time to know which."""
    try:
        response = decode_timestamp_response(as_response(token.ordered))
        agreed = _agrees(token, response.tst_info)
    except (ValueError, TypeError) as error:
        raise BadTimestamp("The timestamp is damaged.") from error
    if not agreed:
        raise BadTimestamp("The timestamp can be read in two ways, so it is not relied on.")
    forged = False
    between = [each for each in intermediates if is_strong(each)]
    for root in filter(is_strong, roots):
        verifier = VerifierBuilder(roots=[root], intermediates=list(between)).build()
        try:
            verifier.verify(response, token.imprint)
        except (VerificationError, ValueError) as error:
            forged = forged or "certificate verify error" not in str(error)
            continue
        return root
    if forged:
        raise BadTimestamp("The timestamp's signature does not fit: it was forged or altered.")
    raise UntrustedAuthority(
        "The timestamp comes from an authority that does not lead to a root you pinned."
        if roots else "No root of a timestamp authority is pinned yet.",
        remedy="Get the authority's root certificate from a place you trust, and pin it. A root that comes inside "
        "the timestamp proves nothing.",
    )


def _agrees(token: Token, second: TimeStampTokenInfo) -> bool:
    """Whether the second parser read the same statement; the signature is checked over what *it* read."""
    return (
        second.message_imprint.message == token.imprint
        and second.serial_number == token.serial
        and second.nonce == token.nonce
        and second.policy.dotted_string == token.policy
        and second.gen_time.replace(microsecond=0) == token.time.replace(microsecond=0)
    )
