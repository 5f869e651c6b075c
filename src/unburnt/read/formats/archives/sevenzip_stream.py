"""One folder ("solid block") of a 7z archive as a stream: decoded in bounded pieces, members cut out in order."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from py7zr.compressor import SevenZipDecompressor
from py7zr.exceptions import PasswordRequired, UnsupportedCompressionMethodError

from unburnt.read.errors import Damaged, GivenUp, Stopped, Unsupported

_CHUNK = 1 << 20
_BITE = 1 << 16
"""Packed bytes read at a time: some of py7zr's decoders unpack all they are given at once."""


class FolderStream:
    """Decodes forward only. Raises :class:`Damaged`, :class:`Unsupported` and :class:`Stopped`."""

    def __init__(self, file: BinaryIO, folder: Any, start: int, length: int, password: str | None) -> None:
        self._window = _Window(file, start, length)
        self._broken: GivenUp | None = None
        self.position = 0
        """How many unpacked bytes were given so far."""
        try:
            self._decoder = SevenZipDecompressor(
                folder.coders, length, folder.unpacksizes, folder.crc, password, blocksize=_BITE
            )
        except (UnsupportedCompressionMethodError, PasswordRequired) as error:
            raise Unsupported("The member's 7z compression method or filter (such as BCJ2) is not supported.") from error
        except MemoryError as error:
            raise Stopped("memory", "Unpacking the member needs more memory than is allowed.") from error
        except Exception as error:
            raise Damaged("The member's compression properties are damaged.") from error

    def skip_to(self, position: int) -> None:
        """Decode up to there; what lies between is dropped."""
        for _ in self.take(position - self.position):
            pass

    def take(self, length: int) -> Iterator[bytes]:
        """The next *length* unpacked bytes."""
        while length > 0:
            piece = self._decode(min(length, _CHUNK))
            length -= len(piece)
            self.position += len(piece)
            yield piece

    def checked(self, length: int, crc: int | None) -> Iterator[bytes]:
        """As :meth:`take`, and :class:`Damaged` at the end where the checksum is another."""
        actual = 0
        for piece in self.take(length):
            actual = zlib.crc32(piece, actual)
            yield piece
        if crc is not None and actual != crc:
            raise Damaged("The member's bytes do not match their checksum.")

    def _decode(self, most: int) -> bytes:
        if self._broken is not None:
            raise self._broken
        try:
            while True:
                before = self._window.position
                piece = self._decoder.decompress(self._window, most)
                if piece:
                    return bytes(piece)
                if self._window.position == before:
                    raise EOFError
        except MemoryError:
            self._broken = Stopped("memory", "Unpacking the member needs more memory than is allowed.")
        except (lzma.LZMAError, EOFError):
            self._broken = Damaged("The archive's compressed bytes are damaged or cut off in or before this member.")
        except Exception:  # noqa: BLE001 - each of py7zr's codecs has exceptions of its own
            self._broken = Damaged("The archive's compressed bytes are damaged in or before this member.")
        raise self._broken


class _Window:
    """A folder's packed bytes; the file's own position is shared and not relied on."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file = file
        self._end = start + length
        self.position = start

    def read(self, size: int) -> bytes:
        self._file.seek(self.position)
        data = self._file.read(min(size, self._end - self.position))
        self.position += len(data)
        return data
