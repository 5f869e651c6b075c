"""The deliveries, and which of their items were received already: what an interrupted one needs to go on."""

from __future__ import annotations

import json
from collections.abc import Collection

import msgspec

from unburnt.base.digests import Digest
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import name_of
from unburnt.catalog.records import Waiting


class AccessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery. *complete* is None while it has no end: it runs, or was interrupted."""

    id: str
    source: bytes | None
    note: str
    time: str | None
    complete: bool | None
    items: int


def accessions(connection: Connection) -> list[AccessionRow]:
    """Every delivery, in the order of arrival."""
    rows = connection.ask(
        "SELECT id, source, note, time, complete, (SELECT count(*) FROM item WHERE item.accession = accession.id "
        "AND container IS NULL) AS items FROM accession ORDER BY sequence"
    )
    return [
        AccessionRow(
            id=row.id, source=row.source, note=row.note, time=row.time,
            complete=None if row.complete is None else bool(row.complete), items=row.items,
        )
        for row in rows
    ]


def received(connection: Connection, ids: Collection[str], path: bytes) -> set[tuple[int | None, str | None]]:
    """Size and time (ns, decimal) under which *path* was received in these deliveries."""
    rows = connection.ask(
        "SELECT size, modified, reason FROM item WHERE container IS NULL AND path = ? AND accession IN "
        "(SELECT value FROM json_each(?))", (path, json.dumps(sorted(ids))),
    )
    return {(row.size, row.modified) for row in rows}


def lacking(
    connection: Connection, what: str, limit: int, exclude: Collection[Digest], wanted: Collection[Digest]
) -> list[Waiting]:
    """Contents whose last attempt lacked *what*: those of *wanted*, then the others, both smallest first."""
    rows = connection.ask(
        "SELECT blob.digest, blob.size, blob.depth, (SELECT path FROM item WHERE item.blob = blob.number LIMIT 1) "
        "AS path FROM document JOIN blob ON blob.number = document.blob WHERE document.attempt = 1 "
        "AND blob.outcome <> 'waiting' AND EXISTS (SELECT 1 FROM json_each(document.missing) AS lacks "
        "WHERE lacks.value = ?) ORDER BY blob.digest NOT IN (SELECT value FROM json_each(?)), blob.size, blob.number LIMIT ?",
        (what, json.dumps(list(wanted)), limit + len(exclude)),
    )
    found = [
        Waiting(digest=row.digest, size=row.size, name=name_of(row.path), depth=row.depth)
        for row in rows if row.digest not in exclude
    ]
    return found[:limit]


def containers_of(connection: Connection, digest: Digest) -> list[Digest]:
    """The contents that hold *digest* as a member."""
    return list(connection.ask(
        "SELECT DISTINCT outer_blob.digest FROM item JOIN blob ON blob.number = item.blob "
        "JOIN blob AS outer_blob ON outer_blob.number = item.container WHERE blob.digest = ?", (digest,)).scalars())


def known_objects(connection: Connection) -> set[Digest]:
    """The digests that events name as received or promoted."""
    return set(connection.ask(
        "SELECT digest FROM blob WHERE promoted = 1 OR depth = 0 OR EXISTS "
        "(SELECT 1 FROM item WHERE item.blob = blob.number AND container IS NULL)").scalars())


def item_sequences(connection: Connection, digest: Digest) -> list[int]:
    """The numbers of the events by which this content was received."""
    return list(connection.ask(
        "SELECT item.sequence FROM item JOIN blob ON blob.number = item.blob WHERE blob.digest = ? "
        "AND item.sequence IS NOT NULL ORDER BY item.sequence", (digest,)).scalars())


def erased(connection: Connection, before: int) -> list[Digest]:
    """The contents that an event before number *before* says were erased."""
    return list(connection.ask("SELECT digest FROM erased WHERE sequence < ? ORDER BY digest", (before,)).scalars())


def only_here(connection: Connection, digest: Digest) -> list[Digest]:
    """The members of a container that occur nowhere else."""
    return list(connection.ask(
        "SELECT DISTINCT member.digest FROM item JOIN blob AS member ON member.number = item.blob "
        "JOIN blob AS container ON container.number = item.container WHERE container.digest = ? AND NOT EXISTS "
        "(SELECT 1 FROM item AS other WHERE other.blob = member.number AND other.container IS NOT container.number)",
        (digest,)).scalars())
