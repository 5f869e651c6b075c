"""Making the catalogue anew in its own file, so that whoever has it open for reading goes on with the new one."""

from __future__ import annotations

import sqlite3

_BEFORE = """CREATE TEMP TABLE before AS
SELECT blob.digest, document.key, blob.indexed FROM main.blob JOIN main.document ON document.blob = blob.number
WHERE blob.indexed IS NOT NULL UNION ALL SELECT digest, '', 0 FROM main.gone"""
_INDEX = "SELECT value FROM main.meta WHERE name = 'index'"


def empty(connection: sqlite3.Connection) -> str | None:
    """Drop everything; gives the epoch of the index that was known, whose documents :func:`take_up_index` finds again.

    None where that cannot be told. For a write transaction, without foreign keys.
    """
    connection.execute("DROP TABLE IF EXISTS temp.before")
    known = None
    try:
        row = connection.execute(_INDEX).fetchone()
        connection.execute(_BEFORE)
        known = row[0] if row is not None and isinstance(row[0], str) else None
    except sqlite3.OperationalError:  # it has other tables than ours
        pass
    for kind in ("trigger", "view", "index", "table"):
        for name, in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'", (kind,)
        ).fetchall():
            quoted = str(name).replace('"', '""')
            connection.execute(f'DROP {kind} main."{quoted}"')
    return known


def take_up_index(connection: sqlite3.Connection, epoch: str) -> None:
    """Say of readings that the index of that *epoch* held before, and which are the same now, that it holds them still."""
    connection.execute("INSERT OR REPLACE INTO main.meta (name, value) VALUES ('index', ?)", (epoch,))
    connection.execute(
        "UPDATE main.blob SET indexed = before.indexed FROM temp.before, main.document WHERE before.digest = blob.digest "
        "AND document.blob = blob.number AND document.key = before.key AND typeof(before.indexed) = 'integer'")
    connection.execute(
        "INSERT OR IGNORE INTO main.gone SELECT digest FROM temp.before WHERE typeof(digest) = 'text' "
        "AND digest NOT IN (SELECT digest FROM main.blob)")
    connection.execute("DROP TABLE temp.before")
