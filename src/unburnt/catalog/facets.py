"""Facts that can change, for search: filters as sets of document numbers, and facet counts."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from sqlalchemy import Connection

from unburnt.base.digests import Digest
from unburnt.base.errors import UsageError
from unburnt.catalog.occurrences import DELIVERY_REACH, FOLDER_REACH, PATH_REACH

FACETS = ("type", "lang", "outcome", "folder", "year", "delivery")
_COMBINED = """
WITH RECURSIVE
  top(id, top) AS (
    SELECT id, id FROM folder WHERE parent IS NULL OR parent IN (SELECT id FROM folder WHERE parent IS NULL)
    UNION ALL SELECT folder.id, top.top FROM folder JOIN top ON folder.parent = top.id
      WHERE folder.parent NOT IN (SELECT id FROM folder WHERE parent IS NULL)),
  place(number, delivery, folder) AS (
    SELECT item.blob, item.accession, top.top FROM item LEFT JOIN top ON top.id = item.folder
      WHERE item.container IS NULL AND item.blob IS NOT NULL
    UNION SELECT item.blob, place.delivery, place.folder FROM item JOIN place ON item.container = place.number
      WHERE item.blob IS NOT NULL)
SELECT number, delivery, folder FROM place
"""
Combination = tuple[str, str, str, str, frozenset[str], frozenset[str]]


class FacetColumns:
    """One small integer per document for its combination of facts: 50,000 hits count in milliseconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._of: dict[int, int] = {}
        self._combinations: list[Combination] = []

    def counts(self, connection: Connection, numbers: Collection[int]) -> dict[str, list[tuple[str, int]]]:
        """Per facet its values among *numbers*, commonest first."""
        of, combinations = self._columns(connection)
        tally = Counter(map(of.get, numbers))
        counters: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for index, count in tally.items():
            if index is None:
                continue
            kind, lang, outcome, year, deliveries, tops = combinations[index]
            for name, value in (("type", kind), ("lang", lang), ("outcome", outcome), ("year", year)):
                if value:
                    counters[name][value] += count
            for value in deliveries:
                counters["delivery"][value] += count
            for value in tops:
                counters["folder"][value] += count
        return {name: sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])) for name, counter in
                counters.items()}

    def _columns(self, connection: Connection) -> tuple[dict[int, int], list[Combination]]:
        state = connection.exec_driver_sql(
            "SELECT CAST(value AS INTEGER), (SELECT count(*) FROM blob WHERE outcome = 'waiting') FROM meta "
            "WHERE name = 'applied'").one()
        with self._lock:  # one thread loads, the others wait for what it loads
            if self._state != tuple(state):
                self._of, self._combinations = _load(connection)
                self._state = (state[0], state[1])
            return self._of, self._combinations


def _load(connection: Connection) -> tuple[dict[int, int], list[Combination]]:
    deliveries: dict[int, set[str]] = defaultdict(set)
    tops: dict[int, set[str]] = defaultdict(set)
    for number, delivery, folder in connection.exec_driver_sql(_COMBINED):
        if delivery is not None:
            deliveries[number].add(delivery)
        if folder is not None:
            tops[number].add(str(folder))
    known: dict[Combination, int] = {}
    of: dict[int, int] = {}
    nothing: frozenset[str] = frozenset()
    for number, kind, lang, outcome, year in connection.exec_driver_sql(
        "SELECT blob.number, document.type, document.lang, blob.outcome, document.year FROM blob "
        "JOIN document ON document.blob = blob.number"
    ):
        combination = (kind or "", lang or "", outcome, "" if year is None else str(year),
                       frozenset(deliveries.get(number, nothing)), frozenset(tops.get(number, nothing)))
        of[number] = known.setdefault(combination, len(known))
    return of, list(known)


def numbers_of(connection: Connection, digests: Iterable[Digest]) -> dict[Digest, int]:
    """The numbers of these documents; unknown ones are left out."""
    rows = connection.exec_driver_sql(
        "SELECT blob.digest, blob.number FROM json_each(?) AS wanted JOIN blob ON blob.digest = wanted.value",
        (json.dumps(list(digests)),))
    return {row[0]: row[1] for row in rows}


def _column(name: str) -> Callable[[str], tuple[str, str]]:
    return lambda value: (f"SELECT blob FROM document WHERE {name} = ?", value)


_FILTERS: dict[str, Callable[[str], tuple[str, str]]] = {
    "type": _column("type"),
    "lang": _column("lang"),
    "year": _column("year"),
    "outcome": lambda value: ("SELECT number FROM blob WHERE outcome = ?", value),
    "delivery": lambda value: (f"{DELIVERY_REACH} SELECT number FROM reach", value),
    "folder": lambda value: (f"{FOLDER_REACH} SELECT number FROM reach", value),
    "path": lambda value: (f"{PATH_REACH} SELECT number FROM reach", value.casefold()),
}


def numbers_matching(connection: Connection, filters: Mapping[str, list[str]]) -> set[int] | None:
    """The documents that every filter lets through; None when there is no filter."""
    result: set[int] | None = None
    for name, untrusted_values in filters.items():
        if not untrusted_values:
            continue
        if name not in _FILTERS:
            raise UsageError("There is no such filter.", remedy=f"Filters are: {', '.join(_FILTERS)}.")
        found: set[int] = set()
        for untrusted_value in untrusted_values:
            statement, value = _FILTERS[name](untrusted_value.encode("utf-8", "replace").decode())
            if name in ("folder", "year") and not value.isascii() or name == "folder" and not value.isdigit():
                continue
            parameter: str | int = int(value) if name == "folder" else value
            found.update(connection.exec_driver_sql(statement, (parameter,)).scalars())
        result = found if result is None else result & found
    return result
