"""Opening encrypted OpenDocument packages (ODF 1.3 part 2, section 4): each part by AES-256 under a key from the password.

Older Blowfish files and the single encrypted package of LibreOffice 24 (Argon2) are named and stay locked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged, Locked
from unburnt.read.formats.office.office_xml import Element, attribute, child, descendants, number, parse_part
from unburnt.read.formats.office.ooxml_package import Package, key_of

_LARGEST = 256 * MIB
"""Of one part as it is packed."""
_MOST_ROUNDS = 5_000_000
_CHECKED = 1024
_BLOCK = 16


@dataclass(frozen=True)
class _Sealed:
    """How one part is encrypted."""

    name: str
    vector: bytes
    salt: bytes
    rounds: int
    checksum: bytes


def open_parts(package: Package, passwords: tuple[str, ...]) -> tuple[Package, bool]:
    """The package with its parts decrypted, and whether a password was needed.

    Raises :class:`Locked` where none fits or the encryption is not known, :class:`Damaged` where a part cannot be it.
    """
    manifest = parse_part(package, "META-INF/manifest.xml").root
    entries = [] if manifest is None else [
        entry for entry in descendants(manifest, "file-entry") if child(entry, "encryption-data") is not None
    ]  # fmt: skip
    if not entries:
        return package, False
    sealed = [_sealed(entry) for entry in entries]
    sealed = [one for one in sealed if package.has(one.name)]
    if not sealed:
        raise Damaged("Its manifest names encrypted parts that are not there.")
    smallest = min(sealed, key=lambda one: package.parts[key_of(one.name)].compress_size)
    for password in passwords:
        if _plain(package, smallest, password) is not None:
            return _decrypted(package, sealed, password), True
    if passwords:
        raise Locked("The file is encrypted (OpenDocument), and none of the given passwords opens it.")
    raise Locked("The file is encrypted (OpenDocument); a password is needed.")


def _sealed(entry: Element) -> _Sealed:
    data = child(entry, "encryption-data")
    how, derivation = child(data, "algorithm"), child(data, "key-derivation")
    start = child(data, "start-key-generation")
    names = [
        (attribute(one, name) or "") if one is not None else ""
        for one, name in ((how, "algorithm-name"), (derivation, "key-derivation-name"), (start, "start-key-generation-name"))
    ]
    rounds = number(attribute(derivation, "iteration-count"), 0) if derivation is not None else 0
    if data is None or how is None or derivation is None or not (
        names[0].endswith("#aes256-cbc") and names[1].endswith("PBKDF2") and names[2].endswith("sha256") and 0 < rounds <= _MOST_ROUNDS
    ):  # fmt: skip
        raise Locked(f"The file is encrypted (OpenDocument) in a way that is not supported: {', '.join(names)[:200]}.")
    try:
        vector, salt, checksum = (
            base64.b64decode(attribute(one, name) or "", validate=True)
            for one, name in ((how, "initialisation-vector"), (derivation, "salt"), (data, "checksum"))
        )
    except (binascii.Error, ValueError) as error:
        raise Damaged("Its manifest's keys are damaged.") from error
    if len(vector) != _BLOCK:
        raise Damaged("Its manifest's keys are damaged.")
    return _Sealed(attribute(entry, "full-path") or "", vector, salt, rounds, checksum)


def _plain(package: Package, sealed: _Sealed, password: str) -> bytes | None:
    """The part's packed bytes; None where the password does not fit."""
    packed = package.read(sealed.name, _LARGEST)
    if not packed or len(packed) % _BLOCK:
        raise Damaged("An encrypted part is cut off.")
    start = hashlib.sha256(password.encode()).digest()
    key = hashlib.pbkdf2_hmac("sha1", start, sealed.salt, sealed.rounds, 32)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(sealed.vector)).decryptor()
    padded = decryptor.update(packed) + decryptor.finalize()
    plain = padded[: -padded[-1]] if 0 < padded[-1] <= _BLOCK else padded
    return plain if hashlib.sha256(plain[:_CHECKED]).digest() == sealed.checksum else None


def _decrypted(package: Package, sealed: list[_Sealed], password: str) -> Package:
    """A package in memory whose encrypted parts are plain; the others are left where they are, unread."""
    file = io.BytesIO()
    parts: dict[str, zipfile.ZipInfo] = {}
    for key, info in package.parts.items():
        one = next((one for one in sealed if key_of(one.name) == key), None)
        packed = package.read(info.filename, _LARGEST) if one is None else _plain(package, one, password)
        if packed is None:
            raise Damaged("The password opens one part of the file and not another.")
        made = zipfile.ZipInfo(info.filename, info.date_time)
        made.compress_type = zipfile.ZIP_STORED if one is None else zipfile.ZIP_DEFLATED
        made.header_offset, made.compress_size = file.tell(), len(packed)
        made.CRC = zlib.crc32(packed) if one is None else _checksum(packed)
        file.write(struct.pack("<4s22xHH", b"PK\x03\x04", 0, 0) + packed)
        parts[key] = made
    return Package(file, parts, duplicate_names=package.duplicate_names)


def _checksum(packed: bytes) -> int:
    """The CRC of what *packed* unpacks to: an encrypted part has none of its own."""
    unpacker, checksum = zlib.decompressobj(-15), 0
    try:
        while packed and not unpacker.eof:
            checksum = zlib.crc32(unpacker.decompress(packed, MIB), checksum)
            packed = unpacker.unconsumed_tail
    except zlib.error:
        return -1
    return checksum
