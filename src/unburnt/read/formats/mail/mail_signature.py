"""What an S/MIME signature shows (RFC 5652, RFC 8551), and no more: who the certificate names, whether digest and signature fit.

Never whether the certificate is to be trusted: its chain, its age and its withdrawal are not judged, and the key may have
been anybody's.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, cms, keys, x509

from unburnt.read.formats.mail.signature_math import PREFIXES, ecdsa_fits, pss_fits, rsa_fits

TROUBLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto raises on an encoding that is not what it says."""
MOST_SIGNERS = 8
MOST_BYTES = 16 << 20
FITS, DIFFERS = "fits", "does not fit"
LINE_END = re.compile(rb"\r?\n")


@dataclass
class Signer:
    """One signature: what its certificate says, and how each check went."""

    subject: str = ""
    issuer: str = ""
    serial: str = ""
    claimed: str = ""
    """When the signer says it was made."""
    digest: str = "not checked"
    signature: str = "not checked"

    def fields(self, number: int) -> dict[str, str]:
        """The same for the metadata."""
        said = {
            "subject": self.subject, "issuer": self.issuer, "serial": self.serial, "claimed-time": self.claimed,
            "digest": self.digest, "signature": self.signature, "trust": "not judged",
        }  # fmt: skip
        return {f"signature:{number}:{name}": value[:1000] for name, value in said.items() if value}

    def sentence(self) -> str:
        """The same for a person."""
        who = self.subject or "somebody whose certificate did not come with it"
        when = f", who says it was at {self.claimed}" if self.claimed else ""
        return (
            f"Signed by {who}{when}. Digest of the content: {self.digest}. Signature, by the certificate that came with it: "
            f"{self.signature}. Whether that certificate is genuine was not judged."
        )[:2000]


def signers(untrusted_cms: bytes, content: bytes | None) -> list[Signer]:
    """What each signature shows. *content* is what stands beside a detached one; None where it is not here."""
    if len(untrusted_cms) > MOST_BYTES:
        return []
    try:
        signed = cms.ContentInfo.load(untrusted_cms)["content"]
        inner = signed["encap_content_info"]["content"].native
        contents = [inner] if isinstance(inner, bytes) else _forms(content)
        certificates = [one.chosen for one in signed["certificates"] or () if one.name == "certificate"]
        return [_judged(one, contents, certificates) for one in list(signed["signer_infos"])[:MOST_SIGNERS]]
    except TROUBLE:
        return []


def _forms(content: bytes | None) -> list[bytes]:
    """The content as it stands, and with the line ends that mail has on its way (RFC 8551, section 3.1.1)."""
    if content is None:
        return []
    canonical = LINE_END.sub(b"\r\n", content)
    return [content, canonical, canonical + b"\r\n"] if canonical != content else [content, content + b"\r\n"]


def _judged(info: Any, contents: list[bytes], certificates: list[Any]) -> Signer:
    found = Signer()
    try:
        certificate = _certificate(info["sid"], certificates)
        name = str(info["digest_algorithm"]["algorithm"].native)
        attributes = {one["type"].native: one["values"] for one in info["signed_attrs"] or ()}
        if "signing_time" in attributes:
            found.claimed = attributes["signing_time"][0].native.isoformat().replace("+00:00", "Z")
        if certificate is not None:
            found.subject, found.issuer = certificate.subject.human_friendly, certificate.issuer.human_friendly
            found.serial = f"{certificate.serial_number:x}"
        if name not in PREFIXES:
            found.digest = found.signature = f"not checked: the digest {name} is not known here"
            return found
        _check(info, name, attributes, contents, certificate, found)
    except TROUBLE:
        found.signature = "not checked: its encoding is damaged"
    return found


def _check(info: Any, name: str, attributes: dict[str, Any], contents: list[bytes], certificate: Any, found: Signer) -> None:
    stated = attributes["message_digest"][0].native if "message_digest" in attributes else None
    digests = [hashlib.new(name, one).digest() for one in contents]
    if not contents:
        found.digest = "not checked: what was signed is not in this file"
    elif stated is not None:
        found.digest = f"{FITS} ({name})" if stated in digests else f"{DIFFERS} ({name})"
    if certificate is None:
        found.signature = "not checked: the certificate did not come with it"
        return
    if stated is not None:
        raw = info["signed_attrs"].dump()
        signed = [hashlib.new(name, b"\x31" + raw[1:]).digest()]
    else:
        signed = digests
    fits = [_fits(info, name, one, certificate.public_key) for one in signed]
    known = [one for one in fits if one is not None]
    if not fits:
        found.signature = "not checked: what was signed is not in this file"
    elif not known:
        found.signature = f"not checked: the algorithm {info['signature_algorithm']['algorithm'].native} is not known here"
    else:
        found.signature = FITS if any(known) else DIFFERS
        if stated is None:
            found.digest = f"{FITS if any(known) else DIFFERS} ({name})"


def _certificate(identifier: Any, certificates: list[Any]) -> x509.Certificate | None:
    for one in certificates:
        if identifier.name == "issuer_and_serial_number":
            wanted = identifier.chosen
            if one.serial_number == wanted["serial_number"].native and one.issuer == wanted["issuer"]:
                return one
        elif one.key_identifier == identifier.chosen.native:
            return one
    return None


def _fits(info: Any, name: str, digest: bytes, key: keys.PublicKeyInfo) -> bool | None:
    signature, algorithm = info["signature"].native, info["signature_algorithm"]
    if key.algorithm == "rsa":
        public = key["public_key"].parsed
        modulus, exponent = public["modulus"].native, public["public_exponent"].native
        if algorithm["algorithm"].native != "rsassa_pss":
            return rsa_fits(modulus, exponent, signature, digest, name)
        chosen = algorithm["parameters"]
        mask = chosen["mask_gen_algorithm"]["parameters"]["algorithm"].native
        return pss_fits(modulus, exponent, signature, digest, name, mask, chosen["salt_length"].native)
    if key.algorithm == "ec" and key.curve[0] == "named":
        pair = algos.DSASignature.load(signature)
        return ecdsa_fits(key.curve[1], key["public_key"].native, pair["r"].native, pair["s"].native, digest)
    return None


def warm() -> None:
    """Load what asn1crypto loads when it is first used."""
    signers(b"0\x00", b"")
