"""Writing down what happened, in the one order that a crash cannot spoil.

Objects and derived records first, then the events that name them, then the catalogue, then the index.
Whatever is lost of the later ones is made again from the earlier ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from unburnt.base.canonical import step_key
from unburnt.base.clock import now
from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import UnburntError
from unburnt.base.raising import is_hit
from unburnt.catalog.catalog import Catalog
from unburnt.flow.intake import Taken
from unburnt.flow.own_records import OwnRecords
from unburnt.flow.reading import Done
from unburnt.flow.steps import inputs_of, read_step, reading_parameters
from unburnt.model.events import AnyEvent, ItemReceived, MemberPromoted, ReadingMade
from unburnt.model.memo_names import is_beside
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Part, Reading
from unburnt.model.volume_names import INCOMPLETE
from unburnt.search.index import Index
from unburnt.vault.derived import Derived
from unburnt.vault.events import Events
from unburnt.vault.objects import Objects, Staged

PAGE_NEEDS_OCR = "page-needs-ocr"
LACKS_PASSWORD = "password"
_MOST_CHANGES = 3

_reading = msgspec.json.Decoder(Reading)
_part = msgspec.json.Decoder(Part)


class Recorder:
    """The only writer of events, derived records, catalogue and index; lives in the keeper's own thread."""

    def __init__(
        self, objects: Objects, events: Events, derived: Derived, catalog: Catalog, index: Index, own: OwnRecords | None = None,
    ) -> None:
        self._own = own
        self._objects = objects
        self._events = events
        self._derived = derived
        self._catalog = catalog
        self._index = index
        self._added: list[Digest] = []
        self._not_so: set[Digest] = set()
        """Records that were found to be others than their events say."""
        self._changed: dict[Digest, int] = {}
        """How often a container's members were found changed before they were kept."""

    def use_index(self, index: Index) -> None:
        """Go on with a new, empty index."""
        self._index = index
        self._added = []

    def happened(self, *events: AnyEvent) -> None:
        """Append events and bring the catalogue up to them."""
        self._record([(event, None) for event in events])

    def receive(self, accession: str, batch: Sequence[Taken]) -> None:
        """Objects in place and flushed, then one event an item."""
        self._objects.commit(taken.staged for taken in batch if taken.staged is not None)
        self._record([(_received(accession, taken), None) for taken in batch])

    def read(self, batch: Sequence[Done], *, step: tuple[str, int] | None = None) -> None:
        """Keep readings, then say so, then hand their text to the index (see :meth:`commit_index`).

        One whose members' bytes did not stay as they were read is left out, and one that goes on from what somebody
        changed: its document goes on waiting.
        """
        try:
            kept = [one for one in batch if self._is_made_of_own(one)]
            kept, promoted = self._promoted(kept) if step is None else (kept, [])
            made = [self._keep(one, step) if one.reading.rest is None else self._keep_slice(one) for one in kept]
            self._derived.flush()
            for event, one in zip(made, kept, strict=True):
                if self._own is not None:
                    self._own.made(event, of_several=bool(one.reading.volumes))
            self._record([
                *((event, one.reading) for event, one in zip(made, kept, strict=True)), *((event, None) for event in promoted)])
            for one in kept:
                if one.reading.rest is None:
                    self._to_index(one.reading, one.chunks.parts())
        finally:
            for one in batch:
                one.chunks.close()

    def catch_up(self) -> int:
        """Bring the catalogue up to the last event; gives how many it lacked."""
        lacked = 0
        batch: list[tuple[int, AnyEvent]] = []
        for numbered in self._events.replay(self._catalog.applied):
            batch.append(numbered)
            lacked += 1
            if len(batch) >= 2_000:
                self._apply(batch)
                batch = []
        self._apply(batch)
        if self._not_so:  # what stands there is none of the history's, and is made again
            self._derived.erase(*self._not_so)
            self._not_so.clear()
        return lacked

    def index_backlog(self, limit: int = 200) -> int:
        """Index what the index lacks, after a crash or when it was lost; gives how many were added."""
        digests = [one for one in self._catalog.unindexed(limit + len(self._added)) if one not in set(self._added)]
        for digest in digests[:limit]:
            key = self._catalog.key_of(digest)
            head = self._derived.chunk(key, 0) if key else None
            if key is None or head is None:
                self._added.append(digest)  # nothing to index; rebuild tells why
                continue
            reading = _reading.decode(head)
            parts = (_part.decode(one) for number, one in enumerate(self._derived.chunks(key)) if number)
            self._to_index(reading, parts)
        return len(digests[:limit])

    def commit_index(self) -> None:
        """Make what was handed to the index findable; the index commits first, then the catalogue is told."""
        gone = self._catalog.gone(10_000)
        for digest in gone:
            self._index.delete(digest)
        if not (self._added or gone):
            return
        self._index.commit()
        self._catalog.mark_indexed(self._added, self._index.generation)
        self._catalog.mark_gone(gone)
        self._added = []

    @property
    def unindexed(self) -> int:
        """How many documents were handed over since the last commit."""
        return len(self._added)

    def _record(self, events: Sequence[tuple[AnyEvent, Reading | None]]) -> None:
        if not events:
            return
        moment = now()
        timed = [
            (event if event.time is not None else msgspec.structs.replace(event, time=moment), reading)
            for event, reading in events
        ]
        numbered = [(self._events.append(event), event, reading) for event, reading in timed]
        self._events.flush()
        with self._catalog.batch():
            for sequence, event, reading in numbered:
                self._catalog.apply(sequence, event, reading)

    def _apply(self, batch: Iterable[tuple[int, AnyEvent]]) -> None:
        with self._catalog.batch():
            for sequence, event in batch:
                self._catalog.apply(sequence, event, self.reading_of(event))

    def reading_of(self, event: AnyEvent) -> Reading | None:
        """The reading that an event speaks of, from the derived store; None where it is gone, or another stands there."""
        if not isinstance(event, ReadingMade):
            return None
        head = self._derived.chunk(event.key, 0)
        if head is None or digest_of(head) == event.output:
            self._not_so.discard(event.key)  # a record may have been made anew, and the last event counts
            return None if head is None else _reading.decode(head)
        self._not_so.add(event.key)
        return None

    def _keep(self, done: Done, step: tuple[str, int] | None) -> ReadingMade:
        reading = done.reading
        name, version = step or read_step(reading.reader)
        missing = what_is_missing(reading)
        attempt = bool(missing) or reading.outcome in (Outcome.CRASHED, Outcome.REFUSED)
        attempt = attempt or done.ended.kind != "done"
        number = 0
        inputs = inputs_of(reading)
        if attempt:
            # An attempt is recorded but not memoised: it gets the next free name of its own.
            number = 1
            while self._derived.has(step_key(name, version, reading_parameters(reading, number), inputs)):
                number += 1
        parameters = reading_parameters(reading, number)
        key = step_key(name, version, parameters, inputs)
        output = self._derived.put(key, name, version, parameters, inputs, done.chunks)
        if output != digest_of(done.chunks[0]):
            # What stands there under this key was made otherwise, or slipped in: what was read just now counts.
            self._derived.erase(key)
            output = self._derived.put(key, name, version, parameters, inputs, done.chunks)
        return ReadingMade(
            blob=reading.blob, step=name, version=version, key=key, output=output, outcome=reading.outcome,
            attempt=attempt, missing=missing,
        )

    def _keep_slice(self, done: Done) -> ReadingMade:
        """Keep what one child gave of a container whose reading goes on; the same again gets the same name."""
        reading, number = done.reading, 0
        assert reading.rest is not None
        name, version = read_step(reading.reader)
        output = digest_of(done.chunks[0])
        while True:
            parameters, inputs = reading_parameters(reading, number), inputs_of(reading)
            key = step_key(name, version, parameters, inputs)
            # One read with other passwords or limits is another.
            if self._derived.put(key, name, version, parameters, inputs, done.chunks) == output:
                break
            number += 1
        return ReadingMade(
            blob=reading.blob, step=name, version=version, key=key, output=output, outcome=reading.outcome, attempt=True,
        )

    def _is_made_of_own(self, done: Done) -> bool:
        """Whether all that was taken over from derived records is this archive's own; else these go, and it is read anew."""
        reading = done.reading
        of = {reading.blob, reading.read_with or reading.blob, *(one.digest for one in reading.volumes)}
        changed = self._own.not_among(done.made_from, of) if self._own is not None and done.made_from else []
        if changed:
            self._derived.erase(*changed)
            self._catalog.wait_again({one for one in (done.reading.blob, done.reading.read_with) if one})
        return not changed

    def _promoted(self, batch: Sequence[Done]) -> tuple[list[Done], list[MemberPromoted]]:
        """Those whose members' bytes are as they were read, and what says that those a secret opened are objects now."""
        kept, events = list[Done](), list[MemberPromoted]()
        for done in batch:
            promoted = self._promote(done) if done.reading.opened_with_secret else []
            if promoted is not None:
                kept.append(done)
                events += promoted
        return kept, events

    def _promote(self, done: Done) -> list[MemberPromoted] | None:
        """Members that a secret opened become objects: without the secret they could not be had again.

        None, and nothing is kept, where a copy is not what was read, since somebody wrote to it: it is dropped, so that
        the next reading brings it again. Raises :class:`UnburntError` where that goes on.
        """
        reading, staged = done.reading, list[Staged]()
        own = reading.members[done.members_before:]
        for digest in dict.fromkeys(member.digest for member in own if member.digest):
            file = self._derived.open_member(digest)
            if file is None and self._objects.has(digest):
                continue
            if file is not None:
                with file:
                    staged.append(self._objects.stage(file, anew=True))
                if staged[-1].digest == digest:
                    continue
            for one in staged:
                self._objects.drop(one)
            self._derived.drop_member(digest)
            self._require_patience(reading.blob)
            return None
        self._objects.commit(staged)
        return [MemberPromoted(container=reading.blob, digest=one.digest, size=str(one.size)) for one in staged]

    def _require_patience(self, container: Digest) -> None:
        self._changed[container] = self._changed.get(container, 0) + 1
        if self._changed[container] > _MOST_CHANGES:
            raise UnburntError(
                f"The bytes of files inside {container} were changed again and again before they could be kept.",
                remedy="Find out which other program writes to this archive's folder (derived/members), and end it.",
            )

    def _to_index(self, reading: Reading, parts: Iterable[Part]) -> None:
        self._index.add(reading, parts)
        self._added.append(reading.blob)


def what_is_missing(reading: Reading) -> tuple[str, ...]:
    """What would make another try worth while."""
    missing: list[str] = []
    if reading.outcome is Outcome.LOCKED or any(m.outcome is Outcome.LOCKED for m in reading.members):
        missing.append(LACKS_PASSWORD)
    needs_ocr = reading.outcome is Outcome.NEEDS_OCR or any(n.code == PAGE_NEEDS_OCR for n in reading.notes)
    if needs_ocr and not any(note.code == "ocr-done" for note in reading.notes):
        missing.append("ocr")
    if reading.outcome is Outcome.CRASHED:
        missing.append("another try")
    is_split = any(not is_beside(volume.number) for volume in reading.volumes[1:]) or len(reading.volumes) == 1
    is_whole = not is_split or reading.outcome in (Outcome.READ, Outcome.EMPTY)
    if not is_whole or any(note.code == INCOMPLETE for note in reading.notes):
        missing.append(INCOMPLETE)
    missing += [note.code for note in reading.notes if is_hit(note.code)]
    return tuple(missing)


def _received(accession: str, taken: Taken) -> ItemReceived:
    staged, entry = taken.staged, taken.entry
    return ItemReceived(
        accession=accession, path=entry.path, digest=staged.digest if staged else None,
        size=str(staged.size) if staged else None,
        modified=None if entry.modified_ns is None else str(entry.modified_ns), reason=taken.reason,
    )
