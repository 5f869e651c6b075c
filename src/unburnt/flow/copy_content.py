"""Copying what things say: originals through their hash, derived records through theirs."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence

from unburnt.base.digests import Digest
from unburnt.base.errors import DamagedArchive, NotFound
from unburnt.flow.copy_sealed import ACCEPT, Held
from unburnt.flow.kept_record import KeptRecord
from unburnt.model.audit import Check, Finding
from unburnt.vault.audit.derived import DerivedAudit
from unburnt.vault.audit.objects import ObjectsAudit
from unburnt.vault.derived import Derived
from unburnt.vault.derived_schema import connect_reader, connect_writer, database_errors, is_as_made
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects, SourceUnreadable, Staged

_BATCH_FILES = 1_000
_BATCH_BYTES = 64 << 20
_BATCH_RECORDS = 200
_HEAL = "Heal it from another copy: unburnt repair --from COPY."


Tell = Callable[[str, int, int], None]
"""What is being done, to how many already, and of how many."""


class ObjectsCopy:
    """Originals from one archive into another of the same events.

    *busy* says that a keeper is at work: what no event names yet is then left for the next run.
    """

    def __init__(self, source: Layout, target: Layout, held: Held, *, busy: bool, tell: Tell) -> None:
        self._busy = busy
        self._tell = tell
        self._from = Objects(source)
        self._to = Objects(target)
        self._target = target
        self._named = held.named
        self._doubtful = held.doubtful
        self.copied = self.bytes = self.already = self.removed = self.checked = 0
        self.findings: list[Finding] = []
        self._new: set[Digest] = set()

    def run(self, *, quick: bool) -> None:
        """Copy what is missing, then read back what the copy holds; with *quick* only what was copied now."""
        here = set(self._from.digests()) - self._named.erased.keys()
        if self._busy:
            here &= self._named.objects.keys()
        self._copy(sorted(here))
        self._missing(here)
        for digest in self._named.erased:
            if self._to.has(digest):
                self._to.erase(digest)
                self.removed += 1
        self._read_back(sorted(self._new) if quick else list(self._to.digests()))

    def _copy(self, digests: Sequence[Digest]) -> None:
        batch: list[Staged] = []
        size = 0
        for number, digest in enumerate(digests, 1):
            self._tell("copying originals", number, len(digests))
            if self._is_there(digest):
                self.already += 1
                continue
            staged = self._stage(digest)
            if staged is None:
                continue
            batch.append(staged)
            size += staged.size
            if len(batch) >= _BATCH_FILES or size >= _BATCH_BYTES:
                self._commit(batch)
                batch, size = [], 0
        self._commit(batch)

    def _commit(self, batch: Sequence[Staged]) -> None:
        self._to.commit(batch)
        self.copied += len(batch)
        self.bytes += sum(one.size for one in batch)
        self._new.update(one.digest for one in batch)

    def _stage(self, digest: Digest) -> Staged | None:
        """The object's bytes in the copy's ``tmp/``; None, and a finding, where they are not what they should be."""
        try:
            with self._from.open(digest) as file:
                staged = self._to.stage(file)
        except NotFound:
            return None
        except SourceUnreadable as error:
            self._found(digest, error.message)
            return None
        if staged.digest == digest:
            return staged
        if staged.temporary is not None:
            staged.temporary.unlink()
        self._found(digest, "Its bytes were changed in the archive; the damaged bytes were not copied.")
        return None

    def _missing(self, here: set[Digest]) -> None:
        for digest, (event, _) in self._named.objects.items():
            if digest in here or digest in self._named.erased:
                continue
            if digest not in self._doubtful:
                there = " The copy still holds it." if self._to.has(digest) else ""
                self._found(digest, f"Event {event} names it, and the archive does not have it.{there}")
            elif self._to.has(digest):
                said = f"Event {self._doubtful[digest]} says that it was erased, and no signed checkpoint counts that event."
                self._found(digest, f"{said} The copy keeps it.", ACCEPT)

    def _read_back(self, digests: Sequence[Digest]) -> None:
        audit = ObjectsAudit(self._target)
        audit.hash_all(self._uncached(digests))
        self.checked = audit.looked_at
        for finding in audit.findings:
            self._again(finding.item.rpartition("/")[2])

    def _again(self, digest: Digest) -> None:
        """Replace what the copy's disk did not keep; a disk that fails twice is named."""
        place = self._to.path(digest)
        aside = self._target.tmp / digest
        os.replace(place, aside)  # the same length would be taken for the same bytes
        staged = self._stage(digest)
        if staged is None:
            os.replace(aside, place)
            return
        self._commit([staged])
        aside.unlink()
        audit = ObjectsAudit(self._target)
        audit.hash_all(self._uncached([digest]))
        if audit.findings:
            self.findings.append(Finding(f"objects/{digest[:2]}/{digest}", "The copy's disk does not keep its bytes.",
                                         "Use another disk for the copy."))

    def _uncached(self, digests: Sequence[Digest]) -> Iterator[Digest]:
        """Have each file read from the disk, not from memory: a stick that lies about its size is found so."""
        for number, digest in enumerate(digests, 1):
            self._tell("reading back", number, len(digests))
            if hasattr(os, "posix_fadvise"):
                with contextlib.suppress(OSError), self._to.path(digest).open("rb") as file:
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            yield digest

    def _is_there(self, digest: Digest) -> bool:
        try:
            return self._to.path(digest).stat().st_size == self._from.path(digest).stat().st_size
        except FileNotFoundError:
            return False

    def _found(self, digest: Digest, what: str, remedy: str = _HEAL) -> None:
        self.findings.append(Finding(f"objects/{digest[:2]}/{digest}", what, remedy))


class DerivedCopy:
    """Derived records from one archive into another; what cannot be read is left out, since it can be made again."""

    def __init__(self, source: Layout, target: Layout, held: Held, *, busy: bool) -> None:
        self._busy = busy
        self._source = source
        self._target = target
        self._named = held.named
        self.copied = 0
        self.findings: list[Finding] = []

    def run(self, *, quick: bool) -> None:
        """Remove what was erased, copy what is missing; then, unless *quick*, check every record of the copy."""
        drop_unreadable(self._target)
        with _opened(self._target) as to:
            doomed = {key for digest in self._named.erased for key in to.keys_of(digest)}
            if not quick:
                doomed |= damaged_keys(DerivedAudit(self._target, self._named).run())
            if doomed:
                to.erase(*doomed)
            with _opened(self._source) as source:
                self._copy(source, to)
        _settle(self._target)

    def _copy(self, source: Derived, to: Derived) -> None:
        for key in all_keys(self._source):
            if self._busy and key not in self._named.readings:
                continue
            try:
                if not to.has(key) and copy_record(source, to, key):
                    self.copied += 1
                    if self.copied % _BATCH_RECORDS == 0:
                        to.flush()
            except DamagedArchive as error:
                self.findings.append(Finding(f"record {key}", error.message, "It was left out of the copy. "
                                             "It can be made again: unburnt repair."))
        to.flush()


def _settle(layout: Layout) -> None:
    """Leave no write-ahead log: such a database cannot be read from a medium that is write-protected."""
    for path in sorted(layout.derived.glob("[0-9]*.sqlite")):
        with database_errors("finishing derived records"):
            connection = connect_writer(path)
            try:
                connection.execute("PRAGMA journal_mode=DELETE")
            finally:
                connection.close()


def copy_record(source: Derived, to: Derived, key: Digest) -> bool:
    """Put one record, every chunk checked, into *to*; False where it was erased meanwhile.

    Raises :class:`DamagedArchive` before anything of it is kept.
    """
    try:
        record = KeptRecord(source, key)
        made = record.described
        to.put(key, made.step, made.version, made.parameters, made.inputs, record)
    except NotFound as error:
        if source.has(key):
            raise DamagedArchive("A derived record lacks a part.") from error
        return False
    return True


def all_keys(layout: Layout) -> Iterator[Digest]:
    """The key of every derived record, database by database; one that cannot be read is passed over."""
    for path in sorted(layout.derived.glob("[0-9]*.sqlite")):
        connection = connect_reader(path)
        try:
            keys = [row[0] for row in connection.execute("SELECT key FROM derivations ORDER BY key")]
        except sqlite3.Error:
            continue
        finally:
            connection.close()
        yield from keys


def damaged_keys(check: Check) -> set[Digest]:
    """The keys of the records that a check of ``derived/`` named."""
    return {finding.item.split()[1] for finding in check.findings if finding.item.startswith("record ")}


def unreadable_databases(layout: Layout) -> list[str]:
    """The names of databases in ``derived/`` that SQLite cannot read, or that have other tables than unburnt makes."""
    found = []
    for path in sorted(layout.derived.glob("[0-9]*.sqlite")):
        try:
            connection = connect_reader(path)
            try:
                (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                state = state if is_as_made(connection) else "other tables"
            finally:
                connection.close()
        except sqlite3.Error:
            state = "unreadable"
        if state != "ok":
            found.append(path.name)
    return found


def drop_unreadable(layout: Layout) -> None:
    """Delete databases of a copy that cannot be read: all that was in them is copied again."""
    for name in unreadable_databases(layout):
        for ending in ("", "-wal", "-shm"):
            (layout.derived / f"{name}{ending}").unlink(missing_ok=True)


class _opened:
    """A derived store that is closed again."""

    def __init__(self, layout: Layout) -> None:
        self._derived = Derived(layout)

    def __enter__(self) -> Derived:
        return self._derived

    def __exit__(self, *_: object) -> None:
        self._derived.close()
