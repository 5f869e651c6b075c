"""Documents for distribution (HWP 5): their text is encrypted under a key that stands in front of it, to keep programs from printing it.

A section begins with a record of 256 bytes, scrambled by the numbers of a generator whose seed comes first; in it stands the key
(Hancom's "HWP Document File Formats 5.0", document for distribution). Nothing secret is needed. AES (FIPS 197) takes all blocks at once.
"""

from __future__ import annotations

import struct
from typing import Final

DISTRIBUTE = 0x1C
_HEAD, _SIZE, _BLOCK = 4, 256, 16


def _times(value: int, factor: int) -> int:
    """A product in the field of AES."""
    found = 0
    while factor:
        found ^= value if factor & 1 else 0
        value = value << 1 ^ (0x11B if value & 0x80 else 0)
        factor >>= 1
    return found


def _substitution() -> bytes:
    inverse = {0: 0}
    power = 1
    powers = []
    for _ in range(255):
        powers.append(power)
        power = _times(power, 3)
    for number, one in enumerate(powers):
        inverse[one] = powers[-number % 255]
    table = bytearray(256)
    for value in range(256):
        bits = inverse[value]
        turned = bits | bits << 8
        table[value] = (bits ^ turned >> 4 ^ turned >> 5 ^ turned >> 6 ^ turned >> 7) & 0xFF ^ 0x63
    return bytes(table)


_BOX: Final = _substitution()
_BACK: Final = bytes(_BOX.index(value) for value in range(256))
_FACTORS: Final = {factor: bytes(_times(value, factor) for value in range(256)) for factor in (9, 11, 13, 14)}
_PLACES: Final = tuple(4 * ((column - row) % 4) + row for column in range(4) for row in range(4))
"""Where each byte of a block came from, before the rows were moved."""


def decrypted(untrusted_section: bytes) -> bytes | None:
    """What stands behind the record with the key; None where there is no such record."""
    if len(untrusted_section) < _HEAD + _SIZE:
        return None
    (head,) = struct.unpack_from("<I", untrusted_section)
    if head & 0x3FF != DISTRIBUTE or head >> 20 != _SIZE:
        return None
    rest = untrusted_section[_HEAD + _SIZE :]
    return _aes(key_of(untrusted_section[_HEAD : _HEAD + _SIZE]), rest[: len(rest) // _BLOCK * _BLOCK])


def key_of(record: bytes) -> bytes:
    """The key in the record: the beginning of a digest, written out in letters of two bytes."""
    (seed,) = struct.unpack_from("<I", record)
    mask, state = bytearray(), seed
    while len(mask) < len(record):
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        value = state >> 16 & 0xFF
        state = (state * 214013 + 2531011) & 0xFFFFFFFF
        mask += bytes([value]) * ((state >> 16 & 0xF) + 1)
    plain = record[:4] + bytes(one ^ other for one, other in zip(record[4:], mask[4:], strict=False))
    start = 4 + (seed & 0xF)
    return plain[start : start + _BLOCK]


def _aes(key: bytes, data: bytes) -> bytes:
    """AES-128 backward, block by block (ECB): a row holds one byte of every block."""
    rounds = _expanded(key)
    rows = [_xored(data[place::_BLOCK], rounds[10][place]) for place in range(_BLOCK)]
    for number in range(9, -1, -1):
        rows = [_xored(rows[place].translate(_BACK), rounds[number][at]) for at, place in enumerate(_PLACES)]
        if number:
            rows = [row for column in range(0, _BLOCK, 4) for row in _unmixed(rows[column : column + 4])]
    out = bytearray(len(data))
    for place, row in enumerate(rows):
        out[place::_BLOCK] = row
    return bytes(out)


def _expanded(key: bytes) -> list[bytes]:
    words = [key[at : at + 4] for at in range(0, _BLOCK, 4)]
    constant = 1
    while len(words) < 44:
        last = words[-1]
        if len(words) % 4 == 0:
            last = bytes([_BOX[last[1]] ^ constant, _BOX[last[2]], _BOX[last[3]], _BOX[last[0]]])
            constant = _times(constant, 2)
        words.append(bytes(one ^ other for one, other in zip(words[-4], last, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, 44, 4)]


def _xored(row: bytes, value: int) -> bytes:
    return row.translate(bytes(one ^ value for one in range(256)))


def _unmixed(column: list[bytes]) -> list[bytes]:
    factors = (14, 11, 13, 9)
    size = len(column[0])
    found = []
    for at in range(4):
        total = 0
        for number, row in enumerate(column):
            total ^= int.from_bytes(row.translate(_FACTORS[factors[(number - at) % 4]]))
        found.append(total.to_bytes(size))
    return found
