"""The order of documents by their first path, asked for in one query."""

from __future__ import annotations

from typing import Any

import numpy

from unburnt.catalog.connection import Connection

_FIRST = (
    "SELECT blob, container, path FROM item WHERE blob IS NOT NULL ORDER BY blob, container, path, id"
)
_DEEPEST = 200


def path_order(connection: Connection, size: int) -> Any:
    """For each document number below *size* its place in the order of first paths; where there is none, the first.

    The first path is the one a list of places begins with: received before contained, then by path.
    """
    first: dict[int, tuple[int | None, bytes]] = {}
    for number, container, path in connection.ask(_FIRST).tuples():
        if number not in first:
            first[number] = container, path or b""
    paths: list[bytes] = [b""] * size
    for number in first:
        if number < size:
            paths[number] = _path(first, number)
    ranks = numpy.empty(size, numpy.int64)
    ranks[sorted(range(size), key=paths.__getitem__)] = numpy.arange(size)
    return ranks


def _path(first: dict[int, tuple[int | None, bytes]], number: int) -> bytes:
    pieces: list[bytes] = []
    current: int | None = number
    while current is not None and current in first and len(pieces) < _DEEPEST:
        current, path = first[current]
        pieces.append(path)
    return b"!/".join(reversed(pieces))
