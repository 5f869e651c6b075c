"""What the events say was received before, and erased: only that lets a delivery leave a file out.

The catalogue says so faster, and is a view that anybody who may write to the archive's folder can change: a file that
it wrongly calls known would be missing from a delivery that is sealed as complete.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from unburnt.base.digests import Digest
from unburnt.model.events import Erased, ItemReceived
from unburnt.vault.events import Events
from unburnt.vault.layout import Layout


class ToldBefore:
    """Of these deliveries; the history is gone through once, when first something is asked. For one thread."""

    def __init__(self, layout: Layout, accessions: Collection[str]) -> None:
        self._layout, self._accessions = layout, frozenset(accessions)

    def was_received(self, path: bytes, size: int | None, modified: str | None) -> bool:
        """Whether an event says so; with *size* None, that it could not be received."""
        return hash((path, size, modified)) in self._known[0]

    def was_erased(self, content: Digest) -> bool:
        """Whether an event says so, and none since that it was received again."""
        return content in self._known[1]

    @cached_property
    def _known(self) -> tuple[set[int], set[Digest]]:
        received, erased = set[int](), set[Digest]()  # hashes (64 bits) in place of names: there may be millions
        for _, event in Events(self._layout, write=False).replay():
            if isinstance(event, ItemReceived):
                erased.discard(event.digest or "")
                if event.accession in self._accessions and event.path is not None:
                    received.add(hash((event.path, None if event.size is None else int(event.size), event.modified)))
            elif isinstance(event, Erased):
                erased.update(event.digests)
        return received, erased
