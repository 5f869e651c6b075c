"""Searching: the index finds documents, the catalogue knows what can change, the texts show the places."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
import tantivy

from unburnt.base.digests import Digest
from unburnt.base.errors import UsageError
from unburnt.catalog.catalog import Catalog
from unburnt.model.reading import Part
from unburnt.model.views import Facet, Hit, Results, Snippet
from unburnt.search.highlight import Span, places, spans
from unburnt.search.index import Index, short_of
from unburnt.search.normalise import normalise
from unburnt.search.plan import Planner
from unburnt.search.query import Node, Term, parse
from unburnt.search.snippets import snippets as snippets_of
from unburnt.vault.derived import Derived

_FACET_VALUES = 50
_PATHS = 3
_decode_part = msgspec.json.Decoder(Part).decode


class Engine:
    """Answers queries. One instance per thread of asking, or guarded by the caller's lock."""

    def __init__(self, index: Index, catalog: Catalog, derived: Derived) -> None:
        self._index, self._catalog, self._derived = index, catalog, derived
        self._state: tuple[int, int] | None = None
        self._numbers: dict[int, int] = {}
        self._digests: dict[int, Digest] = {}

    def search(self, untrusted_query: str, *, limit: int = 20, offset: int = 0, sort: str = "relevance",
               filters: Mapping[str, list[str]] | None = None, facets: bool = True, snippets: int = 3) -> Results:
        """One page of hits. *sort*: ``relevance``, ``date`` (newest first) or ``path``.

        Raises :class:`QuerySyntaxError`, and :class:`UsageError` for unknown sorts and filters.
        """
        if sort not in ("relevance", "date", "path"):
            raise UsageError("Results cannot be sorted like that.", remedy="Use relevance, date or path.")
        node = parse(untrusted_query)
        found = self._found(node, filters or {}, sort)
        if sort == "path":
            found.sort(key=self._paths_of(found).__getitem__)
        page = found[offset:offset + limit]
        hits = tuple(self._hits(node, page, snippets))
        return Results(total=len(found), hits=hits, facets=self._facets(found) if facets else {})

    def count(self, untrusted_query: str, filters: Mapping[str, list[str]] | None = None) -> int:
        """How many documents a query finds."""
        return len(self._found(parse(untrusted_query), filters or {}, "relevance"))

    def highlight(self, digest: Digest, part_ordinal: int, untrusted_query: str) -> list[Span]:
        """Places ``[start, end)`` in code points of the part's text of record."""
        node = parse(untrusted_query)
        return next((spans(node, part.text) for part in self._parts(digest) if part.ordinal == part_ordinal), [])

    def _found(self, node: Node | None, filters: Mapping[str, list[str]], sort: str) -> list[tuple[int, float]]:
        searcher = self._index.searcher()
        self._refresh(searcher)
        query = Planner(self._index.schema, searcher, self._having, self._near).plan(node)
        found = self._run(searcher, query, "date" if sort == "date" else None)
        allowed = self._catalog.numbers_matching(filters)
        return found if allowed is None else [pair for pair in found if pair[0] in allowed]

    def _run(self, searcher: tantivy.Searcher, query: tantivy.Query, order: str | None) -> list[tuple[int, float]]:
        every = max(1, searcher.num_docs)
        result: Any = searcher.search(query, every, count=False, order_by_field=order)
        shorts = searcher.fast_field_values("short", [address for _, address in result.hits])
        known = self._numbers
        return [(known[short], 0.0 if order else score)  # type: ignore[index]  # the column holds whole numbers
                for short, (score, _) in zip(shorts, result.hits, strict=True) if short in known]

    def _refresh(self, searcher: tantivy.Searcher) -> None:
        state = (self._index.generation, searcher.num_docs)
        if self._state == state:
            return
        numbers = self._catalog.numbers_of(key for key, _ in searcher.terms_with_prefix("key", ""))
        self._numbers = {short_of(digest): number for digest, number in numbers.items()}
        self._digests = {number: digest for digest, number in numbers.items()}
        self._state = state

    def _having(self, name: str, value: str) -> Collection[Digest]:
        numbers = self._catalog.numbers_matching({name: [value]}) or ()
        return [self._digests[number] for number in numbers if number in self._digests]

    def _near(self, term: Term, rough: tantivy.Query) -> Collection[Digest]:
        candidates = [self._digests[number] for number, _ in self._run(self._index.searcher(), rough, None)]
        return [digest for digest in candidates
                if any(next(places(term, normalise(part.text)), None) for part in self._parts(digest))]

    def _parts(self, digest: Digest) -> Iterator[Part]:
        key = self._catalog.key_of(digest)
        if key is None:
            return
        number = 1
        while (chunk := self._derived.chunk(key, number)) is not None:
            yield _decode_part(chunk)
            number += 1

    def _paths_of(self, found: list[tuple[int, float]]) -> dict[tuple[int, float], bytes]:
        paths = {}
        for pair in found:
            places_of, _ = self._catalog.occurrences(self._digests[pair[0]], 1)
            paths[pair] = places_of[0].path if places_of else b""
        return paths

    def _hits(self, node: Node | None, page: list[tuple[int, float]], count: int) -> Iterator[Hit]:
        scores = dict(page)
        for facts in self._catalog.documents([number for number, _ in page]):
            occurrences, _ = self._catalog.occurrences(facts.digest, _PATHS)
            shown: tuple[Snippet, ...] = snippets_of(node, self._parts(facts.digest), count) if count and node else ()
            yield Hit(document=facts.digest, paths=tuple(place.path for place in occurrences), title=facts.title,
                      type=facts.type, lang=facts.lang, outcome=facts.outcome, date=facts.date,
                      score=scores[facts.number], snippets=shown)

    def _facets(self, found: list[tuple[int, float]]) -> dict[str, tuple[Facet, ...]]:
        counted = {name: values[:_FACET_VALUES] for name, values in
                   self._catalog.facets([number for number, _ in found]).items()}
        names = self._catalog.folder_names([int(value) for value, _ in counted.get("folder", []) if value.isdigit()])
        return {
            name: tuple(
                Facet(value=value, label=names.get(value, value) if name == "folder" else value, count=count)
                for value, count in values
            )
            for name, values in counted.items()
        }
