"""Small, safe steps through qpdf's objects: whatever the file holds, a value or nothing comes back."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

from unburnt.read.charset import decode
from unburnt.read.errors import Damaged, Stopped
from unburnt.read.plausible import plausibility

MOST_OBJECTS = 200_000
"""The most nodes of one tree that are visited."""
_MOST_TEXT = 100_000
_PIECE = 1 << 20
TROUBLE = (pikepdf.PdfError, KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError, OverflowError,
           NotImplementedError)  # fmt: skip
"""What qpdf's objects raise where a file breaks the rules."""


def get(holder: Any, key: str) -> Any:
    """A value of a dictionary; None where there is no dictionary or no such key."""
    if not isinstance(holder, pikepdf.Dictionary | pikepdf.Stream):
        return None
    try:
        return holder.get(key)
    except TROUBLE:
        return None


def items(array: Any) -> list[Any]:
    """An array's items, at most :data:`MOST_OBJECTS`; none where there is no array."""
    if not isinstance(array, pikepdf.Array):
        return []
    try:
        return [array[index] for index in range(min(len(array), MOST_OBJECTS))]
    except TROUBLE:
        return []


def first_time(node: Any, seen: set[tuple[int, int]]) -> bool:
    """Whether the object is met for the first time; direct objects cannot be met twice."""
    number = node.objgen
    if number == (0, 0):
        return True
    if number in seen:
        return False
    seen.add(number)
    return True


def text_of(value: Any) -> str:
    """A text string; empty where it is none. Writers that ignore PDF's own encodings are understood."""
    if isinstance(value, str):
        return value[:_MOST_TEXT]
    if not isinstance(value, pikepdf.String):
        return ""
    data = bytes(value)[:_MOST_TEXT]
    try:
        text = str(value)[:_MOST_TEXT]
    except ValueError:
        return decode(data).text
    if data.isascii() or data.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF8)):
        return text
    # Chinese and Russian writers often store their system's bytes where PDFDocEncoding belongs.
    meant = decode(data)
    if meant.encoding == "utf-8" or (not meant.replaced and plausibility(meant.text) > plausibility(text) + 0.3):
        return meant.text
    return text


def pieces_of(stream: Any) -> Iterator[bytes]:
    """A stream's content, inflated piece by piece where that is its only filter.

    Raises :class:`Damaged`, and :class:`Stopped` where it does not fit into memory.
    """
    try:
        filters = [str(one) for one in items(get(stream, "/Filter"))] or [str(get(stream, "/Filter") or "")]
        plain = int(get(get(stream, "/DecodeParms"), "/Predictor") or 1) < 2 and get(stream, "/DecodeParms") is None
        if filters in (["/FlateDecode"], ["/Fl"]) and plain:
            yield from _inflated(bytes(stream.read_raw_bytes()))
        else:
            yield bytes(stream.read_bytes())
    except MemoryError as error:
        raise Stopped("memory", "It does not fit into the memory that one document may use.") from error
    except (*TROUBLE, zlib.error) as error:
        raise Damaged("It cannot be unpacked.") from error


def whole(stream: Any, most: int) -> bytes:
    """A stream's content, at most *most* bytes; what could be had where it is damaged."""
    found = bytearray()
    try:
        for piece in pieces_of(stream):
            found += piece
            if len(found) >= most:
                break
    except Damaged:
        pass  # What came before the damage is still the file's own.
    return bytes(found[:most])


def _inflated(data: bytes) -> Iterator[bytes]:
    inflater = zlib.decompressobj()
    rest: bytes = data
    while rest and not inflater.eof:
        piece = inflater.decompress(rest, _PIECE)
        rest = inflater.unconsumed_tail
        if piece:
            yield piece
        elif not rest:
            break
    tail = inflater.flush(_PIECE) if not inflater.eof else b""
    if tail:
        yield tail
    if not inflater.eof:
        raise Damaged("It is cut off.")
