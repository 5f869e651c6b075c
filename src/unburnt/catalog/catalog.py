"""The catalogue as one narrow class: what the other rooms may ask, and what the keeper may write."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from unburnt.base.digests import Digest
from unburnt.base.errors import UnburntError
from unburnt.catalog import accessions as deliveries_of
from unburnt.catalog import (
    anew,
    charts,
    documents,
    dump,
    folders,
    items,
    ledger,
    mails,
    memo_files,
    occurrences,
    queue,
    resolve,
    slices,
    unvouched,
    volumes,
)
from unburnt.catalog.accessions import AccessionRow
from unburnt.catalog.project import project
from unburnt.catalog.records import DocumentRow, JoinedSet, TableRow, VolumePlace, Waiting
from unburnt.catalog.saved_pages import Around
from unburnt.catalog.store import Store
from unburnt.model.events import AnyEvent
from unburnt.model.reading import Reading, Volume
from unburnt.model.threads import Mailed
from unburnt.model.unvouched import Spans, Unvouched
from unburnt.model.views import FolderView, ItemRow, LedgerPage, Occurrence, Status

if TYPE_CHECKING:
    from unburnt.catalog.facets import Facts, Remembered


class Catalog:
    """A view over events and readings in one SQLite file.

    With *write* the file is made where there is none; only the keeper may do that. All questions may be asked
    from any thread and any number of processes while the keeper writes; each sees the last finished batch.
    Raises ``RebuildNeeded`` for another version's or a damaged file, :class:`NotFound` where there is none.
    """

    def __init__(self, path: Path, *, write: bool = False) -> None:
        self._store = Store(path, write=write)
        self._folders = folders.FolderKeeper()
        self._facts_lock = threading.RLock()
        self._remembered: Remembered | None = None
        self._open: sqlite3.Connection | None = None
        self._pending = -1

    @property
    def applied(self) -> int:
        """The sequence number of the last event that was applied, -1 before the first."""
        if self._open is not None:
            return self._pending
        with self._store.read() as connection:
            return int(connection.ask("SELECT value FROM meta WHERE name = 'applied'").scalar())

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Apply many events at once, all or nothing. One thread at a time; not to be nested."""
        with self._store.transaction() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = 'applied'").fetchone()
            self._pending, self._open = int(row[0]), connection
            try:
                yield
                self._folders.flush(connection)
                connection.execute("UPDATE meta SET value = ? WHERE name = 'applied'", (str(self._pending),))
            except BaseException:
                self._folders.forget()
                raise
            finally:
                self._open = None

    def apply(self, sequence: int, event: AnyEvent, reading: Reading | None = None) -> None:
        """Write what *event* means, inside :meth:`batch`; an event applied before changes nothing.

        *reading* belongs to ``ReadingMade``; without it only the event's own outcome is known.
        """
        if self._open is None:
            raise UnburntError("Events are applied inside Catalog.batch().")
        if sequence > self._pending:
            project(self._open, self._folders, sequence, event, reading)
            self._pending = sequence

    def status(self) -> Status:
        """The totals of the ledger: items = sum over outcomes."""
        with self._store.read() as connection:
            return ledger.status(connection)

    def waiting(self, limit: int, *, exclude: Collection[Digest] = ()) -> list[Waiting]:
        """The next contents to read, quick text first; *exclude* are those in flight."""
        with self._store.read() as connection:
            return queue.waiting(connection, limit, exclude)

    def once_more(self, digest: Digest, limit: int = 10) -> list[Waiting]:
        """A content as it may have waited before it was read, once for each of its names."""
        with self._store.read() as connection:
            return queue.once_more(connection, digest, limit)

    def retry(self, *, steps: Mapping[str, int], now_available: Collection[str]) -> int:
        """Make contents wait again that could now be read better; their reading stays shown meanwhile."""
        with self._store.transaction() as connection:
            return queue.retry(connection, steps, now_available)

    def accepted_on_word(self) -> int:
        """How many events were sealed as they were found, on somebody's word (``EventsAccepted``)."""
        with self._store.read() as connection:
            return int(connection.ask("SELECT COALESCE(max(CAST(value AS INTEGER)), 0) FROM meta WHERE name = 'accepted'").scalar())

    def unvouched_in_all(self, spans: Spans) -> Unvouched:
        """Which files, by delivery, and how many readings stand here by events in *spans*."""
        with self._store.read() as connection:
            return unvouched.unvouched_in_all(connection, spans)

    def unvouched_of(self, digest: Digest, spans: Spans) -> Unvouched:
        """The same of one content."""
        with self._store.read() as connection:
            return unvouched.unvouched_of(connection, digest, spans)

    def wait_again(self, digests: Collection[Digest]) -> int:
        """Make these contents wait to be read once more; gives how many."""
        with self._store.transaction() as connection:
            return queue.wait_again(connection, digests)

    def limits_reached(self) -> list[str]:
        """The limits at which attempts were stopped, each once, as ``limit:NAME=VALUE``."""
        with self._store.read() as connection:
            return queue.limits_reached(connection)

    def await_lost_readings(self) -> int:
        """Make contents wait whose reading is gone from the derived store; gives how many."""
        with self._store.transaction() as connection:
            return queue.await_lost_readings(connection)

    def document(self, digest: Digest) -> DocumentRow:
        """One content with its current reading; raises :class:`NotFound`."""
        with self._store.read() as connection:
            return documents.document_row(connection, digest)

    def key_of(self, digest: Digest) -> Digest | None:
        """The derivation key of a document's current reading."""
        with self._store.read() as connection:
            return documents.key_of(connection, digest)

    def documents_read(self) -> list[Digest]:
        """Every content that has a reading."""
        with self._store.read() as connection:
            return documents.documents_read(connection)

    def mails(self) -> list[Mailed]:
        """What every mail says about its place among others."""
        with self._store.read() as connection:
            return list(mails.mails(connection))

    @contextmanager
    def facts(self) -> Iterator[Facts]:
        """What a search asks, all of one moment; one thread at a time, the others wait."""
        from unburnt.catalog.facets import Facts, Remembered  # with numpy, which only a search waits for

        with self._facts_lock, self._store.read() as connection:
            self._remembered = self._remembered or Remembered()
            yield Facts(connection, self._remembered)

    def resolve(self, text: str) -> Digest:
        """The document that *text* names; raises :class:`NotFound` or :class:`Ambiguous`."""
        with self._store.read() as connection:
            return resolve.resolve(connection, text)

    def occurrences(self, digest: Digest, limit: int = 100) -> tuple[list[Occurrence], int]:
        """The first places where content occurs, and how many there are in all."""
        with self._store.read() as connection:
            return occurrences.occurrences(connection, digest, limit)

    def items_of_container(self, digest: Digest, offset: int = 0, limit: int = 200) -> list[ItemRow]:
        """One page of a container's members, in its own order."""
        with self._store.read() as connection:
            return items.items_of_container(connection, digest, offset, limit)

    def count_in_container(self, digest: Digest) -> int:
        """How many members a container has that were seen."""
        with self._store.read() as connection:
            return items.count_in_container(connection, digest)

    def folder(
        self, folder: int | None = None, accession: str | None = None, offset: int = 0, limit: int = 200
    ) -> FolderView:
        """One page of a folder, of a delivery's root, or (without either) of the list of deliveries."""
        with self._store.read() as connection:
            return folders.folder_view(connection, folder, accession, offset, limit)

    def ledger(
        self, *, outcome: str | None = None, type: str | None = None, text: str | None = None,
        folder: int | None = None, offset: int = 0, limit: int = 100,
    ) -> LedgerPage:
        """One page of the items that all given filters let through, in a stable order."""
        with self._store.read() as connection:
            return ledger.ledger(connection, outcome=outcome, type=type, text=text, folder=folder,
                                 offset=offset, limit=limit)

    def types(self) -> tuple[tuple[str, int], ...]:
        """Documents by media type, commonest first."""
        with self._store.read() as connection:
            return charts.by_column(connection, "type")

    def langs(self) -> tuple[tuple[str, int], ...]:
        """Documents by language, commonest first."""
        with self._store.read() as connection:
            return charts.by_column(connection, "lang")

    def years(self) -> tuple[tuple[str, int], ...]:
        """Documents by the year of their main date, in order."""
        with self._store.read() as connection:
            return tuple(sorted(charts.by_column(connection, "year")))

    def deliveries(self) -> tuple[tuple[str, str, int], ...]:
        """(accession, time received, items received) in order of receipt."""
        with self._store.read() as connection:
            return charts.deliveries(connection)

    def accessions(self) -> list[AccessionRow]:
        """Every delivery, in the order of arrival."""
        with self._store.read() as connection:
            return deliveries_of.accessions(connection)

    def received(self, accessions: Collection[str], path: bytes) -> set[tuple[int | None, str | None]]:
        """Size and time (ns, decimal) under which *path* was received in these deliveries."""
        with self._store.read() as connection:
            return deliveries_of.received(connection, accessions, path)

    def known_objects(self) -> set[Digest]:
        """The digests that events name as received, promoted, adopted or erased."""
        with self._store.read() as connection:
            return deliveries_of.known_objects(connection)

    def item_sequences(self, digest: Digest) -> list[int]:
        """The numbers of the events by which this content was received."""
        with self._store.read() as connection:
            return deliveries_of.item_sequences(connection, digest)

    def erased(self, before: int = 1 << 62) -> list[Digest]:
        """The contents that an event before number *before* says were erased."""
        with self._store.read() as connection:
            return deliveries_of.erased(connection, before)

    def only_here(self, digest: Digest) -> list[Digest]:
        """The members of a container that occur nowhere else."""
        with self._store.read() as connection:
            return deliveries_of.only_here(connection, digest)

    def lacking(
        self, what: str, limit: int, *, exclude: Collection[Digest] = (), wanted: Collection[Digest] = ()
    ) -> list[Waiting]:
        """Contents whose last attempt lacked *what* (``ocr``, ``password`` ...): *wanted* first, then smallest first."""
        with self._store.read() as connection:
            return deliveries_of.lacking(connection, what, limit, exclude, wanted)

    def containers_of(self, digest: Digest) -> list[Digest]:
        """The contents that hold *digest* as a member."""
        with self._store.read() as connection:
            return deliveries_of.containers_of(connection, digest)

    def volumes_of(self, digest: Digest) -> tuple[Volume, ...]:
        """The volumes of a split archive that were read as one under this content, in order."""
        with self._store.read() as connection:
            return volumes.volumes_of(connection, digest)

    def set_of(self, digest: Digest) -> list[Digest]:
        """The other contents with which this one was read as one archive, and those read with them."""
        with self._store.read() as connection:
            return volumes.set_of(connection, digest)

    def lacking_volumes(self) -> list[VolumePlace]:
        """Every place of every file that is one volume of several and was not read whole."""
        with self._store.read() as connection:
            return volumes.lacking_volumes(connection)

    def volumes_read_apart(self) -> list[VolumePlace]:
        """Every place of every file that is a volume of a set which was read whole, and was read by itself too."""
        with self._store.read() as connection:
            return volumes.volumes_read_apart(connection)

    def beside(self, one: VolumePlace, stem: bytes) -> list[VolumePlace]:
        """The files in the same place as *one* whose names begin with *stem* and a dot."""
        with self._store.read() as connection:
            return volumes.beside(connection, one.place, stem)

    def joined_under(self, digest: Digest) -> JoinedSet:
        """What was last read as one under this content."""
        with self._store.read() as connection:
            return volumes.joined_under(connection, digest)

    def followers(self, digests: Collection[Digest]) -> dict[Digest, tuple[Digest, int]]:
        """Of *digests* those that were read under another content: that one, and their number in the set."""
        with self._store.read() as connection:
            return volumes.followers(connection, digests)

    def tables_with_memos(self) -> list[TableRow]:
        """Every table that was read and has its long texts in a memo file."""
        with self._store.read() as connection:
            return memo_files.tables_with_memos(connection)

    def places_of(self, digest: Digest) -> list[VolumePlace]:
        """Where a content lies, as far as it has names."""
        with self._store.read() as connection:
            return memo_files.places_of(connection, digest)

    def ending_beside(self, folder: int | None, container: int | None, endings: Collection[str]) -> list[VolumePlace]:
        """The files of a folder, or anywhere in a container, whose names have one of these endings of three letters."""
        with self._store.read() as connection:
            return memo_files.ending_beside(connection, folder, container, endings)

    def tables_of_memo(self, digest: Digest) -> list[Digest]:
        """The tables that were read with this memo file."""
        with self._store.read() as connection:
            return memo_files.tables_of_memo(connection, digest)

    @property
    def around(self) -> Around:
        """What lies around the places of a content."""
        return Around(self._store)

    def keys_of_slices(self, digest: Digest) -> list[Digest]:
        """The derivation keys of the slices of a container that is being read, in order."""
        with self._store.read() as connection:
            return slices.keys_of_slices(connection, digest)

    def slice_before(self, container: Digest, member: Digest) -> Digest | None:
        """The derivation key of the last slice of *container* that ends before *member*."""
        with self._store.read() as connection:
            return slices.slice_before(connection, container, member)

    def finished(self, digests: Collection[Digest], *, awaited: Collection[str] = ()) -> dict[Digest, bool]:
        """Of the contents that are known, whether each was read and lacks nothing in *awaited* (``ocr`` ...)."""
        with self._store.read() as connection:
            return queue.finished(connection, digests, awaited)

    def unindexed(self, limit: int) -> list[Digest]:
        """Documents whose current reading the index does not hold yet."""
        with self._store.read() as connection:
            return queue.unindexed(connection, limit)

    def mark_indexed(self, digests: Iterable[Digest], generation: int) -> None:
        """Say that the index has committed these."""
        with self._store.transaction() as connection:
            queue.mark_indexed(connection, digests, generation)

    def gone(self, limit: int) -> list[Digest]:
        """Documents that are here no more and that the index may still hold."""
        with self._store.read() as connection:
            return queue.gone(connection, limit)

    def mark_gone(self, digests: Iterable[Digest]) -> None:
        """Say that the index has committed the deletion of these."""
        with self._store.transaction() as connection:
            queue.mark_gone(connection, digests)

    def meet_index(self, found_epoch: str, epoch: str) -> int:
        """Go on with that index; unless it is the known one all is to be indexed again. Gives how many documents were indexed."""
        with self._store.transaction() as connection:
            return queue.meet_index(connection, found_epoch, epoch)

    def dump(self) -> Iterator[str]:
        """Canonical lines without times, salts and ids: equal archives give equal dumps."""
        with self._store.read() as connection:
            yield from dump.dump(connection)

    def empty(self) -> str | None:
        """Forget everything, to be made again from the events; others who have the file open see the new one.

        Gives the epoch of the index that was known, None where none can be gone on with; see :meth:`take_up_index`.
        """
        self._folders.forget()
        return self._store.empty()

    def take_up_index(self, epoch: str) -> None:
        """After :meth:`empty` and all events: the index of that *epoch* still holds what is as it was."""
        with self._store.transaction() as connection:
            anew.take_up_index(connection, epoch)

    def scrub(self) -> None:
        """Leave nothing of erased rows in the file; raises while another process is reading."""
        self._store.scrub()

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()
