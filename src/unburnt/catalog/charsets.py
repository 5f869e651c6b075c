"""Charsets that containers declare for their members. One content may lie in several, each with another."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from unburnt.model.charsets import MOST, charset_of, charsets_of, takes_charset

DECLARATIONS = (
    "(SELECT json_group_array(DISTINCT declared) FROM item WHERE item.blob = blob.number AND declared LIKE '%charset=%') AS declarations"
)
"""A column beside a row of ``blob``, for :func:`hints_in`."""


def hints_in(declarations: str) -> tuple[str, ...]:
    """The charsets with which a content is to be read, from :data:`DECLARATIONS`."""
    return charsets_of(json.loads(declarations)) if declarations != "[]" else ()


def await_charsets(connection: sqlite3.Connection, number: int) -> None:
    """Make a text wait again where a charset is declared for it that it was not read with. Its reading stays meanwhile."""
    known = _read_with(connection, number)
    if known is None:
        return
    (declarations,) = connection.execute(f"SELECT {DECLARATIONS} FROM blob WHERE number = ?", (number,)).fetchone()
    if not set(hints_in(declarations)) <= known:
        connection.execute("UPDATE blob SET outcome = 'waiting' WHERE number = ?", (number,))


def await_declared(connection: sqlite3.Connection, declared: Iterable[tuple[int | None, str | None]]) -> None:
    """The same for contents that came to stand in another container, each with what that declares of it.

    One card may stand in each of a million mails: all its places are looked at only for a name that is new.
    """
    said: dict[int, set[str]] = {}
    for number, one in declared:
        if number is not None and (name := charset_of(one)) is not None:
            said.setdefault(number, set()).add(name)
    for number, names in said.items():
        known = _read_with(connection, number)
        if known is not None and any(_may_be_tried(name, known) for name in names - known):
            await_charsets(connection, number)


def _read_with(connection: sqlite3.Connection, number: int) -> set[str] | None:
    """The charsets that a text was read with; None for what is no text, waits, or was read with another content."""
    row = connection.execute(
        "SELECT json_extract(document.reading, '$.type'), json_extract(document.reading, '$.charsets') FROM blob "
        "JOIN document ON document.blob = blob.number WHERE number = ? AND blob.outcome <> 'waiting' AND document.reading IS NOT NULL "
        "AND json_extract(document.reading, '$.read_with') IS NULL",
        (number,)).fetchone()
    return set(json.loads(row[1] or "[]")) if row is not None and takes_charset(row[0]) else None


def _may_be_tried(name: str, known: set[str]) -> bool:
    """Whether a new *name* comes before the last of those that are tried, as :func:`charsets_of` orders them."""
    return len(known) < MOST or name < max(known)
