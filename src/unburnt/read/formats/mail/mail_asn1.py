"""Just enough of ASN.1 BER (X.690) to walk to a content: definite and indefinite lengths, strings in pieces. No recursion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

CONSTRUCTED = 0x20
OCTET_STRING = 0x04
MOST_LEVELS = 10_000


class BrokenEncoding(Exception):
    """The bytes are not BER."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its content from *start* to *end*, and where the next value begins."""

    tag: int
    start: int
    end: int
    following: int


def element_at(data: bytes, at: int, limit: int) -> Element:
    """The element that begins at *at* and may not go beyond *limit*. Raises :class:`BrokenEncoding`."""
    tag, start, length = _head(data, at, limit)
    if length is not None:
        if start + length > limit:
            raise BrokenEncoding
        return Element(tag, start, start + length, start + length)
    if not tag & CONSTRUCTED:
        raise BrokenEncoding
    end = _end_of_contents(data, start, limit)
    return Element(tag, start, end, end + 2)


def children(data: bytes, element: Element, most: int) -> Iterator[Element]:
    """The first *most* values inside a constructed one."""
    at = element.start
    for _ in range(most):
        if at >= element.end:
            return
        child = element_at(data, at, element.end)
        yield child
        at = child.following


def octets(data: bytes, element: Element) -> bytes:
    """The bytes of an octet string, put together where it is written in pieces; another value's whole encoding."""
    if element.tag & 0x1F != OCTET_STRING:
        return data[element.start : element.end]
    if not element.tag & CONSTRUCTED:
        return data[element.start : element.end]
    pieces, at = [], element.start
    while at < element.end:
        tag, start, length = _head(data, at, element.end)
        if tag & CONSTRUCTED or length is None or tag == 0 and length == 0:
            at = start
        else:
            if start + length > element.end:
                raise BrokenEncoding
            pieces.append(data[start : start + length])
            at = start + length
    return b"".join(pieces)


def _head(data: bytes, at: int, limit: int) -> tuple[int, int, int | None]:
    """Tag, where the content begins, and its length (None where it is indefinite). Long tags do not occur in CMS."""
    if at + 2 > limit or data[at] & 0x1F == 0x1F:
        raise BrokenEncoding
    first = data[at + 1]
    if first == 0x80:
        return data[at], at + 2, None
    if first < 0x80:
        return data[at], at + 2, first
    count = first & 0x7F
    if count > 8 or at + 2 + count > limit:
        raise BrokenEncoding
    return data[at], at + 2 + count, int.from_bytes(data[at + 2 : at + 2 + count], "big")


def _end_of_contents(data: bytes, start: int, limit: int) -> int:
    """Where the two zeros stand that close an indefinite value opened before *start*."""
    at, levels = start, 1
    while True:
        tag, content, length = _head(data, at, limit)
        if tag == 0 and length == 0:
            levels -= 1
            if not levels:
                return at
            at = content
        elif length is None:
            levels += 1
            at = content
            if levels > MOST_LEVELS:
                raise BrokenEncoding
        else:
            at = content + length


def begun_octets(data: bytes, most: int) -> bytes:
    """What can be had of the first octet string in a value that breaks off or is damaged; it stands behind at most *most* others."""
    at = 0
    for _ in range(most):
        try:
            tag, start, length = _head(data, at, len(data))
        except BrokenEncoding:
            return b""
        if tag & 0x1F == OCTET_STRING and tag < 0x80:
            end = len(data) if length is None else min(start + length, len(data))
            return _begun_pieces(data, start, end) if tag & CONSTRUCTED else data[start:end]
        at = start if tag & CONSTRUCTED else start + (length or 0)
    return b""


def _begun_pieces(data: bytes, at: int, end: int) -> bytes:
    pieces = []
    while at < end:
        try:
            tag, start, length = _head(data, at, end)
        except BrokenEncoding:
            break
        if tag != OCTET_STRING or length is None:
            break
        pieces.append(data[start : min(start + length, end)])
        at = start + length
    return b"".join(pieces)
