"""The ledger: totals that add up at every moment, and every line behind them."""

from __future__ import annotations

from typing import Any

from unburnt.catalog.connection import Connection
from unburnt.catalog.items import ITEM_COLUMNS, ITEM_OUTCOME, ITEM_TABLES, item_row
from unburnt.catalog.occurrences import FOLDER_REACH
from unburnt.model.outcome import Outcome
from unburnt.model.views import LedgerPage, Status

_REASONS = 20
_SAID = "min(expected, 1 << 40)"
"""No container is believed to hold more: a reader that was taken over could make the sum too large for SQLite."""
_HOLDING = "FROM document WHERE expected + emitted + failed > 0"
"""Documents that hold or should hold members: what the index of that condition answers alone."""


def status(connection: Connection) -> Status:
    """The totals, all of the one moment at which the surrounding read transaction began."""
    outcomes = {str(outcome): 0 for outcome in Outcome}
    blobs = size = 0
    for row in connection.ask(
        "SELECT outcome, sum(places) AS items, count(*) AS blobs, sum(size) AS bytes FROM blob GROUP BY outcome"
    ):
        outcomes[row.outcome] += row.items
        blobs += row.blobs
        size += row.bytes
    for row in connection.ask(
        "SELECT outcome, count(*) AS items FROM item WHERE blob IS NULL GROUP BY outcome"
    ):
        outcomes[row.outcome] += row.items
    # What a container says it holds and its reading never came to (it stopped at a limit, it broke) could not be had either.
    members = connection.ask(
        f"SELECT COALESCE(sum(max({_SAID}, emitted + failed)), 0), COALESCE(sum(emitted), 0), "
        f"COALESCE(sum(max(failed, {_SAID} - emitted)), 0) {_HOLDING}"
    ).first()
    awaited = _under_way(connection)
    return Status(
        accessions=_count(connection, "accession"), items=_count(connection, "item"), blobs=blobs, bytes=size,
        documents=_count(connection, "document"), outcomes=outcomes,
        expected_members=members[0] + sum(awaited), emitted_members=members[1] + awaited[0], failed_members=members[2] + awaited[1],
        awaited_members=awaited[2],
        members_not_reached=_not_reached(connection), unlocked_parsers=_count(connection, "unlocked"),
    )


def _under_way(connection: Connection) -> tuple[int, int, int]:
    """Members emitted, failed and still awaited of containers that are being read for the first time, slice by slice."""
    rows = connection.ask(
        f"SELECT max(members) AS seen, max(failed) AS failed, max({_SAID}) AS expected FROM slice "
        "WHERE finished = 0 AND blob NOT IN (SELECT blob FROM document) GROUP BY blob"
    )
    emitted = failed = awaited = 0
    for row in rows:
        emitted += row.seen - row.failed
        failed += row.failed
        awaited += max(0, row.expected - row.seen)
    return emitted, failed, awaited


def _not_reached(connection: Connection) -> dict[str, int]:
    """Members that no reading came to, by the reason that their containers give, most first."""
    rows = connection.ask(
        f"SELECT reason, sum({_SAID} - emitted - failed) AS members {_HOLDING} AND expected > emitted + failed "
        "GROUP BY reason ORDER BY members DESC, reason LIMIT ?", (_REASONS,)
    )
    return {row.reason: row.members for row in rows}


def _count(connection: Connection, table: str) -> int:
    return int(connection.ask(f"SELECT count(*) FROM {table}").scalar())


def ledger(
    connection: Connection, *, outcome: str | None, type: str | None, text: str | None, folder: int | None,
    offset: int, limit: int,
) -> LedgerPage:
    """One page of the items that all given filters let through, in the order in which they became known.

    *text* is looked for in an item's own path, without regard to case; *folder* includes all below it,
    members of its containers too.
    """
    conditions: list[str] = []
    values: list[Any] = []
    reach = ""
    if folder is not None:
        reach = FOLDER_REACH
        values.append(folder)
        conditions.append("(item.folder IN (SELECT id FROM below) OR item.container IN (SELECT number FROM reach))")
    for condition, value in (
        (f"{ITEM_OUTCOME} = ?", outcome), ("document.type = ?", type),
        ("instr(item.words, ?) > 0", text.casefold() if text else None),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    where = " AND ".join(conditions) or "1"
    total = connection.ask(
        f"{reach} SELECT count(*) FROM {ITEM_TABLES if conditions else 'item'} WHERE {where}", tuple(values)
    ).scalar()
    rows = connection.ask(
        f"{reach} SELECT {ITEM_COLUMNS} FROM {ITEM_TABLES} WHERE {where} ORDER BY item.id LIMIT ? OFFSET ?",
        (*values, limit, offset),
    )
    return LedgerPage(rows=tuple(item_row(row) for row in rows), total=total)
