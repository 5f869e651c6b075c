"""Zstandard streams (RFC 8878): native code beyond the standard library's, which works alone."""

from __future__ import annotations

from typing import BinaryIO

import zstandard

from unburnt.read.emitter import Emitter
from unburnt.read.formats.archives.streams import emit_stream
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

_LARGEST_WINDOW = 128 << 20
_BROKEN = (zstandard.ZstdError, EOFError, OSError, ValueError)


def read(source: Source, emitter: Emitter) -> Ending:
    """Emit the unpacked stream; several frames are one content (RFC 8878, section 3.1)."""
    return emit_stream(source, emitter, _open, _BROKEN)


def _open(source: Source) -> _Whole:
    source.file.seek(0)
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    return _Whole(decompressor, source.file)


class _Whole:
    """A stream reader that tells a frame cut off from one that ended, which zstandard's own does not."""

    def __init__(self, decompressor: zstandard.ZstdDecompressor, file: BinaryIO) -> None:
        self._decompressor = decompressor
        self._file = file
        self._unpacker = decompressor.decompressobj()
        self._begun = False
        self._rest = b""

    def read1(self, _: int) -> bytes:
        """Some unpacked bytes; small bites keep what one of them unpacks to bounded."""
        while True:
            data = self._rest or self._file.read(1 << 12)
            if not data:
                if self._begun and not self._unpacker.eof:
                    raise EOFError
                return b""
            if self._unpacker.eof:
                self._unpacker = self._decompressor.decompressobj()
            self._begun = True
            unpacked = self._unpacker.decompress(data)
            self._rest = self._unpacker.unused_data if self._unpacker.eof else b""
            if unpacked:
                return unpacked


def warm() -> None:
    """Unpack once, before a child is locked."""
    packed = zstandard.ZstdCompressor().compress(b"warm")
    zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).decompressobj().decompress(packed)


FORMATS = (
    Format(
        "zstd", read, memory_safe=False, libraries=("zstandard",),
        title="Zstandard streams (RFC 8878)",
        gives="the one content",
        lacks="dictionaries that stand elsewhere are not had",
    ),
)
