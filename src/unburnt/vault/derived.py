"""What steps gave, under the key of the step: memoised, checked on reading, and all of it may be made again."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard

from unburnt.base.canonical import canonical_json
from unburnt.base.digests import Digest, digest_of
from unburnt.base.errors import DamagedArchive, NotFound, UnburntError, UsageError
from unburnt.vault.derived_schema import connect_reader, connect_writer, database_errors
from unburnt.vault.durable import disk_errors, flush_directory, make_directory, replace_file
from unburnt.vault.layout import Layout
from unburnt.vault.members import MemberCache, MemberSink
from unburnt.vault.unpacking import unpacked

DATABASE_BYTES = 8 << 30
LARGE_CHUNK = 4 << 20
"""Chunks that are larger than this when compressed stand in files of their own."""
_ENCODING = "zstd"
_GRAIN = 1_000_000_000


class Derivation(msgspec.Struct, frozen=True):
    """How something was derived; *output* is the digest of chunk 0, *chunks* their number."""

    key: Digest
    step: str
    version: int
    parameters: dict[str, Any]
    inputs: list[Digest]
    output: Digest
    chunks: int


class _Local(threading.local):
    """One thread's read connections, made anew in a forked process."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.connections: dict[Path, sqlite3.Connection] = {}


class Derived:
    """The folder ``derived/``. One keeper thread puts, erases and flushes; any thread and process reads.

    The thread that made this object sees what it put at once, others after :meth:`flush`.
    """

    def __init__(self, layout: Layout, *, database_bytes: int = DATABASE_BYTES, large_chunk: int = LARGE_CHUNK) -> None:
        self._folder = layout.derived
        self._tmp = layout.tmp
        self._database_bytes = database_bytes
        self._large_chunk = large_chunk
        self._members = MemberCache(layout)
        self._compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
        self._local = _Local()
        self._writers: dict[Path, sqlite3.Connection] = {}
        self._writing_thread = 0
        self._listed: tuple[int, list[Path]] = (0, [])

    def put(
        self, key: Digest, step: str, version: int, parameters: dict[str, Any], inputs: list[Digest],
        chunks: Sequence[bytes],
    ) -> Digest:
        """Keep one derivation; gives the digest of chunk 0. A key that is there already stays as it is.

        Durable after :meth:`flush`; after an error of the disk everything since the last flush is to be put again. An
        :class:`UnburntError` of *chunks*, which may come from another archive, undoes nothing but this.
        """
        if not chunks:
            raise UsageError("A derivation has at least one chunk.")
        self._writing_thread = threading.get_ident()
        found = self._find(key)
        if found is not None:
            return found.output
        output = digest_of(chunks[0])
        with database_errors("keeping a derived record"), disk_errors("keeping a derived record"):
            connection = self._current_writer()
            try:
                if not connection.in_transaction:
                    connection.execute("BEGIN IMMEDIATE")
                connection.execute("SAVEPOINT put")
                connection.execute(
                    "INSERT INTO derivations VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (key, step, version, canonical_json(parameters).decode(), canonical_json(inputs).decode(),
                     output, len(chunks)),
                )
                connection.executemany("INSERT INTO inputs VALUES (?, ?)", [(one, key) for one in set(inputs)])
                connection.executemany(
                    "INSERT INTO chunks (key, number, size, digest, encoding, output) VALUES (?, ?, ?, ?, ?, ?)",
                    (self._row(key, number, data) for number, data in enumerate(chunks)),
                )
                connection.execute("RELEASE put")
            except UnburntError:
                connection.execute("ROLLBACK TO put")
                connection.execute("RELEASE put")
                raise
            except BaseException:
                if connection.in_transaction:
                    connection.rollback()
                raise
        return output

    def chunk(self, key: Digest, number: int) -> bytes | None:
        """One chunk, uncompressed and checked; None when there is none. Raises :class:`DamagedArchive`."""
        # Only beside its derivation: a row alone, in a database that comes first, would be another text for this key.
        query = ("SELECT chunks.size, chunks.digest, chunks.output FROM derivations JOIN chunks USING (key) "
                 "WHERE derivations.key = ? AND chunks.number = ?")
        with database_errors("reading a derived record"):
            for connection in self._connections():
                row = connection.execute(query, (key, number)).fetchone()
                if row is not None:
                    return self._unpack(*row)
        return None

    def chunks(self, key: Digest) -> Iterator[bytes]:
        """Every chunk in order, one at a time; raises :class:`NotFound`."""
        for number in range(self.describe(key).chunks):
            data = self.chunk(key, number)
            if data is None:
                raise _damaged()
            yield data

    def has(self, key: Digest) -> bool:
        """Whether the derivation is kept."""
        return self._find(key) is not None

    def describe(self, key: Digest) -> Derivation:
        """Step, version, parameters and inputs; raises :class:`NotFound`."""
        found = self._find(key)
        if found is None:
            raise NotFound("There is no derived record of that key.")
        return found

    def keys_of(self, input: Digest) -> list[Digest]:
        """The keys of everything that was derived from *input* directly, sorted."""
        with database_errors("reading derived records"):
            keys: set[Digest] = set()
            for connection in self._connections():
                keys.update(row[0] for row in connection.execute("SELECT key FROM inputs WHERE input = ?", (input,)))
        return sorted(keys)

    def erase(self, *keys: Digest) -> None:
        """Remove derivations, from free pages and the write-ahead log too. Several at once are cheaper.

        Flushes first. Raises :class:`UnburntError` when a reader kept the log from being emptied.
        """
        self._writing_thread = threading.get_ident()
        self.flush()
        with database_errors("erasing derived records"), disk_errors("erasing derived records"):
            freed: set[Digest] = set()
            for path in self._databases():
                freed |= _erase_rows(self._writer(path), keys)
            for digest in freed:
                if not self._in_file(digest):
                    self._file(digest).unlink(missing_ok=True)

    def flush(self) -> None:
        """Make members and records durable, in this order, so that a record's members are there."""
        self._members.flush()
        with database_errors("keeping derived records"):
            for connection in self._writers.values():
                if connection.in_transaction:
                    try:
                        connection.execute("COMMIT")
                    except sqlite3.Error:
                        if connection.in_transaction:
                            connection.rollback()
                        raise

    def close(self) -> None:
        """Close this thread's connections and the keeper's; what was not flushed is not kept."""
        for connection in (*self._writers.values(), *self._local.connections.values()):
            connection.close()
        self._writers.clear()
        self._local.connections.clear()

    def stage_member(self) -> MemberSink:
        """A sink for one member's bytes."""
        return self._members.sink()

    def open_member(self, digest: Digest) -> BinaryIO | None:
        """A member's bytes, or None: then it is to be extracted again."""
        return self._members.open(digest)

    def drop_member(self, digest: Digest) -> None:
        """Remove a member from the cache."""
        self._members.drop(digest)

    def members_by_age(self) -> list[tuple[Digest, int]]:
        """Digest and size of each cached member that is durable, the longest unused first."""
        return self._members.by_age()

    def member_bytes(self) -> int:
        """Bytes that cached members take."""
        return self._members.size()

    def _find(self, key: Digest) -> Derivation | None:
        query = "SELECT key, step, version, parameters, inputs, output, chunks FROM derivations WHERE key = ?"
        with database_errors("reading a derived record"):
            for connection in self._connections():
                row = connection.execute(query, (key,)).fetchone()
                if row is not None:
                    return _derivation(row)
        return None

    def _row(self, key: Digest, number: int, data: bytes) -> tuple[Any, ...]:
        packed: bytes | None = self._compressor.compress(data)
        digest = digest_of(data)
        if packed is not None and len(packed) > self._large_chunk:
            path = self._file(digest)
            if not path.is_file():
                make_directory(path.parent)
                replace_file(path, packed, self._tmp)
                flush_directory(self._folder)
            packed = None
        return key, number, len(data), digest, _ENCODING, packed

    def _unpack(self, size: int, digest: Digest, output: bytes | None) -> bytes:
        try:
            packed = self._file(digest).read_bytes() if output is None else output
            data = unpacked(packed, size)
        except (zstandard.ZstdError, OSError, TypeError, OverflowError) as error:
            raise _damaged() from error
        if data is None or digest_of(data) != digest:
            raise _damaged()
        return data

    def _file(self, digest: Digest) -> Path:
        return self._folder / digest[:2] / f"{digest}.zst"

    def _in_file(self, digest: Digest) -> bool:
        query = "SELECT 1 FROM chunks WHERE digest = ? AND output IS NULL LIMIT 1"
        return any(connection.execute(query, (digest,)).fetchone() for connection in self._connections())

    def _databases(self) -> list[Path]:
        # Listing the folder costs more than reading a chunk. Within its clock's grain a change might not show.
        changed = self._folder.stat().st_mtime_ns
        if changed != self._listed[0] or time.time_ns() - changed < _GRAIN:
            self._listed = changed, sorted(self._folder.glob("[0-9]*.sqlite"))
        return self._listed[1]

    def _reader_state(self) -> _Local:
        if self._local.process != os.getpid():
            self._local = _Local()  # a connection must not be used, nor closed, across a fork
        return self._local

    def _connections(self) -> Iterator[sqlite3.Connection]:
        own = self._writers if threading.get_ident() == self._writing_thread else {}
        connections = self._reader_state().connections
        for path in self._databases():
            if path in own:
                yield own[path]
                continue
            if path not in connections:
                connections[path] = connect_reader(path)
            yield connections[path]

    def _current_writer(self) -> sqlite3.Connection:
        paths = self._databases()
        number = len(paths) or 1
        path = self._folder / f"{number:03}.sqlite"
        full = path.exists() and path.stat().st_size >= self._database_bytes
        if full and not any(connection.in_transaction for connection in self._writers.values()):
            path = self._folder / f"{number + 1:03}.sqlite"
        return self._writer(path)

    def _writer(self, path: Path) -> sqlite3.Connection:
        if path not in self._writers:
            self._writers[path] = connect_writer(path)
        return self._writers[path]


def _derivation(row: tuple[Any, ...]) -> Derivation:
    try:
        parameters, inputs = msgspec.json.decode(row[3]), msgspec.json.decode(row[4], type=list[str])
        return Derivation(row[0], row[1], row[2], parameters, inputs, row[5], row[6])
    except (msgspec.DecodeError, RecursionError) as error:
        raise _damaged() from error


def _erase_rows(connection: sqlite3.Connection, keys: Sequence[Digest]) -> set[Digest]:
    """Delete and purge; gives the digests of chunks whose files may now be unneeded."""
    freed: set[Digest] = set()
    connection.execute("BEGIN IMMEDIATE")
    for key in keys:
        rows = connection.execute("SELECT digest FROM chunks WHERE key = ? AND output IS NULL", (key,))
        freed.update(row[0] for row in rows)
        for table in ("chunks", "inputs", "derivations"):
            connection.execute(f"DELETE FROM {table} WHERE key = ?", (key,))
    connection.execute("COMMIT")
    connection.execute("PRAGMA incremental_vacuum").fetchall()
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise sqlite3.OperationalError("a reader holds the write-ahead log")
    return freed


def _damaged() -> DamagedArchive:
    return DamagedArchive(
        "A derived record is damaged: its output does not have the digest that was recorded.",
        remedy="It can be made again from the originals: unburnt rebuild.",
    )
