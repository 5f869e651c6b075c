"""What S/MIME signatures show: who the certificate names, whether the digest and the signature fit, and never trust."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID

from tests.read_by_child import Said, read

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
BODY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe minutes, as agreed.\r\n"
RSA = rsa.generate_private_key(65537, 2048)
P256, P384 = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())
OTHER = rsa.generate_private_key(65537, 2048)


def certificate(key: Key, name: str = "Ann 安") -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    now = datetime(2024, 1, 1, tzinfo=UTC)
    made = made.serial_number(0xABCDEF).not_valid_before(now).not_valid_after(now + timedelta(days=9999))
    return made.sign(key, hashes.SHA256())


def mail(key: Key, *, pss: bool = False, options: tuple[pkcs7.PKCS7Options, ...] = (), by: x509.Certificate | None = None) -> bytes:
    rsa_padding = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if pss else None
    builder = pkcs7.PKCS7SignatureBuilder().set_data(BODY).add_signer(by or certificate(key), key, hashes.SHA256(), rsa_padding=rsa_padding)  # type: ignore[arg-type]
    kinds = [pkcs7.PKCS7Options.DetachedSignature, *options]
    return b"From: ann@example.org\r\nTo: bob@example.org\r\nSubject: minutes\r\n" + builder.sign(serialization.Encoding.SMIME, kinds)


def state(said: Said) -> tuple[str, str]:
    return said.metadata.fields["signature:1:digest"], said.metadata.fields["signature:1:signature"]


@pytest.mark.parametrize(("key", "pss"), [(RSA, False), (RSA, True), (P256, False), (P384, False)])
def test_a_signature_that_fits_is_told_with_its_signer_and_never_as_trusted(key: Key, pss: bool) -> None:
    said = read(mail(key, pss=pss), "a.eml")
    assert state(said) == ("fits (sha256)", "fits") and "The minutes" in said.text
    assert "安" in said.metadata.fields["signature:1:subject"] and said.metadata.fields["signature:1:serial"] == "abcdef"
    assert said.metadata.fields["signature:1:trust"] == "not judged" and said.metadata.fields["signature:1:claimed-time"].endswith("Z")
    assert [code for code, _ in said.notes] == ["signature"] and "not judged" in said.notes[0][1]


@pytest.mark.parametrize("key", [RSA, P256])
def test_changed_words_are_told_as_a_digest_that_does_not_fit(key: Key) -> None:
    assert state(read(mail(key).replace(b"as agreed", b"as forged"), "a.eml")) == ("does not fit (sha256)", "fits")


@pytest.mark.parametrize("pss", [False, True])
def test_a_signature_by_another_key_than_the_certificates_does_not_fit(pss: bool) -> None:
    # The forger signs by a key of his own under a certificate of the same name and number, which he replaces after.
    forged = mail(OTHER, pss=pss, by=certificate(OTHER, "Ann"))
    genuine = certificate(RSA, "Ann").public_bytes(serialization.Encoding.DER)
    raw = next(part for part in message_from_bytes(forged).walk() if part.get_content_type().endswith("signature")).get_payload(decode=True)
    own = certificate(OTHER, "Ann").public_bytes(serialization.Encoding.DER)
    assert isinstance(raw, bytes) and len(own) == len(genuine)
    swapped = raw.replace(own, genuine)
    assert swapped != raw
    from unburnt.read.formats.mail.mail_signature import signers

    assert [one.signature for one in signers(swapped, BODY)] == ["does not fit"]
    assert [one.signature for one in signers(raw, BODY)] == ["fits"]


def test_line_ends_changed_on_the_way_do_not_break_a_signature() -> None:
    assert state(read(mail(RSA).replace(b"\r\n", b"\n"), "a.eml")) == ("fits (sha256)", "fits")


def test_a_signature_without_attributes_or_certificate_is_told_as_what_it_is() -> None:
    plain = read(mail(RSA, options=(pkcs7.PKCS7Options.NoAttributes,)), "a.eml")
    assert state(plain) == ("fits (sha256)", "fits")
    bare = read(mail(RSA, options=(pkcs7.PKCS7Options.NoCerts,)), "a.eml")
    assert state(bare) == ("fits (sha256)", "not checked: the certificate did not come with it")


def test_an_opaque_message_gives_its_content_and_the_state_of_its_signature() -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(BODY).add_signer(certificate(P256), P256, hashes.SHA256())
    said = read(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary]), "smime.p7m")
    assert said.bytes == BODY and state(said) == ("fits (sha256)", "fits")
    alone = read(builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature]), "smime.p7s")
    assert alone.outcome == "empty" and state(alone) == ("not checked: what was signed is not in this file", "fits")


def test_an_encrypted_message_is_locked_and_the_remedy_is_named() -> None:
    data = pkcs7.PKCS7EnvelopeBuilder().set_data(BODY).add_recipient(certificate(RSA)).encrypt(serialization.Encoding.DER, [])
    said = read(data, "smime.p7m")
    assert said.outcome == "locked" and "openssl cms -decrypt" in said.finished.reason  # type: ignore[union-attr]


@pytest.mark.parametrize("password", [None, "пароль"])
def test_an_encrypted_message_opens_with_its_key_given_as_a_password(password: str | None) -> None:
    data = pkcs7.PKCS7EnvelopeBuilder().set_data(BODY).add_recipient(certificate(RSA)).encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])
    kept = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    own, other = (base64.b64encode(pkcs12.serialize_key_and_certificates(b"k", key, certificate(key), None, kept)).decode() for key in (RSA, OTHER))
    words = (password,) if password else ()
    assert read(data, "smime.p7m", passwords=(other, *words)).outcome == "locked"
    said = read(data, "smime.p7m", passwords=("unrelated", other, own, *words))
    assert said.outcome == "read" and said.bytes == BODY and said.finished.opened_with_secret  # type: ignore[union-attr]


def test_a_message_that_openssl_streamed_opens_with_a_bare_key(tmp_path: Path) -> None:
    """OpenSSL writes it with lengths left open (BER), as mail programs do."""
    (tmp_path / "c.pem").write_bytes(certificate(RSA).public_bytes(serialization.Encoding.PEM))
    command = ["openssl", "cms", "-encrypt", "-stream", "-outform", "DER", "-aes256", "-binary", str(tmp_path / "c.pem")]
    data = subprocess.run(command, input=BODY, capture_output=True, check=True).stdout
    bare = RSA.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert read(data, "smime.p7m", passwords=(base64.b64encode(bare).decode(),)).bytes == BODY


def test_a_damaged_signature_never_ends_in_an_error_of_ours() -> None:
    whole = mail(P256)
    start = whole.find(b"MI", whole.find(b"smime.p7s"))
    for at in range(start, len(whole) - 100, 41):
        said = read(whole[:at] + b"AAAA" + whole[at + 4 :], "a.eml")
        assert said.finished is not None and "The minutes" in said.text
