"""The statement by which one log key hands over to the next, signed by both.

Somebody who knows an archive by its old key can so accept what the new one signs. Where a key was lost only the new
one signs, and the statement says so: nothing but the log itself, which goes on, then links the two.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from unburnt.vault.log.note import ED25519, BadNote, Note, Signer, Verifier, parse_note

_HEADER = "unburnt key rotation v1"
_HEADER_LOST = "unburnt key lost v1"
_MAX_FILE = 256 << 10


class KeyNotHandedOver(BadNote):
    """A key was lost in between, so the later key is not vouched for by the earlier one."""


class RotationStatement(Struct, frozen=True):
    """Key *new* takes the place of *old*; *lost* where the old one could not sign that. Checked when made or parsed."""

    old: Verifier
    new: Verifier
    lost: bool
    note: Note

    @classmethod
    def handed_over(cls, old: Signer, new: Signer) -> RotationStatement:
        """The statement that both keys sign."""
        return cls(old.verifier, new.verifier, False, hand_over(old, new))

    @classmethod
    def lost_key(cls, old: Verifier, new: Signer) -> RotationStatement:
        """The statement that the new key signs alone because the old one is lost."""
        text = f"{_HEADER_LOST}\n{old.vkey}\n{new.verifier.vkey}\n"
        return cls(old, new.verifier, True, Note(text, (new.sign(text),)))

    @classmethod
    def parse(cls, untrusted: str) -> RotationStatement:
        """The statement that :meth:`encode` gave, its signatures checked; raises :class:`BadNote`."""
        note = parse_note(untrusted.encode("utf-8", "surrogatepass"))
        lost = note.text.startswith(_HEADER_LOST + "\n")
        old, new = _lost(note) if lost else handed_over(note)
        statement = cls(old, new, lost, note)
        if statement.encode() != untrusted or len(note.signatures) != (1 if lost else 2):
            raise BadNote("A statement about a change of keys holds more than it should.")
        return statement

    def encode(self) -> str:
        """The statement as text, for an event's field; one way to write it."""
        return self.note.encode().decode()


def encode_statements(statements: Iterable[RotationStatement]) -> bytes:
    """Statements one after the other, as a file that is handed to a witness."""
    return "".join(statement.encode() for statement in statements).encode()


def parse_statements(untrusted: bytes) -> list[RotationStatement]:
    """The statements in a file that :func:`encode_statements` gave; raises :class:`BadNote`."""
    if len(untrusted) > _MAX_FILE:
        raise BadNote("The file of statements about changes of keys is too large.")
    try:
        text = untrusted.decode()
    except UnicodeDecodeError as error:
        raise BadNote("The file of statements about changes of keys is not text.") from error
    parts: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.rstrip("\n") in (_HEADER, _HEADER_LOST) or not parts:
            parts.append("")
        parts[-1] += line
    return [RotationStatement.parse(part) for part in parts]


def hand_over(old: Signer, new: Signer) -> Note:
    """The statement, a signed note of three lines: what it is, the old key, the new key."""
    text = f"{_HEADER}\n{old.verifier.vkey}\n{new.verifier.vkey}\n"
    return Note(text, (old.sign(text), new.sign(text)))


def handed_over(note: Note) -> tuple[Verifier, Verifier]:
    """The old and the new key of a statement that both have signed; raises :class:`BadNote`."""
    old, new = _keys(note, _HEADER)
    if not old.verified(note) or not new.verified(note):
        raise BadNote("A statement about a change of keys lacks the signature of one of the two keys.")
    return old, new


def succession(pinned: Iterable[Verifier], statements: Iterable[Note]) -> dict[Verifier, Verifier]:
    """Every key that the *pinned* keys vouch for, themselves included, each with the pinned key that it goes back to.

    *statements* are in the order of time. Raises :class:`BadNote` if one of them is false.
    """
    vouched = {verifier: verifier for verifier in pinned}
    for statement in statements:
        old, new = handed_over(statement)
        if old in vouched:
            vouched.setdefault(new, vouched[old])
    return vouched


def newest_key(pinned: Verifier, statements: Iterable[RotationStatement]) -> Verifier:
    """The key that signs now, followed from the *pinned* one through *statements* in the order of time.

    Statements from before the pinned key are passed over. Raises :class:`KeyNotHandedOver` at the first lost key:
    whether to pin the next one is for a person to decide, who has to ask its owner another way.
    """
    current = pinned
    for statement in statements:
        if statement.old != current:
            continue
        if statement.lost:
            raise KeyNotHandedOver(
                "The key of this archive was lost at some time, so the present one is not vouched for by the one "
                "you know.",
                remedy=f"Ask the archive's owner another way whether this is the present key: {statement.new.vkey}",
            )
        current = statement.new
    return current


def _lost(note: Note) -> tuple[Verifier, Verifier]:
    old, new = _keys(note, _HEADER_LOST)
    if not new.verified(note):
        raise BadNote("A statement about a lost key lacks the signature of the new key.")
    return old, new


def _keys(note: Note, header: str) -> tuple[Verifier, Verifier]:
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[0] != header or lines[3]:
        raise BadNote("A statement about a change of keys is not of the agreed form.")
    old, new = Verifier.parse(lines[1]), Verifier.parse(lines[2])
    if old.kind != ED25519 or new.kind != ED25519 or old.name != new.name or old == new:
        raise BadNote("A statement about a change of keys names keys that do not go together.")
    return old, new
