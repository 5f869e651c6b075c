"""Second opinions on how documents were read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from unburnt.api.archive import Archive
from unburnt.base.digests import Digest
from unburnt.flow.second_opinion import SecondOpinion
from unburnt.read.second.engine import SecondEngine

__all__ = ["SecondOpinion", "documents", "second_opinion"]


def documents(archive: Archive, named: Sequence[str]) -> list[Digest]:
    """What *named* means (digests, beginnings of them, paths), or all that were read; raises :class:`NotFound`."""
    return [archive.document(one).document for one in named] or archive._catalog.documents_read()


@contextmanager
def second_opinion(archive: Archive, *, unsafe: bool = False) -> Iterator[SecondOpinion]:
    """A second reader at hand; raises :class:`NotFound` where it is not installed, SandboxUnavailable where it cannot be locked in."""
    engine = SecondEngine(unsafe=unsafe)
    try:
        yield SecondOpinion(archive._catalog, archive._derived, archive._contents.content, engine)
    finally:
        engine.close()
