"""Tables whose long texts stand in memo files, and the memo files that lie beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec

from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import PLACE_IN_MAIL
from unburnt.catalog.records import TableRow, VolumePlace
from unburnt.model.memo_names import BESIDE, MEMOS, version_of
from unburnt.model.reading import Reading

_STEP = "read.dbf"
_COLUMNS = "item.id, item.folder, item.container, item.path, item.kind, blob.digest, blob.size, blob.depth"
_MOST_PLACES = 10_000
_MOST_BESIDE = 200_000
_decode = msgspec.json.Decoder(Reading).decode


def tables_with_memos(connection: Connection) -> list[TableRow]:
    """Every table that was read, alone or with memo files, and has long texts."""
    rows = connection.ask(
        "SELECT blob.digest, blob.size, blob.depth, document.attempt, document.reading FROM document "
        "JOIN blob ON blob.number = document.blob WHERE document.step = ? AND blob.outcome <> 'waiting' "
        "AND document.reading IS NOT NULL ORDER BY blob.number", (_STEP,))
    found: list[TableRow] = []
    for row in rows:
        reading = _decode(row.reading)
        if reading.volumes or any(note.code == MEMOS for note in reading.notes):
            version = version_of(reading.metadata.fields)
            found.append(TableRow(digest=row.digest, size=row.size, depth=row.depth, version=version, failed=bool(row.attempt)))
    return found


def places_of(connection: Connection, digest: Digest) -> list[VolumePlace]:
    """Where a content lies, as far as it has names."""
    rows = connection.ask(
        f"SELECT {_COLUMNS} FROM item JOIN blob ON blob.number = item.blob WHERE blob.digest = ? AND item.path IS NOT NULL "
        "ORDER BY item.id LIMIT ?", (digest, _MOST_PLACES))
    return list(_places(rows))


def ending_beside(connection: Connection, folder: int | None, container: int | None, endings: Collection[str]) -> list[VolumePlace]:
    """The files of a folder, or anywhere in a container, whose names end in one of *endings* (of three letters, in any case)."""
    where, number = ("folder", folder) if container is None else ("container", container)
    rows = connection.ask(
        f"SELECT {_COLUMNS} FROM item JOIN blob ON blob.number = item.blob WHERE item.{where} IS ? "
        f"AND lower(CAST(substr(item.path, -4) AS TEXT)) IN ({', '.join('?' * len(endings))}) ORDER BY item.id LIMIT ?",
        (number, *(f".{ending}" for ending in endings), _MOST_BESIDE))
    return list(_places(rows))


def tables_of_memo(connection: Connection, memo: Digest) -> list[Digest]:
    """The tables that were read with this memo file."""
    rows = connection.ask(
        "SELECT lead.digest FROM volume JOIN blob AS lead ON lead.number = volume.lead "
        "WHERE volume.digest = ? AND volume.number >= ? ORDER BY lead.number", (memo, BESIDE))
    return list(rows.scalars())


def _places(rows: Iterable[Any]) -> Iterator[VolumePlace]:
    for row in rows:
        path = bytes(row.path)
        if row.kind == "attachment" and (found := PLACE_IN_MAIL.match(path)):
            path = path[found.end() :]  # attachments of one mail lie beside one another
        name = path.rpartition(b"/")[2]
        place = (row.folder, row.container, path[: len(path) - len(name)])
        yield VolumePlace(item=row.id, place=place, name=decode_path(name), digest=row.digest, size=row.size, depth=row.depth)
