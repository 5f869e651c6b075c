"""The system's libarchive, and packed bytes handed to it in the smallest archive that it takes them in."""

from __future__ import annotations

import ctypes
import logging
import os
import struct
from collections.abc import Iterable, Iterator
from typing import Any

from unburnt.read.errors import Damaged, GivenUp, Unsupported

try:
    # libarchive-c would look for the library by running compilers and ldconfig, which a sandbox has not.
    os.environ.setdefault("LIBARCHIVE", "libarchive.so.13")
    import libarchive
    from libarchive import ffi
    from libarchive.exception import ArchiveError
except (OSError, AttributeError, TypeError):
    # The Python package is only a door to the system's library, which may be absent.
    libarchive = None

# Its warnings may hold received names, which no log line may.
logging.getLogger("libarchive").disabled = True

__all__ = ["ArchiveError", "ffi", "libarchive", "unpacked_cab", "unpacked_lzh"]

_CHUNK = 1 << 20
_BUFFER = ctypes.create_string_buffer(_CHUNK)


class _Pieces:
    """Bytes as they come, as a file that is read once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self.failed: GivenUp | None = None
        """No exception passes through a C library: what the bytes' source gives up with waits here."""

    def readinto(self, buffer: Any) -> int:
        """As of a raw file."""
        if not self._held and self.failed is None:
            try:
                self._held = next(filter(None, self._pieces), b"")
            except GivenUp as error:
                self.failed = error
        data = self._held[: len(buffer)]
        buffer[: len(data)] = data
        self._held = self._held[len(data) :]
        return len(data)

    def seekable(self) -> bool:
        """It is not."""
        return False


def _first_entry(pieces: Iterable[bytes], form: str) -> Iterator[bytes]:
    if libarchive is None:
        raise Unsupported("Unpacking it needs the system library libarchive (Debian: libarchive13), which is missing.")
    source = _Pieces(pieces)
    try:
        with libarchive.stream_reader(source, form, "none", _CHUNK) as archive:
            for entry in archive:
                while got := ffi.read_data(entry._archive_p, _BUFFER, _CHUNK):
                    if got < 0:
                        raise Damaged("The member's compressed bytes are damaged.")
                    yield ctypes.string_at(_BUFFER, got)
                break
    except ArchiveError as error:
        if source.failed is None and "upported" in str(error.msg):
            raise Unsupported("The member is packed by a method that libarchive does not know.") from error
        raise source.failed or Damaged("The member's compressed bytes are damaged or cut off.") from error
    if source.failed is not None:
        raise source.failed


def unpacked_cab(frames: Iterable[tuple[bytes, int]], count: int, size: int, method: int) -> Iterator[bytes]:
    """One folder of a cabinet: *count* frames of packed bytes and their unpacked lengths, *size* bytes in all.

    *method* is the folder's own (kind in the low byte, window in the high one).
    """
    start = 36 + 8 + 16 + 2
    # The cabinet's own size is not looked at where it is larger than what comes.
    head = b"MSCF" + struct.pack("<5I2B5H", 0, 0x7FFFFFFF, 0, 36 + 8, 0, 3, 1, 1, 1, 0, 0, 0)
    folder = struct.pack("<I2H", start, count, method)
    entry = struct.pack("<2I4H", size, 0, 0, 0x4A46, 0, 0x20) + b"x\0"
    blocks = (struct.pack("<I2H", 0, len(packed), length) + packed for packed, length in frames)
    return _first_entry(_chain(head + folder + entry, blocks), "cab")


def unpacked_lzh(packed: Iterable[bytes], packed_size: int, size: int, method: bytes, checksum: int | None) -> Iterator[bytes]:
    """One member of an LZH archive (*method* is ``-lh5-`` or the like), with its CRC-16 where there is one."""
    body = method + struct.pack("<3I2B", packed_size, size, 0x4A460000, 0x20, 0) + b"\x01x"
    body += struct.pack("<H", checksum) if checksum is not None else b""
    return _first_entry(_chain(bytes([len(body), sum(body) & 0xFF]) + body, _chain(b"", packed, b"\0")), "lha")


def _chain(first: bytes, pieces: Iterable[bytes], last: bytes = b"") -> Iterator[bytes]:
    yield first
    yield from pieces
    yield last
