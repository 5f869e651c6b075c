"""Kinds of CMS that hide nothing: compressed (RFC 3274), and with a timestamp around it (RFC 5544)."""

from __future__ import annotations

import hashlib
import zlib

import msgspec
from asn1crypto import tsp

from unburnt.read.formats.mail.mail_asn1 import BrokenEncoding, Element, children, octets
from unburnt.read.formats.mail.mail_signature import FITS, TROUBLE

COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
TIMESTAMPED = bytes.fromhex("2a864886f70d010910011f")
_INTEGER, _OCTETS, _UTF8, _SEQUENCE, _FIRST = 0x02, 0x04, 0x0C, 0x30, 0xA0
_NUMBER = 0x1F
_MOST_TOKENS = 8


class Timestamped(msgspec.Struct):
    """What was timestamped, as far as it is here, what it was called, and the tokens, each a whole ``ContentInfo``."""

    content: bytes | None
    name: str
    tokens: tuple[bytes, ...]


class Unpacked:
    """What was compressed, piece by piece. Raises EOFError where it ends before it should, and what zlib raises."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._unpacker = zlib.decompressobj()

    def read1(self, size: int, /) -> bytes:
        while not self._unpacker.eof:
            piece = self._unpacker.decompress(self._packed, size)
            self._packed = self._unpacker.unconsumed_tail
            if piece:
                return piece
            if not self._packed and not self._unpacker.eof:
                raise EOFError
        return b""


def timestamped(data: bytes, element: Element) -> Timestamped:
    """``TimeStampedData``. Raises :class:`BrokenEncoding`."""
    content, name, tokens = None, "", []
    for field in children(data, element, 6):
        if field.tag & _NUMBER == _OCTETS and field.tag < _FIRST:
            content = octets(data, field)
        elif field.tag == _SEQUENCE and content is None:
            said = [data[one.start : one.end] for one in children(data, field, 4) if one.tag == _UTF8]
            name = said[0].decode("utf-8", "replace") if said else ""
        elif field.tag == _FIRST:
            for evidence in children(data, field, _MOST_TOKENS):
                token = next(children(data, evidence, 1), None)
                if token is not None:
                    tokens.append(data[evidence.start : token.following])
    if content is None and not tokens:
        raise BrokenEncoding
    return Timestamped(content, name, tuple(tokens))


def token_fields(untrusted_info: bytes, content: bytes | None, number: int) -> dict[str, str]:
    """What a token's ``TSTInfo`` (RFC 3161) says: the time, and whether its digest is that of the *content*."""
    try:
        info = tsp.TSTInfo.load(untrusted_info)
        time = info["gen_time"].native
        imprint = info["message_imprint"]
        algorithm, digest = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        fits = content is not None and hashlib.new(algorithm, content).digest() == digest
    except TROUBLE:
        return {}
    # A digest may cover more than the content, or an earlier token: what differs proves nothing.
    shown = f"{FITS} ({algorithm})" if fits else "not of the content alone"
    said = {"stamped": time.isoformat(), "stamp-digest": shown, "stamp-trust": "not judged"}
    return {f"timestamp:{number}:{name}": value for name, value in said.items()}
