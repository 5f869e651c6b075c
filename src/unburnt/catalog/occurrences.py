"""Where content occurs: walking up to what was received, and down from it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import islice

from unburnt.base.digests import Digest
from unburnt.base.visible import decode_path
from unburnt.catalog.connection import Connection
from unburnt.catalog.items import shown_time
from unburnt.model.views import Occurrence

_DOWN = (
    "reach(number) AS (SELECT blob FROM item WHERE {start} AND blob IS NOT NULL UNION "
    "SELECT item.blob FROM item JOIN reach ON item.container = reach.number WHERE item.blob IS NOT NULL)"
)
FOLDER_REACH = (
    "WITH RECURSIVE below(id) AS (SELECT ? UNION SELECT folder.id FROM folder JOIN below ON folder.parent = below.id), "
    + _DOWN.format(start="folder IN (SELECT id FROM below)")
)
PATH_REACH = "WITH RECURSIVE " + _DOWN.format(start="instr(words, ?) > 0")
Place = tuple[bytes, str]
"""A path as it was received or written, and as people read it."""
DEEPEST = 200
"""No walk goes further up, whatever the rows say."""


def occurrences(connection: Connection, digest: Digest, limit: int) -> tuple[list[Occurrence], int]:
    """The first *limit* places, and how many there are in all (exact: counted over the graph, not listed)."""
    number = connection.ask("SELECT number FROM blob WHERE digest = ?", (digest,)).scalar()
    if number is None:
        return [], 0
    found: list[Occurrence] = []
    for occurrence in _walk(connection, number, b"", "", (), 0):
        if len(found) >= limit:
            return found, _count(connection, number)
        found.append(occurrence)
    return found, len(found)


def first_paths(connection: Connection, numbers: Collection[int], limit: int) -> dict[int, list[Place]]:
    """The first *limit* paths of each content, in the order of :func:`occurrences`; one query for what was received."""
    found: dict[int, list[Place]] = {number: [] for number in numbers}
    rows = connection.ask(
        "SELECT wanted.value AS number, item.path FROM json_each(?) AS wanted JOIN item ON item.id IN ("
        "  SELECT id FROM item WHERE blob = wanted.value AND container IS NULL ORDER BY path, id LIMIT ?) "
        "ORDER BY number, item.path, item.id", (json.dumps(list(numbers)), limit),
    )
    for number, path in rows:
        found[number].append((path or b"", decode_path(path or b"")))
    inner = [number for number, paths in found.items() if len(paths) < limit]
    contained = connection.ask(
        "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM item WHERE blob = value AND container IS NOT NULL)",
        (json.dumps(inner),),
    )
    for number in contained.scalars():
        found[number] = [(place.path, place.shown) for place in islice(_walk(connection, number, b"", "", (), 0), limit)]
    return found


def _walk(
    connection: Connection, number: int, below: bytes, shown: str, chain: tuple[Digest, ...], steps: int
) -> Iterator[Occurrence]:
    rows = connection.ask(
        "SELECT item.accession, item.path, item.name, item.modified, item.container, blob.digest FROM item "
        "LEFT JOIN blob ON blob.number = item.container WHERE item.blob = ? "
        "ORDER BY item.container, item.path, item.id", (number,),
    )
    for row in rows:
        path = (row.path or b"") + below
        read = (row.name or decode_path(row.path or b"")) + shown
        if row.container is None:
            yield Occurrence(
                accession=row.accession or "", path=path, shown=read, chain=chain, modified=shown_time(row.modified),
            )
        elif steps < DEEPEST:
            yield from _walk(connection, row.container, b"!/" + path, "!/" + read, (row.digest, *chain), steps + 1)


def _count(connection: Connection, number: int) -> int:
    rows = connection.ask(
        "WITH RECURSIVE up(number) AS (SELECT ? UNION SELECT item.container FROM item JOIN up ON item.blob = up.number "
        "WHERE item.container IS NOT NULL) "
        "SELECT up.number, item.container, count(*) AS places FROM up JOIN item ON item.blob = up.number GROUP BY 1, 2",
        (number,),
    )
    edges: dict[int, list[tuple[int | None, int]]] = defaultdict(list)
    for row in rows:
        edges[row.number].append((row.container, row.places))
    totals: dict[int, int] = {}

    def total(current: int, steps: int) -> int:
        if current not in totals:
            totals[current] = 0
            totals[current] = sum(
                places if container is None else places * (total(container, steps + 1) if steps < DEEPEST else 0)
                for container, places in edges[current]
            )
        return totals[current]

    return total(number, 0)
