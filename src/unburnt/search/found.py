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
Best = tuple[Numbers, list[float], int]


class View:
    """The index at one moment, and by slot the numbers that the catalogue gives its documents, -1 for unknown ones."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, table: SlotTable, numbers: Numbers) -> None:
        self.searcher, self.schema, self.table, self.numbers = searcher, schema, table, numbers

    def best(self, query: tantivy.Query, limit: int, order: str | None, *, count: bool = False) -> Best:
        """Numbers and scores by relevance, or with score 0 by the column *order*, largest first; and how many there are."""
        result: Any = self.searcher.search(query, max(1, limit), count=count, order_by_field=order)
        hits = result.hits
        scores = [0.0] * len(hits) if order else [score for score, _ in hits]
        return self.numbers[self.table.of(self.searcher, hits)], scores, result.count if count else len(hits)

    def every(self, query: tantivy.Query) -> Slots:
        """The slots of all that *query* finds."""
        return self.table.found(self.searcher, query)


class Found:
    """The documents that *query* finds and that *mask*, by number, lets through, in *order*; *first* are asked for at most.

    With *once* the query is run only once: finding out where signs follow each other costs more than carrying all hits.
    """

    def __init__(
        self, view: View, query: tantivy.Query, mask: Mask | None, *, order: str | None, first: int, once: bool
    ) -> None:
        self._view, self._query, self._mask, self._order = view, query, mask, order
        best = view.best(query, max(1, view.searcher.num_docs) if once else first, order, count=not once)
        self._listed = once or best[2] <= _LISTED
        if self._listed and len(best[0]) < best[2]:
            best = view.best(query, best[2], order)
        self._best = best
        self._slots: Slots = numpy.zeros(0, numpy.int64) if self._listed else view.every(query)
        found = best[0] if self._listed else view.numbers[self._slots]
        allowed = self._allowed(found)
        self._all = bool(allowed.all())
        self.numbers: Numbers = found if self._all else found[allowed]
        if not self._all and self._listed:
            self._best = self.numbers, [best[1][at] for at in numpy.flatnonzero(allowed)], self.total
        elif not self._all:
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
        numbers, scores, _ = self._best if self._listed or self._all else self._chosen(offset + limit)
        return list(zip(numbers[offset:offset + limit].tolist(), scores[offset:offset + limit], strict=True))

    def ranked(self, offset: int, limit: int, ranks: Numbers) -> Page:
        """One page in the order of *ranks* by number, with score 0."""
        if limit <= 0:
            return []
        order = numpy.argsort(ranks[self.numbers], kind="stable")[offset:offset + limit]
        return [(number, 0.0) for number in self.numbers[order].tolist()]

    def _chosen(self, wanted: int) -> Best:
        """The best of those that are allowed."""
        if self.total <= _FEW:
            chosen = tantivy.Query.term_set_query(self._view.schema, "slot", self._slots.tolist())
            named = tantivy.Query.boolean_query([
                (tantivy.Occur.Must, self._query), (tantivy.Occur.Must, tantivy.Query.const_score_query(chosen, 0.0))])
            return self._view.best(named, wanted, self._order)
        asked = wanted * _MORE
        while True:
            numbers, scores, found = self._view.best(self._query, asked, self._order)
            kept = numpy.flatnonzero(self._allowed(numbers))[:wanted]
            if len(kept) == wanted or found < asked:
                return numbers[kept], [scores[at] for at in kept], len(kept)
            asked *= _MORE

    def _allowed(self, numbers: Numbers) -> Mask:
        return numbers >= 0 if self._mask is None else (numbers >= 0) & self._mask[numbers]

