"""The tables of a SQLite database and their rows, as stored: no view, trigger or computed column is ever run.

Where a page is damaged, reading goes on behind it: rows are numbered, so that the next number that can be had is found
by doubling steps and then halving them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import apsw
import msgspec

from unburnt.read.charset import decode
from unburnt.read.formats.databases.sqlite_file import Database

MOST_TABLES = 10_000
_MOST_GAPS = 200
_MOST_RESULTS = 2_000
"""Columns that one question may ask for."""
_LAST: Final = (1 << 63) - 1
_ROW_ID_NAMES: Final = ("rowid", "_rowid_", "oid")
_VIRTUAL: Final = 2
"""``table_xinfo``: a column that is computed when it is asked for."""
_STORED: Final = (0, 3)


class Statement(msgspec.Struct, frozen=True):
    """One entry of the schema."""

    kind: str
    name: str
    sql: str


class Table(msgspec.Struct, frozen=True):
    """An ordinary table. *row_id* is the name under which a row's number can be had, None for a table without."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    """As declared, in capitals."""
    row_id: str | None
    shows_row_id: bool
    """Whether the row's number is a column of its own here: no stored column is another name for it."""
    computed: int
    """Columns that are computed, and not read."""
    is_internal: bool
    """Whether it belongs to SQLite itself or to a virtual table."""

    @property
    def headings(self) -> tuple[str, ...]:
        return (("rowid",) if self.shows_row_id else ()) + self.columns


class Losses(msgspec.Struct):
    """What of a table could not be read, and how many rows could."""

    kept: int = 0
    gaps: int = 0
    is_unfinished: bool = False

    def __bool__(self) -> bool:
        return bool(self.gaps) or self.is_unfinished


def statements(database: Database) -> list[Statement]:
    """The schema as it stands; raises ``apsw.Error`` where it cannot be read."""
    found = database.connection.execute("SELECT type, name, sql FROM sqlite_schema")
    return [Statement(str(kind), str(name), str(sql or "")) for kind, name, sql in found]


def tables(database: Database) -> tuple[list[Table], list[str]]:
    """Ordinary tables in the order of the schema, and the names of those whose definition makes no sense."""
    listed = database.connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    # Not PRAGMA table_list: it compiles every view, and takes all tables' time for each.
    names = {str(name): str(sql or "")[:40].upper().split()[:2] == ["CREATE", "VIRTUAL"] for name, sql in listed}
    virtual = {name for name, is_virtual in names.items() if is_virtual}
    found, broken = [], []
    for name in names:
        if name in virtual:
            continue
        try:
            table = _table(database, name, is_internal=name.startswith("sqlite_") or name.rpartition("_")[0] in virtual)
        except (apsw.Error, UnicodeDecodeError):
            table = None
        if table is not None:
            found.append(table)
        else:
            broken.append(name)
    return found, broken


def _table(database: Database, name: str, *, is_internal: bool) -> Table | None:
    info = list(database.connection.execute(f"PRAGMA table_xinfo({quoted(name)})"))
    columns = [(str(column), str(declared or "").upper(), key) for _, column, declared, _, _, key, hidden in info if hidden in _STORED]
    if not columns:
        return None
    keys = [declared for _, declared, key in columns if key]
    taken = {column.lower() for column, _, _ in columns}
    row_id = next((one for one in _ROW_ID_NAMES if one not in taken), None)
    if row_id and (len(columns) >= _MOST_RESULTS or not _has_numbers(database, name, row_id)):
        row_id = None
    return Table(
        name, tuple(column for column, _, _ in columns), tuple(declared for _, declared, _ in columns), row_id,
        row_id is not None and keys != ["INTEGER"], sum(hidden == _VIRTUAL for *_, hidden in info),
        is_internal,
    )  # fmt: skip


def _has_numbers(database: Database, name: str, row_id: str) -> bool:
    """Whether the table's rows are numbered: one WITHOUT ROWID knows no such column."""
    try:
        database.connection.execute(f"SELECT {row_id} FROM main.{quoted(name)} LIMIT 0")
    except apsw.SQLError:
        return False
    return True


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def rows(database: Database, table: Table, losses: Losses) -> Iterator[tuple[int | None, tuple[Any, ...]]]:
    """The number and the stored values of each row that can be had; *losses* tells afterwards what could not.

    Text that is not valid in the database's encoding is decoded as what it most likely is.
    """
    if table.row_id is None:
        yield from _unnumbered(database, table, losses)
        return
    last: int | None = None
    as_bytes = False
    while True:
        before = last
        try:
            for row_id, *values in _select(database, table, last, as_bytes=as_bytes):
                if last is not None and row_id <= last:
                    raise apsw.CorruptError("numbers that do not rise: branches lead back")
                last = row_id
                yield row_id, _decoded(values) if as_bytes else tuple(values)
            if not as_bytes:
                return
            # One row at a time has to be read as bytes; none there means that this was the end.
            if last == before:
                return
            as_bytes = False
        except UnicodeDecodeError:
            as_bytes = True
        except apsw.InterruptError:
            losses.is_unfinished = True
            database.check()
        except (apsw.CorruptError, apsw.TooBigError, apsw.NoMemError, apsw.IOError, apsw.FullError):
            as_bytes = False
            following = _next_after(database, table, last) if losses.gaps < _MOST_GAPS else None
            losses.gaps += 1
            if following is None:
                losses.is_unfinished = True
                return
            last = following


def _select(database: Database, table: Table, after: int | None, *, as_bytes: bool) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(map(_bytes_of if as_bytes else quoted, table.columns))
    where = "" if after is None else f" WHERE {table.row_id} > {after}"
    end = f" ORDER BY {table.row_id}" + (" LIMIT 1" if as_bytes else "")
    return iter(database.connection.execute(f"SELECT {table.row_id}, {columns} FROM main.{quoted(table.name)}{where}{end}"))


def _bytes_of(column: str) -> str:
    name = quoted(column)
    return f"typeof({name}) = 'text', CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"


def _decoded(values: list[Any]) -> tuple[Any, ...]:
    pairs = zip(values[::2], values[1::2], strict=True)
    return tuple(decode(value).text if is_text else value for is_text, value in pairs)


def _next_after(database: Database, table: Table, last: int | None) -> int | None:
    """The smallest number from which on a row can be read again; None where there is none."""
    start = last if last is not None else -1
    step = 1
    while not _can_read_after(database, table, start + step):
        step *= 2
        if start + step > _LAST:
            return None
    low, high = step // 2, step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _can_read_after(database, table, start + middle) else (middle, high)
    return start + high


def _can_read_after(database: Database, table: Table, number: int) -> bool:
    database.check()
    try:
        return any(True for _ in _select(database, table, number, as_bytes=True))
    except (apsw.Error, UnicodeDecodeError):
        return False


def _unnumbered(database: Database, table: Table, losses: Losses) -> Iterator[tuple[None, tuple[Any, ...]]]:
    """A table without numbered rows, from its beginning to its first damage."""
    name = f"main.{quoted(table.name)}"
    given = 0
    try:
        for values in database.connection.execute(f"SELECT {', '.join(map(quoted, table.columns))} FROM {name}"):
            yield None, values
            given += 1
        return
    except UnicodeDecodeError:
        pass
    except apsw.Error:
        losses.is_unfinished = True
        database.check()
        return
    try:
        columns = ", ".join(map(_bytes_of, table.columns))
        for values in database.connection.execute(f"SELECT {columns} FROM {name} LIMIT -1 OFFSET {given}"):
            yield None, _decoded(list(values))
    except (apsw.Error, UnicodeDecodeError):
        losses.is_unfinished = True
        database.check()
