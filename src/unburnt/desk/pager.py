"""Which pages of a long list there are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pager:
    """Page *page* (from 1) of *pages*."""

    page: int
    pages: int
    total: int
    first: int
    """Number (from 1) of the first thing on this page; 0 where there is none."""
    last: int
    offset: int


def pager(page: int, total: int, size: int) -> Pager:
    """The pager of a list of *total* things, *size* on a page; *page* is brought into range."""
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    offset = (page - 1) * size
    return Pager(page, pages, total, min(offset + 1, total), min(offset + size, total), offset)
