"""A timestamp authority for tests: real certificates, answers by ``openssl ts -reply``, forgeries by hand.

The forger writes every field itself, so that each can be wrong alone; ``openssl ts -verify`` is the second judge.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from unburnt.vault.log.roots import Roots, keep_roots, read_roots

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)

CONFIG = """
[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class Certified:
    """A certificate with its key and its issuer."""

    certificate: x509.Certificate
    key: Any
    issuer: Certified | None = None

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def chain(self) -> list[Certified]:
        """From this one up, the root left out."""
        return [self, *self.issuer.chain] if self.issuer else []


def certified(
    name: str,
    issuer: Certified | None = None,
    *,
    usage: list[x509.ObjectIdentifier] | None = None,
    critical: bool = True,
    valid: tuple[datetime, datetime] = (NOW - 365 * DAY, NOW + 365 * DAY),
    rsa_bits: int | None = None,
    dsa_bits: int | None = None,
    sha1: bool = False,
) -> Certified:
    """A new certificate; a certificate authority's own where *usage* is None, self-signed without *issuer*."""
    key: Any = rsa.generate_private_key(65537, rsa_bits) if rsa_bits else (
        dsa.generate_private_key(dsa_bits) if dsa_bits else ec.generate_private_key(ec.SECP256R1()))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .serial_number(x509.random_serial_number()).not_valid_before(valid[0]).not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
    signed_by = issuer.key if issuer else key
    certificate = builder.sign(signed_by, hashes.SHA256())
    return Certified(_with_sha1(certificate, signed_by) if sha1 else certificate, key, issuer)


def _with_sha1(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The certificate signed over again by way of SHA-1, which the library itself refuses to do."""
    changed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    changed["tbs_certificate"]["signature"] = changed["signature_algorithm"] = {"algorithm": "sha1_ecdsa"}
    changed["signature_value"] = key.sign(changed["tbs_certificate"].dump(), ec.ECDSA(hashes.SHA1()))
    return x509.load_der_x509_certificate(changed.dump())


def time_stamper(issuer: Certified, **kwargs: Any) -> Certified:
    return certified("Tests' Time", issuer, usage=[ExtendedKeyUsageOID.TIME_STAMPING], **kwargs)


@dataclass
class Authority:
    """Root, intermediate and signer in *folder*; answers queries with ``openssl ts -reply``."""

    folder: Path
    root: Certified = field(default_factory=lambda: certified("Tests' Root"))

    def __post_init__(self) -> None:
        self.between = certified("Tests' Middle", self.root)
        self.signer = time_stamper(self.between)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "serial").write_text("01\n")
        (self.folder / "ts.cnf").write_text(CONFIG.format(folder=self.folder))
        (self.folder / "signer.pem").write_bytes(self.signer.pem)
        (self.folder / "chain.pem").write_bytes(self.between.pem)
        (self.folder / "key.pem").write_bytes(
            self.signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def reply(self, query: bytes) -> bytes:
        """The response (DER) that openssl gives to *query*."""
        (self.folder / "query.tsq").write_bytes(query)
        subprocess.run(
            ["openssl", "ts", "-reply", "-config", "ts.cnf", "-section", "authority", "-queryfile", "query.tsq",
             "-inkey", "key.pem", "-signer", "signer.pem", "-chain", "chain.pem", "-out", "reply.tsr"],
            cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "reply.tsr").read_bytes()


def openssl_accepts(
    folder: Path, response: bytes, *, roots: list[Certified], text: str | None = None, query: bytes | None = None,
    at: datetime = NOW,
) -> bool:
    """Whether ``openssl ts -verify`` accepts *response* for the text, or for the query with its nonce."""
    (folder / "v.tsr").write_bytes(response)
    (folder / "v.pem").write_bytes(b"".join(root.pem for root in roots))
    if query is not None:
        (folder / "v.tsq").write_bytes(query)
        asked = ["-queryfile", "v.tsq"]
    else:
        asked = ["-digest", hashlib.sha256((text or "").encode()).hexdigest()]
    run = subprocess.run(
        ["openssl", "ts", "-verify", "-in", "v.tsr", "-CAfile", "v.pem", "-attime", str(int(at.timestamp())), *asked],
        cwd=folder, capture_output=True, check=False)
    assert (run.returncode == 0) == (b"Verification: OK" in run.stdout)
    return run.returncode == 0


def forged(
    text: str,
    signer: Certified,
    *,
    time: datetime = NOW,
    nonce: int | None = None,
    imprint_algorithm: str = "sha256",
    certificates: list[Certified] | None = None,
    named: Certified | None = None,
    essential: str | None = "signing_certificate_v2",
    digest: str = "sha256",
    signed_by: ec.EllipticCurvePrivateKey | None = None,
    copies: int = 1,
    attributes: bool = True,
    status: str = "granted",
    extensions: list[dict[str, Any]] | None = None,
    authority: str | None = None,
    moment: bytes | None = None,
    stated: Callable[[cms.CMSAttributes], cms.CMSAttributes] = lambda attributes: attributes,
    beside: Sequence[cms.CertificateChoices] = (),
) -> bytes:
    """A response signed by *signer* with each field as told; *named* is the certificate the signature claims.

    *moment* is how the time is written, *authority* the name in the token, *stated* changes what is signed beside,
    *beside* comes in among the certificates.
    """
    info = tsp.TSTInfo({
        "version": "v1", "policy": "1.2.3.4.1", "serial_number": 7, "gen_time": time,
        "message_imprint": {
            "hash_algorithm": {"algorithm": imprint_algorithm},
            "hashed_message": hashlib.new(imprint_algorithm, text.encode()).digest()},
        **({"nonce": nonce} if nonce is not None else {}),
        **({"extensions": extensions} if extensions else {}),
        **({"tsa": asn1_x509.GeneralName("directory_name", asn1_x509.Name.build({"common_name": authority}))}
           if authority else {}),
    }).dump()
    if moment is not None:
        info = _with_moment(tsp.TSTInfo.load(info), moment)
    named = named or signer
    attrs = stated(_attributes(info, named, essential, digest))
    signed = attrs.dump() if attributes else info
    algorithm = {"sha256": hashes.SHA256(), "sha1": hashes.SHA1()}[digest]
    parsed = asn1_x509.Certificate.load(named.der)
    signer_info = cms.SignerInfo({
        "version": "v1", "digest_algorithm": {"algorithm": digest},
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number", {"issuer": parsed.issuer, "serial_number": parsed.serial_number}),
        **({"signed_attrs": attrs} if attributes else {}),
        "signature_algorithm": {"algorithm": f"{digest}_ecdsa"},
        "signature": (signed_by or signer.key).sign(signed, ec.ECDSA(algorithm)),
    })
    held = signer.chain if certificates is None else certificates
    content = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData({
        "version": "v3", "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
        **({"certificates": [
            cms.CertificateChoices("certificate", asn1_x509.Certificate.load(each.der)) for each in held] + list(beside)} if held else {}),
        "signer_infos": [signer_info] * copies,
    })})
    return bytes(tsp.TimeStampResp({"status": {"status": status}, "time_stamp_token": content}).dump())


def _with_moment(info: tsp.TSTInfo, moment: bytes) -> bytes:
    content = b"".join(info[name].dump() for name in ("version", "policy", "message_imprint", "serial_number"))
    content += b"\x18" + bytes([len(moment)]) + moment
    assert len(content) < 128
    return b"\x30" + bytes([len(content)]) + content


def _attributes(info: bytes, named: Certified, essential: str | None, digest: str) -> cms.CMSAttributes:
    found = [
        {"type": "content_type", "values": ["tst_info"]},
        {"type": "message_digest", "values": [hashlib.new(digest, info).digest()]},
    ]
    if essential == "signing_certificate_v2":
        found.append({"type": essential, "values": [
            {"certs": [{"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": hashlib.sha256(named.der).digest()}]}]})
    if essential == "signing_certificate":
        found.append({"type": essential, "values": [{"certs": [{"cert_hash": hashlib.sha1(named.der).digest()}]}]})
    return cms.CMSAttributes(found)


def pin(log: Path, untrusted: bytes) -> Roots:
    """Have an archive's *log* trust the certificates of a PEM file, as who seals it says; gives them."""
    roots = read_roots(untrusted)
    keep_roots(log, roots)
    return roots
