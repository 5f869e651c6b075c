"""What nobody on this machine vouches for, in an archive and in one document of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec

from unburnt.base.digests import Digest
from unburnt.catalog.catalog import Catalog
from unburnt.flow.unvouched import unvouched
from unburnt.model.unvouched import NOTHING, OPEN, Spans, Unvouched
from unburnt.model.views import Results
from unburnt.vault.layout import Layout
from unburnt.vault.log.keys import Keys
from unburnt.vault.log.log import CHECKPOINT

__all__ = ["NOTHING", "Unvouched", "WhoVouches"]

_GOOD_FOR_SECONDS = 2.0
"""While a keeper writes, a new seal counts at once and new events after this."""


class WhoVouches:
    """Asks for one archive; remembers what it found for as long as nothing changed."""

    def __init__(self, layout: Layout, catalog: Catalog) -> None:
        self._layout, self._catalog, self._keys = layout, catalog, Keys()
        self._found: tuple[tuple[object, ...], int, float, Spans] | None = None
        self._told: tuple[int, Spans, Unvouched] | None = None

    def spans(self) -> Spans:
        """The events that nobody here vouches for, as far as the catalogue knows them."""
        applied, sealed = self._catalog.applied + 1, _stamp(self._layout.log / CHECKPOINT)
        if self._found is not None:
            before, until, then, spans = self._found
            if before == sealed and (until == applied or time.monotonic() - then < _GOOD_FOR_SECONDS):
                return spans
        spans = unvouched(self._layout, self._keys, applied)
        self._found = sealed, applied, time.monotonic(), spans
        return spans

    def in_all(self) -> Unvouched:
        """Of the whole archive."""
        spans, applied = self.spans(), self._catalog.applied + 1
        if not spans:
            return NOTHING
        if self._told is None or self._told[:2] != (applied, spans):
            count = sum(min(last, applied - 1) + 1 - first for first, last in spans)
            told = msgspec.structs.replace(self._catalog.unvouched_in_all(spans), events=count,
                                           key_is_here=spans[-1][1] != OPEN)
            self._told = applied, spans, told
        return self._told[2]

    def of(self, document: Digest) -> Unvouched:
        """Of one document."""
        if not (spans := self.spans()):
            return NOTHING
        return msgspec.structs.replace(self._catalog.unvouched_of(document, spans), key_is_here=spans[-1][1] != OPEN)

    def marked(self, results: Results) -> Results:
        """The hits on one page, each with what of it nobody vouches for; costs nothing where there is no such event."""
        if not self.spans():
            return results
        return msgspec.structs.replace(results, hits=tuple(
            msgspec.structs.replace(hit, unvouched=self.of(hit.document)) for hit in results.hits))


def _stamp(path: Path) -> tuple[object, ...]:
    try:
        found = os.lstat(path)
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns
