"""Telling OpenPGP's packets (RFC 9580, section 4) by their first bytes, and taking one packet's body out."""

from __future__ import annotations

FOR_KEY, SIGNATURE, FOR_PASSWORD, SECRET_KEY, PUBLIC_KEY, SECRET_SUBKEY = 1, 2, 3, 5, 6, 7
COMPRESSED, OLD_ENCRYPTED, LITERAL, USER, PUBLIC_SUBKEY, ENCRYPTED, AEAD = 8, 9, 11, 13, 14, 18, 20
SECRETS = (OLD_ENCRYPTED, ENCRYPTED, AEAD)


class Broken(Exception):
    """The bytes are no packets, or end before one does."""


def body_at(data: bytes, at: int) -> tuple[bytes, int]:
    """A body with the newer lengths, whose pieces are put together (section 4.2.1)."""
    pieces = []
    while at < len(data):
        first = data[at]
        if first < 192:
            length, at, more = first, at + 1, False
        elif first < 224:
            length, at, more = (first - 192 << 8) + (data[at + 1] if at + 1 < len(data) else 0) + 192, at + 2, False
        elif first == 255:
            length, at, more = int.from_bytes(data[at + 1 : at + 5], "big"), at + 5, False
        else:
            length, at, more = 1 << (first & 0x1F), at + 1, True
        if at + length > len(data):
            raise Broken
        pieces.append(data[at : at + length])
        at += length
        if not more:
            return b"".join(pieces), at
    raise Broken


def is_openpgp(head: bytes) -> bool:
    """Whether bytes begin as an encrypted message or a key does: two packets that only such a file has one after the other."""
    first = _first(head)
    if first is None:
        return False
    tag, body, after = first
    if tag == FOR_KEY and body[:1] in (b"\x03", b"\x06") or tag == FOR_PASSWORD and body[:1] in (b"\x04", b"\x05", b"\x06"):
        return after in (FOR_KEY, FOR_PASSWORD, *SECRETS)
    is_key = tag in (PUBLIC_KEY, SECRET_KEY) and body[:1] in (b"\x03", b"\x04", b"\x06")
    return is_key and after in (USER, SIGNATURE, PUBLIC_SUBKEY, SECRET_SUBKEY)


def _first(head: bytes) -> tuple[int, bytes, int] | None:
    """Tag and body of the first packet, and the tag after it."""
    if len(head) < 8 or not head[0] & 0x80:
        return None
    try:
        if head[0] & 0x40:
            tag, (body, at) = head[0] & 0x3F, body_at(head, 1)
        else:
            size = (1, 2, 4, 0)[head[0] & 3]
            at = 1 + size + int.from_bytes(head[1 : 1 + size], "big")
            tag, body = head[0] >> 2 & 0xF, head[1 + size : at]
    except Broken:
        return None
    if at >= len(head) or not head[at] & 0x80:
        return None
    return tag, body, head[at] & 0x3F if head[at] & 0x40 else head[at] >> 2 & 0xF
