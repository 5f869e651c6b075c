"""Encrypted ZIP archives, written after the documents of WinZip and PKWARE and not after the reader."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib

from Cryptodome.Cipher import AES


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def raw_zip(entries: list[tuple[bytes, int, int, int, int, bytes, bytes]]) -> bytes:
    """An archive of (name, flags, method, crc, size, extra, packed bytes)."""
    out, directory = bytearray(), bytearray()
    for name, flags, method, crc, size, extra, packed in entries:
        common = struct.pack(
            "<5H3I2H", 51, flags, method, 10 << 11, 37 << 9 | 2 << 5 | 6, crc, len(packed), size, len(name), len(extra)
        )
        directory += b"PK\x01\x02" + struct.pack("<H", 51) + common + struct.pack("<3H2I", 0, 0, 0, 0, len(out))
        directory += name + extra
        out += b"PK\x03\x04" + common + name + extra + packed
    # More entries than the field holds are counted modulo 65536, as old programs do.
    count = len(entries) & 0xFFFF
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), len(out), 0)
    return bytes(out + directory + end)


def aes_zip(members: dict[str, bytes], password: str, *, version: int, strength: int) -> bytes:
    """WinZip's AE-1 or AE-2 (https://www.winzip.com/en/support/aes-encryption/); the counter starts at 1."""
    entries = []
    for name, data in members.items():
        length = 8 + 8 * strength
        salt = bytes(range(length // 2))
        keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 2 * length + 2)
        packed, block = _deflated(data), AES.new(keys[:length], AES.MODE_ECB)
        blocks = range(1, len(packed) // 16 + 2)
        stream = b"".join(block.encrypt(count.to_bytes(16, "little")) for count in blocks)
        coded = bytes(left ^ right for left, right in zip(packed, stream, strict=False))
        code = hmac.new(keys[length : 2 * length], coded, hashlib.sha1).digest()[:10]
        extra = struct.pack("<HHH2sBH", 0x9901, 7, version, b"AE", strength, 8)
        crc = zlib.crc32(data) if version == 1 else 0
        entries.append((name.encode(), 0x801, 99, crc, len(data), extra, salt + keys[-2:] + coded + code))
    return raw_zip(entries)


def traditional_zip(members: dict[str, bytes], password: bytes) -> bytes:
    """PKWARE's traditional encryption (APPNOTE 6.1)."""
    entries = []
    for name, data in members.items():
        plain = bytes(11) + bytes([zlib.crc32(data) >> 24]) + _deflated(data)
        entries.append((name.encode(), 0x801, 8, zlib.crc32(data), len(data), b"", _scrambled(plain, password)))
    return raw_zip(entries)


def _crc_step(value: int, byte: int) -> int:
    # zlib's crc of one byte from a given register, without its inversion before and after.
    return zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def _scrambled(plain: bytes, password: bytes) -> bytes:
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc_step(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc_step(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in plain:
        mixed = (keys[2] | 2) & 0xFFFF
        out.append(byte ^ (mixed * (mixed ^ 1) >> 8) & 255)
        update(byte)
    return bytes(out)
