"""What the desk remembers while it runs, and nowhere else: searches, report filters, what an export gave.

Names and search words must stand in no address, title or history; so each is kept here under an opaque
identifier, and only the identifier travels. Nothing is written to disk; closing the desk forgets all.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Kept = TypeVar("Kept")
RowKey = tuple[str, int, str]
"""Document, part, cell address."""


@dataclass(frozen=True)
class StoredSearch:
    """A search as asked. ``filters`` maps a facet to its chosen values."""

    query: str
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = "relevance"
    rows: dict[RowKey, tuple[tuple[str, str], ...]] = field(default_factory=dict, compare=False)
    """Rows with their headings as results showed them, to be shown again beside the sheet."""

    def by_facet(self) -> dict[str, list[str]]:
        """The filters in the form that the archive takes."""
        grouped: dict[str, list[str]] = {}
        for facet, value in self.filters:
            grouped.setdefault(facet, []).append(value)
        return grouped


@dataclass(frozen=True)
class StoredFilter:
    """What the reading report is narrowed to."""

    outcome: str = ""
    type: str = ""
    text: str = ""


class Shelf(Generic[Kept]):
    """At most *size* things under opaque identifiers; the longest unused one goes first."""

    def __init__(self, size: int = 500) -> None:
        self._size = size
        self._things: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, thing: Kept) -> str:
        """Keep *thing*; equal things share one identifier."""
        with self._lock:
            for key, known in self._things.items():
                if known == thing:
                    self._things.move_to_end(key)
                    return key
            key = secrets.token_urlsafe(9)
            self._things[key] = thing
            while len(self._things) > self._size:
                self._things.popitem(last=False)
            return key

    def get(self, untrusted_key: str | None) -> Kept | None:
        """The thing under that identifier, if it is still kept."""
        with self._lock:
            if not untrusted_key or untrusted_key not in self._things:
                return None
            self._things.move_to_end(untrusted_key)
            return self._things[untrusted_key]


class Pictures:
    """The last few rendered pages: turning back a page should not render it again."""

    def __init__(self, total: int = 64 << 20) -> None:
        self._total = total
        self._pictures: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, int, int]) -> bytes | None:
        """The picture of (document, page, width), if it is at hand."""
        with self._lock:
            return self._pictures.get(key)

    def put(self, key: tuple[str, int, int], picture: bytes) -> None:
        """Keep *picture*, forgetting older ones beyond the limit."""
        with self._lock:
            self._size += len(picture) - len(self._pictures.pop(key, b""))
            self._pictures[key] = picture
            while self._size > self._total:
                self._size -= len(self._pictures.popitem(last=False)[1])
