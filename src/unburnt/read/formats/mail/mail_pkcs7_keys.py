"""Opening an S/MIME message (RFC 5652, section 6) with a key that was given among the passwords.

The key is its file in base64 on one line, as ``base64 -w0 KEY.p12`` writes it: PKCS #12, or PKCS #8 in DER. Its own password is
another of the passwords.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from asn1crypto import cms
from Cryptodome.Cipher import AES, ARC2, DES3
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from unburnt.read.formats.mail.mail_signature import TROUBLE

KEY = re.compile(r"[A-Za-z0-9+/=]{200,}")
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
}  # fmt: skip
MOST_KEYS, MOST_PASSWORDS, MOST_RECIPIENTS = 20, 50, 200


CIPHERS: dict[str, Any] = {"aes": AES, "tripledes": DES3, "rc2": ARC2}


def opened(message: bytes, passwords: tuple[str, ...]) -> bytes | None:
    """What the message holds; None where no given key opens it. Keys for RSA, content in AES, 3DES or RC2."""
    keys = _keys(passwords)
    if not keys:
        return None
    try:
        enveloped = cms.ContentInfo.load(message)["content"]
        wrapped = [one.chosen for one in list(enveloped["recipient_infos"])[:MOST_RECIPIENTS] if one.name == "ktri"]
        content = enveloped["encrypted_content_info"]
    except TROUBLE:
        return None
    for key in keys:
        for recipient in wrapped:
            try:
                plain = _decrypted(content, _unwrapped(key, recipient))
            except TROUBLE:
                continue
            if plain:
                return plain
    return None


def _keys(passwords: tuple[str, ...]) -> list[rsa.RSAPrivateKey]:
    words = [None, *(word.encode() for word in passwords if not KEY.fullmatch(word.strip()))][:MOST_PASSWORDS]
    found = []
    for given in [word.strip() for word in passwords if KEY.fullmatch(word.strip())][:MOST_KEYS]:
        try:
            raw = base64.b64decode(given, validate=True)
        except (ValueError, binascii.Error):
            continue
        key = next((one for word in words if (one := _key(raw, word)) is not None), None)
        if key is not None:
            found.append(key)
    return found


def _key(raw: bytes, password: bytes | None) -> rsa.RSAPrivateKey | None:
    for load in (_from_pkcs12, serialization.load_der_private_key):
        try:
            key = load(raw, password)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, rsa.RSAPrivateKey):
            return key
    return None


def _from_pkcs12(raw: bytes, password: bytes | None) -> object:
    return pkcs12.load_key_and_certificates(raw, password)[0]


def _unwrapped(key: rsa.RSAPrivateKey, recipient: Any) -> bytes:
    algorithm = recipient["key_encryption_algorithm"]
    wrapped = recipient["encrypted_key"].native
    if algorithm["algorithm"].native != "rsaes_oaep":
        return key.decrypt(wrapped, padding.PKCS1v15())
    name = algorithm["parameters"]["hash_algorithm"]["algorithm"].native
    digest = DIGESTS[name]
    return key.decrypt(wrapped, padding.OAEP(padding.MGF1(digest), digest, None))


def _decrypted(content: Any, key: bytes) -> bytes | None:
    """The plain bytes; None where the padding shows that the key is another's."""
    algorithm = content["content_encryption_algorithm"]
    if algorithm.encryption_mode != "cbc":
        return None
    cipher = CIPHERS[algorithm.encryption_cipher]
    vector = algorithm.encryption_iv
    plain: bytes = cipher.new(key, cipher.MODE_CBC, vector).decrypt(content["encrypted_content"].native)
    size = plain[-1]
    if not 0 < size <= len(vector) or plain[-size:] != bytes([size]) * size:
        return None
    return plain[:-size]


def warm() -> None:
    """Load what decrypting loads when it is first used: how blocks are chained, and what reads PKCS #12."""
    for cipher in CIPHERS.values():
        cipher.new(bytes(range(24 if cipher is DES3 else 16)), cipher.MODE_CBC, bytes(cipher.block_size))
    _key(b"", None)
