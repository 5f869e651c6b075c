"""Saved pages: which received files a page refers to in the folders beside it, and to which page a file there belongs.

Worked out each time somebody asks, from the links that the page's reader found and from where things lie; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from unburnt.base.digests import Digest
from unburnt.catalog.catalog import Catalog
from unburnt.catalog.saved_pages import FileBelow, PageAbove
from unburnt.model.reading import Part, Reading
from unburnt.model.saved_pages import PageBeside, PageFile, SavedPage
from unburnt.relate.saved_pages import MOST_FILES, folded, referred

_PAGES = ("text/html", "application/xhtml+xml")
_MOST_PLACES = 20
_MOST_ASKED = 50
"""So many pages are asked whether they refer to a file."""
_MOST_TEXT = 4 << 20
"""Characters of links that are looked at of one page."""


class SavedPages:
    """Asks the catalogue, and the readings of pages."""

    def __init__(self, catalog: Catalog, reading: Callable[[Digest], Reading | None], part: Callable[[Digest, int], Part]) -> None:
        self._around = catalog.around
        self._reading = reading
        self._part = part

    def of(self, document: Digest) -> SavedPage:
        """What belongs to *document* as a page, and as a file of a page."""
        files, many_files = self._files(document)
        pages, many_pages = self._pages(document)
        return SavedPage(files=tuple(files), pages=tuple(pages), is_cut=many_files or many_pages)

    def _files(self, document: Digest) -> tuple[list[PageFile], bool]:
        reading = self._reading(document)
        if reading is None or reading.type not in _PAGES:
            return [], False
        lines = list(self._links(reading))
        found: dict[str, Digest | None] = {}
        for place in self._around.places(document, _MOST_PLACES) if lines else ():
            folders = self._around.folders_beside(place)
            paths = list(islice(referred(lines, folders, _encoding(reading)), MOST_FILES + 1))
            if not paths:
                continue
            used = {folded(path.partition("/")[0]) for path in paths}
            here = _Here(self._around.files_below(place, {name for name in folders if folded(name) in used}))
            for path in paths:
                found[path] = found.get(path) or here.document(path)
        files = [PageFile(reference=path, document=one) for path, one in islice(found.items(), MOST_FILES)]
        return files, len(found) > MOST_FILES

    def _pages(self, document: Digest) -> tuple[list[PageBeside], bool]:
        """The pages are asked in turn; those whose names the folder's begins with first."""
        candidates = [page for place in self._around.places(document, _MOST_PLACES) for page in self._around.pages_above(place)]
        candidates.sort(key=lambda page: not folded(page.name).startswith(folded(_stem(page.shown))))
        found = dict.fromkeys(page for page in candidates[:_MOST_ASKED] if page.document != document and self._refers(page))
        pages = {page.document: PageBeside(document=page.document, shown=page.shown, title=page.title) for page in found}
        return list(pages.values()), len(candidates) > _MOST_ASKED

    def _refers(self, page: PageAbove) -> bool:
        reading = self._reading(page.document)
        if reading is None:
            return False
        wanted = folded(page.path)
        name = wanted.rpartition("/")[2]
        lines = (line for line in self._links(reading) if "%" in line or name in folded(line))
        return any(folded(path) == wanted for path in referred(lines, (page.name,), _encoding(reading)))

    def _links(self, reading: Reading) -> Iterator[str]:
        """The lines ``words: address`` of a page."""
        left = _MOST_TEXT
        for head in reading.parts:
            if head.kind == "properties" and head.label == "links" and left > 0:
                text = self._part(reading.blob, head.ordinal).text[:left]
                left -= len(text)
                yield from text.split("\n")


class _Here:
    """Files below the folders beside a page, by path: as it is spelled, else in whatever capitals."""

    def __init__(self, files: list[FileBelow]) -> None:
        self._exact = {one.path: one.document for one in files}
        self._folded = {folded(one.path): one.document for one in reversed(files)}

    def document(self, path: str) -> Digest | None:
        return self._exact.get(path) or self._folded.get(folded(path))


def _encoding(reading: Reading) -> str | None:
    return reading.metadata.fields.get("text:encoding")


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name
