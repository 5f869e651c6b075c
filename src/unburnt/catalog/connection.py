"""Asking the catalogue: SQL in, rows with named columns out, from a pool of connections that cannot write.

Every statement here is SQLite's own SQL, so the standard library serves; an engine above it would take longer to load
than most commands to run.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

_MOST_IDLE = 8


class Rows:
    """The answer to one statement. Rows are named tuples; each method may be asked once."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Any]:
        return map(self._named(), self._cursor)

    def first(self) -> Any:
        """The first row, None where there is none."""
        row = self._cursor.fetchone()
        return None if row is None else self._named()(row)

    def tuples(self) -> list[tuple[Any, ...]]:
        """All rows at once, without names: the quickest way for many."""
        return self._cursor.fetchall()

    def scalar(self) -> Any:
        """The first column of the first row, None where there is none."""
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    def scalars(self) -> Iterator[Any]:
        """The first column of every row."""
        return (row[0] for row in self._cursor)

    def _named(self) -> Callable[[Sequence[Any]], Any]:
        return _row_class(tuple(column[0] for column in self._cursor.description))


@lru_cache(256)
def _row_class(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    new_class: Any = namedtuple  # mypy wants the names written out
    make: Callable[[Sequence[Any]], Any] = new_class("Row", names, rename=True)._make
    return make


class Connection:
    """One connection inside a read transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ask(self, statement: str, values: Sequence[Any] = ()) -> Rows:
        """What *statement* finds with *values* for its question marks."""
        return Rows(self._connection.execute(statement, values))


class Pool:
    """Reading connections, kept for the next who asks. Any thread may ask, and several at once."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read transaction: everything asked inside is of one moment."""
        try:
            connection = self._idle.pop()  # one operation of the interpreter: no other thread gets the same
        except IndexError:
            connection = self._connect()
        try:
            connection.execute("BEGIN")
            yield Connection(connection)
        finally:
            self._take_back(connection)

    def close(self) -> None:
        """Close what is idle; what is in use is closed by who uses it."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def _take_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            raise
        if self._closed or len(self._idle) >= _MOST_IDLE:
            connection.close()
        else:
            self._idle.append(connection)
