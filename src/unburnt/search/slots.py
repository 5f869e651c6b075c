"""Sets of hits as numbers in an array. The engine hands hits over one by one; sums it makes by itself, thousands of times
faster: each document has a slot and the bit 2^(slot mod 52), so the sum of bits over a block of 52 slots says which of
them were found. A double holds such a sum exactly (IEEE 754: 53 bits)."""

from __future__ import annotations

from typing import Any

import numpy
import tantivy
from numpy.typing import NDArray

from unburnt.search.index import SLOTS_A_BLOCK, Index

Slots = NDArray[numpy.int64]
_BLOCKS = 50_000
"""Blocks asked for at once; the engine refuses more than 65,000 buckets."""
_SUMS = {"blocks": {"histogram": {"field": "slot", "interval": SLOTS_A_BLOCK, "min_doc_count": 1},
                    "aggs": {"bits": {"sum": {"field": "bit"}}}}}


class SlotTable:
    """Which document is in which slot, kept up with the index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._epoch, self._generation = "", -1
        self._known = 0
        self.shorts: NDArray[numpy.uint64] = numpy.zeros(0, numpy.uint64)
        """By slot, the shortened digest."""
        self.version = self.era = 0
        """Version rises whenever ``shorts`` changes, era when a slot may be another document's than before."""

    def refresh(self, searcher: tantivy.Searcher) -> None:
        """Load the slots that were given out since the last call; *searcher* is of the index's last loaded commit."""
        if self._generation == self._index.generation:
            return
        epoch = self._index.epoch
        if epoch != self._epoch:
            self._known = 0
            self.era += 1
        new = tantivy.Query.range_query(
            self._index.schema, "slot", tantivy.FieldType.Unsigned, self._known, (1 << 62))
        result: Any = searcher.search(new, max(1, searcher.num_docs), count=False, order_by_field="slot")
        hits = result.hits
        if hits:
            last = int(hits[0][0])
            shorts = numpy.zeros(last + 1, numpy.uint64)
            shorts[:self._known] = self.shorts[:self._known]
            shorts[[slot for slot, _ in hits]] = numpy.array(
                searcher.fast_field_values("short", [address for _, address in hits]), numpy.uint64)
            self.shorts, self._known = shorts, last + 1
        self.version += 1
        self._epoch, self._generation = epoch, self._index.generation

    def found(self, searcher: tantivy.Searcher, query: tantivy.Query) -> Slots:
        """The slots of all documents that *query* finds, rising."""
        size = SLOTS_A_BLOCK * _BLOCKS
        if self._known <= size:
            return _slots(searcher.aggregate(query, _SUMS))
        return numpy.concatenate([
            _slots(searcher.aggregate(self._between(query, start, start + size - 1), _SUMS))
            for start in range(0, self._known, size)
        ])

    def _between(self, query: tantivy.Query, first: int, last: int) -> tantivy.Query:
        within = tantivy.Query.range_query(self._index.schema, "slot", tantivy.FieldType.Unsigned, first, last)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, within)])

    def of(self, searcher: tantivy.Searcher, hits: list[Any]) -> Slots:
        """The slots of hits as the engine gives them, in their order."""
        addresses = [address for _, address in hits]
        return numpy.array(searcher.fast_field_values("slot", addresses), numpy.int64)


def _slots(answer: dict[str, Any]) -> Slots:
    blocks = answer["blocks"]["buckets"]
    if not blocks:
        return numpy.zeros(0, numpy.int64)
    first = numpy.array([block["key"] for block in blocks], numpy.int64)
    bits = numpy.array([block["bits"]["value"] for block in blocks]).astype("<u8")
    found = numpy.unpackbits(bits.view(numpy.uint8).reshape(-1, 8), axis=1, bitorder="little")
    block, bit = numpy.nonzero(found)
    slots: Slots = first[block] + bit
    return slots
