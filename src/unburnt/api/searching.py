"""Searching one archive: the engine and its index, loaded when the first question comes, since most commands ask none."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from unburnt.base.digests import Digest
from unburnt.catalog.catalog import Catalog
from unburnt.model.views import Results
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout

if TYPE_CHECKING:
    from unburnt.search.engine import Engine
    from unburnt.search.index import Index


class Searching:
    """Answers one question at a time; may be asked from several threads, and is to be closed."""

    def __init__(self, layout: Layout, catalog: Catalog, derived: Derived) -> None:
        self._layout, self._catalog, self._derived = layout, catalog, derived
        self._lock = threading.RLock()
        self._made: tuple[Index, Engine] | None = None

    def search(
        self, query: str, *, limit: int, offset: int, sort: str, filters: Mapping[str, list[str]], facets: bool
    ) -> Results:
        """One page of hits with snippets; raises :class:`QuerySyntaxError`."""
        with self._lock:
            return self._engine().search(query, limit=limit, offset=offset, sort=sort, filters=filters, facets=facets)

    def count(self, query: str, filters: Mapping[str, list[str]]) -> int:
        """How many documents a query finds."""
        with self._lock:
            return self._engine().count(query, filters)

    def highlight(self, document: Digest, ordinal: int, query: str) -> list[tuple[int, int]]:
        """Where the query's words stand in a part's text: ``[start, end)`` in code points."""
        with self._lock:
            return list(self._engine().highlight(document, ordinal, query))

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Nothing is searched and no file of the index held open while inside."""
        with self._lock:
            self.close()
            yield

    def close(self) -> None:
        """Let go of the index; the next question opens it again."""
        with self._lock:
            if self._made is not None:
                self._made[0].close()
            self._made = None

    def _engine(self) -> Engine:
        if self._made is None:
            from unburnt.search.engine import Engine  # with its columns of numbers
            from unburnt.search.index import Index

            index = Index(self._layout.index)
            self._made = index, Engine(index, self._catalog, self._derived)
        index, engine = self._made
        index.reload()
        return engine
