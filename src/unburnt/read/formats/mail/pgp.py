"""OpenPGP (RFC 9580): what was only signed is taken out, what is encrypted is opened where a password or key was given."""

from __future__ import annotations

import base64
import binascii
import re

import pysequoia

from unburnt.base.limits import MIB
from unburnt.model.outcome import Outcome
from unburnt.read.charset import decode
from unburnt.read.emitter import Emitter
from unburnt.read.errors import Damaged, Locked, Unsupported
from unburnt.read.formats.mail.pgp_packets import Opened, armored, clear_texts, look
from unburnt.read.registry import Ending, Format
from unburnt.read.source import Source

MOST_BYTES = 256 * MIB
MOST_BLOCKS, MOST_PASSWORDS, MOST_KEYS, MOST_NOTES = 100, 200, 20, 50
KEY = re.compile(r"[A-Za-z0-9+/=]{100,}")
"""A secret key among the passwords: its bytes in base64 on one line, as ``gpg --export-secret-keys ID | base64 -w0`` writes."""
ENTITY = re.compile(rb"(?:Content-[A-Za-z-]+|MIME-Version|Subject|From):", re.IGNORECASE)
TROUBLE = (RuntimeError, ValueError, TypeError, OSError)


def read(source: Source, emitter: Emitter) -> Ending:
    """Read every message and key of the file. Raises :class:`Locked` where it holds nothing but what no given secret opens."""
    data = source.all(MOST_BYTES)
    texts = clear_texts(data)
    blocks = armored(data)[:MOST_BLOCKS] if b"-----BEGIN PGP" in data[:65536] else [("MESSAGE", data, True)]
    if not blocks and not texts:
        raise Damaged("The armored text is not whole.")
    for number, text in enumerate(texts, 1):
        emitter.part("text", "signed text" if number == 1 else f"signed text {number}", decode(text, native=False).text)
    secrets, reasons, opened_with_secret, keys = _Secrets(source.passwords + source.keys), list[str](), False, list[str]()
    for number, (kind, raw, whole) in enumerate(blocks, 1):
        found = look(raw, Opened())
        if not whole:
            emitter.note("pgp-armor", f"Block {number} ({kind.lower()}) does not match its checksum.")
        if found.is_encrypted:
            plain = secrets.opened(raw)
            if plain is None:
                reasons.append(secrets.refused or _locked(found))
                if len(blocks) == 1 and not texts:
                    break
                emitter.member_failed(f"{number}".encode(), "embedded", Outcome.LOCKED, reasons[-1])
                continue
            opened_with_secret = True
            found.literals, found.broken = [("", plain)], False
        for name, content in found.literals:
            _emit(content, name, number, emitter)
        keys += found.keys
        for one in found.signatures[:MOST_NOTES] if not found.keys else ():
            emitter.note("signature", one.sentence())
        if found.broken or not whole:
            reasons.append(f"block {number} is damaged")
    if keys:
        emitter.part("text", "keys", "\n".join(keys) + "\n")
    emitter.expect(members=emitter.members)
    return _ending(emitter, reasons, secrets, opened_with_secret=opened_with_secret)


def _emit(content: bytes, name: str, number: int, emitter: Emitter) -> None:
    is_mail = ENTITY.match(content) is not None
    shown = name if name and name != "_CONSOLE" else "content.eml" if is_mail else ""
    path = f"{number}/{shown}".encode("utf-8", "replace") if shown else f"{number}".encode()
    emitter.member(path, "message" if is_mail else "embedded", content, name=shown or None)


def _locked(found: Opened) -> str:
    """What would open the message."""
    ways = []
    if found.recipients:
        shown = ", ".join("an unnamed key" if not one.strip("0") else one for one in found.recipients[:20])
        ways.append(
            f"one of the keys {shown}: give it as a password, on one line as gpg --export-secret-keys | base64 -w0 writes it, "
            "and its own password"
        )
    if found.has_password:
        ways.append("its password")
    return f"The message is encrypted. It opens with {', or '.join(ways) or 'a key that it does not name'}."


def _ending(emitter: Emitter, reasons: list[str], secrets: _Secrets, *, opened_with_secret: bool) -> Ending:
    if reasons and not emitter.has_content:
        if secrets.refused:
            raise Unsupported(secrets.refused)
        if reasons[0].startswith("block"):
            raise Damaged("The packets cannot be followed.")
        raise Locked(reasons[0])
    if reasons:
        return Ending(Outcome.PARTIAL, f"Some was lost: {'; '.join(reasons[:5])}", opened_with_secret)
    if not emitter.has_content:
        return Ending(Outcome.EMPTY, "A signature that stands beside what it signs; it holds no text.")
    return Ending(Outcome.READ, "", opened_with_secret)


class _Secrets:
    """The passwords that were given, and the keys among them."""

    def __init__(self, given: tuple[str, ...]) -> None:
        self._words = [word for word in given if not KEY.fullmatch(word.strip())][:MOST_PASSWORDS]
        self._keys = [key for word in given if KEY.fullmatch(word.strip()) and (key := _secret_key(word.strip())) is not None][:MOST_KEYS]
        self.refused = ""
        """Why a message is not opened although a secret may fit."""

    def opened(self, message: bytes) -> bytes | None:
        """The plain bytes; None where nothing opens it."""
        for key in self._keys:
            for word in (None, *self._words):
                try:
                    return pysequoia.decrypt(message, decryptor=key.decryptor(word)).bytes
                except TROUBLE as error:
                    self._judge(error)
        for word in self._words:
            try:
                return pysequoia.decrypt(message, passwords=[word]).bytes
            except TROUBLE as error:
                self._judge(error)
        return None

    def _judge(self, error: Exception) -> None:
        if "not considered secure" in str(error):
            self.refused = "The message is encrypted as before 2004, without protection against changes; only gpg --decrypt opens it."


def _secret_key(word: str) -> pysequoia.Tsk | None:
    try:
        return pysequoia.Tsk.from_bytes(base64.b64decode(word, validate=True))
    except (*TROUBLE, binascii.Error):
        return None


def warm() -> None:
    """Use the library once; what it loads late is loaded then."""
    message = pysequoia.encrypt(b"warm", passwords=["warm"])
    pysequoia.decrypt(message, passwords=["warm"])


FORMATS = (
    Format(
        "pgp", read, memory_safe=False, libraries=("pysequoia",),
        title="OpenPGP (RFC 9580: .asc, .pgp, .gpg, PGP/MIME)",
        gives="what is only signed; what a given password or secret key opens; the keys that signed, as claimed; keys and user ids",
        lacks="signatures are not checked, as the signer's key is elsewhere; messages without integrity protection stay closed",
    ),
)
