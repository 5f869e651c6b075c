"""Words of mail headers as text: encoded words (RFC 2047), undeclared 8-bit, lists of addresses, names of files."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

from unburnt.read.formats.mail.mail_headers import MOST_VALUE, Parameter, charset_text, unfold

MOST_ADDRESS_BYTES = 1 << 20
ENCODED_WORD = re.compile(rb"=\?[^?\s]{1,40}\?[bBqQ]\?[^?]*\?=")
BASE64_WORD = re.compile(rb"=\?([^?\s]{1,40})\?[bB]\?([A-Za-z0-9+/=]*)\?=")
BASE64_RUN = re.compile(rb"=\?[^?\s]{1,40}\?[bB]\?[A-Za-z0-9+/=]*\?=(?:[ \t]*=\?[^?\s]{1,40}\?[bB]\?[A-Za-z0-9+/=]*\?=)*")


def header_text(raw: bytes | None, hint: str | None = None) -> str:
    """A field's value as a person reads it; never raises. *hint* is the body's charset, for raw 8-bit values."""
    if raw is None:
        return ""
    value = unfold(raw)
    if b"=?" not in value or len(value) > MOST_VALUE:
        return _undeclared(value, hint)
    try:
        pieces = decode_header(_mended(value).decode("latin-1"))
    except (HeaderParseError, ValueError, LookupError):
        return _undeclared(value, hint)
    return "".join(_piece(piece, charset, hint) for piece, charset in pieces)


def _mended(value: bytes) -> bytes:
    """Neighbouring words in base64 as one where a mailer cut the encoded text at any place and not between its letters."""
    if not any(len(word[2]) % 4 for word in BASE64_WORD.finditer(value)):
        return value
    return BASE64_RUN.sub(_as_one, value)


def _as_one(run: re.Match[bytes]) -> bytes:
    words = list(BASE64_WORD.finditer(run[0]))
    if len({word[1].lower() for word in words}) > 1 or any(b"=" in word[2] for word in words[:-1]):
        return run[0]
    signs = b"".join(word[2] for word in words).rstrip(b"=")
    return b"=?" + words[0][1] + b"?B?" + signs + b"=" * (-len(signs) % 4) + b"?="


def _piece(piece: str | bytes, charset: str | None, hint: str | None) -> str:
    raw = piece.encode("latin-1", "replace") if isinstance(piece, str) else piece
    return charset_text(raw, charset) if charset else _undeclared(raw, hint)


def _undeclared(raw: bytes, hint: str | None) -> str:
    if raw.isascii():
        return raw.decode("ascii")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return charset_text(raw, hint)


def parameter_text(parameter: Parameter, hint: str | None = None) -> str:
    """A parameter as text: by its own charset, or as an encoded word, which mailers write though they must not."""
    if parameter.charset and not ENCODED_WORD.search(parameter.raw):
        return charset_text(parameter.raw, parameter.charset)
    return header_text(parameter.raw, parameter.charset or hint)


def addresses(raws: list[bytes], hint: str | None = None) -> tuple[str, ...]:
    """Each address of the fields, as written but decoded: split at commas outside quotes, angles and comments."""
    found = []
    for raw in raws:
        for piece in _split(unfold(raw[:MOST_ADDRESS_BYTES]).decode("latin-1")):
            text = header_text(piece.encode("latin-1"), hint)
            if text:
                found.append(text)
    return tuple(found)


def _split(text: str) -> list[str]:
    """Cut at commas; one pass, no backtracking. A quote that never closes does not hide the rest."""
    if text.count('"') % 2:
        text = text.replace('"', " ")
    pieces, start, quoted, angle, comment, skip = [], 0, False, False, 0, False
    for at, character in enumerate(text):
        if skip:
            skip = False
        elif character == "\\" and (quoted or comment):
            skip = True
        elif character == '"' and not comment:
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            comment += 1
        elif character == ")":
            comment = max(0, comment - 1)
        elif comment:
            continue
        elif character in "<>":
            angle = character == "<"
        elif character in ",;" and not angle:
            pieces.append(text[start:at].strip())
            start = at + 1
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]
