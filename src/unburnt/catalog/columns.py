"""What a search counts and filters by, as columns in memory: one entry per document number, kept up with the catalogue."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy
from numpy.typing import NDArray

from unburnt.base.digests import short_of
from unburnt.catalog.connection import Connection
from unburnt.catalog.path_order import path_order

Numbers = NDArray[numpy.int64]
Mask = NDArray[numpy.bool_]
_VALUES = ("type", "lang", "outcome", "year")
_TOPS = """
WITH RECURSIVE root(id) AS (SELECT id FROM folder WHERE parent IS NULL),
  top(id, top) AS (
    SELECT id, id FROM folder WHERE parent IS NULL OR parent IN root
    UNION ALL SELECT folder.id, top.top FROM folder JOIN top ON folder.parent = top.id
      WHERE top.id NOT IN root)
SELECT id, top FROM top
"""
_CHANGED = """
WITH RECURSIVE down(number) AS (
  SELECT number FROM blob WHERE changed >= ?
  UNION SELECT item.blob FROM item JOIN down ON item.container = down.number WHERE item.blob IS NOT NULL)
SELECT number FROM down
"""
_DOCUMENTS = (
    "SELECT blob.number, blob.digest, document.blob IS NOT NULL FROM {which} "
    "LEFT JOIN document ON document.blob = blob.number"
)
_FACTS = (
    "SELECT blob.number, document.type, document.lang, blob.outcome, document.year FROM {which} "
    "JOIN document ON document.blob = blob.number"
)
# Walked upwards, from a content to all that was received of it: members share the places of what holds them.
_PLACES = """
WITH RECURSIVE up(start, number) AS (
  SELECT {start}
  UNION SELECT up.start, item.container FROM up JOIN item ON item.blob = up.number WHERE item.container IS NOT NULL)
SELECT DISTINCT up.start, item.accession, item.folder FROM up JOIN item ON item.blob = up.number
WHERE item.container IS NULL ORDER BY up.start
"""
_MANY = 5
"""When more than one part in so many changed, everything is loaded anew."""


class _Codes:
    """A small whole number for each distinct value, 0 for none."""

    def __init__(self) -> None:
        self.values: list[Any] = [None]
        self._of: dict[Hashable, int] = {None: 0, "": 0}

    def of(self, value: Hashable) -> int:
        code = self._of.get(value)
        if code is None:
            code = self._of[value] = len(self.values)
            self.values.append(value)
        return code

    def known(self, value: Hashable) -> int:
        """The code, -1 for a value that nothing has."""
        return self._of.get(value, -1)


class Columns:
    """One thread at a time. ``version`` rises with every change, ``era`` when a number may mean another document.

    Which documents there are is loaded by :meth:`refresh`; the rest when it is asked for, and then only what changed.
    """

    def __init__(self) -> None:
        self.version = self.era = 0
        self._state: tuple[int, int] = (-2, -1)
        self._seen: list[int] = []
        self._tops_below_roots: frozenset[int] = frozenset()
        self._codes = {name: _Codes() for name in (*_VALUES, "place")}
        self._columns: dict[str, NDArray[numpy.int32]] = {name: numpy.zeros(0, numpy.int32) for name in self._codes}
        self._pending: dict[str, list[int] | None] = {}
        """What is not loaded yet: facts, places; None for all."""
        self._shorts: NDArray[numpy.uint64] = numpy.zeros(0, numpy.uint64)
        self._known: Mask = numpy.zeros(0, bool)
        self._order: tuple[NDArray[numpy.uint64], Numbers] | None = None
        self._paths: Numbers | None = None

    def refresh(self, connection: Connection) -> None:
        """Learn what changed since the last call."""
        applied, removed = connection.ask(
            "SELECT (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'applied'), "
            "(SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'removed')").first()
        changed = None
        if removed == self._state[1]:
            changed = list(connection.ask(_CHANGED, (self._state[0],)).scalars())
            # What waits again without an event stays marked until the next event: the same was loaded already.
            if not changed or (applied == self._state[0] and changed == self._seen):
                self._state = (applied, removed)
                return
            self._seen = changed
        changed = self._unless_many(changed)
        self._load_documents(connection, changed)
        for name in ("facts", "places"):
            before = self._pending.get(name, [])
            both = None if before is None or changed is None else [*before, *changed]
            self._pending[name] = self._unless_many(both)
        self._paths = None
        self.version += 1
        self._state = (applied, removed)

    def _unless_many(self, changed: list[int] | None) -> list[int] | None:
        return None if changed is None or len(changed) * _MANY > len(self._known) else changed

    def numbers(self, shorts: NDArray[numpy.uint64]) -> Numbers:
        """The documents' numbers for the shortened digests, -1 for what the catalogue does not hold as a document."""
        if self._order is None:
            numbers = numpy.flatnonzero(self._known)
            order = numpy.argsort(self._shorts[numbers], kind="stable")
            self._order = self._shorts[numbers[order]], numbers[order]
        sorted_shorts, numbers = self._order
        if not len(numbers):
            return numpy.full(len(shorts), -1, numpy.int64)
        at = numpy.minimum(numpy.searchsorted(sorted_shorts, shorts), len(numbers) - 1)
        return numpy.where(sorted_shorts[at] == shorts, numbers[at], -1)

    def counts(self, connection: Connection, numbers: Numbers) -> dict[str, list[tuple[str, int]]]:
        """Per facet its values among *numbers*, commonest first."""
        self._load(connection, "facts", "places")
        found = {name: self._tally(name, numbers) for name in _VALUES}
        deliveries: dict[Any, int] = {}
        folders: dict[Any, int] = {}
        for (accessions, tops), count in self._tally("place", numbers):
            for values, tally in ((accessions, deliveries), (tops, folders)):
                for value in values:
                    tally[value] = tally.get(value, 0) + count
        found["delivery"], found["folder"] = list(deliveries.items()), list(folders.items())
        return {name: sorted(((str(value), count) for value, count in pairs), key=lambda pair: (-pair[1], pair[0]))
                for name, pairs in found.items()}

    def _tally(self, name: str, numbers: Numbers) -> list[tuple[Any, int]]:
        values = self._codes[name].values
        counted = numpy.bincount(self._columns[name][numbers], minlength=len(values))
        return [(values[code], int(counted[code])) for code in numpy.flatnonzero(counted) if code]

    def having(self, connection: Connection, name: str, value: str) -> Mask | None:
        """The documents with a facet's *value*, None where columns cannot tell (a folder further down)."""
        self._load(connection, "places" if name in ("delivery", "folder") else "facts")
        if name in ("delivery", "folder"):
            wanted: str | int = int(value) if name == "folder" else value
            which = 1 if name == "folder" else 0
            if name == "folder" and wanted not in self._tops_below_roots:
                return None
            codes = [code for code, places in enumerate(self._codes["place"].values)
                     if places is not None and wanted in places[which]]
            return numpy.isin(self._columns["place"], codes)
        code = self._codes[name].known((int(value) if value.isdigit() else None) if name == "year" else value)
        return self._columns[name] == code if code > 0 else numpy.zeros(len(self._known), bool)

    def mask(self, numbers: Iterable[int]) -> Mask:
        """The same documents as a mask."""
        found = numpy.zeros(len(self._known), bool)
        wanted = numpy.fromiter(numbers, numpy.int64)
        found[wanted[wanted < len(found)]] = True
        return found

    def path_ranks(self, connection: Connection) -> Numbers:
        """For each number where its first path stands among all; kept until something changes."""
        if self._paths is None:
            self._paths = path_order(connection, len(self._known))
        return self._paths

    def _load_documents(self, connection: Connection, changed: list[int] | None) -> None:
        rows = _rows(connection, _DOCUMENTS, changed)
        size = max([len(self._known) if changed is not None else 1, *(row[0] + 1 for row in rows)])
        if changed is None:
            self._shorts, self._known = numpy.zeros(size, numpy.uint64), numpy.zeros(size, bool)
            self._order = None
            self.era += 1
        self._shorts, self._known = _longer(self._shorts, size), _longer(self._known, size)
        if rows:
            numbers, digests, known = zip(*rows, strict=True)
            at = numpy.array(numbers, numpy.int64)
            self._shorts[at] = numpy.fromiter(map(short_of, digests), numpy.uint64, len(at))
            new = at[numpy.array(known, bool) & ~self._known[at]]
            self._known[new] = True
            if self._order is not None:
                self._order = _with(self._order, self._shorts[new], new)

    def _load(self, connection: Connection, *names: str) -> None:
        for name in names:
            changed = self._pending.pop(name, [])
            if changed == [] and len(self._columns["type" if name == "facts" else "place"]) == len(self._known):
                continue
            for column in _VALUES if name == "facts" else ("place",):
                before = self._columns[column] if changed is not None else numpy.zeros(0, numpy.int32)
                self._columns[column] = _longer(before, len(self._known))
            if name == "facts":
                self._load_facts(connection, changed)
            else:
                self._load_places(connection, changed)

    def _load_facts(self, connection: Connection, changed: list[int] | None) -> None:
        rows = _rows(connection, _FACTS, changed)
        if rows:
            numbers, *values = zip(*rows, strict=True)
            at = numpy.array(numbers, numpy.int64)
            for name, column in zip(_VALUES, values, strict=True):
                self._columns[name][at] = numpy.fromiter(map(self._codes[name].of, column), numpy.int32, len(at))

    def _load_places(self, connection: Connection, changed: list[int] | None) -> None:
        tops, self._tops_below_roots = _tops(connection)
        if changed is None:
            rows = connection.ask(_PLACES.format(start="number, number FROM blob"))
        else:
            start = "value, value FROM json_each(?)"
            rows = connection.ask(_PLACES.format(start=start), (json.dumps(changed),))
            self._columns["place"][numpy.array(changed, numpy.int64)] = 0
        code_of: Callable[[Hashable], int] = self._codes["place"].of
        found: dict[int, set[tuple[str | None, int | None]]] = {}
        for number, accession, folder in rows.tuples():
            found.setdefault(number, set()).add((accession, tops.get(folder)))
        alike: dict[frozenset[tuple[str | None, int | None]], int] = {}
        column = self._columns["place"]
        for number, pairs in found.items():
            key = frozenset(pairs)
            code = alike.get(key)
            if code is None:
                code = alike[key] = code_of((frozenset(one for one, _ in key if one is not None),
                                             frozenset(one for _, one in key if one is not None)))
            column[number] = code


def _rows(connection: Connection, statement: str, changed: list[int] | None) -> list[Any]:
    if changed is None:
        return connection.ask(statement.format(which="blob")).tuples()  # at once: a third of the time
    which = "json_each(?) AS wanted JOIN blob ON blob.number = wanted.value"
    return connection.ask(statement.format(which=which), (json.dumps(changed),)).tuples()


def _tops(connection: Connection) -> tuple[dict[int, int], frozenset[int]]:
    """Each folder's uppermost folder below the delivery's root (the root for itself), and which of those are no roots."""
    tops = {row[0]: row[1] for row in connection.ask(_TOPS)}
    roots = set(connection.ask("SELECT id FROM folder WHERE parent IS NULL").scalars())
    return tops, frozenset(tops.values()) - roots


def _with(order: tuple[Any, Any], shorts: Any, numbers: Any) -> tuple[Any, Any]:
    """Put further documents where they belong: sorting all again takes longer than a search."""
    own = numpy.argsort(shorts)
    at = numpy.searchsorted(order[0], shorts[own])
    return numpy.insert(order[0], at, shorts[own]), numpy.insert(order[1], at, numbers[own])


def _longer(column: Any, size: int) -> Any:
    if size <= len(column):
        return column
    longer = numpy.zeros(size, column.dtype)
    longer[:len(column)] = column
    return longer
