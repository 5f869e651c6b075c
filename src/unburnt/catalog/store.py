"""The SQLite file: connections, transactions, schema version, scrubbing."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unburnt.base.errors import DamagedArchive, NotFound, OutOfSpace, UnburntError
from unburnt.base.files import is_write_protected
from unburnt.catalog import anew
from unburnt.catalog.connection import Connection, Pool
from unburnt.catalog.errors import RebuildNeeded
from unburnt.catalog.tables import INDEXES, SCHEMA, TABLES, TRIGGERS

_BUSY_SECONDS = 30.0


class Store:
    """One catalogue file. Any number of threads and processes read; one keeper writes."""

    def __init__(self, path: Path, *, write: bool) -> None:
        if not write and not path.exists():
            raise NotFound("This archive has no catalogue yet.", remedy="Run 'unburnt rebuild'.")
        if path.is_symlink() or path.exists() and not path.is_file():
            raise DamagedArchive(
                f"{path.name} of this archive is no plain file, but a link, a pipe, a socket or a folder.",
                remedy="Nothing was changed. Find out who put it there and take it out; unburnt rebuild makes it again.",
            )
        self.path = path
        self.write = write
        if write and not path.exists():
            path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._readers = Pool(lambda: _reader(path))
        self._writer: sqlite3.Connection | None = None
        with _as_unburnt_errors():
            if write:
                self._prepare()
            self._check_schema()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read transaction: everything asked inside is of one moment, and blocks nobody."""
        with _as_unburnt_errors(), self._readers.read() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The keeper's write transaction: all or nothing. Other threads of the keeper wait their turn."""
        if self._writer is None:
            raise UnburntError("This catalogue was opened for reading only.")
        with self._lock, _as_unburnt_errors():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def empty(self) -> str | None:
        """Begin anew in the same file; gives the known index's epoch (see ``anew.py``)."""
        assert self._writer is not None
        with self._lock, _as_unburnt_errors():
            self._writer.execute("PRAGMA foreign_keys=OFF")
            try:
                with self.transaction() as connection:
                    known = anew.empty(connection)
                    _create(connection)
            finally:
                self._writer.execute("PRAGMA foreign_keys=ON")
        return known

    def scrub(self) -> None:
        """Leave nothing of deleted rows in the file or its log: truncate the log, rewrite the file."""
        if self._writer is None:
            raise UnburntError("This catalogue was opened for reading only.")
        with self._lock, _as_unburnt_errors():
            for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                row = self._writer.execute(statement).fetchone()
                if row is not None and row[0]:
                    raise UnburntError(
                        "The catalogue could not be scrubbed because something is reading it.",
                        remedy="Close other windows and commands on this archive and try again.",
                    )

    def close(self) -> None:
        """Let go of the file; a keeper leaves all of it in one piece, whoever still reads."""
        self._readers.close()
        if self._writer is not None:
            with contextlib.suppress(sqlite3.Error):  # somebody is in the middle of reading: the log beside it stays
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._writer.close()
            self._writer = None

    def _prepare(self) -> None:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            _settings(connection)
            empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except BaseException:
            connection.close()
            raise
        self._writer = connection
        if empty:
            with self.transaction() as connection:
                _create(connection)

    def _check_schema(self) -> None:
        try:
            with self.read() as connection:
                found = connection.ask("SELECT value FROM meta WHERE name = 'schema'").scalar()
        except RebuildNeeded:
            self.close()
            raise
        if found != str(SCHEMA):
            self.close()
            raise RebuildNeeded("The catalogue was made by another version of this program.")


def _create(connection: sqlite3.Connection) -> None:
    for statement in (*TABLES, *INDEXES, *TRIGGERS):
        connection.execute(statement)
    connection.execute(
        "INSERT INTO meta (name, value) VALUES ('schema', ?), ('applied', '-1'), ('removed', '0')", (str(SCHEMA),)
    )


def _settings(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA synchronous=NORMAL")  # the events are what must survive; this follows them
    connection.execute("PRAGMA temp_store=MEMORY")   # names must not reach /tmp
    connection.execute("PRAGMA cache_size=-65536")


def _reader(path: Path) -> sqlite3.Connection:
    # On a write-protected medium SQLite can make no shared memory, and nothing else can write either.
    address = path.absolute().as_uri() + ("?immutable=1" if is_write_protected(path.parent) else "")
    connection = sqlite3.connect(
        address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _settings(connection)
        connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def _as_unburnt_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorname", "") or ""
        if code.startswith("SQLITE_FULL"):
            raise OutOfSpace("The disk is full; the catalogue could not be written.",
                             remedy="Make room and run the command again; it goes on where it stopped.") from error
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise UnburntError("The catalogue is in use by another writer.", remedy="Try again in a moment.") from error
        if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or "no such" in str(error):
            raise RebuildNeeded("The catalogue is damaged.") from error
        if code.startswith("SQLITE_READONLY"):
            raise UnburntError(
                "This archive is on a write-protected medium: it can be read, searched and verified, and not changed.",
                remedy="Make a second copy on a disk that can be written (unburnt copy DIR).",
            ) from error
        raise UnburntError(f"The catalogue cannot be used ({code or type(error).__name__}).") from error
