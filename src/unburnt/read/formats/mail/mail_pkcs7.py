"""S/MIME containers (RFC 5652, CMS): what was only signed, compressed or timestamped is taken out, what was encrypted is called locked."""

from __future__ import annotations

import re
import zlib

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Metadata
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked, Unsupported
from unburnt.read.formats.archives.streams import emit_stream
from unburnt.read.formats.mail import mail_pkcs7_keys, mail_signature
from unburnt.read.formats.mail.mail_asn1 import BrokenEncoding, Element, begun_octets, children, element_at, octets
from unburnt.read.formats.mail.mail_pkcs7_forms import COMPRESSED, TIMESTAMPED, Unpacked, timestamped, token_fields
from unburnt.read.formats.mail.mail_pkcs7_keys import opened
from unburnt.read.formats.mail.mail_signature import signers
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 256 * MIB
CMS = bytes.fromhex("2a864886f70d0107")
AUTHENTICATED_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")
DATA, SIGNED, ENVELOPED, SIGNED_AND_ENVELOPED, DIGESTED, ENCRYPTED = (CMS + bytes([number]) for number in range(1, 7))
_HEAD = 40
_MOST_BEFORE = 16
"""Values before the content: kinds, versions, digests. A detached signature has more before its certificate's octets."""
LOCKED = (ENVELOPED, SIGNED_AND_ENVELOPED, ENCRYPTED, AUTHENTICATED_ENVELOPED)
HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]?[^\r\n]*\r?\n")


def read(source: Source, emitter: Emitter) -> Ending:
    """Take the signed content out. Raises :class:`Locked` for encrypted messages."""
    data = source.all(MOST_BYTES)
    try:
        kind, content = _content_info(data)
    except BrokenEncoding as error:
        if any(plain in data[:_HEAD] for plain in (CMS + b"\2", TIMESTAMPED)):
            return _begun(data, emitter)
        raise Damaged("The cryptographic message's structure cannot be followed.") from error
    if kind in LOCKED:
        plain = opened(data, source.passwords + source.keys) if kind == ENVELOPED else None
        if plain is None:
            raise Locked(
                "The message is encrypted for its recipient's certificate. Give its key as a password, on one line as base64 -w0 "
                "KEY.p12 writes it, and the key's own password; or open it elsewhere (openssl cms -decrypt) and add what comes out."
            )
        emitter.expect(members=1)
        emitter.member(b"opened-content", "message", plain, name="opened-content.eml")
        return Ending(Outcome.READ, "", opened_with_secret=True)
    if kind == COMPRESSED:
        return _compressed(data, content, source, emitter)
    if kind == TIMESTAMPED:
        return _timestamped(data, content, source, emitter)
    if kind not in (SIGNED, DATA, DIGESTED):
        raise Unsupported("A signed or encrypted message of a kind that is not opened.")
    try:
        inner = octets(data, content) if kind == DATA else _signed(data, content)
    except BrokenEncoding:
        return _begun(data, emitter)
    if kind == SIGNED:
        _tell_signers(data, emitter)
    if inner is None:
        emitter.expect(members=0)
        return Ending(Outcome.EMPTY, "A signature that stands beside what it signs; it holds no text.")
    emitter.expect(members=1)
    is_mail = HEADER.match(inner) is not None
    emitter.member(b"signed-content", "message" if is_mail else "embedded", inner, name="signed-content.eml" if is_mail else None)
    return Ending(Outcome.READ, "")


def _begun(data: bytes, emitter: Emitter) -> Ending:
    """Take out what can be had of a content that was only signed or timestamped, and breaks off. Raises :class:`Damaged`."""
    content = begun_octets(data, _MOST_BEFORE)
    if not content:
        raise Damaged("The signed message's structure cannot be followed.")
    emitter.expect(members=1)
    emitter.member(b"signed-content", "embedded", content)
    return Ending(Outcome.PARTIAL, "It is damaged or cut off: what could be had of what was signed is here, its signature is not.")


def _compressed(data: bytes, content: Element, source: Source, emitter: Emitter) -> Ending:
    """Take out what was only compressed (RFC 3274); of a damaged one what stands before the damage."""
    try:
        packed = _signed(data, content) or b""
    except BrokenEncoding as error:
        raise Damaged("The compressed message's structure cannot be followed.") from error
    return emit_stream(source, emitter, lambda _: Unpacked(packed), (EOFError, zlib.error))


def _timestamped(data: bytes, content: Element, source: Source, emitter: Emitter) -> Ending:
    """Take out what was timestamped (RFC 5544), and tell when and by whom."""
    try:
        found = timestamped(data, content)
    except BrokenEncoding:
        return _begun(data, emitter)
    fields: dict[str, str] = {}
    for number, token in enumerate(found.tokens, 1):
        try:
            info = _signed(token, _content_info(token)[1])
        except BrokenEncoding:
            continue
        fields |= token_fields(info or b"", found.content, number)
        for one in signers(token, info)[:1]:
            emitter.note("signature", one.sentence())
            fields |= one.fields(number)
    emitter.metadata(Metadata(fields=fields), searchable=True)
    emitter.expect(members=int(found.content is not None))
    if found.content is None:
        return Ending(Outcome.EMPTY, "A timestamp of content that lies elsewhere; it holds no text.")
    name = found.name or re.sub(r"\.tsd\Z", "", source.name.replace("\\", "/").rpartition("/")[2], flags=re.IGNORECASE) or "content"
    emitter.member(name.encode("utf-8", "surrogateescape"), "embedded", found.content, name=name)
    return Ending(Outcome.READ)


def _tell_signers(data: bytes, emitter: Emitter) -> None:
    found = signers(data, None)
    for one in found:
        emitter.note("signature", one.sentence())
    if not found:
        emitter.note("signature", "There is no signature in it that can be followed.")
    emitter.metadata(Metadata(fields={name: value for number, one in enumerate(found, 1) for name, value in one.fields(number).items()}))


def _content_info(data: bytes) -> tuple[bytes, Element]:
    """``ContentInfo``: the kind of content, and the content."""
    outer = element_at(data, 0, len(data))
    fields = list(children(data, outer, 2))
    if len(fields) < 2 or fields[0].tag != 0x06:
        raise BrokenEncoding
    content = next(children(data, fields[1], 1), None)
    if content is None:
        raise BrokenEncoding
    return data[fields[0].start : fields[0].end], content


def _signed(data: bytes, signed: Element) -> bytes | None:
    """``SignedData.encapContentInfo.eContent``; None for a detached signature."""
    fields = list(children(data, signed, 3))
    if len(fields) < 3:
        raise BrokenEncoding
    encapsulated = list(children(data, fields[2], 2))
    if len(encapsulated) < 2:
        return None
    content = next(children(data, encapsulated[1], 1), None)
    return octets(data, content) if content is not None else None


def warm() -> None:
    """Load what reading signatures and decrypting load when they are first used."""
    mail_signature.warm()
    mail_pkcs7_keys.warm()


FORMATS = (
    Format(
        "pkcs7", read, memory_safe=False, libraries=("asn1crypto", "cryptography", "pycryptodomex"),
        title="S/MIME and CMS (RFC 5652), compressed (RFC 3274), timestamped (RFC 5544)",
        gives="what was only signed, compressed or timestamped as a member; the time that a timestamp states; "
        "who signed by the certificate, whether digest and signature fit",
        lacks="opens with RSA keys that are given, not with others; whether a certificate is to be trusted is never judged; no GOST or SM2",
    ),
)
