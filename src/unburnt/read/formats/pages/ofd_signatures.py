"""Digital signatures of OFD (GB/T 33190-2016, clause 18): who is said to have signed, and when. Nothing is judged."""

from __future__ import annotations

import re

from asn1crypto import x509

from unburnt.base.limits import MIB
from unburnt.read.formats.office.office_xml import attribute, child, children, descendants, text_of
from unburnt.read.formats.pages.ofd_package import Document, OfdPackage

MOST_SIGNATURES = 1000
_SIGNED_BYTES = MIB
_MOST_CERTIFICATES = 16
_CERTIFICATE = re.compile(rb"\x30(?:\x82(..)|\x81(.))(?=\x30(?:\x82..|\x81.)\xa0\x03\x02\x01)", re.DOTALL)
"""The head of an X.509 certificate of version 2 or 3, and of what is signed in it (RFC 5280, 4.1)."""


def signatures_of(ofd: OfdPackage, document: Document) -> list[str]:
    """A sentence for each signature that the document lists: kind, claimed signers, provider, time, pages."""
    found: list[str] = []
    for place in children(document.body, "Signatures"):
        listing = ofd.resolve("OFD.xml", text_of(place))
        root = ofd.load(listing)
        for one in children(root, "Signature") if root is not None else ():
            if len(found) >= MOST_SIGNATURES:
                return found
            file = ofd.resolve(listing, attribute(one, "BaseLoc") or "")
            found.append(_told(ofd, file, attribute(one, "Type") or "Seal"))
    return found


def _told(ofd: OfdPackage, file: str, kind: str) -> str:
    root = ofd.load(file)
    info = child(root, "SignedInfo")
    if root is None or info is None:
        return f"{kind}; its description cannot be read"
    provider = child(info, "Provider")
    said = [kind]
    signers = _signers(ofd, ofd.resolve(file, text_of(child(root, "SignedValue")) or "SignedValue.dat"))
    said += [f"certificate of {', '.join(signers)}"] if signers else ["no certificate could be read"]
    if when := text_of(child(info, "SignatureDateTime")).strip():
        said.append(f"signed at {when[:100]}")
    if provider is not None and (name := attribute(provider, "ProviderName")):
        said.append(f"made by {name[:200]}")
    if method := text_of(child(info, "SignatureMethod")).strip():
        said.append(f"method {method[:100]}")
    covered = sum(1 for _ in descendants(info, "Reference"))
    stamped = sum(1 for _ in children(info, "StampAnnot"))
    said.append(f"covers {covered} files" + (f", shows {stamped} stamps" if stamped else ""))
    return "; ".join(said)


def _signers(ofd: OfdPackage, part: str) -> list[str]:
    """The common names of the certificates in a signed value, which is PKCS #7 or a seal's own structure (GB/T 38540)."""
    data = ofd.package.read(part, _SIGNED_BYTES) if ofd.package.has(part) else b""
    found: list[str] = []
    for match in list(_CERTIFICATE.finditer(data))[:_MOST_CERTIFICATES]:
        length = int.from_bytes(match[1] or match[2], "big") + len(match[0])
        try:
            subject = x509.Certificate.load(data[match.start() : match.start() + length]).subject.native
            name = subject.get("common_name") or subject.get("organization_name")
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            continue
        for one in name if isinstance(name, list) else [name]:
            if isinstance(one, str) and one and one[:200] not in found:
                found.append(one[:200])
    return found
