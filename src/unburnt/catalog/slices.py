"""Slices: how far the reading of a giant container came. Each is a reading that is not finished, under a key of its own."""

from __future__ import annotations

import sqlite3

from unburnt.base.digests import Digest
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import put_members
from unburnt.catalog.volumes import put_volumes
from unburnt.model.events import ReadingMade
from unburnt.model.reading import Reading


def put_slice(connection: sqlite3.Connection, number: int, depth: int, event: ReadingMade, reading: Reading | None) -> None:
    """Make the slice's members known; the container goes on waiting, and its old reading, if any, stays.

    A slice whose record is gone, or that follows one that is gone, is passed over: reading begins before it then.
    """
    if reading is None or reading.rest is None:
        return
    before = reading.rest.slices - 1
    if not before:
        connection.execute("DELETE FROM slice WHERE blob = ?", (number,))
    known = connection.execute("SELECT count(*) FROM slice WHERE blob = ? AND number < ?", (number, before)).fetchone()[0]
    if known < before:
        return
    connection.execute("DELETE FROM slice WHERE blob = ? AND number >= ?", (number, before))
    connection.execute(
        "INSERT INTO slice (blob, number, key, members, expected, failed, finished) VALUES (?, ?, ?, ?, ?, ?, 0)",
        (number, before, event.key, reading.rest.members, reading.expected.members or 0, reading.rest.failed_members),
    )
    put_volumes(connection, number, reading.volumes, reading.notes)
    put_members(connection, number, depth, reading.members, first=reading.rest.members - len(reading.members))


def finish_slices(connection: sqlite3.Connection, number: int) -> None:
    """The container is read: its slices only tell any more where a member is found."""
    connection.execute("UPDATE slice SET finished = 1 WHERE blob = ?", (number,))


def keys_of_slices(connection: Connection, digest: Digest) -> list[Digest]:
    """The keys of the slices of a container that is being read, in order."""
    rows = connection.ask(
        "SELECT key FROM slice WHERE blob = (SELECT number FROM blob WHERE digest = ?) AND finished = 0 ORDER BY number",
        (digest,))
    return list(rows.scalars())


def slice_before(connection: Connection, container: Digest, member: Digest) -> Digest | None:
    """The key of the last slice that ends before *member* in *container*: whoever goes on there finds it soon."""
    found: Digest | None = connection.ask(
        "SELECT slice.key FROM slice WHERE slice.blob = (SELECT number FROM blob WHERE digest = ?) AND slice.members <= "
        "(SELECT min(ordinal) FROM item WHERE container = slice.blob AND blob = (SELECT number FROM blob WHERE digest = ?)) "
        "ORDER BY slice.number DESC LIMIT 1", (container, member)).scalar()
    return found
