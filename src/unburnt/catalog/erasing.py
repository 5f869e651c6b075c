"""What an erasing leaves: places whose content, name or time are gone, and say so."""

from __future__ import annotations

import sqlite3

from unburnt.catalog.folders import take_out
from unburnt.catalog.items import drop_if_orphan, erased_reason, forget_blob
from unburnt.model.events import Erased
from unburnt.model.outcome import Outcome


def put_erased(connection: sqlite3.Connection, sequence: int, event: Erased) -> None:
    """Remove contents with all that was derived from them, and the named fields of the named events."""
    for digest in event.digests:
        connection.execute("INSERT OR REPLACE INTO erased (digest, sequence) VALUES (?, ?)", (digest, sequence))
        row = connection.execute("SELECT number FROM blob WHERE digest = ?", (digest,)).fetchone()
        if row is not None:
            _erase_content(connection, sequence, row[0], digest)
    for number in event.events:
        _erase_fields(connection, sequence, number, frozenset(event.fields))


def _erase_content(connection: sqlite3.Connection, sequence: int, number: int, digest: str) -> None:
    members = [row[0] for row in connection.execute(
        "SELECT DISTINCT blob FROM item WHERE container = ? AND blob IS NOT NULL", (number,))]
    connection.execute(
        "UPDATE item SET blob = NULL, size = NULL, outcome = ?, reason = ? WHERE blob = ?",
        (str(Outcome.NOT_RECEIVED), erased_reason(sequence), number),
    )
    forget_blob(connection, number, digest)
    for member in members:
        drop_if_orphan(connection, member)


def _erase_fields(connection: sqlite3.Connection, sequence: int, number: int, fields: frozenset[str]) -> None:
    if "source" in fields:
        connection.execute("UPDATE accession SET source = NULL WHERE sequence = ?", (number,))
    if "note" in fields:
        connection.execute("UPDATE accession SET note = '' WHERE sequence = ?", (number,))
    row = connection.execute("SELECT id, folder, blob FROM item WHERE sequence = ?", (number,)).fetchone()
    if row is None:
        return
    item, folder, blob = row
    if fields & {"path", "accession"}:
        connection.execute("UPDATE item SET folder = NULL WHERE id = ?", (item,))
        if folder is not None:
            take_out(connection, folder)
    if "path" in fields:
        connection.execute("UPDATE item SET path = NULL, words = NULL WHERE id = ?", (item,))
    for field in ("accession", "modified"):
        if field in fields:
            connection.execute(f"UPDATE item SET {field} = NULL WHERE id = ?", (item,))
    if blob is None and fields & {"digest", "reason", "size"}:
        connection.execute("UPDATE item SET size = NULL, reason = ? WHERE id = ?", (erased_reason(sequence), item))
