"""What the signed checkpoint counts: only that may take something away, in a copy or in an archive healed from one.

Whoever can write to a disk can append an event that says that something was erased. Only the holder of the key can
have it sealed. Which key is the archive's is not asked of the side that may have been tampered with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import UnburntError
from unburnt.model.events import (
    AnyEvent,
    CountersignatureAdded,
    Erased,
    ItemReceived,
    KeyAnnounced,
    KeyRotated,
    MemberPromoted,
    ObjectAdopted,
    ReadingMade,
)
from unburnt.vault.audit.events import Named
from unburnt.vault.fields import BadLine, event_of, parse_line
from unburnt.vault.layout import Layout
from unburnt.vault.log.checkpoint import Checkpoint
from unburnt.vault.log.keys import Keys, origin_of
from unburnt.vault.log.log import CHECKPOINT
from unburnt.vault.log.note import MAX_NOTE_BYTES, BadNote, Note, Verifier, parse_note
from unburnt.vault.log.rotation import RotationStatement
from unburnt.vault.log.tiles import read_at_most

_MOST_KEYS = 64 << 10
ACCEPT = "If it was yours, seal it (unburnt seal --accept) and run the same command again; else it may be forged: keep both."


def known_keys(known: Layout, other: Layout) -> list[Verifier]:
    """The archive's key on this machine, else those that both sides name, and what these vouch for or followed.

    One side alone may have been tampered with, so its word is taken only where the other has none at all. A key that
    takes the place of a lost one is vouched for by nobody; that a key followed another, it says itself.
    """
    found: list[Verifier] = []
    with suppress(UnburntError):
        found.append(Keys().public(known.archive_id if known.config.exists() else other.archive_id))
    if not found:
        ours, theirs = (published(layout) or announced(layout) for layout in (known, other))
        found = [one for one in ours if one in theirs] if ours and theirs else ours or theirs
    said = [one for layout in (known, other) for one in _changes(layout)]
    for one in said:
        if one.old in found and not one.lost:
            found.append(one.new)
    for one in reversed(said):  # last, since what a lost key handed over to afterwards counts for nothing
        if one.new in found:
            found.append(one.old)
    return list(dict.fromkeys(found))


def _changes(layout: Layout) -> Iterator[RotationStatement]:
    for event in _events(layout):
        with suppress(BadNote):
            if isinstance(event, KeyRotated):
                yield RotationStatement.parse(event.statement)


def published(layout: Layout) -> list[Verifier]:
    """The keys in ``log/key.pub``; lines that are damaged are passed over."""
    found = []
    with suppress(OSError):
        for line in (read_at_most(layout.log / "key.pub", _MOST_KEYS) or b"").decode("utf-8", "replace").split("\n"):
            with suppress(UnburntError):
                found.append(Verifier.parse(line))
    return found


def announced(layout: Layout) -> list[Verifier]:
    """The keys that the events name, whoever signed that."""
    found = []
    for event in _events(layout):
        with suppress(UnburntError):
            if isinstance(event, KeyAnnounced):
                found.append(Verifier.parse(event.vkey))
            elif isinstance(event, KeyRotated):
                found.append(RotationStatement.parse(event.statement).new)
    return found


def is_signed(note: Note, keys: Iterable[Verifier]) -> bool:
    """Whether one of *keys* signed it."""
    for key in keys:
        with suppress(BadNote):
            if key.verified(note) is not None:
                return True
    return False


def signed_size(layout: Layout, keys: Iterable[Verifier]) -> int:
    """How many events the archive's checkpoint counts; 0 where none of *keys* signed it or it cannot be read."""
    with suppress(UnburntError):
        note = parse_note(read_at_most(layout.log / CHECKPOINT, MAX_NOTE_BYTES + 1) or b"")
        head = Checkpoint.parse(note.text)
        if is_signed(note, keys) and head.origin == origin_of(layout.archive_id):
            return head.size
    return 0


class Held(msgspec.Struct):
    """What the events name, where unsealed ones add but take nothing away."""

    named: Named = msgspec.field(default_factory=Named)
    doubtful: dict[Digest, int] = msgspec.field(default_factory=dict)
    """Digest -> number of the unsealed event that says that it was erased."""
    fields: dict[int, set[str]] = msgspec.field(default_factory=dict)
    """Event -> the fields of it that sealed events say were erased."""

    def take(self, number: int, event: AnyEvent, *, sealed: bool) -> None:
        """One event more, in order."""
        named = self.named
        match event:
            case ItemReceived() | ObjectAdopted() | MemberPromoted() if event.digest:
                named.objects.setdefault(event.digest, (number, event.size))
                named.erased.pop(event.digest, None)
                self.doubtful.pop(event.digest, None)
            case ReadingMade() if sealed or event.key not in named.readings:
                named.readings[event.key] = (number, event.output)
            case Erased() if sealed:
                named.erased.update(dict.fromkeys(event.digests, number))
                for sequence in event.events:
                    self.fields.setdefault(sequence, set()).update(event.fields)
            case Erased():
                self.doubtful.update((one, number) for one in event.digests if one not in named.erased)
            case _:
                pass


def held(layout: Layout, sealed: int, events: int) -> Held:
    """What the first *events* events of *layout* say, the first *sealed* of them sealed."""
    found = Held()
    for number, event in _numbered(layout):
        if number >= events:
            break
        found.take(number, event, sealed=number < sealed)
    return found


def countersignatures(layout: Layout, sealed: int) -> list[CountersignatureAdded]:
    """What the first *sealed* events of *layout* say that witnesses signed."""
    return [event for number, event in _numbered(layout) if number < sealed and isinstance(event, CountersignatureAdded)]


def _events(layout: Layout) -> Iterator[AnyEvent]:
    return (event for _, event in _numbered(layout))


def _numbered(layout: Layout) -> Iterator[tuple[int, AnyEvent]]:
    for path in sorted(layout.events.glob("[0-9]*.jsonl")):
        with path.open("rb") as file:
            for raw in file:
                with suppress(BadLine):
                    line = parse_line(raw)
                    yield line.seq, event_of(line)
