"""Searching: the index finds documents, the catalogue knows what can change, the texts show the places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import numpy
import tantivy

from unburnt.base.digests import Digest
from unburnt.base.errors import UsageError
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.columns import Mask, Numbers
from unburnt.catalog.facets import Facts
from unburnt.model.views import Results
from unburnt.search.found import Found, View
from unburnt.search.highlight import Span, spans
from unburnt.search.hits import facets as facets_of
from unburnt.search.hits import hits, is_near, part
from unburnt.search.index import Index
from unburnt.search.plan import Condition, Planner, conditions
from unburnt.search.query import Field, Node, Term, parse
from unburnt.search.slots import Slots, SlotTable
from unburnt.vault.derived import Derived

_LOOKED_AT = 50
"""Of so many documents the texts are read; of more, the index sorts out first what is near by its own count."""


class Engine:
    """Answers queries. One instance per thread of asking, or guarded by the caller's lock."""

    def __init__(self, index: Index, catalog: Catalog, derived: Derived) -> None:
        self._index, self._catalog, self._derived = index, catalog, derived
        self._table = SlotTable(index)
        self._numbers: Numbers = numpy.zeros(0, numpy.int64)
        self._state = (-1, -1, -1, -1)

    def search(self, untrusted_query: str, *, limit: int = 20, offset: int = 0, sort: str = "relevance",
               filters: Mapping[str, list[str]] | None = None, facets: bool = True, snippets: int = 3) -> Results:
        """One page of hits. *sort*: ``relevance``, ``date`` (newest first) or ``path``.

        Raises :class:`QuerySyntaxError`, and :class:`UsageError` for unknown sorts and filters.
        """
        if sort not in ("relevance", "date", "path"):
            raise UsageError("Results cannot be sorted like that.", remedy="Use relevance, date or path.")
        node = parse(untrusted_query)
        first = offset + limit if sort != "path" else 0
        with self._asked(node, filters or {}, "date" if sort == "date" else None, first) as (facts, found):
            page = found.ranked(offset, limit, facts.path_ranks()) if sort == "path" else found.page(offset, limit)
            return Results(total=found.total, hits=tuple(hits(facts, self._derived, node, page, snippets)),
                           facets=facets_of(facts, found) if facets else {})

    def count(self, untrusted_query: str, filters: Mapping[str, list[str]] | None = None) -> int:
        """How many documents a query finds."""
        with self._asked(parse(untrusted_query), filters or {}) as (_, found):
            return found.total

    def highlight(self, digest: Digest, part_ordinal: int, untrusted_query: str) -> list[Span]:
        """Places ``[start, end)`` in code points of the part's text of record."""
        node = parse(untrusted_query)
        key = self._catalog.key_of(digest)
        shown = part(self._derived, key, part_ordinal) if key and part_ordinal >= 0 else None
        return spans(node, shown.text) if shown else []

    @contextmanager
    def _asked(
        self, node: Node | None, filters: Mapping[str, list[str]], order: str | None = None, first: int = 0
    ) -> Iterator[tuple[Facts, Found]]:
        """What a query finds, and the catalogue at the moment of asking."""
        searcher = self._index.searcher()
        self._table.refresh(searcher)
        with self._catalog.facts() as facts:
            self._join(facts)
            view = View(searcher, self._index.schema, self._table, self._numbers)
            planner = Planner(view.schema, searcher, partial(_having, view, facts), partial(self._near, view, facts))
            rest, asked = conditions(node)
            query = planner.plan(rest)
            mask = _all_of(facts, filters, asked)
            yield facts, Found(view, query, mask, order=order, first=first, once=planner.has_sequences)

    def _join(self, facts: Facts) -> None:
        """Know the number of the document in each slot, asking only for those not known yet."""
        state = (self._table.version, facts.version, self._table.era, facts.era)
        if state == self._state:
            return
        numbers = numpy.full(len(self._table.shorts), -1, numpy.int64)
        if state[2:] == self._state[2:]:
            numbers[:len(self._numbers)] = self._numbers
        unknown = numpy.flatnonzero(numbers < 0)
        numbers[unknown] = facts.numbers(self._table.shorts[unknown])
        self._numbers, self._state = numbers, state

    def _near(self, view: View, facts: Facts, term: Term, field: str, rough: tantivy.Query,
              surely: tantivy.Query | None) -> Slots:
        """The slots of those documents of *rough* in whose texts the words of *term* stand near each other."""
        slots = view.every(rough)
        sure = view.every(surely) if surely is not None and len(slots) > _LOOKED_AT else slots[:0]
        rest = numpy.setdiff1d(slots, sure, assume_unique=True)
        numbers = view.numbers[rest].tolist()
        keys = facts.keys(numbers)
        near = [number in keys and is_near(self._derived, keys[number], term, field) for number in numbers]
        found: Slots = numpy.concatenate([sure, rest[numpy.array(near, bool)]])
        return found


def _having(view: View, facts: Facts, field: Field) -> Slots:
    mask = facts.matching({field.name: [field.value.text]})
    assert mask is not None
    slots: Slots = numpy.flatnonzero((view.numbers >= 0) & mask[view.numbers])
    return slots


def _all_of(facts: Facts, filters: Mapping[str, list[str]], asked: list[Condition]) -> Mask | None:
    result = facts.matching(filters)
    for field, shall_hold in asked:
        mask = facts.matching({field.name: [field.value.text]})
        assert mask is not None
        mask = mask if shall_hold else ~mask
        result = mask if result is None else result & mask
    return result
