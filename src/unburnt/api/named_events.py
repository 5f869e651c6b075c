"""Which event names a content, a reading, a public value: what a proof about it opens."""

from __future__ import annotations

from contextlib import suppress

from unburnt.api.archive import Archive
from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound
from unburnt.model.events import BeaconLogged, ItemReceived, ReadingMade
from unburnt.vault.events import Events
from unburnt.vault.fields import BadLine, Line, event_of
from unburnt.vault.layout import Layout


class NamedEvents:
    """Looks in one open archive's history; what was found there is remembered."""

    def __init__(self, archive: Archive, layout: Layout) -> None:
        self._archive, self._layout = archive, layout
        self._named: dict[Digest, int] = {}
        self._followed = -1

    def of(self, document: Digest) -> int | None:
        """The first event that names these bytes; the catalogue's word is a hint where to look."""
        events = Events(self._layout, write=False)
        hints = self._archive._catalog.item_sequences(document)
        for number in hints:
            if 0 <= number <= events.last and _digest_in(events.line(number)) == document:
                return number
        if not self._archive._objects.has(document):
            return None
        # Found by going through the history, once: what an event names does not change.
        for number, event in events.replay(self._followed):
            if not isinstance(event, ItemReceived) and (digest := getattr(event, "digest", None)):
                self._named.setdefault(digest, number)
            self._followed = number
        if document in self._named:
            return self._named[document]
        return next((number for number, event in events.replay() if isinstance(event, ItemReceived) and event.digest == document), None)

    def of_reading(self, document: Digest) -> int | None:
        """The event of the document's current reading."""
        key = self._archive.key_of(document)
        return next((number for number, event in Events(self._layout, write=False).replay()
                     if isinstance(event, ReadingMade) and (event.key, event.blob) == (key, document)), None)

    def of_beacon(self, which: str) -> tuple[int, BeaconLogged]:
        """The first mark of this value, else the one of this event's number."""
        found = [(number, event) for number, event in Events(self._layout, write=False).replay()
                 if isinstance(event, BeaconLogged)]
        for number, event in found:
            if event.value.strip() == which.strip():
                return number, event
        for number, event in found:
            if str(number) == which:
                return number, event
        raise NotFound(
            "No event logs this public value, and no mark has this number.",
            remedy="`unburnt verify` lists the marks, each with its number (Not before).",
        )


def _digest_in(line: Line) -> Digest | None:
    """The content that an event names."""
    with suppress(BadLine):
        return getattr(event_of(line), "digest", None)
    return None
