"""Roots of timestamp authorities: given by the user, pinned in ``log/roots/<sha256>.pem``, never taken from a token.

A file of the user may hold intermediate certificates as well. They help to build a chain and are not trusted.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from unburnt.base.errors import DamagedArchive, UnburntError
from unburnt.vault.durable import disk_errors
from unburnt.vault.log.kept import own_folder
from unburnt.vault.log.outside import MAX_PEM
from unburnt.vault.log.tiles import read_at_most
from unburnt.vault.log.undated import replace_undated

_MOST = 64


class BadRoot(UnburntError):
    """A file given as an authority's root holds something else."""


class Roots(msgspec.Struct, frozen=True):
    """*anchors* are self-signed and trusted, *intermediates* only link."""

    anchors: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate (DER), hexadecimal: what ``openssl x509 -fingerprint -sha256`` shows."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def read_roots(untrusted: bytes) -> Roots:
    """The certificates of a PEM (or DER) file that somebody gives as trusted; one at least must be a root's own.

    Raises :class:`BadRoot`.
    """
    if len(untrusted) > MAX_PEM:
        raise BadRoot("The file of roots is too large.", remedy="Give one authority's root certificate.")
    try:
        certificates = list(dict.fromkeys(_loaded(untrusted)))
        anchors = tuple(each for each in certificates if _signs_itself(each))
        fit = len(certificates) <= _MOST and all(_is_authority(each) for each in certificates)
    except Exception as error:  # certificates are read lazily, and bad ones give errors of many kinds
        raise BadRoot(
            "The file holds no certificate that can be read.",
            remedy="Give the authority's root certificate, as it publishes it (PEM or DER).",
        ) from error
    if not fit:
        raise BadRoot(
            "The file holds a certificate that is not an authority's own.",
            remedy="Give the root certificate, not the one that signs timestamps.",
        )
    if not anchors:
        raise BadRoot(
            "The file holds no root: no certificate in it is signed by itself.",
            remedy="Get the authority's root certificate.",
        )
    return Roots(anchors, tuple(each for each in certificates if each not in anchors))


def keep_roots(log: Path, roots: Roots) -> None:
    """Pin certificates that were read with :func:`read_roots`."""
    folder = log / "roots"
    with disk_errors("pinning a root"):
        own_folder(folder)
        for certificate in (*roots.anchors, *roots.intermediates):
            replace_undated(folder / f"{fingerprint(certificate)}.pem", certificate.public_bytes(Encoding.PEM))


def pinned(log: Path) -> Roots:
    """Every pinned certificate, in the order of their fingerprints. Raises :class:`DamagedArchive`."""
    certificates = [_kept(path) for path in sorted((log / "roots").glob("*.pem"))]
    anchors = tuple(each for each in certificates if _signs_itself(each))
    return Roots(anchors, tuple(each for each in certificates if each not in anchors))


def _loaded(untrusted: bytes) -> list[x509.Certificate]:
    if untrusted.startswith(b"\x30"):  # DER, in which some authorities publish their root
        return [x509.load_der_x509_certificate(untrusted)]
    return x509.load_pem_x509_certificates(untrusted)


def _kept(path: Path) -> x509.Certificate:
    untrusted = read_at_most(path, MAX_PEM) or b""
    try:
        certificate = x509.load_pem_x509_certificate(untrusted)
    except ValueError:
        certificate = None
    if certificate is None or fingerprint(certificate) != path.stem:
        raise DamagedArchive(
            "A pinned root of a timestamp authority (log/roots/) was changed.",
            remedy="Remove that file, and pin the root again from a place you trust.",
        )
    return certificate


def _signs_itself(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
