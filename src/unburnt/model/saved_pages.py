"""Saved pages: a page and the files of a folder beside it, as browsers save them (``page.html`` and ``page_files/``)."""

from __future__ import annotations

import msgspec

from unburnt.base.digests import Digest


class PageFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a page refers to below a folder that lies beside it."""

    reference: str
    """Its path from the page's folder on, as the page writes it, decoded and without dots."""
    document: Digest | None
    """None where nothing was received there."""


class PageBeside(msgspec.Struct, frozen=True, kw_only=True):
    """A page that lies beside the folder in which a file stands, and refers to the file."""

    document: Digest
    shown: str
    title: str | None


class SavedPage(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a document as a page, and the pages to which it belongs as a file. Most documents have neither."""

    files: tuple[PageFile, ...] = ()
    """In the order of the page, each once."""
    pages: tuple[PageBeside, ...] = ()
    is_cut: bool = False
    """Whether there may be more: a page refers to very many files, or very many files or pages lie there."""

    def __bool__(self) -> bool:
        return bool(self.files or self.pages)

    @property
    def missing(self) -> int:
        """How many files were not received."""
        return sum(one.document is None for one in self.files)
