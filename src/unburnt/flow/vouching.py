"""Which unsealed events this machine's keeper wrote itself, and what becomes of the others.

Whoever can write to an archive's folder can append a line to its events, and the key would sign it with the rest. So
each event is noted beside the key before it is written (``vault/log/written``), and what nobody noted is not sealed as
if it were true: a reading is set aside, since it can be made again; for anything else a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.errors import UnburntError
from unburnt.flow.aside import set_aside
from unburnt.flow.held_back import numbered
from unburnt.flow.own_notes import counted, notes_of, own_key, signed_by
from unburnt.model.events import (
    AnyEvent,
    ArchiveCreated,
    Erased,
    EventsAccepted,
    KeyAnnounced,
    KeyRotated,
    LineSetAside,
    ReadingMade,
)
from unburnt.vault.events import Events
from unburnt.vault.fields import Line, fields_missing
from unburnt.vault.layout import Layout
from unburnt.vault.log.entries import ENTRY_BYTES, entry_of
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.written import Noted, Written

MOST_MADE_AGAIN = 2_000
"""Readings. Where more are unsealed and not vouched for, another machine made them, and a person is asked."""
_NOBODY = bytes(ENTRY_BYTES)
_MUST_BE_WHOLE = (Erased, KeyAnnounced, KeyRotated, ReadingMade, EventsAccepted, LineSetAside)
_CHANGES_MUCH = ("erased", "key-announced", "key-rotated")


class Doubtful(msgspec.Struct, frozen=True):
    """An unsealed event that no note vouches for."""

    number: int
    entry: bytes
    kind: str
    reading: ReadingMade | None
    """The event itself where it is one of these."""

    @property
    def grave(self) -> bool:
        """Whether it takes something away or changes the key."""
        return self.kind in _CHANGES_MUCH


class Vouching:
    """For the keeper's own thread, over *events* open for writing, before anything else is written there.

    With *set_aside_all* whatever nobody vouches for is set aside, not readings alone. Where the key is not on this
    machine nothing is asked, as nothing can be sealed.
    """

    def __init__(self, layout: Layout, events: Events, keys: Keys, *, set_aside_all: bool = False) -> None:
        self._layout, self._events, self._keys = layout, events, keys
        self._written: Written | None = notes_of(layout, keys)
        self._first = events.last + 1
        self._entries = bytearray()
        """The entries of the events from number *first* on that were vouched for; zeros where nobody did."""
        self.doubtful: list[Doubtful] = []
        """In their order; while there are any, nothing is sealed."""
        self.dropped: dict[Digest, Digest] = {}
        """Key and content of readings whose events were set aside."""
        self.aside: Path | None = None
        """Where lines were set aside just now."""
        self.reports: list[str] = []
        """Sentences: where lines were set aside, or are gone."""
        events.before_write = self._note
        self._examine()
        readings = {one.number: one.reading for one in self.doubtful if one.reading is not None}
        if set_aside_all:
            self._set_aside([one.number for one in self.doubtful])
        elif len(readings) <= MOST_MADE_AGAIN:
            self._set_aside(list(readings))
        left = {one.number for one in self.doubtful}
        self.dropped = {one.key: one.blob for number, one in readings.items() if number not in left and one.blob is not None}

    def admits(self, number: int, entry: bytes) -> bool:
        """Whether the key may sign this entry of the log in this place."""
        return self._written is not None and (number < self._first or _holds(self._first, self._entries, number, entry))

    def settled(self, size: int) -> None:
        """A seal counts *size* events now: nothing needs to vouch for these any more."""
        if size > self._first:
            del self._entries[:(size - self._first) * ENTRY_BYTES]
            self._first = size
        with suppress(UnburntError):  # a note that stays vouches for what is sealed anyway
            if self._written is not None:
                self._written.forget(size)

    def accepted(self) -> Iterator[EventsAccepted]:
        """The events that say that a person takes the doubtful ones for their own; record them, then :meth:`accept`."""
        yield from _spans([one.number for one in self.doubtful], "person")

    def accept(self) -> None:
        """From now on the key may sign the doubtful events, as they were when they were found doubtful."""
        if self._written is not None and self.doubtful:
            with suppress(UnburntError):  # then the person is asked again after a crash
                self._written.note([(one.number, one.entry) for one in self.doubtful])
        for one in self.doubtful:
            self._put(one.number, one.entry)
        self.doubtful = []

    def begin(self) -> list[EventsAccepted]:
        """The archive has its first key just now, so that nobody could vouch for what is there; gives what says so."""
        self._written = notes_of(self._layout, self._keys)
        found = [(line.seq, entry_of(line.digests), event) for line, event in self._from(0)]
        self._first = 0
        for number, entry, _ in found:
            self._put(number, entry)
        return list(_spans([number for number, _, event in found if not self._is_beginning(number, event)], "machine"))

    def begin_anew(self) -> None:
        """Another key takes over, on a machine that may have had none: what was unsealed before is asked about."""
        if self._written is None:
            self._written = notes_of(self._layout, self._keys)
            self._examine()

    def _note(self, events: list[Noted]) -> None:
        with suppress(UnburntError):  # without the note a person is asked after a crash, as about anybody's
            if self._written is not None:
                self._written.note(events)
        for number, entry in events:
            self._put(number, entry)

    def _put(self, number: int, entry: bytes) -> None:
        at = (number - self._first) * ENTRY_BYTES
        if at < 0:
            return
        if at > len(self._entries):
            self._entries += bytes(at - len(self._entries))
        self._entries[at:at + ENTRY_BYTES] = entry

    def _examine(self) -> None:
        """Sort what no seal of this machine's key counts into vouched for and doubtful."""
        ours = own_key(self._layout, self._keys)
        if ours is None or self._written is None:
            return
        before, self._first = (self._first, bytes(self._entries)), signed_by(self._layout, self._keys, ours)
        self._entries.clear()
        noted = self._written.all()
        for line, event in self._from(self._first):
            number, entry = line.seq, entry_of(line.digests)
            is_noted = (number, entry) in noted or _holds(*before, number, entry)
            is_whole = not isinstance(event, _MUST_BE_WHOLE) or not fields_missing(line)
            if is_noted and is_whole or self._is_beginning(number, event):
                self._put(number, entry)
            else:
                self._put(number, _NOBODY)
                self.doubtful.append(Doubtful(number, entry, str(event.__struct_config__.tag),
                                              event if isinstance(event, ReadingMade) else None))
        self._tell_missing(max((number for number, _ in noted), default=-1))

    def _tell_missing(self, last: int) -> None:
        first = max(self._first, self._events.last + 1)
        if last >= first:
            self.reports.append(
                f"Events {first} to {last} were about to be written here and are not there: the last run ended in that moment, "
                "somebody took them away, or the archive was put back."
            )

    def _set_aside(self, numbers: list[int]) -> None:
        sealed = counted(self._layout)
        wanted = {number for number in numbers if number >= sealed}  # else a checkpoint counts it, whoever signed that
        if not wanted:
            return
        lines = ((line.seq, raw) for raw, line in self._events.lines(min(wanted) - 1) if line.seq in wanted)
        place, digests = set_aside(self._layout, lines)
        kept = dict(zip(sorted(wanted), digests, strict=True))
        self._events.put_in_place({number: LineSetAside(line=digest) for number, digest in kept.items()})
        self.doubtful = [one for one in self.doubtful if one.number not in wanted]
        self.aside = place
        which = "1 unsealed event" if len(kept) == 1 else f"{len(kept)} unsealed events"
        self.reports.append(
            f"{which}, {numbered(kept)}: this machine has no note of writing that. It was set aside in "
            f"{place.relative_to(self._layout.root)}, and an event says so in its place."
        )

    def _from(self, first: int) -> Iterator[tuple[Line, AnyEvent]]:
        for (_, line), (_, event) in zip(self._events.lines(first - 1), self._events.replay(first - 1), strict=False):
            yield line, event

    def _is_beginning(self, number: int, event: AnyEvent) -> bool:
        return number == 0 and isinstance(event, ArchiveCreated) and event.archive == self._layout.archive_id


def _holds(first: int, entries: bytes | bytearray, number: int, entry: bytes) -> bool:
    at = (number - first) * ENTRY_BYTES
    return at >= 0 and entries[at:at + ENTRY_BYTES] == entry


def _spans(numbers: list[int], by: str) -> Iterator[EventsAccepted]:
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        one = [number for _, number in run]
        yield EventsAccepted(first=one[0], last=one[-1], by=by)
