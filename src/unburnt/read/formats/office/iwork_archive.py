"""The parts of an iWork Index (IWA): snappy blocks without checksums, in them protocol buffers behind their descriptions."""

from __future__ import annotations

from collections.abc import Iterator

from unburnt.base.limits import MIB

MOST_UNPACKED = 256 * MIB
_BLOCK = 1 * MIB
"""The most that one block may unpack to; programs write 64 KiB."""


class BrokenArchive(Exception):
    """The part's structure cannot be followed."""


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each message's type and content; raises :class:`BrokenArchive`."""
    stream, at = unpacked(data), 0
    while at < len(stream):
        length, at = varint(stream, at)
        described = [value for number, value in fields(stream[at : at + length]) if number == 2]
        at += length
        for message in described:
            numbers = dict(_numbers(message))
            kind, size = numbers.get(1, 0), numbers.get(3, 0)
            if at + size > len(stream):
                raise BrokenArchive
            yield kind, stream[at : at + size]
            at += size


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protocol buffer; others are passed over. Raises :class:`BrokenArchive`."""
    return ((number, value) for number, value in _fields(message) if isinstance(value, bytes))


def _numbers(message: bytes) -> Iterator[tuple[int, int]]:
    return ((number, value) for number, value in _fields(message) if isinstance(value, int))


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        wire = tag & 7
        if wire == 0:
            value, at = varint(message, at)
            yield tag >> 3, value
        elif wire == 2:
            length, at = varint(message, at)
            if at + length > len(message):
                raise BrokenArchive
            yield tag >> 3, message[at : at + length]
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise BrokenArchive


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number in groups of seven bits, and where it ends."""
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise BrokenArchive


def unpacked(data: bytes) -> bytes:
    """The blocks of a part, one after the other; raises :class:`BrokenArchive`, also where it would be too long."""
    out: list[bytes] = []
    at = total = 0
    while at + 4 <= len(data):
        length = int.from_bytes(data[at + 1 : at + 4], "little")
        if data[at] != 0 or at + 4 + length > len(data):
            raise BrokenArchive
        out.append(snappy(data[at + 4 : at + 4 + length]))
        total += len(out[-1])
        if total > MOST_UNPACKED:
            raise BrokenArchive
        at += 4 + length
    return b"".join(out)


def snappy(data: bytes) -> bytes:
    """One raw snappy block (google/snappy, format_description.txt); raises :class:`BrokenArchive`."""
    length, at = varint(data, 0)
    if length > _BLOCK:
        raise BrokenArchive
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            count = tag >> 2
            if count >= 60:
                width = count - 59
                count = int.from_bytes(data[at : at + width], "little")
                at += width
            out += data[at : at + count + 1]
            at += count + 1
        else:
            count, back, at = _copy(data, tag, at)
            if not 0 < back <= len(out):
                raise BrokenArchive
            start = len(out) - back
            # A copy may reach into what it writes itself: then it repeats.
            piece = bytes(out[start : start + count])
            out += (piece * (count // len(piece) + 1))[:count]
        if len(out) > length:
            raise BrokenArchive
    if len(out) != length:
        raise BrokenArchive
    return bytes(out)


def _copy(data: bytes, tag: int, at: int) -> tuple[int, int, int]:
    """How many bytes, from how far back, and where the next tag stands."""
    if tag & 3 == 1:
        return 4 + (tag >> 2 & 7), tag >> 5 << 8 | int.from_bytes(data[at : at + 1], "little"), at + 1
    width = 2 if tag & 3 == 2 else 4
    return 1 + (tag >> 2), int.from_bytes(data[at : at + width], "little"), at + width
