"""Decompressing what may be a bomb: no more memory than data that really comes, and never more than was recorded."""

from __future__ import annotations

import zstandard

from unburnt.vault.audit.walk import MAX_CHUNK

_PIECE = 1 << 20
_AT_ONCE = 8 << 20
_decompressor = zstandard.ZstdDecompressor()
_careful = zstandard.ZstdDecompressor(max_window_size=128 << 20)


def unpacked(untrusted: bytes, size: int) -> bytes | None:
    """The content of a zstd frame that states to hold *size* bytes and does; None where it does not.

    Raises :class:`zstandard.ZstdError` for damaged frames.
    """
    if not 0 <= size <= MAX_CHUNK or zstandard.get_frame_parameters(untrusted).content_size != size:
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
