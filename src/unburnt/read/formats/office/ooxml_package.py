"""Bounded access to zip packages (OOXML, ODF, EPUB): nothing that a package says of itself is trusted.

Part names are keys, never paths. Declared sizes are ignored: the decompressor's own end and our limits decide.
A part that fails its checksum is still evidence and is read; the package then counts as damaged.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from unburnt.base.limits import MIB
from unburnt.read.errors import Damaged, Stopped

DIRECTORY_BYTES = 16 * MIB
"""The largest central directory that is opened, about 150,000 parts."""
PACKAGE_BYTES = 1536 * MIB
"""All that one package may unpack to, over all parts that are read for their text."""
CHUNK = 256 * 1024


@dataclass
class Package:
    """A zip file's parts by name, without case, as the Open Packaging Conventions compare them."""

    file: BinaryIO
    parts: dict[str, zipfile.ZipInfo]
    spent: int = 0
    damaged_parts: list[str] = field(default_factory=list)
    duplicate_names: int = 0
    recovered: bool = False
    """Whether the parts were found by their own headers, for want of a directory."""

    def names(self) -> list[str]:
        """Every part's name as written (directories left out), in the directory's order."""
        return [info.filename for info in self.parts.values()]

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return key_of(name) in self.parts

    def chunks(self, name: str, *, counted: bool = True) -> Iterator[bytes]:
        """A part's bytes, unpacked piece by piece. Raises :class:`Stopped` at the package's limit.

        Bytes that are missing or fail their checksum are recorded in :attr:`damaged_parts`; what was there is given.
        """
        info = self.parts[key_of(name)]
        checksum = 0
        try:
            for chunk in _unpacked(self.file, info):
                checksum = zlib.crc32(chunk, checksum)
                if counted:
                    self._spend(len(chunk))
                yield chunk
        except (zlib.error, EOFError, OSError):
            self.damaged_parts.append(name)
            return
        if checksum != info.CRC:
            self.damaged_parts.append(name)

    def read(self, name: str, limit: int) -> bytes:
        """A part's bytes, at most *limit* of them (a longer part is cut there; the caller notes it)."""
        pieces, size = [], 0
        for chunk in self.chunks(name):
            pieces.append(chunk[: limit - size])
            size += len(chunk)
            if size >= limit:
                break
        return b"".join(pieces)

    def modified(self, name: str) -> str | None:
        """The part's time stamp where it is a real one (packages mostly carry 1980-01-01)."""
        date = self.parts[key_of(name)].date_time
        if date[0] <= 1980:
            return None
        try:
            return datetime(*date).isoformat()
        except ValueError:
            return None

    def encrypted(self, name: str) -> bool:
        """Whether zip's own encryption covers the part."""
        return bool(self.parts[key_of(name)].flag_bits & 1)

    def _spend(self, amount: int) -> None:
        self.spent += amount
        if self.spent > PACKAGE_BYTES:
            raise Stopped("unpacked size", "The file unpacks to more than is safe to read.")


def _unpacked(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Unpack one part. Deflated data ends where the decompressor says, whatever sizes are declared."""
    if info.header_offset < 0:  # its place lies before the file's beginning, which was cut off
        raise EOFError
    file.seek(info.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04" or info.compress_type not in (0, 8) or info.flag_bits & 1:
        raise EOFError
    file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
    if info.compress_type == zipfile.ZIP_STORED:
        left = info.compress_size
        while left > 0:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                raise EOFError
            left -= len(chunk)
            yield chunk
        return
    yield from _inflated(file, info.compress_size)


def _inflated(file: BinaryIO, likely: int) -> Iterator[bytes]:
    """*likely* bytes are read first, so that a small part costs little; what is declared ends nothing."""
    decompressor = zlib.decompressobj(-15)
    position = file.tell()
    while not decompressor.eof:
        packed = decompressor.unconsumed_tail
        if not packed:
            file.seek(position)
            packed = file.read(min(likely, CHUNK // 4) or CHUNK // 4)
            likely = 0
            position += len(packed)
            if not packed:
                raise EOFError
        chunk = decompressor.decompress(packed, CHUNK)
        if chunk:
            yield chunk


def key_of(name: str) -> str:
    """The key that a part's name is compared by."""
    return name.replace("\\", "/").lstrip("/").lower()


def open_package(untrusted_file: BinaryIO) -> Package:
    """Open a zip package.

    Raises :class:`Damaged` where the directory cannot be read, :class:`Stopped` where it is too large.
    """
    _check_directory(untrusted_file)
    try:
        archive = zipfile.ZipFile(untrusted_file)
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, UnicodeDecodeError, NotImplementedError) as error:
        raise Damaged("The file's directory of parts cannot be read: it is cut short or damaged.") from error
    if is_of_another(untrusted_file, archive):
        raise Damaged("The file's directory of parts is cut off; what ends the file belongs to a file inside it.")
    parts: dict[str, zipfile.ZipInfo] = {}
    duplicates = 0
    for info in archive.infolist():
        if info.filename.endswith("/"):
            continue
        key = key_of(info.filename)
        if key in parts:
            duplicates += 1
            continue
        parts[key] = info
    return Package(untrusted_file, parts, duplicate_names=duplicates)


def is_of_another(file: BinaryIO, archive: zipfile.ZipFile) -> bool:
    """Whether the directory that was found is that of an archive inside: the file begins with an entry that it does not list."""
    file.seek(0)
    head = file.read(10)
    if not head.startswith(b"PK\x03\x04") or head[8:] not in (b"\0\0", b"\x08\0"):
        return False
    return bool(archive.infolist()) and min(info.header_offset for info in archive.infolist()) > 0


def directory_size(file: BinaryIO) -> int:
    """How large the directory is said to be, by the record for large archives where the usual one leaves it to that; 0 where none is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read(65_557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return 0
    directory = int(struct.unpack_from("<L", tail, at + 12)[0])
    locator = at - 20
    if directory == 0xFFFFFFFF and locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
        file.seek(struct.unpack_from("<Q", tail, locator + 8)[0] % max(size, 1))
        record = file.read(56)
        directory = int(struct.unpack_from("<Q", record, 40)[0]) if len(record) == 56 else directory
    return directory


def _check_directory(file: BinaryIO) -> None:
    """Look at the directory's declared size first: the standard library would read all of it at once."""
    if directory_size(file) > DIRECTORY_BYTES:
        raise Stopped("parts", "The file lists more parts than is safe to read.")
    file.seek(0)
