"""Signed notes: a text and who signed it (C2SP signed-note v1.0.0), with Ed25519 keys of types 0x01 and 0x04.

Type 0x01 signs the text itself. Type 0x04 is a witness's cosignature of a checkpoint: it signs the text and a
time that the witness states (C2SP tlog-cosignature).
"""

from __future__ import annotations

import builtins
import re
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from unburnt.base.errors import UnburntError
from unburnt.vault.log.strict import base64_bytes, base64_text

MAX_NOTE_BYTES = 128 << 10
MAX_SIGNATURES = 64
"""C2SP asks for 16 at least; post-quantum ones, which are passed over here, have nearly 5 kB each."""

ED25519 = 0x01
COSIGNATURE = 0x04
_SIGNATURE_BYTES = {ED25519: 64, COSIGNATURE: 72}
_LARGEST_TIME = (1 << 63) - 1
_VKEY_ID = re.compile(r"[0-9a-f]{8}\Z")


class BadNote(UnburntError):
    """A note, key or signature is not of the agreed form, or a signature is wrong."""

    exit_code = 3


class Signature(Struct, frozen=True):
    """One signature line; *bytes* is what follows the four bytes of the key's id."""

    name: str
    key_id: int
    bytes: builtins.bytes


class Note(Struct, frozen=True):
    """A *text*, which ends in a newline, and the signatures under it, of which none has been checked."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> builtins.bytes:
        """The note as it is written to a file."""
        lines = "".join(
            f"— {one.name} {base64_text(one.key_id.to_bytes(4, 'big') + one.bytes)}\n" for one in self.signatures
        )
        return f"{self.text}\n{lines}".encode()


def parse_note(untrusted: builtins.bytes) -> Note:
    """The note that *untrusted* is; says nothing about who signed it. Raises :class:`BadNote`."""
    if len(untrusted) > MAX_NOTE_BYTES:
        raise BadNote(f"A signed note is larger than {MAX_NOTE_BYTES} bytes.")
    try:
        whole = untrusted.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadNote("A signed note is not UTF-8 text.") from error
    if any(letter < " " and letter != "\n" for letter in whole):
        raise BadNote("A signed note holds control characters.")
    text, separator, below = whole.rpartition("\n\n")
    if not separator or not text or not below.endswith("\n"):
        raise BadNote("A signed note has no empty line between text and signatures, or is cut off.")
    lines = below[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(f"A signed note has more than {MAX_SIGNATURES} signatures.")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def cosignature_message(text: str, timestamp: int) -> builtins.bytes:
    """What a witness signs (C2SP tlog-cosignature); *timestamp* is in seconds since 1970-01-01 UTC."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


class Verifier(Struct, frozen=True):
    """A public key with a name; *kind* is 1 for a log's or publisher's key, 4 for a witness's."""

    name: str
    kind: int
    public: builtins.bytes

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """The key that the line ``NAME+ID+BASE64`` gives (C2SP "vkey"); raises :class:`BadNote`."""
        parts = vkey.split("+", 2)
        key = base64_bytes(parts[2]) if len(parts) == 3 else None
        if key is None or not is_name_to_show(parts[0]) or not _VKEY_ID.match(parts[1]):
            raise BadNote("A public key is not of the form NAME+ID+BASE64.", remedy="Copy the whole line again.")
        if len(key) != 33 or key[0] not in _SIGNATURE_BYTES:
            raise BadNote("A public key is of a kind that is not known here (Ed25519 of types 1 and 4 are).")
        verifier = cls(parts[0], key[0], key[1:])
        if verifier.key_id != int(parts[1], 16):
            raise BadNote("A public key does not have the id that its line states.", remedy="Copy the line again.")
        return verifier

    @property
    def key_id(self) -> int:
        """The first four bytes of SHA-256 over name, newline, kind and key."""
        data = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return int.from_bytes(sha256(data).digest()[:4], "big")

    @property
    def vkey(self) -> str:
        """The line that :meth:`parse` reads."""
        return f"{self.name}+{self.key_id:08x}+{base64_text(bytes([self.kind]) + self.public)}"

    def verified(self, note: Note) -> Signature | None:
        """This key's signature under *note* (the first one), None if it has none.

        Raises :class:`BadNote` if any signature that claims to be of this key is wrong.
        """
        own = [one for one in note.signatures if one.name == self.name and one.key_id == self.key_id]
        for signature in own:
            self._verify(note.text, signature.bytes)
        return own[0] if own else None

    def _verify(self, text: str, untrusted: builtins.bytes) -> None:
        message = text.encode()
        if len(untrusted) != _SIGNATURE_BYTES[self.kind]:
            raise BadNote("A signature has the wrong length.")
        if self.kind == COSIGNATURE:
            timestamp = int.from_bytes(untrusted[:8], "big")
            if timestamp > _LARGEST_TIME:
                raise BadNote("A countersignature states a time beyond 2^63 seconds.")
            message = cosignature_message(text, timestamp)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(untrusted[-64:], message)
        except InvalidSignature as error:
            raise BadNote(f"The signature by {self.name} is wrong: text or signature were changed.") from error


class Signer:
    """A private key with a name, signing texts with type 0x01."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        if not is_name_to_show(name):
            raise BadNote("A key's name may hold no spaces, plus signs or control characters.")
        self._private = private
        self.verifier = Verifier(name, ED25519, private.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        """A signature of *text*, which must end in a newline."""
        if not text.endswith("\n"):
            raise BadNote("A text to be signed must end in a newline.")
        return Signature(self.verifier.name, self.verifier.key_id, self._private.sign(text.encode()))


def is_key_name(name: str) -> bool:
    """Whether C2SP allows this as the name of a key; lone surrogates, as a command line may hold, are no text."""
    return 0 < len(name) <= 256 and not any(
        letter.isspace() or letter < " " or letter == "+" or "\ud800" <= letter <= "\udfff" for letter in name
    )


def is_name_to_show(name: str) -> bool:
    """Whether a key may be called so here: C2SP allows letters that steer a terminal or reverse a line."""
    return is_key_name(name) and name.isprintable()


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    data = base64_bytes(parts[2]) if len(parts) == 3 else None
    if data is None or len(data) < 5 or parts[0] != "—" or not is_key_name(parts[1]):
        raise BadNote("A line under a signed note is not a signature.")
    return Signature(parts[1], int.from_bytes(data[:4], "big"), data[4:])
