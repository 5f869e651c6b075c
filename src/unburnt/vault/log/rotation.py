"""The statement by which one log key hands over to the next, signed by both.

Somebody who knows an archive by its old key can so accept what the new one signs. Where a key was lost there is no
such statement, and a proof then says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from unburnt.vault.log.note import ED25519, BadNote, Note, Signer, Verifier

_HEADER = "unburnt key rotation v1"


def hand_over(old: Signer, new: Signer) -> Note:
    """The statement, a signed note of three lines: what it is, the old key, the new key."""
    text = f"{_HEADER}\n{old.verifier.vkey}\n{new.verifier.vkey}\n"
    return Note(text, (old.sign(text), new.sign(text)))


def handed_over(note: Note) -> tuple[Verifier, Verifier]:
    """The old and the new key of a statement that both have signed; raises :class:`BadNote`."""
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[0] != _HEADER or lines[3]:
        raise BadNote("A statement about a change of keys is not of the agreed form.")
    old, new = Verifier.parse(lines[1]), Verifier.parse(lines[2])
    if old.kind != ED25519 or new.kind != ED25519 or old.name != new.name or old == new:
        raise BadNote("A statement about a change of keys names keys that do not go together.")
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
