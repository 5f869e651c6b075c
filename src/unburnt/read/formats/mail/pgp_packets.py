"""OpenPGP messages (RFC 9580, RFC 4880) packet by packet: what lies open in them, without any key. Every length is bounded."""

from __future__ import annotations

import base64
import binascii
import bz2
import hashlib
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from unburnt.read.sniff_openpgp import (
    COMPRESSED,
    FOR_KEY,
    FOR_PASSWORD,
    LITERAL,
    PUBLIC_KEY,
    PUBLIC_SUBKEY,
    SECRET_KEY,
    SECRET_SUBKEY,
    SECRETS,
    SIGNATURE,
    USER,
    Broken,
    body_at,
)

KNOWN = (*range(1, 15), 17, 18, 19, 20, 21, 60, 61, 62, 63)
ALGORITHMS = {1: "RSA", 2: "RSA", 3: "RSA", 16: "Elgamal", 17: "DSA", 18: "ECDH", 19: "ECDSA", 20: "Elgamal", 22: "EdDSA",
              25: "X25519", 26: "X448", 27: "Ed25519", 28: "Ed448"}  # fmt: skip
DIGESTS = {1: "MD5", 2: "SHA-1", 3: "RIPEMD-160", 8: "SHA-256", 9: "SHA-384", 10: "SHA-512", 11: "SHA-224", 12: "SHA3-256", 14: "SHA3-512"}
CREATED, ISSUER, ISSUER_FINGERPRINT = 2, 16, 33
MOST_PACKETS, DEEPEST, MOST_PLAIN = 200_000, 4, 512 << 20
ARMOR = re.compile(rb"-----BEGIN PGP ([A-Z ,/0-9]{1,40})-----[ \t]*\r?\n(.*?)^-----END PGP \1-----", re.DOTALL | re.MULTILINE)
CLEAR = re.compile(
    rb"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n(.*?)\r?\n(?=-----BEGIN PGP SIGNATURE-----)", re.DOTALL
)


@dataclass
class Signature:
    """What a signature says about itself; nobody has checked it."""

    key: str = ""
    claimed: str = ""
    algorithm: str = ""

    def sentence(self) -> str:
        """The same for a person."""
        when = f", who says it was at {self.claimed}" if self.claimed else ""
        return f"Signed with the OpenPGP key {self.key or 'of somebody not named'}{when} ({self.algorithm}). The signature was not checked."


@dataclass
class Opened:
    """What a message holds in the open."""

    literals: list[tuple[str, bytes]] = field(default_factory=list)
    """Names as stated, and contents."""
    signatures: list[Signature] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """A line for each key and each user id of it."""
    recipients: list[str] = field(default_factory=list)
    """Ids of the keys that open it."""
    has_password: bool = False
    is_encrypted: bool = False
    has_secret_key: bool = False
    broken: bool = False


def armored(data: bytes) -> list[tuple[str, bytes, bool]]:
    """Each armored block: its kind, its bytes, and whether they are whole (RFC 9580, section 6)."""
    found = []
    for match in ARMOR.finditer(data):
        kind = match[1].decode("ascii")
        if kind == "SIGNED MESSAGE":
            continue
        head, empty, body = match[2].partition(b"\n\r\n") if b"\n\r\n" in match[2] else match[2].partition(b"\n\n")
        lines = (body if empty else head.lstrip(b"\r\n")).split()
        stated = lines.pop()[1:] if lines and lines[-1].startswith(b"=") and len(lines[-1]) == 5 else None
        try:
            raw = base64.b64decode(b"".join(lines), validate=True)
            whole = stated is None or base64.b64decode(stated) == _crc24(raw)
        except binascii.Error:
            raw, whole = b"", False
        found.append((kind, raw, whole))
    return found


def _crc24(data: bytes) -> bytes:
    crc = 0xB704CE
    for byte in data[: 8 << 20]:
        crc = (crc << 8 ^ _TABLE[(crc >> 16 ^ byte) & 0xFF]) & 0xFFFFFF
    return crc.to_bytes(3, "big") if len(data) <= 8 << 20 else b""


def _table() -> list[int]:
    found = []
    for byte in range(256):
        crc = byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
        found.append(crc & 0xFFFFFF)
    return found


_TABLE = _table()


def clear_texts(data: bytes) -> list[bytes]:
    """The texts of messages that are signed in the open, without the signs that guard their lines (section 7)."""
    return [re.sub(rb"(?m)^- ", b"", match[1]) for match in CLEAR.finditer(data)]


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and body of each packet. Raises :class:`Broken`."""
    at, count = 0, 0
    while at < len(data):
        head, count = data[at], count + 1
        if not head & 0x80 or count > MOST_PACKETS:
            raise Broken
        if head & 0x40:
            tag, body, at = head & 0x3F, *body_at(data, at + 1)
        else:
            tag, size = head >> 2 & 0xF, (1, 2, 4, 0)[head & 3]
            start = at + 1 + size
            length = int.from_bytes(data[at + 1 : start], "big") if size else len(data) - start
            body, at = data[start : start + length], start + length
            if at > len(data):
                raise Broken
        if tag not in KNOWN:
            raise Broken
        yield tag, body


def look(data: bytes, found: Opened, depth: int = 0) -> Opened:
    """Collect into *found* what lies open in *data*, compressed packets unpacked."""
    try:
        for tag, body in packets(data):
            _take(tag, body, found, depth)
    except (Broken, IndexError, struct.error, OverflowError, ValueError, zlib.error, OSError, EOFError):
        found.broken = True
    return found


def _take(tag: int, body: bytes, found: Opened, depth: int) -> None:
    if tag == COMPRESSED and depth < DEEPEST:
        look(_unpacked(body), found, depth + 1)
    elif tag == LITERAL:
        name = body[2 : 2 + body[1]].decode("utf-8", "replace")
        found.literals.append((name, body[6 + body[1] :]))
    elif tag == SIGNATURE:
        found.signatures.append(_signature(body))
    elif tag == FOR_KEY:
        found.recipients.append(body[1:9].hex().upper() if body[0] == 3 else body[3 : 3 + body[1] - 1].hex().upper())
    elif tag == FOR_PASSWORD:
        found.has_password = True
    elif tag in SECRETS:
        found.is_encrypted = True
    elif tag in (PUBLIC_KEY, PUBLIC_SUBKEY, SECRET_KEY, SECRET_SUBKEY):
        found.keys.append(_key(tag, body))
        found.has_secret_key |= tag in (SECRET_KEY, SECRET_SUBKEY)
    elif tag == USER:
        found.keys.append(f"User id: {body.decode('utf-8', 'replace')}")


def _unpacked(body: bytes) -> bytes:
    kind, packed = body[0], body[1:]
    if kind == 0:
        return packed
    if kind == 3:
        return bz2.BZ2Decompressor().decompress(packed, MOST_PLAIN)
    return zlib.decompressobj(-15 if kind == 1 else 15).decompress(packed, MOST_PLAIN)


def _signature(body: bytes) -> Signature:
    if body[0] in (2, 3):
        claimed, key = struct.unpack_from(">I", body, 3)[0], body[7:15].hex().upper()
        return Signature(key, _time(claimed), _named(body[15], body[16]))
    wide = 4 if body[0] >= 6 else 2
    made = Signature(algorithm=_named(body[2], body[3]))
    at = 4
    for _ in range(2):
        size = int.from_bytes(body[at : at + wide], "big")
        for kind, value in _subpackets(body[at + wide : at + wide + size]):
            if kind == CREATED and len(value) == 4:
                made.claimed = _time(struct.unpack(">I", value)[0])
            elif kind == ISSUER_FINGERPRINT:
                made.key = value[1:].hex().upper()
            elif kind == ISSUER and not made.key:
                made.key = value.hex().upper()
        at += wide + size
    return made


def _subpackets(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        first = data[at]
        if first < 192:
            size, at = first, at + 1
        elif first < 255:
            size, at = (first - 192 << 8) + data[at + 1] + 192, at + 2
        else:
            size, at = int.from_bytes(data[at + 1 : at + 5], "big"), at + 5
        if not size or at + size > len(data):
            raise Broken
        yield data[at] & 0x7F, data[at + 1 : at + size]
        at += size


def _key(tag: int, body: bytes) -> str:
    kind = {PUBLIC_KEY: "Public key", PUBLIC_SUBKEY: "Public subkey", SECRET_KEY: "Secret key", SECRET_SUBKEY: "Secret subkey"}[tag]
    made = _time(struct.unpack_from(">I", body, 1)[0])
    algorithm = ALGORITHMS.get(body[7] if body[0] == 3 else body[5], "unknown algorithm")
    # A secret key's id is that of its public part, which is not told apart here.
    identifier = hashlib.sha1(b"\x99" + struct.pack(">H", len(body)) + body).hexdigest().upper() if tag in (6, 14) and body[0] == 4 else ""
    return f"{kind}: {algorithm}, made {made}" + (f", fingerprint {identifier}" if identifier else "")


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _named(algorithm: int, digest: int) -> str:
    return f"{ALGORITHMS.get(algorithm, 'unknown algorithm')} with {DIGESTS.get(digest, 'an unknown digest')}"
