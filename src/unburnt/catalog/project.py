"""From events to rows. The catalogue holds nothing that is not said by an event or a reading."""

from __future__ import annotations

import sqlite3

from unburnt.catalog.documents import put_reading
from unburnt.catalog.erasing import put_erased
from unburnt.catalog.folders import FolderKeeper
from unburnt.catalog.items import blob_number, drop_if_orphan, words_of
from unburnt.model.events import (
    AccessionBegan,
    AccessionEnded,
    AnyEvent,
    Erased,
    EventsAccepted,
    ItemReceived,
    MemberPromoted,
    ParsersUnlocked,
    ReadingMade,
)
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Reading

NO_REASON = "The event does not say why."


def project(
    connection: sqlite3.Connection, folders: FolderKeeper, sequence: int, event: AnyEvent, reading: Reading | None
) -> None:
    """Write what *event* means. Events that say nothing about items (adopted objects ...) change nothing."""
    if isinstance(event, ItemReceived):
        _received(connection, folders, sequence, event)
    elif isinstance(event, ReadingMade):
        put_reading(connection, sequence, event, reading)
    elif isinstance(event, AccessionBegan):
        connection.execute(
            "INSERT INTO accession (id, source, note, time, sequence) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO "
            "UPDATE SET source = excluded.source, note = excluded.note, time = excluded.time",
            (event.accession, event.source, event.note, event.time, sequence),
        )
    elif isinstance(event, AccessionEnded):
        connection.execute("UPDATE accession SET complete = ? WHERE id = ?", (int(event.complete), event.accession))
    elif isinstance(event, MemberPromoted):
        connection.execute("UPDATE blob SET promoted = 1 WHERE digest = ?", (event.digest,))
    elif isinstance(event, ParsersUnlocked):
        connection.execute("INSERT INTO unlocked (sequence, time) VALUES (?, ?)", (sequence, event.time))
    elif isinstance(event, EventsAccepted):
        count = event.last + 1 - event.first if 0 <= event.first <= event.last < sequence else 0
        connection.execute(
            "INSERT INTO meta (name, value) VALUES ('accepted', ?) ON CONFLICT (name) DO UPDATE SET "
            "value = CAST(CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER) AS TEXT)", (str(count),),
        )
    elif isinstance(event, Erased):
        folders.flush(connection)
        put_erased(connection, sequence, event)
        folders.forget()


def _received(
    connection: sqlite3.Connection, folders: FolderKeeper, sequence: int, event: ItemReceived
) -> None:
    size = int(event.size) if event.size else 0
    if event.accession is not None and event.path is not None and _again(connection, sequence, event, size):
        return
    blob: int | None = None
    if event.digest is not None:
        connection.execute("DELETE FROM erased WHERE digest = ?", (event.digest,))
        blob = blob_number(connection, event.digest, size, 0, event.path or b"")
    folder = None
    if event.accession is not None and event.path is not None:
        folder = folders.folder_of(connection, event.accession, event.path)
    connection.execute(
        "INSERT INTO item (accession, folder, path, words, blob, size, modified, outcome, reason, sequence) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (event.accession, folder, event.path, words_of(event.path) if event.path is not None else None, blob,
         size if event.size else None, event.modified, None if blob else str(Outcome.NOT_RECEIVED),
         "" if blob else event.reason or NO_REASON, sequence),
    )


def _again(connection: sqlite3.Connection, sequence: int, event: ItemReceived, size: int) -> bool:
    """Whether this place was received before in this delivery (an import resumed); bytes win over no bytes."""
    row = connection.execute(
        "SELECT id, blob FROM item WHERE accession = ? AND path = ? AND container IS NULL",
        (event.accession, event.path),
    ).fetchone()
    if row is None:
        return False
    number, before = row
    if event.digest is None:
        if before is None:
            connection.execute("UPDATE item SET reason = ?, modified = ?, sequence = ? WHERE id = ?",
                               (event.reason or NO_REASON, event.modified, sequence, number))
        return True
    connection.execute("DELETE FROM erased WHERE digest = ?", (event.digest,))
    blob = blob_number(connection, event.digest, size, 0, event.path or b"")
    connection.execute(
        "UPDATE item SET blob = ?, size = ?, modified = ?, outcome = NULL, reason = '', sequence = ? WHERE id = ?",
        (blob, size, event.modified, sequence, number),
    )
    if before is not None and before != blob:
        drop_if_orphan(connection, before)
    return True
