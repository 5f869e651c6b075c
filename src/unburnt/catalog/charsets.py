"""Charsets that containers declare for their members. One content may lie in several, each with another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from unburnt.model.charsets import charset_of, charsets_of, takes_charset

DECLARATIONS = (
    "(SELECT json_group_array(DISTINCT declared) FROM item WHERE item.blob = blob.number AND declared LIKE '%charset=%') AS declarations"
)
"""A column beside a row of ``blob``, for :func:`hints_in`."""


def hints_in(declarations: str) -> tuple[str, ...]:
    """The charsets with which a content is to be read, from :data:`DECLARATIONS`."""
    return charsets_of(json.loads(declarations)) if declarations != "[]" else ()


def await_charsets(connection: sqlite3.Connection, number: int) -> None:
    """Make a text wait again where a charset is declared for it that it was not read with. Its reading stays meanwhile."""
    row = connection.execute(
        f"SELECT json_extract(document.reading, '$.type'), json_extract(document.reading, '$.charsets'), {DECLARATIONS} FROM blob "
        "JOIN document ON document.blob = blob.number WHERE number = ? AND blob.outcome <> 'waiting' AND document.reading IS NOT NULL "
        "AND json_extract(document.reading, '$.read_with') IS NULL",
        (number,)).fetchone()
    if row is None or not takes_charset(row[0]):
        return
    if not set(hints_in(row[2])) <= set(json.loads(row[1] or "[]")):
        connection.execute("UPDATE blob SET outcome = 'waiting' WHERE number = ?", (number,))


def await_declared(connection: sqlite3.Connection, declared: Iterable[tuple[int | None, str | None]]) -> None:
    """The same for contents that came to stand in another container, each with what that declares of it."""
    for number in {number for number, one in declared if number is not None and charset_of(one) is not None}:
        await_charsets(connection, number)
