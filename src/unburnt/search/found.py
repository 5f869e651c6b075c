"""What a query found: all of it as numbers, and one page of it in order."""

from __future__ import annotations

from typing import Any

import numpy
import tantivy

from unburnt.catalog.columns import Mask, Numbers
from unburnt.search.slots import Slots, SlotTable

_FEW = 1_000
"""So many documents can be named to the engine; of more, enough come up when its best hits are gone through."""
_MORE = 4
Page = list[tuple[int, float]]


class Found:
    """The documents that *query* finds and that *mask*, by number, lets through. *numbers* by slot, -1 for unknown."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, table: SlotTable, numbers: Numbers,
                 query: tantivy.Query, mask: Mask | None) -> None:
        self._searcher, self._schema, self._table, self._by_slot = searcher, schema, table, numbers
        self._query, self._mask = query, mask
        slots = table.found(searcher, query)
        found = numbers[slots]
        allowed = found >= 0 if mask is None else (found >= 0) & mask[found]
        self._all = bool(allowed.all())
        self._slots: Slots = slots if self._all else slots[allowed]
        self.numbers: Numbers = found if self._all else found[allowed]

    @property
    def total(self) -> int:
        """How many documents."""
        return len(self.numbers)

    def page(self, offset: int, limit: int, order: str | None) -> Page:
        """(number, score) of one page by relevance, or by the column *order*, largest first, and score 0."""
        limit = min(limit, self.total - offset)
        if limit <= 0:
            return []
        if self._all:
            return self._best(self._query, offset, limit, order)
        if self.total <= _FEW:
            chosen = tantivy.Query.term_set_query(self._schema, "slot", self._slots.tolist())
            named = tantivy.Query.boolean_query([
                (tantivy.Occur.Must, self._query),
                (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0))])
            return self._best(named, offset, limit, order)
        return self._sifted(offset, limit, order)

    def ranked(self, offset: int, limit: int, ranks: Numbers) -> Page:
        """One page in the order of *ranks* by number."""
        if limit <= 0:
            return []
        order = numpy.argsort(ranks[self.numbers], kind="stable")[offset:offset + limit]
        return [(number, 0.0) for number in self.numbers[order].tolist()]

    def _best(self, query: tantivy.Query, offset: int, limit: int, order: str | None) -> Page:
        result: Any = self._searcher.search(query, limit, count=False, order_by_field=order, offset=offset)
        hits = result.hits
        numbers = self._by_slot[self._table.of(self._searcher, hits)].tolist()
        return [(number, 0.0 if order else score) for number, (score, _) in zip(numbers, hits, strict=True)]

    def _sifted(self, offset: int, limit: int, order: str | None) -> Page:
        wanted = offset + limit
        asked = wanted * _MORE
        while True:
            best = self._best(self._query, 0, asked, order)
            kept = [(number, score) for number, score in best if self._is_allowed(number)]
            if len(kept) >= wanted or len(best) < asked:
                return kept[offset:wanted]
            asked *= _MORE

    def _is_allowed(self, number: int) -> bool:
        return number >= 0 and (self._mask is None or bool(self._mask[number]))
