"""Containers whose bytes depend on nothing but their content: fixed dates, fixed order, seeded randomness."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from unittest import mock

SEED = 20170503
ZIP_TIME = (2017, 6, 1, 9, 30, 0)
ZIP_KEYS = (0x12345678, 0x23456789, 0x34567890)


def seeded(purpose: str) -> random.Random:
    """Randomness of its own for each purpose, so that a new file does not change the others."""
    return random.Random(f"{SEED}:{purpose}")


@contextmanager
def fixed_randomness(purpose: str) -> Iterator[None]:
    """Salts and keys from the seed: these secrets protect nothing, and the files must come out equal each time."""
    source = seeded(purpose)
    with mock.patch("secrets.token_bytes", lambda size=32: source.randbytes(size)):
        yield


def zip_of(entries: Iterable[tuple[str, bytes]], *, stored: Iterable[str] = ()) -> bytes:
    """A ZIP archive with fixed dates; names in UTF-8."""
    out, plain = io.BytesIO(), set(stored)
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.compress_type = zipfile.ZIP_STORED if name in plain else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def packed_again(data: bytes, change: Callable[[str, bytes], bytes] = lambda name, content: content) -> bytes:
    """The same ZIP with fixed dates, each content passed through *change*."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zip_of((info.filename, change(info.filename, archive.read(info))) for info in archive.infolist())


def zip_with_raw_names(
    entries: Iterable[tuple[bytes, bytes]], *, password: bytes | None = None, method: int = 8
) -> bytes:
    """A ZIP written by hand: names as given bytes without the UTF-8 flag, optionally ZipCrypto (APPNOTE 6.1)."""
    source = seeded("zip-crypto")
    body, directory, count = io.BytesIO(), io.BytesIO(), 0
    for name, data in entries:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = packer.compress(data) + packer.flush() if method == 8 else data
        checksum = zlib.crc32(data)
        if password is not None:
            content = _encrypted(source.randbytes(11) + bytes([checksum >> 24]) + content, password)
        moment = ((2017 - 1980) << 9 | 6 << 5 | 1) << 16 | 9 << 11 | 30 << 5
        head = struct.pack(
            "<HHHIIIIHH", 20, int(password is not None), method, moment, checksum, len(content), len(data), len(name), 0
        )
        start = body.tell()
        body.write(b"PK\x03\x04" + head + name + content)
        directory.write(b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHII", 0, 0, 0, 0, start) + name)
        count += 1
    listing = directory.getvalue()
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, len(listing), body.tell(), 0)
    return body.getvalue() + listing + end


def _crc_step(crc: int, byte: int) -> int:
    value = (crc ^ byte) & 0xFF
    for _ in range(8):
        value = (value >> 1) ^ (0xEDB88320 if value & 1 else 0)
    return value ^ (crc >> 8)


def _encrypted(data: bytes, password: bytes) -> bytes:
    """Traditional PKWARE encryption; weak, and common in real leaks."""
    first, second, third = ZIP_KEYS

    def update(byte: int) -> None:
        nonlocal first, second, third
        first = _crc_step(first, byte)
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = _crc_step(third, second >> 24)

    for byte in password:
        update(byte)
    out = bytearray()
    for byte in data:
        temporary = third | 2
        out.append(byte ^ (((temporary * (temporary ^ 1)) >> 8) & 0xFF))
        update(byte)
    return bytes(out)
