"""Taking one delivery in, in a thread of its own; what was received before is not received twice."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

from unburnt.base.errors import KeeperGone, UnburntError
from unburnt.catalog.catalog import Catalog
from unburnt.flow import intake
from unburnt.flow.inbox import Arrived, Inbox, Walked
from unburnt.flow.told_before import ToldBefore
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

_BATCH_ITEMS = 500
_BATCH_BYTES = 32 << 20


class Delivery(threading.Thread):
    """Walks *source*, stages every entry that is new and hands batches to the keeper."""

    def __init__(
        self, accession: str, source: Path, known: set[str], *, objects: Objects, catalog: Catalog, inbox: Inbox,
        layout: Layout, note: str = "", begun: bool = False, readmit: bool = False,
    ) -> None:
        super().__init__(name=f"delivery-{accession}", daemon=True)
        self.accession = accession
        self.source = source
        self.note = note
        self.begun = begun
        """Whether an event names this delivery already."""
        self.walked = threading.Event()
        self.error: UnburntError | None = None
        self.new_items = 0
        self.received_bytes = 0
        self.left_out = 0
        """How many files hold what was erased, and were therefore not taken in again."""
        self._readmit = readmit
        self._known = known
        self._objects = objects
        self._catalog = catalog
        self._inbox = inbox
        self._told = ToldBefore(layout, known)
        status = os.stat(layout.root)
        self._skip = {(status.st_dev, status.st_ino)}
        self._place = _identity(source)

    def run(self) -> None:
        """Take everything in; an error of the archive's own disk ends it, one of the source does not."""
        try:
            self._take_all()
        except UnburntError as error:
            self.error = error
        except OSError as error:
            self.error = UnburntError(
                f"The source could not be read further: {error.strerror}.",
                remedy="What was received is kept. Connect the drive again and run the same command again.",
            )
        finally:
            self._inbox.put(Walked(self.accession, self.error))

    def _take_all(self) -> None:
        batch: list[intake.Taken] = []
        size = 0
        seen: set[bytes] = set()
        erased = frozenset() if self._readmit else frozenset(self._catalog.erased())
        for entry in intake.entries(self.source, skip=self._skip):
            if self._inbox.closed.is_set():
                self.error = KeeperGone("The keeper was ended before everything was received.")
                return
            if entry.path in seen or self._is_known(entry):
                continue
            if entry.size is not None and entry.size > (1 << 20) - 1:
                seen.add(entry.path)  # a file growing past the limit between the two walks is met twice
            taken = intake.take(self.source, entry, self._objects)
            if taken.staged is None:
                self._check_source()
                if self._failed_before(entry):
                    continue
            if taken.staged is not None and taken.staged.digest in erased and self._told.was_erased(taken.staged.digest):
                self._objects.drop(taken.staged)
                self.left_out += 1
                continue
            batch.append(taken)
            self.new_items += 1
            size += taken.staged.size if taken.staged else 0
            self.received_bytes += taken.staged.size if taken.staged else 0
            if len(batch) >= _BATCH_ITEMS or size >= _BATCH_BYTES or self.new_items == 20:
                self._inbox.put(Arrived(self.accession, batch))
                batch, size = [], 0
        if batch:
            self._inbox.put(Arrived(self.accession, batch))
        self._check_source()

    def _is_known(self, entry: intake.Entry) -> bool:
        return entry.size is not None and self._was_told(entry, entry.size)

    def _failed_before(self, entry: intake.Entry) -> bool:
        """Whether this entry could not be received before either: then there is nothing new to say."""
        return self._was_told(entry, None)

    def _was_told(self, entry: intake.Entry, size: int | None) -> bool:
        """The catalogue says what is not known without a look at the events; what is known, these have to say as well."""
        time = _time_of(entry)
        return (size, time) in self._before(entry) and self._told.was_received(entry.path, size, time)

    def _before(self, entry: intake.Entry) -> set[tuple[int | None, str | None]]:
        return self._catalog.received(self._known, entry.path) if self._known else set()

    def _check_source(self) -> None:
        """A drive that was pulled out is no property of its files: raises :class:`OSError` when it is gone."""
        if self._place is not None and _identity(self.source) != self._place:
            raise OSError(errno.ENODEV, "it is not there any more")


def _identity(source: Path) -> tuple[int, int] | None:
    """Device and inode of the source; None while it is not there."""
    try:
        status = os.lstat(source)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _time_of(entry: intake.Entry) -> str | None:
    return None if entry.modified_ns is None else str(entry.modified_ns)
