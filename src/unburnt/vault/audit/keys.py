"""Checking the keys of an archive: which one must have signed, and whether the published list is that of the events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from unburnt.base.errors import UnburntError
from unburnt.model.audit import Finding
from unburnt.vault.audit.events import Named
from unburnt.vault.audit.trusted import RESTORE, Trusted
from unburnt.vault.log.keys import MAX_PUBLIC
from unburnt.vault.log.note import BadNote, Note, Verifier
from unburnt.vault.log.rotation import RotationStatement, newest_key
from unburnt.vault.log.tiles import read_at_most


class KeysAudit:
    """What the sealed events (*named*) say of keys, beside what the checking person knows."""

    def __init__(self, trusted: Trusted, named: Named, size: int) -> None:
        self._trusted, self._named, self._size = trusted, named, size
        self.notes: list[str] = []

    def signer(self, note: Note) -> Verifier:
        """The key that signed *note*, which must be the newest; raises :class:`BadNote`.

        It is followed from the pinned keys, else from that on this machine, else from the first that the events name.
        """
        candidates: list[Verifier] = []
        refused: BadNote | None = None
        own = self._trusted.own
        for pinned in self._trusted.keys or ([own] if own is not None else []):
            try:
                candidates.append(newest_key(pinned, self._statements()))
            except BadNote as error:
                refused = error
        if not self._trusted.keys and own is not None:
            candidates += self._before(own)
            self.notes.append(f"The key is the one on this machine: {own.vkey}")
        elif not self._trusted.keys:
            candidates = [self._own()]
            self.notes.append("The key is the one that the archive itself names. Compare it with what its owner "
                              f"tells you another way: {candidates[0].vkey}")
        for key in candidates:
            if key.verified(note) is not None:
                return key
        raise refused or BadNote(f"It is not signed with the key {candidates[0].vkey}.")

    def every(self) -> list[Verifier]:
        """Every key that the archive ever had, and those that the checking person gave; raises :class:`BadNote`."""
        rotations = [RotationStatement.parse(one) for _, one in self._named.rotations]
        return [*self._trusted.keys, *map(Verifier.parse, self._named.keys), *(one.new for one in rotations)]

    def published(self, log: Path) -> Iterator[Finding]:
        """``log/key.pub`` must list the keys that the events name, in their order, and no other.

        Events come first: a change that a crash left unsealed may, or may not yet, have its key there. It must then be this
        machine's own, or signed by the key before.
        """
        try:
            sealed = [*self._named.keys, *(RotationStatement.parse(one).new.vkey for _, one in self._named.rotations)]
            unsealed = self._following(sealed[-1] if sealed else None)
            untrusted = read_at_most(log / "key.pub", MAX_PUBLIC)
        except UnburntError as error:
            yield Finding("log/key.pub", error.message, error.remedy or RESTORE)
            return
        every = [*sealed, *unsealed]
        allowed = ["".join(f"{one}\n" for one in every[:count]).encode()
                   for count in range(len(sealed), len(every) + 1)]
        if (untrusted or b"") not in allowed and (untrusted is not None or sealed):
            yield Finding("log/key.pub", "It does not list the keys that the events name, and only them.",
                          "Do not use a key that it names. " + RESTORE)

    def _statements(self) -> list[RotationStatement]:
        """A change that the checkpoint does not count yet came after it."""
        return [RotationStatement.parse(one) for event, one in self._named.rotations if event < self._size]

    def _following(self, current: str | None) -> list[str]:
        """The keys that took over from the *current* one and are not sealed yet."""
        found = []
        for one in map(RotationStatement.parse, self._named.unsealed_rotations):
            if one.new == self._trusted.own or not one.lost and one.old.vkey == current:
                found.append(current := one.new.vkey)
        return found

    def _before(self, own: Verifier) -> list[Verifier]:
        """The key before, where the change to this machine's own, which it signed itself, is not sealed yet."""
        statements = map(RotationStatement.parse, self._named.unsealed_rotations)
        return [one.old for one in statements if one.new == own]

    def _own(self) -> Verifier:
        if not self._named.keys:
            raise BadNote("No event names the key that sealed this archive.")
        current = Verifier.parse(self._named.keys[0])
        for statement in self._statements():
            if statement.old != current:
                raise BadNote("The keys that the events name do not follow each other.")
            if statement.lost:
                self.notes.append("A key was lost: that the next one follows it is said by this archive only.")
            current = statement.new
        return current
