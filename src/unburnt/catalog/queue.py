"""What is still to be read or indexed: queries over the tables, never stored truth."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping

from unburnt.base.digests import Digest
from unburnt.catalog.charsets import DECLARATIONS, hints_in
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import name_of
from unburnt.catalog.records import Waiting
from unburnt.catalog.volumes import with_volumes


def waiting(connection: Connection, limit: int, exclude: Collection[Digest]) -> list[Waiting]:
    """The next contents to read: quick text first, then by size. *exclude* are those in flight."""
    rows = connection.ask(
        f"SELECT blob.digest, blob.size, blob.depth, item.path, {DECLARATIONS}, "
        "EXISTS (SELECT 1 FROM slice WHERE slice.blob = blob.number AND finished = 0) AS is_begun, "
        "EXISTS (SELECT 1 FROM volume WHERE lead = blob.number) AS is_joined FROM ("
        "  SELECT number, digest, size, depth, rank FROM blob INDEXED BY blob_waiting WHERE outcome = 'waiting' "
        "  ORDER BY rank, size, number LIMIT ?) AS blob "
        "LEFT JOIN item ON item.id = (SELECT id FROM item WHERE item.blob = blob.number LIMIT 1) "
        "ORDER BY blob.rank, blob.size, blob.number", (limit + len(exclude),),
    )
    found = [
        (Waiting(digest=row.digest, size=row.size, name=name_of(row.path), depth=row.depth,
                 charsets=hints_in(row.declarations), is_begun=bool(row.is_begun)), row.is_joined)
        for row in rows if row.digest not in exclude
    ]
    return [with_volumes(connection, one) if is_joined else one for one, is_joined in found[:limit]]


def once_more(connection: Connection, digest: Digest, limit: int) -> list[Waiting]:
    """A content as it may have waited before it was read: once for each name that it has, at most *limit*."""
    rows = connection.ask(
        "SELECT DISTINCT blob.digest, blob.size, blob.depth, item.path FROM blob "
        "JOIN item ON item.blob = blob.number WHERE blob.digest = ? ORDER BY item.id LIMIT ?", (digest, limit),
    )
    return [
        with_volumes(connection, Waiting(
            digest=row.digest, size=row.size, name=name_of(row.path), depth=row.depth))
        for row in rows
    ]


def retry(connection: sqlite3.Connection, steps: Mapping[str, int], now_available: Collection[str]) -> int:
    """Make contents wait again that an older step version read, or whose attempt lacked what is there now.

    Their reading stays until a new one replaces it. Gives how many wait now for that, those too that waited before, as
    when somebody was interrupted who had them tried.
    """
    changed = 0
    for step, version in steps.items():
        changed += connection.execute(
            "UPDATE blob SET outcome = 'waiting' WHERE outcome <> 'waiting' AND number IN "
            "(SELECT blob FROM document WHERE step = ? AND version < ?)", (step, version),
        ).rowcount
    changed += connection.execute(
        "UPDATE blob SET outcome = 'waiting' WHERE number IN "
        "(SELECT blob FROM document WHERE attempt = 1 AND EXISTS (SELECT 1 FROM json_each(document.missing) AS lacks "
        "WHERE lacks.value IN (SELECT value FROM json_each(?))))", (json.dumps(sorted(now_available)),),
    ).rowcount
    return changed


def limits_reached(connection: Connection) -> list[str]:
    """What attempts say of limits that they were stopped at."""
    return list(connection.ask(
        "SELECT DISTINCT lacks.value FROM document, json_each(document.missing) AS lacks WHERE document.attempt = 1 "
        "AND lacks.value LIKE 'limit:%' ORDER BY lacks.value").scalars())


def await_lost_readings(connection: sqlite3.Connection) -> int:
    """Make contents wait whose reading is named by an event and gone from the derived store; gives how many."""
    return connection.execute(
        "UPDATE blob SET outcome = 'waiting' WHERE number IN (SELECT blob FROM document WHERE reading IS NULL)"
    ).rowcount


def wait_again(connection: sqlite3.Connection, digests: Collection[Digest]) -> int:
    """Make these contents wait to be read once more, whatever is known of them; gives how many."""
    return connection.execute(
        "UPDATE blob SET outcome = 'waiting' WHERE digest IN (SELECT value FROM json_each(?)) AND number IN "
        "(SELECT blob FROM document)", (json.dumps(sorted(digests)),),
    ).rowcount


def finished(connection: Connection, digests: Collection[Digest], awaited: Collection[str]) -> dict[Digest, bool]:
    """Of the contents that are known, whether each was read and lacks nothing in *awaited*."""
    rows = connection.ask(
        "SELECT blob.digest, blob.outcome <> 'waiting' AND NOT COALESCE(document.attempt = 1 AND EXISTS "
        "(SELECT 1 FROM json_each(document.missing) AS lacks WHERE lacks.value IN (SELECT value FROM json_each(?))), 0) "
        "AS is_finished FROM blob LEFT JOIN document ON document.blob = blob.number "
        "WHERE blob.digest IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(awaited)), json.dumps(sorted(digests))),
    )
    return {row.digest: bool(row.is_finished) for row in rows}


def unindexed(connection: Connection, limit: int) -> list[Digest]:
    """Contents whose current reading is at hand and not in the index yet, oldest first."""
    return list(connection.ask(
        "SELECT blob.digest FROM blob INDEXED BY blob_unindexed JOIN document ON document.blob = blob.number "
        "WHERE blob.indexed IS NULL AND document.reading IS NOT NULL ORDER BY blob.number LIMIT ?", (limit,)).scalars())


def mark_indexed(connection: sqlite3.Connection, digests: Iterable[Digest], generation: int) -> None:
    """Say that the index has committed these readings; to be called after its commit, never before."""
    connection.executemany("UPDATE blob SET indexed = ? WHERE digest = ?", [(generation, one) for one in digests])


def meet_index(connection: sqlite3.Connection, found_epoch: str, epoch: str) -> int:
    """Go on with the index of that *epoch*; where the one found is not the one that was known, everything is to be indexed again.

    Nothing is then left in it to delete. Gives how many documents the other one held.
    """
    known = connection.execute("SELECT value FROM meta WHERE name = 'index'").fetchone()
    forgotten = 0
    if not found_epoch or known is None or known[0] != found_epoch:
        forgotten = connection.execute("UPDATE blob SET indexed = NULL WHERE indexed IS NOT NULL").rowcount
        connection.execute("DELETE FROM gone")
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('index', ?)", (epoch,))
    return forgotten


def gone(connection: Connection, limit: int) -> list[Digest]:
    """Documents that are here no more and that the index may still hold."""
    return list(connection.ask("SELECT digest FROM gone ORDER BY digest LIMIT ?", (limit,)).scalars())


def mark_gone(connection: sqlite3.Connection, digests: Iterable[Digest]) -> None:
    """Say that the index has committed the deletion of these."""
    connection.executemany("DELETE FROM gone WHERE digest = ?", [(one,) for one in digests])
