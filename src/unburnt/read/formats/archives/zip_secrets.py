"""The two encryptions of ZIP: the traditional one (APPNOTE 6.1) and WinZip's AES (AE-1 and AE-2)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Iterator

from Cryptodome.Cipher import AES
from Cryptodome.Util import Counter

from unburnt.read.errors import Damaged

TRADITIONAL_HEADER = 12
_AUTHENTICATION = 10
_ITERATIONS = 1000


def _crc_table() -> list[int]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = (number >> 1) ^ 0xEDB88320 if number & 1 else number >> 1
        table.append(number)
    return table


_CRC = _crc_table()


class Traditional:
    """The stream cipher of PKZIP 2. It is broken, and 1 of 256 wrong passwords passes its check byte."""

    def __init__(self, password: bytes) -> None:
        first, second, third = 0x12345678, 0x23456789, 0x34567890
        for byte in password:
            first = (first >> 8) ^ _CRC[(first ^ byte) & 255]
            second = ((second + (first & 255)) * 134775813 + 1) & 0xFFFFFFFF
            third = (third >> 8) ^ _CRC[(third ^ (second >> 24)) & 255]
        self._keys = (first, second, third)

    def decrypt(self, data: bytes) -> bytes:
        """The plain bytes; the keys move on."""
        first, second, third = self._keys
        table, plain = _CRC, bytearray(len(data))
        for index, byte in enumerate(data):
            mixed = third | 2
            byte ^= (mixed * (mixed ^ 1) >> 8) & 255
            plain[index] = byte
            first = (first >> 8) ^ table[(first ^ byte) & 255]
            second = ((second + (first & 255)) * 134775813 + 1) & 0xFFFFFFFF
            third = (third >> 8) ^ table[(third ^ (second >> 24)) & 255]
        self._keys = (first, second, third)
        return bytes(plain)


class AesField:
    """What extra field 0x9901 says: vendor version (2: no CRC is kept), key strength, the real method."""

    def __init__(self, field: bytes) -> None:
        if len(field) < 7 or field[2:4] != b"AE" or field[4] not in (1, 2, 3):
            raise Damaged("The member's AES field is damaged.")
        self.version: int
        self.method: int
        self.version, strength, self.method = struct.unpack_from("<H2xBH", field)
        self.key_size: int = 8 + 8 * strength
        self.salt_size: int = self.key_size // 2

    @property
    def overhead(self) -> int:
        """Bytes of the member that are no content: salt, check, authentication code."""
        return self.salt_size + 2 + _AUTHENTICATION


def aes_keys(field: AesField, header: bytes, password: bytes) -> tuple[bytes, bytes] | None:
    """Cipher key and authentication key, or None where the password does not fit the two check bytes."""
    salt, check = header[: field.salt_size], header[field.salt_size :]
    derived = hashlib.pbkdf2_hmac("sha1", password, salt, _ITERATIONS, 2 * field.key_size + 2)
    if derived[-2:] != check:
        return None
    return derived[: field.key_size], derived[field.key_size : 2 * field.key_size]


def authentication(key: bytes, data: bytes) -> bytes:
    """The code that stands behind encrypted *data*."""
    return hmac.digest(key, data, "sha1")[:_AUTHENTICATION]


def aes_decrypt(keys: tuple[bytes, bytes], pieces: Iterable[bytes], expected: bytes) -> Iterator[bytes]:
    """The plain bytes; raises :class:`Damaged` at the end where the authentication code is wrong."""
    cipher = AES.new(keys[0], AES.MODE_CTR, counter=Counter.new(128, initial_value=1, little_endian=True))
    code = hmac.new(keys[1], digestmod=hashlib.sha1)
    for piece in pieces:
        code.update(piece)
        yield cipher.decrypt(piece)
    if not hmac.compare_digest(code.digest()[:_AUTHENTICATION], expected):
        raise Damaged("The member's bytes do not match their authentication code.")
