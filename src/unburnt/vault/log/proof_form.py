"""The form of a proof file: C2SP tlog-proof@v1, with what opens the entry as its ``extra`` (docs/format.md).

There is exactly one way to write a proof. Whatever else is found, however harmless, is refused: two programs must
never read two things in one file.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64

import msgspec

from unburnt.base.canonical import canonical_json
from unburnt.base.errors import UnburntError
from unburnt.vault.fields import DIGESTS_PER_EVENT, base64url, digest_of_disclosure
from unburnt.vault.log.merkle import MAX_HASHES, BadProof
from unburnt.vault.log.note import Note, parse_note
from unburnt.vault.log.strict import base64_bytes, base64_text, decimal

MAX_PROOF_BYTES = 256 << 10
MAX_EXTRA_BYTES = 64 << 10
MAX_LISTED = 64
"""Of keys, changes of keys, witnesses, timestamps and opened fields each."""

Value = str | int | bool | tuple[str | int, ...] | None
"""What a field of an event may hold."""

_HEADER = "c2sp.org/tlog-proof@v1"
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class Extra(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a proof carries beside the log's hashes. No signature covers it: each part is checked by itself."""

    v: int = 1
    digests: tuple[str, ...]
    """Those of the event's line: they make the entry."""
    disclosures: tuple[str, ...]
    """The fields that are opened, as the line has them."""
    keys: tuple[str, ...] = ()
    """The log's keys as vkeys, the signing one among them: named, not to be trusted for that."""
    rotations: tuple[str, ...] = ()
    """Statements by which keys handed over (see ``rotation``), in the order of time."""
    timestamps: tuple[str, ...] = ()
    """Tokens (RFC 3161, DER) over the checkpoint's text, base64."""
    witnesses: tuple[str, ...] = ()
    """The vkeys of those who countersigned the checkpoint."""

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785) that a proof holds."""
        return canonical_json({name: _plain(getattr(self, name)) for name in Extra.__struct_fields__})


class Proof(msgspec.Struct, frozen=True):
    """That an entry is number *index* of the log that *note* is a checkpoint of, and what its event says."""

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: Extra

    def encode(self) -> bytes:
        """The proof as a file."""
        lines = [_HEADER, f"extra {base64_text(self.extra.encode())}", f"index {self.index}", *map(base64_text, self.hashes)]
        return "\n".join([*lines, "", ""]).encode() + self.note.encode()

    @classmethod
    def parse(cls, untrusted: bytes) -> Proof:
        """The proof that a file holds, its form checked and nothing else; raises :class:`BadProof`, :class:`BadNote`."""
        if len(untrusted) > MAX_PROOF_BYTES:
            raise BadProof(f"This is no proof: it is larger than {MAX_PROOF_BYTES} bytes.")
        head, _, note = untrusted.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise BadProof("This is no proof: its first part is not plain ASCII.") from error
        if lines[0] != _HEADER:
            raise BadProof(f"This is no proof: its first line is not {_HEADER}.")
        if len(lines) < 3 or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
            raise BadProof("The proof lacks the line 'extra' or the line 'index'.")
        if len(lines) > 3 + MAX_HASHES:
            raise BadProof(f"The proof holds more than {MAX_HASHES} hashes.")
        index, hashes = decimal(lines[2][6:]), [base64_bytes(line) for line in lines[3:]]
        if index is None:
            raise BadProof("The proof does not state the entry's index as a plain number.")
        return cls(index, tuple(_hash(one) for one in hashes), parse_note(note), _extra(lines[1][6:]))

    def opened(self) -> dict[str, Value]:
        """The fields that the proof opens, each found among the digests; raises :class:`BadProof`."""
        digests = self.extra.digests
        if len(digests) != DIGESTS_PER_EVENT or not all(_DIGEST.match(one) for one in digests):
            raise BadProof(f"The proof does not hold the {DIGESTS_PER_EVENT} digests of an event.")
        if list(digests) != sorted(set(digests)):
            raise BadProof("The digests of the proof's event are out of order or double.")
        fields: dict[str, Value] = {}
        for disclosure in self.extra.disclosures:
            if digest_of_disclosure(disclosure.encode()).decode() not in digests:
                raise BadProof("The proof opens a field that its event does not have: it was changed or swapped.")
            name, value = _opened(disclosure)
            if name in fields:
                raise BadProof(f"The proof opens the field {name!r} twice.")
            fields[name] = value
        return fields

    def timestamps(self) -> list[bytes]:
        """The timestamp tokens, unchecked."""
        tokens = [base64_bytes(token) for token in self.extra.timestamps]
        if None in tokens:
            raise BadProof("A timestamp in the proof is not written as base64.")
        return [token for token in tokens if token is not None]


def _extra(untrusted: str) -> Extra:
    data = base64_bytes(untrusted)
    if data is None:
        raise BadProof("The line 'extra' of the proof is not written as base64.")
    if len(data) > MAX_EXTRA_BYTES:
        raise BadProof(f"The line 'extra' of the proof holds more than {MAX_EXTRA_BYTES} bytes.")
    try:
        extra = msgspec.json.decode(data, type=Extra)
        plain = {name: _plain(getattr(extra, name)) for name in Extra.__struct_fields__}
        canonical = canonical_json(plain) == data
    except (msgspec.DecodeError, UnicodeError, RecursionError, UnburntError) as error:
        raise BadProof("The line 'extra' of the proof does not hold what is agreed.") from error
    if not canonical:
        raise BadProof("The line 'extra' of the proof is not canonical JSON (RFC 8785), or has members twice.")
    if extra.v != 1:
        raise BadProof(f"The proof is of version {extra.v}.", remedy="Check it with a newer version of unburnt.")
    if any(len(value) > MAX_LISTED for value in plain.values() if isinstance(value, list)):
        raise BadProof(f"The proof lists more than {MAX_LISTED} of one thing.")
    return extra


def _opened(disclosure: str) -> tuple[str, Value]:
    """Name and value of a disclosure, refused unless written in the one way in which unburnt writes it."""
    try:
        standard = disclosure.translate(str.maketrans("-_", "+/")).encode("ascii") + b"=" * (-len(disclosure) % 4)
        data = a2b_base64(standard, strict_mode=True)
        salt, name, value = msgspec.json.decode(data, type=tuple[str, str, Value])
        canonical = base64url(canonical_json([salt, name, _plain(value)])).decode() == disclosure
    except (Base64Error, msgspec.DecodeError, UnicodeError, RecursionError, UnburntError) as error:
        raise BadProof("A field that the proof opens is not written as agreed.") from error
    if not canonical or not _FIELD.match(name):
        raise BadProof("A field that the proof opens is not written as agreed.")
    return name, value


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _hash(data: bytes | None) -> bytes:
    if data is None or len(data) != 32:
        raise BadProof("A line of the proof is not a hash.")
    return data
