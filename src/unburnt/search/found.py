"""What a query found: all of it as numbers, and one page of it in order."""

from __future__ import annotations

from typing import Any

import numpy
import tantivy

from unburnt.catalog.columns import Mask, Numbers
from unburnt.search.slots import Slots, SlotTable

_LISTED = 5_000
"""So many hits are faster taken one by one, each with its score, than as a set."""
_FEW = 1_000
"""So many documents can be named to the engine; of more, enough come up when its best hits are gone through."""
_MORE = 4
Page = list[tuple[int, float]]


class View:
    """The index at one moment, and by slot the numbers that the catalogue gives its documents, -1 for unknown ones."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, table: SlotTable, numbers: Numbers) -> None:
        self.searcher, self.schema, self.table, self.numbers = searcher, schema, table, numbers

    def best(self, query: tantivy.Query, limit: int, order: str | None, offset: int = 0) -> tuple[Numbers, list[float]]:
        """Numbers and scores by relevance, or with score 0 by the column *order*, largest first."""
        result: Any = self.searcher.search(query, limit, count=False, order_by_field=order, offset=offset)
        hits = result.hits
        scores = [0.0] * len(hits) if order else [score for score, _ in hits]
        return self.numbers[self.table.of(self.searcher, hits)], scores

    def every(self, query: tantivy.Query) -> Slots:
        """The slots of all that *query* finds."""
        return self.table.found(self.searcher, query)


class Found:
    """The documents that *query* finds and that *mask*, by number, lets through, in *order*.

    With *once* the query is run only once: finding out where signs follow each other costs more than carrying all hits.
    """

    def __init__(self, view: View, query: tantivy.Query, mask: Mask | None, order: str | None, once: bool) -> None:
        self._view, self._query, self._mask, self._order = view, query, mask, order
        size = max(1, view.searcher.num_docs)
        if not once:
            counted: Any = view.searcher.search(query, 1, count=True)
            size = counted.count
        self._listed = once or size <= _LISTED
        self._slots: Slots = numpy.zeros(0, numpy.int64)
        if not self._listed:
            self._slots = view.every(query)
            found = view.numbers[self._slots]
        elif size:
            found, self._scores = view.best(query, size, order)
        else:
            found, self._scores = numpy.zeros(0, numpy.int64), []
        allowed = self._allowed(found)
        self._all = bool(allowed.all())
        if self._all:
            self.numbers: Numbers = found
            return
        self.numbers = found[allowed]
        if self._listed:
            self._scores = [self._scores[at] for at in numpy.flatnonzero(allowed)]
        else:
            self._slots = self._slots[allowed]

    @property
    def total(self) -> int:
        """How many documents."""
        return len(self.numbers)

    def page(self, offset: int, limit: int) -> Page:
        """(number, score) of one page."""
        limit = min(limit, self.total - offset)
        if limit <= 0:
            return []
        if self._listed:
            return _page(self.numbers[offset:offset + limit], self._scores[offset:offset + limit])
        if self._all:
            return _page(*self._view.best(self._query, limit, self._order, offset))
        if self.total <= _FEW:
            return self._of_few(offset, limit)
        return self._sifted(offset, limit)

    def ranked(self, offset: int, limit: int, ranks: Numbers) -> Page:
        """One page in the order of *ranks* by number, with score 0."""
        if limit <= 0:
            return []
        order = numpy.argsort(ranks[self.numbers], kind="stable")[offset:offset + limit]
        return [(number, 0.0) for number in self.numbers[order].tolist()]

    def _of_few(self, offset: int, limit: int) -> Page:
        chosen = tantivy.Query.term_set_query(self._view.schema, "slot", self._slots.tolist())
        named = tantivy.Query.boolean_query([
            (tantivy.Occur.Must, self._query), (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0))])
        return _page(*self._view.best(named, limit, self._order, offset))

    def _sifted(self, offset: int, limit: int) -> Page:
        wanted = offset + limit
        asked = wanted * _MORE
        while True:
            numbers, scores = self._view.best(self._query, asked, self._order)
            kept = numpy.flatnonzero(self._allowed(numbers))
            if len(kept) >= wanted or len(numbers) < asked:
                kept = kept[offset:wanted]
                return _page(numbers[kept], [scores[at] for at in kept])
            asked *= _MORE

    def _allowed(self, numbers: Numbers) -> Mask:
        return numbers >= 0 if self._mask is None else (numbers >= 0) & self._mask[numbers]


def _page(numbers: Numbers, scores: list[float]) -> Page:
    return list(zip(numbers.tolist(), scores, strict=True))
