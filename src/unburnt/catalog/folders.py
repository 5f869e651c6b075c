"""Folders as received: kept row by row with the number of items below, read page by page."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection

from unburnt.base.errors import NotFound
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import ITEM_COLUMNS, ITEM_TABLES, item_row
from unburnt.model.views import FolderRow, FolderView

_REMEMBERED = 50_000


class FolderKeeper:
    """The writer's memory of folders: ids by path, and counts not yet written."""

    def __init__(self) -> None:
        self._chains: dict[tuple[str, bytes], tuple[int, ...]] = {}
        self._added: Counter[int] = Counter()

    def forget(self) -> None:
        """After a rollback or an erasing nothing remembered is true any more."""
        self._chains.clear()
        self._added.clear()

    def folder_of(self, connection: sqlite3.Connection, accession: str, path: bytes) -> int:
        """The folder that a new item at *path* stands in; it and those above count one item more."""
        parent = path.rpartition(b"/")[0]
        chain = self._chain(connection, accession, parent)
        self._added.update(chain)
        return chain[-1]

    def flush(self, connection: sqlite3.Connection) -> None:
        """Write the counts of this batch."""
        connection.executemany(
            "UPDATE folder SET items = items + ? WHERE id = ?", [(count, id) for id, count in self._added.items()]
        )
        self._added.clear()
        if len(self._chains) > _REMEMBERED:
            self._chains.clear()

    def _chain(self, connection: sqlite3.Connection, accession: str, path: bytes) -> tuple[int, ...]:
        known = self._chains.get((accession, path))
        if known is not None:
            return known
        above: tuple[int, ...] = ()
        name = b""
        if path:
            parent, _, name = path.rpartition(b"/")
            above = self._chain(connection, accession, parent)
        row = connection.execute("SELECT id FROM folder WHERE accession = ? AND path = ?", (accession, path)).fetchone()
        number = row[0] if row else connection.execute(
            "INSERT INTO folder (accession, parent, name, path) VALUES (?, ?, ?, ?)",
            (accession, above[-1] if above else None, name, path),
        ).lastrowid
        chain = (*above, int(number or 0))
        self._chains[accession, path] = chain
        return chain


def take_out(connection: sqlite3.Connection, folder: int) -> None:
    """One item left *folder*: count down to the root, and drop folders that nothing stands in any more."""
    current: int | None = folder
    while current is not None:
        parent, items = connection.execute("SELECT parent, items FROM folder WHERE id = ?", (current,)).fetchone()
        connection.execute("UPDATE folder SET items = ? WHERE id = ?", (items - 1, current))
        if items <= 1:
            connection.execute("DELETE FROM folder WHERE id = ?", (current,))
        current = parent


def folder_view(
    connection: Connection, folder: int | None, accession: str | None, offset: int, limit: int
) -> FolderView:
    """One page of a folder. Without *folder* the delivery's root; without either, the list of deliveries (id 0)."""
    if folder is None and accession is None:
        return _roots(connection, offset, limit)
    if folder is None:
        where, value = "accession = ? AND path = x''", accession
    else:
        where, value = "id = ?", str(folder)
    row = connection.ask(f"SELECT id, accession, path, parent FROM folder WHERE {where}", (value,)).first()
    if row is None:
        raise NotFound("There is no such folder in this archive.", remedy="Start again from the list of deliveries.")
    folders = connection.ask(
        "SELECT id, name, path, items FROM folder WHERE parent = ? ORDER BY path LIMIT ? OFFSET ?",
        (row.id, limit, offset),
    )
    items = connection.ask(
        f"SELECT {ITEM_COLUMNS} FROM {ITEM_TABLES} WHERE item.folder = ? ORDER BY item.path LIMIT ? OFFSET ?",
        (row.id, limit, offset),
    )
    total = connection.ask("SELECT count(*) FROM item WHERE folder = ?", (row.id,)).scalar()
    return FolderView(
        id=row.id, accession=row.accession, path=row.path, ancestors=_ancestors(connection, row.parent),
        folders=tuple(_row(found) for found in folders), items=tuple(item_row(found) for found in items),
        total_items=total,
    )


def _roots(connection: Connection, offset: int, limit: int) -> FolderView:
    rows = connection.ask(
        "SELECT folder.id, CAST(accession AS BLOB) AS name, path, items FROM folder "
        "WHERE parent IS NULL ORDER BY length(accession), accession LIMIT ? OFFSET ?", (limit, offset),
    )
    return FolderView(id=0, accession="", path=b"", ancestors=(), folders=tuple(_row(row) for row in rows),
                      items=(), total_items=0)


def _ancestors(connection: Connection, parent: int | None) -> tuple[FolderRow, ...]:
    found: list[FolderRow] = []
    while parent is not None:
        row = connection.ask(
            "SELECT id, name, path, items, parent FROM folder WHERE id = ?", (parent,)
        ).first()
        found.append(_row(row))
        parent = row.parent
    return tuple(reversed(found))


def _row(row: object) -> FolderRow:
    return FolderRow(id=row.id, name=row.name, path=row.path, items=row.items)  # type: ignore[attr-defined]


def folder_names(connection: Connection, ids: Collection[int]) -> dict[str, str]:
    """The last names of folders, by id as text; a delivery's root is named by its delivery."""
    rows = connection.ask(
        "SELECT id, name, accession FROM folder WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {str(row.id): bytes(row.name).decode("utf-8", "replace") or row.accession for row in rows}
