"""A ZIP entry's content in one pass: decrypted, unpacked in bounded pieces, checked at the end."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

import inflate64
import zstandard

from unburnt.read.errors import Damaged, Stopped, Unsupported
from unburnt.read.formats.archives.zip_records import Entry

CHUNK = 1 << 20
STORED, DEFLATED, DEFLATED64, BZIPPED, LZMA, ZSTANDARD, AES = 0, 8, 9, 12, 14, 93, 99
PURE = (STORED, DEFLATED, BZIPPED, LZMA)
"""Methods that the standard library unpacks."""
NATIVE = (DEFLATED64, ZSTANDARD)
"""Methods that other native code unpacks, which must work alone."""
BROKEN = (zlib.error, lzma.LZMAError, zstandard.ZstdError, EOFError, OSError, ValueError, struct.error)
_LARGEST_DICTIONARY = 128 << 20
_MASK = 0xFFFFFFFF


class _Bounded(Protocol):
    """What ``bz2`` and ``lzma`` decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def raw_pieces(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """The bytes as stored; raises :class:`Damaged` where the file ends before them."""
    while length:
        file.seek(start)
        piece = file.read(min(CHUNK, length))
        if not piece:
            raise Damaged("The archive ends before the end of this member.")
        start += len(piece)
        length -= len(piece)
        yield piece


def unpack(method: int, pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The unpacked bytes, at most 1 MiB at a time; *size* ends LZMA data that has no end mark.

    Raises :class:`Damaged` and :class:`Unsupported`.
    """
    try:
        if method == STORED:
            yield from pieces
        elif method == DEFLATED:
            yield from _inflate(pieces)
        elif method == BZIPPED:
            yield from _bounded(bz2.BZ2Decompressor(), pieces)
        elif method == LZMA:
            yield from _unpack_lzma(pieces, size)
        elif method == DEFLATED64:
            yield from _inflate64(pieces)
        elif method == ZSTANDARD:
            yield from _unpack_zstandard(pieces)
        else:
            raise Unsupported(f"ZIP compression method {method} is not supported.")
    except BROKEN as error:
        raise Damaged("The member's compressed bytes are damaged.") from error


def checked(pieces: Iterable[bytes], entry: Entry, *, crc: bool = True) -> Iterator[bytes]:
    """*pieces*, and at the end :class:`Damaged` unless their checksum and length are those the archive states."""
    actual, length = 0, 0
    for piece in pieces:
        actual = zlib.crc32(piece, actual)
        length += len(piece)
        yield piece
    if crc and actual != entry.crc:
        raise Damaged("The member's bytes do not match their checksum.")
    # Writers without ZIP64 state the length of large members modulo 2**32.
    if length & _MASK != entry.size & _MASK:
        raise Damaged(f"The member holds {length} bytes, where the archive states {entry.size}.")


def _inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in pieces:
        while piece and not decoder.eof:
            if unpacked := decoder.decompress(piece, CHUNK):
                yield unpacked
            piece = decoder.unconsumed_tail
        if decoder.eof:
            return
    while unpacked := decoder.decompress(b"", CHUNK):
        yield unpacked
    if not decoder.eof:
        raise Damaged("The member's compressed bytes end too early.")


def _bounded(decoder: _Bounded, pieces: Iterable[bytes], size: int | None = None) -> Iterator[bytes]:
    left = size
    for piece in pieces:
        while not decoder.eof and (piece or not decoder.needs_input) and left != 0:
            unpacked = decoder.decompress(piece, CHUNK if left is None else min(CHUNK, left))
            piece = b""
            if unpacked:
                left = None if left is None else left - len(unpacked)
                yield unpacked
        if decoder.eof or left == 0:
            return
    if not decoder.eof and left != 0:
        raise Damaged("The member's compressed bytes end too early.")


def _unpack_lzma(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """APPNOTE 5.8.8: version, length of the properties, properties, then the raw stream."""
    stream = iter(pieces)
    head = next(stream, b"")
    length = struct.unpack_from("<H", head, 2)[0] if len(head) >= 4 else 0
    if length != 5 or len(head) < 9:
        raise Damaged("The member's LZMA properties are damaged.")
    packed, dictionary = struct.unpack_from("<BI", head, 4)
    if dictionary > _LARGEST_DICTIONARY:
        raise Stopped("memory", "The member's LZMA dictionary is larger than 128 MiB.")
    if packed >= 9 * 5 * 5:
        raise Damaged("The member's LZMA properties are damaged.")
    filters = [{
        "id": lzma.FILTER_LZMA1, "dict_size": max(dictionary, 4096), "lc": packed % 9, "lp": packed // 9 % 5,
        "pb": packed // 45,
    }]
    decoder = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)
    yield from _bounded(decoder, _with_first(head[9:], stream), size)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _inflate64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = inflate64.Inflater()
    for piece in pieces:
        # It has no limit of its own: small bites keep what one of them unpacks to below some 16 MiB.
        for start in range(0, len(piece), 1 << 14):
            if unpacked := decoder.inflate(piece[start : start + (1 << 14)]):
                yield unpacked
    if not decoder.eof:
        raise Damaged("The member's compressed bytes end too early.")


def _unpack_zstandard(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = zstandard.ZstdDecompressor(max_window_size=_LARGEST_DICTIONARY).decompressobj(read_across_frames=True)
    for piece in pieces:
        for start in range(0, len(piece), 1 << 12):
            if unpacked := decoder.decompress(piece[start : start + (1 << 12)]):
                yield unpacked
