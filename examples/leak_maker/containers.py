"""Archives: zip in zip, names in GBK, tar.gz, 7z; and those that lock, lie or burst."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import struct
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import py7zr

from leak_maker.fixed import zip_of, zip_with_raw_names
from leak_maker.tree import MODIFIED
from leak_maker.truth import Document, Made, member

ZIP, TAR, GZIP, SEVEN = "application/zip", "application/x-tar", "application/gzip", "application/x-7z-compressed"
Contents = Sequence[tuple[str, Made]]
BOMB_BYTES = 2 << 30


def zipped(contents: Contents) -> Made:
    truth = Document("zip", [ZIP], members=[member(name.encode(), made) for name, made in contents])
    return Made(zip_of((name, made.data) for name, made in contents), truth, [made for _, made in contents])


def zipped_gbk(contents: Contents) -> Made:
    """Names as a Chinese Windows writes them: GBK without saying so."""
    truth = Document("zip", [ZIP])
    truth.members = [member(name.encode("gbk"), made, name=name) for name, made in contents]
    data = zip_with_raw_names((name.encode("gbk"), made.data) for name, made in contents)
    return Made(data, truth, [made for _, made in contents])


def zipped_locked(contents: Contents, password: str) -> Made:
    """ZipCrypto: the names can be read, the contents cannot."""
    data = zip_with_raw_names(((name.encode(), made.data) for name, made in contents), password=password.encode())
    truth = Document("zip", [ZIP], ["locked"], password=password)
    truth.members = [dict(member(name.encode(), None), size=len(made.data)) for name, made in contents]
    truth.opened = {"outcomes": ["read"], "members": [member(name.encode(), made) for name, made in contents]}
    return Made(data, truth, [made for _, made in contents])


def tarred(contents: Contents) -> Made:
    """A tar inside gzip, both with fixed dates."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, made in contents:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(made.data), MODIFIED
            archive.addfile(info, io.BytesIO(made.data))
    inner = Made(out.getvalue(), Document("tar", [TAR]), [made for _, made in contents])
    inner.truth.members = [member(name.encode(), made) for name, made in contents]
    truth = Document("gzip", [GZIP, "application/x-compressed-tar"])
    truth.members = [dict(member(b"", inner), path=None, name=None)]
    return Made(gzip.compress(inner.data, mtime=MODIFIED), truth, [inner])


def seven_zipped(contents: Contents) -> Made:
    """A 7z archive; the files go through a folder, because only so their times can be given."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, py7zr.SevenZipFile(out, "w") as archive:
        for number, (name, made) in enumerate(contents):
            path = Path(folder, str(number))
            path.write_bytes(made.data)
            path.chmod(0o644)
            os.utime(path, (MODIFIED, MODIFIED))
            archive.write(path, name)
    truth = Document("7z", [SEVEN], members=[member(name.encode(), made) for name, made in contents])
    return Made(out.getvalue(), truth, [made for _, made in contents])


def bomb() -> Made:
    """Two gibibytes of zeros in a ZIP of two kilobytes (method 12, bzip2)."""
    packer, block, packed = bz2.BZ2Compressor(), bytes(1 << 24), b""
    checksum = _zeros_crc(BOMB_BYTES)
    for _ in range(BOMB_BYTES >> 24):
        packed += packer.compress(block)
    packed += packer.flush()
    name = b"backup.img"
    moment = ((2017 - 1980) << 9 | 6 << 5 | 1) << 16
    head = struct.pack("<HHHIIIIHH", 46, 0, 12, moment, checksum, len(packed), BOMB_BYTES, len(name), 0)
    local = b"PK\x03\x04" + head + name + packed
    listing = b"PK\x01\x02" + struct.pack("<H", 46) + head + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(listing), len(local), 0)
    truth = Document("zip", [ZIP], ["refused", "partial"])
    truth.members = [dict(member(name, None), size=None)]
    return Made(local + listing + end, truth)


def _zeros_crc(size: int) -> int:

    checksum, block = 0, bytes(1 << 24)
    for _ in range(size >> 24):
        checksum = zlib.crc32(block, checksum)
    return checksum
