"""The tables of ``derived/NNN.sqlite``, and how a connection to one is opened."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unburnt.base.errors import DamagedArchive, OutOfSpace, UnburntError
from unburnt.base.files import is_write_protected
from unburnt.vault.durable import FILE_MODE

_TABLES = """
CREATE TABLE IF NOT EXISTS derivations (
    key TEXT PRIMARY KEY, step TEXT NOT NULL, version INTEGER NOT NULL,
    parameters TEXT NOT NULL, inputs TEXT NOT NULL, output TEXT NOT NULL, chunks INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inputs (
    input TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (input, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,
    digest TEXT NOT NULL, encoding TEXT NOT NULL, output BLOB, UNIQUE (key, number)
);
CREATE INDEX IF NOT EXISTS chunks_in_files ON chunks (digest) WHERE output IS NULL;
"""


def is_as_made(connection: sqlite3.Connection) -> bool:
    """Whether a database has just the tables and indexes that :func:`connect_writer` makes, word for word.

    Views, triggers, computed columns and other indexes would let two questions about one row have two answers.
    """
    query = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"
    made = sqlite3.connect(":memory:")
    try:
        made.executescript(_TABLES)
        return connection.execute(query).fetchall() == made.execute(query).fetchall()
    finally:
        made.close()


def connect_writer(path: Path) -> sqlite3.Connection:
    """The keeper's connection: makes the file (0600) and its tables where needed."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # before the first table, or it has no effect
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # a commit is durable, not just consistent
    connection.execute("PRAGMA secure_delete=ON")
    connection.executescript(_TABLES)
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing and never makes the writer wait."""
    how = "immutable=1" if is_write_protected(path.parent) else "mode=ro"
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, check_same_thread=False, timeout=10
    )


@contextmanager
def database_errors(doing: str) -> Iterator[None]:
    """Turn SQLite's errors into sentences, as :func:`unburnt.vault.durable.disk_errors` does for the disk's."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "") or ""
        if name == "SQLITE_FULL":
            raise OutOfSpace(
                f"The disk of this archive is full (while {doing}).",
                remedy="Free some space and run the same command again.",
            ) from error
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise DamagedArchive(
                "A database in derived/ is damaged.",
                remedy="It can be made again: move the files of derived/ away, then run unburnt rebuild.",
            ) from error
        raise UnburntError(f"A database in derived/ refused {doing}: {name or type(error).__name__}.") from error
