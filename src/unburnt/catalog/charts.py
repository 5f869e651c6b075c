"""Counts for the overview's small charts."""

from __future__ import annotations

from unburnt.catalog.connection import Connection


def by_column(connection: Connection, column: str) -> tuple[tuple[str, int], ...]:
    """Documents per value of one of our own columns (``type lang year``), commonest first."""
    rows = connection.ask(
        f"SELECT {column}, count(*) FROM document WHERE {column} IS NOT NULL AND {column} <> '' "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    return tuple((str(value), int(count)) for value, count in rows)


def deliveries(connection: Connection) -> tuple[tuple[str, str, int], ...]:
    """(accession, time received, items received), in order of receipt."""
    rows = connection.ask(
        "SELECT id, COALESCE(time, ''), (SELECT count(*) FROM item WHERE item.accession = accession.id "
        "AND item.container IS NULL) FROM accession ORDER BY sequence"
    )
    return tuple((row[0], row[1], row[2]) for row in rows)
