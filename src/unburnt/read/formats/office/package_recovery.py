"""Opening a package whose directory is gone: a file that was cut off still holds the parts before the cut."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

from unburnt.read.errors import Damaged
from unburnt.read.formats.archives.zip_recovery import scan
from unburnt.read.formats.office.ooxml_package import Package, key_of, open_package

MOST_PARTS = 100_000


def open_or_recover(untrusted_file: BinaryIO) -> tuple[Package, bool]:
    """The package, and whether its parts had to be found by their own headers.

    Raises :class:`Damaged` where there is not one part, :class:`Stopped` where there are too many.
    """
    try:
        return open_package(untrusted_file), False
    except Damaged:
        package = _recovered(untrusted_file)
        if not package.parts:
            raise
        return package, True


def _recovered(file: BinaryIO) -> Package:
    size = file.seek(0, io.SEEK_END)
    parts: dict[str, zipfile.ZipInfo] = {}
    duplicates = 0
    for entry in scan(file, size)[:MOST_PARTS]:
        name = entry.raw.decode("utf-8", "surrogateescape")
        if name.endswith("/") or "\x00" in name:
            continue
        if key_of(name) in parts:
            duplicates += 1
            continue
        info = zipfile.ZipInfo(name)
        info.compress_type, info.flag_bits, info.CRC = entry.method, entry.flags, entry.crc
        info.compress_size, info.file_size, info.header_offset = entry.compressed, entry.size, entry.header
        parts[key_of(name)] = info
    return Package(file, parts, duplicate_names=duplicates)
