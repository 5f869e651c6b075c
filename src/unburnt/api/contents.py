"""What shows documents' bytes: loaded and made when the first one is shown, since most commands show none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from unburnt.base.digests import Digest
from unburnt.base.errors import NotFound
from unburnt.catalog.catalog import Catalog
from unburnt.model.outcome import Outcome
from unburnt.model.reading import Part, Reading
from unburnt.model.unvouched import Unvouched
from unburnt.vault.derived import Derived
from unburnt.vault.layout import Layout
from unburnt.vault.objects import Objects

if TYPE_CHECKING:
    from unburnt.api.exports import Exports
    from unburnt.api.pages import Pages
    from unburnt.flow.content import Content
    from unburnt.flow.extraction import Extraction


class Contents:
    """One archive's contents, pictures of pages, and exports; to be closed. May be asked from several threads."""

    def __init__(
        self, layout: Layout, objects: Objects, derived: Derived, catalog: Catalog, *,
        reading: Callable[[Digest], Reading | None], parts: Callable[[Digest], Iterator[Part]],
        unvouched: Callable[[Digest], Unvouched],
    ) -> None:
        self._layout, self._objects, self._derived, self._catalog = layout, objects, derived, catalog
        self._reading, self._parts, self._unvouched = reading, parts, unvouched
        self._lock = threading.Lock()
        self._made: tuple[Content, Extraction, Pages, Exports] | None = None

    @property
    def content(self) -> Content:
        """Any document's bytes."""
        return self._opened()[0]

    @property
    def pages(self) -> Pages:
        """Pictures of pages."""
        return self._opened()[2]

    def picture(self, document: Digest, page: int, width: int) -> bytes:
        """A page (0-based) as PNG; raises :class:`NotFound` where the document was not read yet, or has no such page."""
        row = self._catalog.document(document)
        if row.reading is None or row.outcome is Outcome.WAITING:
            raise NotFound("This document has not been read yet.")
        return self.pages.picture(document, page, width=width, media_type=row.reading.type)

    @property
    def exports(self) -> Exports:
        """What leaves, into ``out/``."""
        return self._opened()[3]

    def forget(self) -> None:
        """Keep nothing of what was extracted."""
        if self._made is not None:
            self._made[1].forget()

    def close(self) -> None:
        """Let go of all helpers."""
        if self._made is not None:
            self._made[2].close()
            self._made[1].close()

    def _opened(self) -> tuple[Content, Extraction, Pages, Exports]:
        with self._lock:
            if self._made is None:
                from unburnt.api.exports import Exports
                from unburnt.api.pages import Pages
                from unburnt.flow.content import Content
                from unburnt.flow.extraction import Extraction

                content = Content(self._objects, self._derived, self._catalog)
                extraction, pages = Extraction(self._layout), Pages(content)
                content.extract_with(extraction.extract)
                exports = Exports(self._layout.out, content, pages, reading=self._reading, parts=self._parts, unvouched=self._unvouched)
                self._made = content, extraction, pages, exports
            return self._made
