"""Whether a signature fits a key: RSA (RFC 8017) and ECDSA (FIPS 186-4) over public values only, in plain Python.

Nothing here is secret, so timing tells nothing; native code would cost each signed mail a process of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

PREFIXES = {
    "md5": "3020300c06082a864886f70d020505000410", "sha1": "3021300906052b0e03021a05000414",
    "sha224": "302d300d06096086480165030402040500041c", "sha256": "3031300d060960864801650304020105000420",
    "sha384": "3041300d060960864801650304020205000430", "sha512": "3051300d060960864801650304020305000440",
}  # fmt: skip
"""DigestInfo up to the digest (RFC 8017, section 9.2, note 1)."""
MOST_BITS, MOST_EXPONENT_BITS = 16_384, 64


class Curve(NamedTuple):
    """A curve y² = x³ - 3x + b over a prime, its base point and order (FIPS 186-4, appendix D)."""

    prime: int
    b: int
    x: int
    y: int
    order: int


CURVES = {
    "secp256r1": Curve(
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ),
    "secp384r1": Curve(
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    ),
}


def rsa_fits(modulus: int, exponent: int, signature: bytes, digest: bytes, name: str) -> bool | None:
    """PKCS #1 v1.5; None where key or digest are not of a kind that is checked."""
    size = (modulus.bit_length() + 7) // 8
    if name not in PREFIXES or not 512 <= modulus.bit_length() <= MOST_BITS or not 2 < exponent < 1 << MOST_EXPONENT_BITS:
        return None
    value = int.from_bytes(signature, "big")
    if value >= modulus:
        return False
    found = pow(value, exponent, modulus).to_bytes(size, "big")
    told = bytes.fromhex(PREFIXES[name]) + digest
    return hmac.compare_digest(found, b"\0\1" + b"\xff" * (size - len(told) - 3) + b"\0" + told)


def pss_fits(modulus: int, exponent: int, signature: bytes, digest: bytes, name: str, mask: str, salt: int) -> bool | None:
    """EMSA-PSS (RFC 8017, section 9.1.2); *mask* is the digest of the mask, *salt* its length."""
    if {name, mask} - PREFIXES.keys() or not 512 <= modulus.bit_length() <= MOST_BITS or not 2 < exponent < 1 << MOST_EXPONENT_BITS:
        return None
    bits, value = modulus.bit_length() - 1, int.from_bytes(signature, "big")
    size, wide = (bits + 7) // 8, len(digest)
    if value >= modulus or not 0 <= salt <= size - wide - 2:
        return False
    opened = pow(value, exponent, modulus)
    if opened.bit_length() > size * 8:
        return False
    found = opened.to_bytes(size, "big")
    masked, check = found[: size - wide - 1], found[size - wide - 1 : -1]
    if found[-1] != 0xBC or masked[0] >> (8 - (8 * size - bits)) & 0xFF and 8 * size > bits:
        return False
    plain = bytearray(one ^ other for one, other in zip(masked, _mask(check, len(masked), mask), strict=True))
    plain[0] &= 0xFF >> (8 * size - bits)
    border = size - wide - salt - 2
    if any(plain[:border]) or plain[border] != 1:
        return False
    return hmac.compare_digest(check, hashlib.new(name, bytes(8) + digest + bytes(plain[border + 1 :])).digest())


def _mask(seed: bytes, size: int, name: str) -> bytes:
    out, counter = b"", 0
    while len(out) < size:
        out += hashlib.new(name, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return out[:size]


def ecdsa_fits(curve_name: str, point: bytes, r: int, s: int, digest: bytes) -> bool | None:
    """ECDSA; None where curve or point are not of a kind that is checked."""
    curve = CURVES.get(curve_name)
    if curve is None or point[:1] != b"\x04":
        return None
    half = (len(point) - 1) // 2
    x, y = int.from_bytes(point[1 : 1 + half], "big"), int.from_bytes(point[1 + half :], "big")
    if max(x, y) >= curve.prime or (y * y - (x * x * x - 3 * x + curve.b)) % curve.prime:
        return None
    if not (0 < r < curve.order and 0 < s < curve.order):
        return False
    number = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.order.bit_length())
    inverse = pow(s, -1, curve.order)
    one = _times(curve, number * inverse % curve.order, (curve.x, curve.y, 1))
    other = _times(curve, r * inverse % curve.order, (x, y, 1))
    sum_x, _, sum_z = _add(curve, one, other)
    if not sum_z:
        return False
    return bool(sum_x * pow(sum_z, -2, curve.prime) % curve.prime % curve.order == r)


Point = tuple[int, int, int]
"""Jacobian coordinates: (x / z², y / z³); z is 0 at infinity."""


def _times(curve: Curve, factor: int, point: Point) -> Point:
    result: Point = (1, 1, 0)
    while factor:
        if factor & 1:
            result = _add(curve, result, point)
        point = _double(curve, point)
        factor >>= 1
    return result


def _double(curve: Curve, point: Point) -> Point:
    x, y, z = point
    prime = curve.prime
    if not y or not z:
        return 1, 1, 0
    square = y * y % prime
    s = 4 * x * square % prime
    m = 3 * (x - z * z) * (x + z * z) % prime
    new_x = (m * m - 2 * s) % prime
    return new_x, (m * (s - new_x) - 8 * square * square) % prime, 2 * y * z % prime


def _add(curve: Curve, one: Point, other: Point) -> Point:
    if not one[2]:
        return other
    if not other[2]:
        return one
    prime = curve.prime
    (x1, y1, z1), (x2, y2, z2) = one, other
    u1, u2 = x1 * z2 * z2 % prime, x2 * z1 * z1 % prime
    s1, s2 = y1 * pow(z2, 3, prime) % prime, y2 * pow(z1, 3, prime) % prime
    if u1 == u2:
        return _double(curve, one) if s1 == s2 else (1, 1, 0)
    h, r = (u2 - u1) % prime, (s2 - s1) % prime
    cube = pow(h, 3, prime)
    v = u1 * h * h % prime
    x3 = (r * r - cube - 2 * v) % prime
    return x3, (r * (v - x3) - s1 * cube) % prime, h * z1 * z2 % prime
