"""Decompressing what may be a bomb: no more memory than data that really comes, and never more than was recorded."""

from __future__ import annotations

import zstandard

MAX_CHUNK = 1 << 30
"""The largest uncompressed chunk of a derived record: twice the text that one reading may give."""
_FREE, _RATIO = 64 << 20, 100
"""A larger chunk is a reading with very many parts or members, each with a digest or a name, which do not shrink so far.
What one part holds came in one answer of a reader, and stays below."""
_PIECE = 1 << 20
_AT_ONCE = 8 << 20
_decompressor = zstandard.ZstdDecompressor()
_careful = zstandard.ZstdDecompressor(max_window_size=128 << 20)


def is_bomb(packed_size: int, size: int) -> bool:
    """Whether nothing that unburnt writes has *size* bytes and shrinks to *packed_size*."""
    return size > MAX_CHUNK or size > _FREE and size > _RATIO * packed_size


def unpacked(untrusted: bytes, size: int) -> bytes | None:
    """The content of a zstd frame that states to hold *size* bytes and does; None where it does not, or is a bomb.

    Raises :class:`zstandard.ZstdError` for damaged frames.
    """
    if size < 0 or is_bomb(len(untrusted), size) or zstandard.get_frame_parameters(untrusted).content_size != size:
        return None
    if size <= _AT_ONCE:
        return _decompressor.decompress(untrusted, max_output_size=size)
    pieces: list[bytes] = []
    got = 0
    with _careful.stream_reader(untrusted) as reader:
        while piece := reader.read(_PIECE):
            pieces.append(piece)
            got += len(piece)
            if got > size:
                return None
    return b"".join(pieces) if got == size else None
